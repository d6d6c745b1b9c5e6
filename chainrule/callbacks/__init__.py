"""What happens around training: stopping early, saving, logging, changing the learning rate."""

from .averaging import SwapEMAWeights
from .backup import BackupAndRestore
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
from .remote import RemoteMonitor
from .tensorboard import TensorBoard

__all__ = [
    "BackupAndRestore", "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "History", "LambdaCallback",
    "LearningRateScheduler", "ModelCheckpoint", "Monitor", "ProgbarLogger", "ReduceLROnPlateau", "RemoteMonitor",
    "SwapEMAWeights", "TensorBoard", "TerminateOnNaN",
]  # fmt: skip
