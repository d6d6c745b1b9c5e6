"""The run as one Program: step, epoch, feeding data."""

from .trainer import Trainer

__all__ = ["Trainer"]
