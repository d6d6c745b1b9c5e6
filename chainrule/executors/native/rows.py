"""Clusters that follow one another row by row: while a row is in the cache, all that is to be computed of it.

A normalisation reads its rows three times: for the mean, for the variance, for the result. Clusters whose domains begin
with the same axes, and which hand on values row by row, become stages of one cluster; what only they read never leaves
the cache.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...ir import Var
from .clusters import GONE, Cluster, take
from .nests import kept, read_of
from .nodes import REDUCTIONS, Node, roots_read
from .sources import Source, contiguous

_MOST = 96  # nodes of a cluster
_ROWS = 32  # fewer rows are not worth it, and too few to share
_NARROW, _WIDE = 32, 1 << 15  # elements of a row: shorter ones are no loops, longer ones do not stay in the cache


def join_rows(clusters: Sequence[Cluster]) -> list[Cluster]:
    """The clusters, joined where that keeps rows in the cache, in an order in which they can run."""
    makers: dict[Var, Cluster] = {}
    for rank, cluster in enumerate(clusters):
        cluster.rank = rank
        makers.update(dict.fromkeys(cluster.made(), cluster))
    for cluster in clusters:
        for other in _made_for(cluster, makers):
            new = _join(other, cluster)
            if new:
                makers.update(dict.fromkeys(new.made(), new))
                cluster = new
    joined = sorted((c for c in clusters if c.rank != GONE), key=lambda c: c.rank)
    return [piece for c in joined for piece in _trimmed(c)]


def _made_for(cluster: Cluster, makers: dict[Var, Cluster]) -> list[Cluster]:
    """The clusters that make what a fused one reads, the last first."""
    if not cluster.fused:
        return []
    found = {makers[root] for root in roots_read(cluster.nodes) if root in makers}
    return sorted((c for c in found if c is not cluster and c.fused), key=lambda c: -c.rank)


def _join(first: Cluster, second: Cluster) -> Cluster | None:
    """One cluster with the stages of both, if they agree about rows and nothing stands between them."""
    if len(first.nodes) + len(second.nodes) > _MOST:
        return None
    rows = _rows_of([*first.stages, *second.stages])
    if not rows:
        return None
    if any(first.rank < c.rank < second.rank for c in first.dependents):  # the first cannot wait
        if any(first.rank < c.rank < second.rank for c in second.depends):
            return None
        second.rank = first.rank
    starts = (*first.starts, *(len(first.nodes) + n for n in second.starts))
    take(first, second)
    second.rows, second.starts = rows, starts
    return second


def _rows_of(stages: Sequence[Sequence[Node]]) -> tuple[int, ...]:
    """The axes that all domains begin with and along which values are handed on; none if it is not worth it."""
    domains = [nodes[0].domain for nodes in stages]
    common = 0
    if any(0 in d for d in domains):  # loops have at least one round
        return ()
    while all(len(d) > common and d[common] == domains[0][common] for d in domains):
        common += 1
    for rank in range(common, 0, -1):
        widest = max(math.prod(d[rank:]) for d in domains)
        rows = domains[0][:rank]
        if math.prod(rows) >= _ROWS and _NARROW <= widest <= _WIDE and _row_by_row(stages, rows):
            return rows
    return ()


def _row_by_row(stages: Sequence[Sequence[Node]], rows: tuple[int, ...]) -> bool:
    """Whether what one stage makes of a row is all that another one reads there."""
    made = {v: (i, node) for i, nodes in enumerate(stages) for node in nodes for v in node.outputs}
    for i, nodes in enumerate(stages):
        for s in (s for node in nodes for s in node.sources):
            if s.root in made and made[s.root][0] != i:
                maker = made[s.root][1]
                strides = kept(maker) if maker.name in REDUCTIONS else contiguous(maker.domain)
                if not (_apart(s.buffer, strides, rows) and _within(s, rows)):
                    return False
    return True


def _apart(v: Var, strides: tuple[int, ...], rows: tuple[int, ...]) -> bool:
    """Whether strides lead from row to row of a value."""
    size = v.type.size // math.prod(rows)
    return strides[: len(rows)] == tuple(size * step for step in contiguous(rows))


def _within(s: Source, rows: tuple[int, ...]) -> bool:
    """Whether a source stays in the row in which it is read."""
    strides, domain = read_of(s).strides, [n for n in s.type.shape if n != 1]
    if not _apart(s.buffer, strides, rows):
        return False
    spans = [(n - 1) * step for n, step in zip(domain, strides, strict=True)][len(rows) :]
    first, last = s.offset + sum(min(n, 0) for n in spans), s.offset + sum(max(n, 0) for n in spans)
    return first >= 0 and last < s.buffer.type.size // math.prod(rows)


def _trimmed(cluster: Cluster) -> list[Cluster]:
    """Without stages at both ends that have one element a row: they are faster as vectors along the rows."""
    stages, before, behind = cluster.stages, list[Cluster](), list[Cluster]()
    while len(stages) > 1 and stages[0][0].domain == cluster.rows:
        before.append(Cluster(stages.pop(0)))
    while len(stages) > 1 and stages[-1][0].domain == cluster.rows:
        behind.insert(0, Cluster(stages.pop()))
    if before or behind:
        rows = cluster.rows if len(stages) > 1 else ()
        starts = [sum(map(len, stages[:i])) for i in range(len(stages))]
        cluster = Cluster([node for nodes in stages for node in nodes], rows=rows, starts=tuple(starts))
    return [*before, cluster, *behind]
