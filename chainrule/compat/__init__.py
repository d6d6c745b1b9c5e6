"""Scripts written for Keras or TensorFlow, run on chainrule.

Inside `active()` (and so inside `chainrule run`) the names `keras`, `tensorflow` and everything below them are
imported from here, through the table in `table.py`; installed packages of these names stay out of sight. Outside of
it nothing changes: a real TensorFlow is never shadowed.
"""

from .finder import active, install, is_installed, uninstall
from .running import run_script

__all__ = ["active", "install", "is_installed", "run_script", "uninstall"]
