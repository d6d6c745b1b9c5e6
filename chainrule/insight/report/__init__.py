"""`report.html`: what a training came to, in one file that needs nothing else.

    facts.py     what a report is made from
    page.py      the document; a section a file: answer, classes or values, curves, data, network, made
    plot.py      charts as SVG; style.py: how all of it looks; markup.py, numbers.py: text that is safe and readable
"""

from .facts import Facts, Section
from .gathering import explain, profile
from .mathematics import derived
from .page import page

__all__ = ["Facts", "Section", "derived", "explain", "page", "profile"]
