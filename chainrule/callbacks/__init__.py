"""What happens around training: stopping early, saving, logging, changing the learning rate."""

from .callback import Callback, CallbackList, History
from .monitoring import (
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    Monitor,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from .progress import ProgbarLogger
from .recording import CSVLogger, LambdaCallback

__all__ = [
    "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "History", "LambdaCallback", "LearningRateScheduler",
    "ModelCheckpoint", "Monitor", "ProgbarLogger", "ReduceLROnPlateau", "TerminateOnNaN",
]  # fmt: skip
