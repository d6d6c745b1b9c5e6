"""Where the time goes: kernels of compiled Programs, by the layer they belong to, against what the machine can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .. import config
from ..errors import UnsupportedError

_WIDTH = 52  # characters of the first column
_LAYERS, _KERNELS = 20, 8  # how many are printed, of a layer those that take most time


class Kernel(NamedTuple):
    """What one kernel did while it was watched."""

    layer: str
    name: str
    calls: int
    seconds: float  # as the first thread sees it, the waiting for others left out
    flops: float
    bytes: float


class Profiled(Protocol):
    """A compiled Program that counts: its kernels so far, and the seconds of all its runs."""

    def kernels(self) -> Iterable[Kernel]: ...
    def total_seconds(self) -> float: ...


@dataclass
class Profile:
    """The kernels that ran inside `with chainrule.profile() as profile`. `print(profile)` shows them as a table.

    `kernels`: a `Kernel` (layer, name, calls, seconds, flops, bytes) each, the slowest first; `seconds`: of all
    compiled runs together; `peak`: multiplications and additions that the machine does in a second at most, measured.
    """

    kernels: list[Kernel]
    seconds: float = 0.0
    peak: float = 0.0

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        head = f"{'layer, kernel':<{_WIDTH}} {'calls':>8} {'time':>10} {'share':>7}"
        yield f"{head} {'GFLOP/s':>8} {'of peak':>8} {'GB/s':>6}"
        layers: dict[str, list[Kernel]] = {}
        for kernel in self.kernels:
            layers.setdefault(kernel.layer, []).append(kernel)
        time_of: Callable[[str], float] = lambda layer: -sum(k.seconds for k in layers[layer])  # noqa: E731
        names = sorted(layers, key=time_of)
        for layer in names[:_LAYERS]:
            yield self._line(layer or "(outside of layers)", -time_of(layer))
            yield from self._kernels(layers[layer])
        if names[_LAYERS:]:
            yield self._line(f"{len(names) - _LAYERS} other layers", -sum(map(time_of, names[_LAYERS:])))
        inside = sum(k.seconds for k in self.kernels)
        yield self._line("between kernels: loops, copies, waiting", max(0.0, self.seconds - inside))
        rate = sum(k.flops for k in self.kernels) / self.seconds if self.seconds else 0.0
        share = f", {rate / self.peak:.0%} of the peak of {self.peak / 1e9:.0f}" if self.peak else ""
        yield f"compiled runs: {_time(self.seconds)}, {rate / 1e9:.1f} GFLOP/s{share}"

    def _kernels(self, kernels: list[Kernel]) -> Iterator[str]:
        for k in kernels[:_KERNELS]:
            yield self._line(f"  {k.name}", k.seconds, k)
        if kernels[_KERNELS:]:
            yield self._line(f"  {len(kernels) - _KERNELS} others", sum(k.seconds for k in kernels[_KERNELS:]))

    def _line(self, label: str, seconds: float, kernel: Kernel | None = None) -> str:
        share = seconds / self.seconds if self.seconds else 0.0
        text = f"{_short(label):<{_WIDTH}} {kernel.calls if kernel else '':>8} {_time(seconds):>10} {share:>7.1%}"
        if kernel is None or not seconds:
            return text
        rate, moved = kernel.flops / seconds, kernel.bytes / seconds
        of_peak = f"{rate / self.peak:.0%}" if self.peak else ""
        return f"{text} {rate / 1e9:>8.1f} {of_peak:>8} {moved / 1e9:>6.1f}"


def _short(label: str) -> str:
    return label if len(label) <= _WIDTH else label[: _WIDTH - 3] + "..."


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e6:.1f} us"


_watched: list[Profiled] = []  # compiled while a profile is being made


def note(executable: Profiled) -> None:
    """A Program was compiled for the profile that is being made."""
    _watched.append(executable)


@contextmanager
def profile(verbose: bool = False) -> Iterator[Profile]:
    """Measure every kernel of the compiled Programs that run inside; compiled anew, with clocks in them.

    Args: verbose: print the table at the end.
    Yields: a `Profile`, filled at the end.
    Raises: UnsupportedError: the executor is not 'native', or a profile is being made already.

    Times are those of the first thread. A clock costs some 10 nanoseconds a kernel, so that very small networks look
    slower than they are.

    Example:
    >>> import chainrule
    >>> import numpy
    >>> double = chainrule.compile(lambda x: x * 2.0, executor="native")
    >>> with profile() as found:
    ...     _ = double(numpy.ones(2))
    >>> [(kernel.name, kernel.calls) for kernel in found.kernels]
    [('mul (2,)', 1)]
    """
    if config.executor() != "native":
        raise UnsupportedError(
            f"profile: only the executor 'native' has kernels that can be measured; this is {config.executor()!r}. "
            "chainrule.config.set_executor('native') chooses it."
        )
    if config.profiling():
        raise UnsupportedError("profile: a profile is being made already; one inside another is not possible.")
    found = Profile([])
    config.set_profiling(True)
    try:
        yield found
    finally:
        config.set_profiling(False)
        _fill(found)
        _watched.clear()
    if verbose:
        print(found)


def _fill(found: Profile) -> None:
    together: dict[tuple[str, str], Kernel] = {}
    for executable in _watched:
        found.seconds += executable.total_seconds()
        for k in executable.kernels():
            old = together.get((k.layer, k.name))
            if old:
                k = Kernel(k.layer, k.name, *(a + b for a, b in zip(old[2:], k[2:], strict=True)))  # type: ignore[arg-type]
            together[k.layer, k.name] = k
    found.kernels = sorted(together.values(), key=lambda k: -k.seconds)
    if found.kernels:
        from .native.peak import peak_flops

        found.peak = peak_flops(config.threads())
