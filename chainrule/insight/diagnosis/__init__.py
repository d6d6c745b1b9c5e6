"""Diagnosis: what is wrong with data, model and training, with the evidence and with remedies that were measured.

    diagnose.py        every check, in order
    case.py            folds, trainings, the proof of a remedy
    subject.py         what is diagnosed; keras_subject.py: a Keras model; changes.py: what remedies do to it
    progress.py        learning rate, length, over- and underfitting
    rows.py            too few rows, wrong labels, rare classes
    signal.py          the baseline, shuffled targets, validation against test
    inside.py          units and gradients
    leaks.py           rows on both sides, columns that give the target away
    speed.py           what is slow
    statistics.py      intervals
"""

from .case import Case
from .diagnose import CHECKS, Diagnosis, diagnose, run_checks
from .keras_subject import KerasSubject
from .subject import Subject, Trial

__all__ = ["CHECKS", "Case", "Diagnosis", "KerasSubject", "Subject", "Trial", "diagnose", "run_checks"]
