"""The machine that compiled Programs run on: what it is, what the last bits may depend on, what it can do at most."""

from __future__ import annotations

import platform

from .. import config


def processor() -> str:
    """The system, and the lines that describe the processor."""
    from .native.keys import host

    return host()


def surroundings() -> tuple[str, ...]:
    """What the last bits of a result may depend on besides the Program: the executor, processor, LLVM and compiler."""
    from .native.keys import surroundings as of_native

    return (config.executor(), *of_native())


def choices() -> dict[str, str]:
    """What else they may depend on: how convolutions are multiplied, and whose sin, cos, pow of float64 are called.

    >>> sorted(choices())
    ['C library', 'filters']
    """
    filters = "minimal" if config.filters_minimally() else "direct"
    return {"filters": filters, "C library": " ".join(platform.libc_ver()).strip() or platform.system()}


def peak_flops() -> float | None:
    """Multiplications and additions in float32 that the threads in use do together in a second at most, measured.

    None where the executor is another one than 'native'.
    """
    if config.executor() != "native":
        return None
    from .native.peak import peak_flops as of_native

    return of_native(config.threads())
