"""Counterfactuals: the smallest plausible change of a row after which the network decides otherwise.

Cells are only ever replaced by cells of the background, so a number stays in the range of the data and a category is
one of theirs. Three searches give candidates: every value of one column; pairs of columns; and rows of the background
with the wanted answer, of which one cell after another is put back to what it was. Then numbers are moved back as far
as the answer allows. The smallest has the least  sum of distances + 0.1 * number of changed cells;  rows farther from
all rows of the background than these are from one another are taken only where there is nothing else.

Sources: Wachter, Mittelstadt and Russell 2018, arXiv:1711.00399; Brughmans, Leyman and Martens 2023, arXiv:2104.07411
(from the nearest unlike row back).
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable

import numpy as np

from ...errors import ArgumentError
from .curves import representatives
from .distance import Distance
from .results import Counterfactual, Counterfactuals
from .subject import Subject, TableSubject

_VALUES, _PAIR_VALUES, _PAIR_COLUMNS, _ROWS, _BETWEEN = 40, 6, 20, 12, 64
_PRICE = 0.1  # of touching one more cell


def counterfactuals(
    about: Subject, row: int = 0, *, fixed: Collection[str] = (), want: str | None = None, count: int = 3,
    seed: int = 0,
) -> Counterfactuals:  # fmt: skip
    """What would have to be different for another decision.

    Args:
        about: Subject. Give it the training rows (`train=`): its cells come from there.
        row: int from 0, default 0.
        fixed: names of columns that are not touched, default none.
        want: str or None. A class; default None: the second most likely. Of values, `">100"` or `"<100"`.
        count: int, default 3. At most so many, each with other columns.
        seed: int, default 0.

    Raises:
        ArgumentError: an unknown column or class; no `want` for a value; the wanted decision is made already.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> net = Sequential([layers.Input((2,)), layers.Dense(1)])
    >>> net.set_weights([np.array([[1.0], [0.1]]), np.array([0.0])])
    >>> x = np.array([[i, i % 5] for i in range(50)], "float32")
    >>> counterfactuals(subject(net, x), 10, want=">19").found[0].changes
    {'x0': ('10', '20')}
    """
    search = _Search(about, about.check_row(row), fixed, want)
    usual = search.distance.usual(seed)
    ranked = []
    for cells in search.candidates():
        near = search.distance.nearest(cells, row)
        ranked.append((near > usual, search.price(cells[None])[0], near, cells))
    ranked.sort(key=lambda one: one[:2])
    found: list[Counterfactual] = []
    taken: list[set[str]] = []
    for is_far, _, near, cells in ranked:
        if len(found) == count or (is_far and found):  # what is like no row is a last resort
            break
        one = search.describe(cells, near)
        if not any(columns <= set(one.changes) for columns in taken):
            found.append(one)
            taken.append(set(one.changes))
    return Counterfactuals(search.before, search.wanted_text, tuple(fixed), tuple(found), usual)


class _Search:
    """The search for one row: what may be changed, and when the decision is the wanted one."""

    def __init__(self, about: Subject, row: int, fixed: Collection[str], want: str | None) -> None:
        self.about, self.row, self.distance = about, row, Distance(about)
        self.own = np.full(len(about.names), row)
        self.outputs = about.ask(self.own[None])[0]
        self.before = about.answer_text(self.outputs)
        self.sign, self.bound, self.wanted = 0.0, 0.0, 0
        self.wanted_text = self._set_class(want) if about.is_classification else self._set_bound(want)
        if self.reached(self.outputs[None])[0]:
            raise ArgumentError(f"counterfactuals: row {row + 1} is decided as {self.wanted_text!r} already.")
        held = set(fixed)
        for name in held - set(about.data.names if isinstance(about, TableSubject) else about.columns):
            about.column(name)  # says which there are
        self.free = [j for j, name in enumerate(about.names) if name not in held and not about.is_rest(j)]

    def _set_class(self, want: str | None) -> str:
        about = self.about
        own = int(about.decide(self.outputs[None])[0])
        likely = [int(k) for k in np.argsort(-self.outputs, kind="stable") if k != own]
        self.wanted = about.output(want, likely[0])
        return about.outputs[self.wanted]

    def _set_bound(self, want: str | None) -> str:
        text = "" if want is None else str(want).replace(" ", "")
        try:
            self.sign, self.bound = {">": 1.0, "<": -1.0}[text[:1]], float(text[1:])
        except (KeyError, ValueError):
            raise ArgumentError(
                f"counterfactuals: of a value, say what is wanted, such as '>100' or '<100'; got {want!r}."
            ) from None
        return text

    def reached(self, outputs: np.ndarray) -> np.ndarray:
        """Whether each row of outputs gives the wanted decision."""
        if self.sign:
            return self.sign * (outputs[:, 0] - self.bound) > 0
        return self.about.decide(outputs) == self.wanted

    def worth(self, outputs: np.ndarray) -> np.ndarray:
        """How near each row of outputs is to the wanted decision."""
        return self.sign * outputs[:, 0] if self.sign else outputs[:, self.wanted]

    def price(self, cells: np.ndarray) -> np.ndarray:
        """What the changes of rows (n, columns) cost: the smaller the better."""
        apart = self.distance.costs(cells, self.row)
        return apart.sum(1) + _PRICE * (apart > 0).sum(1)

    def candidates(self) -> Iterable[np.ndarray]:
        """Changed rows (columns,) with the wanted decision."""
        if not self.free:
            return []
        singles, gain = self._singles()
        best = np.argsort(-gain, kind="stable")[:_PAIR_COLUMNS]
        pairs = self._pairs([self.free[i] for i in best])
        found = [*singles, *pairs, *self._put_back()]
        moved = {tuple(self._move_back(cells).tolist()) for cells in found}
        return [np.array(cells) for cells in sorted(moved)]

    def _singles(self) -> tuple[list[np.ndarray], np.ndarray]:
        """Of each column the cheapest value that is enough; and how far each column alone gets."""
        values = [(j, v) for j in self.free for v in representatives(self.about, j, _VALUES)[0]]
        cells = np.tile(self.own, (len(values), 1))
        columns = np.array([j for j, _ in values])
        cells[np.arange(len(values)), columns] = [v for _, v in values]
        outputs = self.about.ask(cells)
        gain = np.array([self.worth(outputs[columns == j]).max() for j in self.free])
        return self._cheapest(cells, outputs, columns), gain

    def _pairs(self, columns: list[int]) -> list[np.ndarray]:
        """Of each pair of columns the cheapest values that are enough."""
        values = {j: representatives(self.about, j, _PAIR_VALUES)[0][:_PAIR_VALUES] for j in columns}
        made, groups = [], []
        for number, (j, k) in enumerate(itertools.combinations(columns, 2)):
            for v, w in itertools.product(values[j], values[k]):
                cells = self.own.copy()
                cells[j], cells[k] = v, w
                made.append(cells)
                groups.append(number)
        if not made:
            return []
        cells = np.stack(made)
        return self._cheapest(cells, self.about.ask(cells), np.array(groups))

    def _cheapest(self, cells: np.ndarray, outputs: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
        """Of each group of rows the cheapest with the wanted decision."""
        good = np.flatnonzero(self.reached(outputs))
        if not len(good):
            return []
        price = self.price(cells[good])
        order = good[np.argsort(price, kind="stable")]
        _, first = np.unique(groups[order], return_index=True)
        return [cells[order[i]] for i in sorted(first)][:_PAIR_COLUMNS]

    def _put_back(self) -> list[np.ndarray]:
        """From near rows with the wanted answer: one cell after another as it was, as long as the answer stays."""
        others = self.about.background
        near = np.argsort(self.distance.columns(self.own, others)[:, self.free].sum(1), kind="stable")
        found: list[np.ndarray] = []
        for start in range(0, min(len(near), 50 * _ROWS), 10 * _ROWS):
            rows = others[near[start : start + 10 * _ROWS]]
            cells = np.tile(self.own, (len(rows), 1))
            cells[:, self.free] = rows[:, None]
            good = cells[self.reached(self.about.ask(cells))]
            found += list(good[: _ROWS - len(found)])
            if len(found) == _ROWS:
                break
        return [self._reduced(cells) for cells in found]

    def _reduced(self, cells: np.ndarray) -> np.ndarray:
        """Cells put back: first what costs the answer least for what it saves, and as many at once as possible."""
        while True:
            apart = self.distance.costs(cells[None], self.row)[0]
            changed = np.flatnonzero((cells != self.row) & (apart > 0))
            cells[apart == 0] = self.row
            if len(changed) < 2:
                return cells
            one = np.tile(cells, (len(changed), 1))
            one[np.arange(len(changed)), changed] = self.row
            outputs = self.about.ask(one)
            loss = self.worth(self.about.ask(cells[None]))[0] - self.worth(outputs)
            order = changed[np.argsort(loss / (apart[changed] + _PRICE), kind="stable")]
            prefix = np.tile(cells, (len(order), 1))
            for i, j in enumerate(order):
                prefix[i:, j] = self.row
            good = np.flatnonzero(self.reached(self.about.ask(prefix)))
            alone = np.flatnonzero(self.reached(outputs))
            if len(good):
                cells = prefix[good[-1]]
            elif len(alone):
                cells = one[alone[np.argmax(apart[changed[alone]])]]
            else:
                return cells

    def _move_back(self, cells: np.ndarray) -> np.ndarray:
        """Each changed number as near to what it was as the decision allows, one column after the other."""
        cells = cells.copy()
        for j in np.flatnonzero(cells != self.row):
            numbers = self.about.numbers(int(j))
            if numbers is None or np.isnan(numbers[[self.row, cells[j]]]).any():
                continue
            values = self._between(numbers, int(cells[j]))
            tried = np.tile(cells, (len(values), 1))
            tried[:, j] = values
            good = values[self.reached(self.about.ask(tried))] if len(values) else values
            if len(good):
                cells[j] = good[np.argmin(np.abs(numbers[good] - numbers[self.row]))]
        return cells

    def _between(self, numbers: np.ndarray, changed: int) -> np.ndarray:
        """Rows of the background with numbers between that of the row and a changed one."""
        own, now, pool = numbers[self.row], numbers[changed], self.about.background
        inside = pool[(np.abs(numbers[pool] - own) < abs(now - own)) & ((numbers[pool] - own) * (now - own) > 0)]
        _, first = np.unique(numbers[inside], return_index=True)
        few = np.unique(np.linspace(0, len(first) - 1, _BETWEEN).astype(int)) if len(first) else first
        return np.asarray(inside[first[few]])

    def describe(self, cells: np.ndarray, near: float) -> Counterfactual:
        """A changed row in words."""
        apart = self.distance.costs(cells[None], self.row)[0]
        columns = [int(j) for j in np.argsort(-apart, kind="stable") if apart[j] > 0]
        about, outputs = self.about, self.about.ask(cells[None])[0]
        k = 0 if self.sign else self.wanted
        changes = {about.names[j]: (about.cell(self.row, j), about.cell(int(cells[j]), j)) for j in columns}
        return Counterfactual(
            changes, about.answer_text(outputs), float(outputs[k]), float(self.outputs[k]), float(apart.sum()), near
        )
