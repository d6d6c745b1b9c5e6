"""Looking into data, models and trainings: what is wrong with them, and what to do.

    finding.py     one thing that was found out, with evidence, picture and remedy
    explain/       which columns matter, why a row got its answer, what would change it
    report/        `report.html`
    receipt.py     what went into a model and what came out, as hashes that can be computed again
    words/         all that people read, in English and in Chinese
    diagnosis/     what is wrong with a model, its data and its training
    lint/          classical mistakes in scripts and models
    play/          a local page on which a person changes a network while it learns
    derive/        the mathematics of a network: every formula, gradient and update, with its numbers
"""

from ..later import later

_FINDING = ("Finding", "Gain", "Picture", "Remedy", "Series", "by_severity")

__getattr__ = later(__name__, {"finding": _FINDING, "diagnosis": ("Diagnosis", "diagnose")})

__all__ = ["Diagnosis", "Finding", "Gain", "Picture", "Remedy", "Series", "by_severity", "diagnose"]
