"""`keras.utils.load_img` and its kin; with them comes `PIL.Image`, which scripts use after a plain `import PIL`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from .. import utils
from ..errors import UnsupportedError
from ..utils.images import pillow

_NAMES = ("array_to_img", "img_to_array", "load_img", "save_img")


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(name)
    with suppress(UnsupportedError):
        pillow("keras.utils")
    return getattr(utils, name)


__all__ = [*_NAMES]  # noqa: PLE0604
