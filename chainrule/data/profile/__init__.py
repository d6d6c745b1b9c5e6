"""What is in a table and what is wrong with it, before anything is learnt from it.

    profile = profile_table(read_table("data.csv"), target="label")     # making.py
    profile.columns, profile.findings, profile.target                   # structure.py: plain dataclasses
    profile.to_config()                                                 # the same in JSON's types

    numbers.py     quartiles, tails, outliers, histograms
    disguised.py   cells that may stand for "no value here": -999, impossible zeros, "unknown"
    alone.py       how much one column tells of the target; columns that know what comes later
    drift.py       how two tables differ, column by column
    findings.py    what of this a person should look at

Nothing is changed, and nothing is left out without being said.
"""

from .making import leaks, leaks_in_time, profile_table
from .structure import ColumnDrift, ColumnProfile, Finding, Numbers, Suspect, TableProfile, TargetProfile

__all__ = [
    "ColumnDrift", "ColumnProfile", "Finding", "Numbers", "Suspect", "TableProfile", "TargetProfile", "leaks",
    "leaks_in_time", "profile_table",
]  # fmt: skip
