"""Letters and functions: how each is written in plain text, in LaTeX and in MathML."""

from __future__ import annotations

from .terms import Term

# name -> (plain text and MathML, LaTeX)
LETTERS = {
    "yhat": ("ŷ", r"\hat{y}"),
    "delta": ("δ", r"\delta"),
    "theta": ("θ", r"\theta"),
    "eta": ("η", r"\eta"),
    "beta": ("β", r"\beta"),
    "gamma": ("γ", r"\gamma"),
    "epsilon": ("ε", r"\varepsilon"),
    "lambda": ("λ", r"\lambda"),
    "rho": ("ρ", r"\rho"),
    "mu": ("μ", r"\mu"),
    "alpha": ("α", r"\alpha"),
    "sigma2": ("σ²", r"\sigma^2"),
    "newtheta": ("θ", r"\theta"),
    "π": ("π", r"\pi"),
}
FUNCTIONS = {
    "sigma": ("σ", r"\sigma"),
    "tanh": ("tanh", r"\tanh"),
    "exp": ("exp", r"\exp"),
    "ln": ("ln", r"\ln"),
    "max": ("max", r"\max"),
    "min": ("min", r"\min"),
    "sin": ("sin", r"\sin"),
    "cos": ("cos", r"\cos"),
    "Phi": ("Φ", r"\Phi"),
    "phi": ("φ", r"\varphi"),
}
SIGNS = {
    "=": ("=", "="), "<-": ("←", r"\leftarrow"), "<": ("<", "<"), "<=": ("≤", r"\le"), ">": (">", ">"),
    ">=": ("≥", r"\ge"), "!=": ("≠", r"\ne"), "sum": ("Σ", r"\sum"), "prod": ("Π", r"\prod"),
    "max": ("max", r"\max"), "min": ("min", r"\min"), "approx": ("≈", r"\approx"),
    "+=": ("+=", r"\mathrel{+}="), "mean": ("mean", r"\operatorname{mean}"),
}  # fmt: skip

_RAISED = str.maketrans("0123456789()+-,t′n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺⁻’ᵗ′ⁿ")
_LOWERED = str.maketrans("0123456789+-t", "₀₁₂₃₄₅₆₇₈₉₊₋ₜ")


def dotted(before: Term, factor: Term) -> bool:
    """Whether a product needs a dot, because two numbers would touch."""
    base = factor.parts[0] if factor.kind == "power" else factor
    return base.kind == "number" or before.kind == factor.kind == "number"


def raised(text: str) -> str:
    """Text as superscript letters, where there are such letters for all of it.

    >>> raised("(12)"), raised("x y")
    ('⁽¹²⁾', '^(x y)')
    """
    found = text.translate(_RAISED)
    return found if all(a != b or a == "′" for a, b in zip(text, found, strict=True)) else f"^({text})"


def lowered(text: str) -> str:
    """Text as subscript letters, where there are such letters for all of it.

    >>> lowered("12"), lowered("new")
    ('₁₂', '_new')
    """
    found = text.translate(_LOWERED)
    return found if all(a != b for a, b in zip(text, found, strict=True)) else f"_{text}"


def spelled(value: float, digits: int = 5) -> str:
    """A number as people write it.

    >>> spelled(2.0), spelled(0.1234567), spelled(1e-7)
    ('2', '0.12346', '1e-07')
    """
    return f"{value:.{digits}g}"
