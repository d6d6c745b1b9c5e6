"""`derive`: the mathematics of a user's own network, read off its Program and the gradient table.

    recording.py   the forward pass with the loss, and the update, as Programs
    walking.py     every value and every derivative in them
    patterns.py    which equations are a textbook's function; units.py: the equations in units
    naming.py      symbols; flow.py: all of it together
    lines.py       what each unit computes, and how the derivative goes back through it
    textbook.py    formulas of activations and losses; expressions.py: of primitives; updates.py: of optimizers
    numeric.py     formulas computed; checking.py: the derivation checked
    printer.py     how formulas are written: plain.py, latex.py, mathml.py are its tables
    page.py        what stands on the page; textpage.py, htmlpage.py, latexpage.py, chart.py: how it looks
"""

from .derivation import Derivation, derive

__all__ = ["Derivation", "derive"]
