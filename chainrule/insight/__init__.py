"""Looking into data, models and trainings: what is wrong with them, and what to do.

    finding.py     one thing that was found out, with evidence, picture and remedy
    texts.py       its sentences, in English and Chinese
    explain/       which columns matter, why a row got its answer, what would change it
"""

from .finding import Finding, Gain, Picture, Remedy, Series, by_severity

__all__ = ["Finding", "Gain", "Picture", "Remedy", "Series", "by_severity"]
