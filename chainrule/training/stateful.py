"""A Program over a model's state: reads the Variables, runs, assigns them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .. import config
from ..errors import Interrupted
from ..executors import WATCHED, Executable, compile_program, first_nonfinite
from ..ir import Program, Tensor, verify
from ..ir.tree import flatten, map_structure, unflatten
from ..passes import optimize
from ..variables import Variable
from .cost import estimate_seconds
from .step import WATCHED as LOOP

Watch = Callable[[int], None]  # called now and then while a Program runs, with the number of batches done


class Compiled:
    """A Program over a model's state. Compiled at the first call.

    Args:
        program: takes the state and data; gives the new state and results.
        state: the Variables.
        result: the structure of the results, None if there are none.
    """

    def __init__(self, program: Program, state: Sequence[Variable], result: Any) -> None:
        self.program = optimize(verify(program) if config.check_level() else program)
        self.state = list(state)
        self.result = None if result is None else map_structure(lambda t: None if t is None else "*", result)
        leaves = self.result.values() if isinstance(self.result, dict) else [None]
        self._names = sorted(self.result or ()) if all(leaf == "*" for leaf in leaves) else None  # values by name
        self.last_use = 0
        self._executor = config.executor()
        kept = zip(self.program.inputs, self.program.outputs, strict=False)
        self._assigned = [k for k, (before, after) in enumerate(kept) if k < len(state) and before is not after]
        self._changed = [self.state[k] for k in self._assigned]

    @cached_property
    def _run(self) -> Executable:
        """The Program as machine code; what it leaves as it is does not come out of it."""
        outputs, count = self.program.outputs, len(self.state)
        changed = tuple(outputs[k] for k in self._assigned)
        return compile_program(self.program.replace(outputs=changed + outputs[count:]), self._executor, LOOP)

    def __call__(self, data: Sequence[np.ndarray], watch: Watch | None = None) -> Any:
        """Run once; the state is assigned only when the whole call has succeeded.

        Args: data: what the Program takes besides the state; watch: without effect unless the call `is_watchable`.
        Raises: KeyboardInterrupt: Ctrl-C; the state is then that after the last batch that was done.
        """
        changed = self._changed
        try:
            inputs = self.inputs(data)
            outputs = self._run(inputs, watch) if watch and self.is_watchable else self._run(inputs)
        except Interrupted as interrupted:
            commit(changed, [Tensor(a) for a in interrupted.outputs[: len(changed)]])
            raise KeyboardInterrupt from None
        if changed:
            commit(changed, [Tensor(a) for a in outputs[: len(changed)]])
        return self._filled(outputs[len(changed) :])

    def inputs(self, data: Sequence[np.ndarray]) -> list[np.ndarray]:
        """What the Program takes: the state as it is now, then the data."""
        return [*[v._value.numpy() for v in self.state], *data]

    def _filled(self, outputs: list[np.ndarray]) -> Any:
        """The results in their structure."""
        if self._names is not None:
            return dict(zip(self._names, outputs, strict=True))
        if self.result == "*":
            return outputs[0]
        if self.result is None:
            return None
        source = iter(outputs)
        return unflatten(self.result, [None if t is None else next(source) for t in flatten(self.result)])

    @property
    def is_watchable(self) -> bool:
        """Whether a call can be watched, and stopped after any batch."""
        return self._executor in WATCHED

    @cached_property
    def seconds(self) -> float:
        """A guess at how long a call takes on the reference executor."""
        return estimate_seconds(self.program)

    def blame(self, arrays: Sequence[np.ndarray]) -> str:
        """Which equation first made NaN or infinity on these inputs, in words."""
        return first_nonfinite(self.program, arrays)


def commit(state: Sequence[Variable], values: Sequence[Tensor]) -> None:
    """Give Variables their new values: all of them, even if Ctrl-C comes in the middle."""
    done, interrupt = 0, None
    while done < len(state):
        try:
            while done < len(state):
                state[done]._value = values[done]
                done += 1
        except KeyboardInterrupt as error:
            interrupt = error
    if interrupt is not None:
        raise interrupt
