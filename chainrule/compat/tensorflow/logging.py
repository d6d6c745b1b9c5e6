"""`tf.compat.v1.logging` and `tf.get_logger`: Python's logging under the name 'tensorflow'."""

from __future__ import annotations

import logging
from logging import DEBUG, ERROR, FATAL, INFO, WARN


def get_logger() -> logging.Logger:
    """The logger named 'tensorflow'; chainrule itself writes nothing to it."""
    return logging.getLogger("tensorflow")


def set_verbosity(v: int | str) -> None:
    """Set the level of that logger."""
    get_logger().setLevel(v)


__all__ = ["DEBUG", "ERROR", "FATAL", "INFO", "WARN", "get_logger", "set_verbosity"]
