"""Elementwise work that a product does before its results leave the registers: a bias, relu and its mask, a sum.

A cluster of few cheap nodes that reads a product where it is made becomes part of the product's: the product itself is
then stored only if somebody else reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...ir import TensorType, Var
from .clusters import GONE, Cluster, take
from .emit import Value
from .finish import Finish
from .kernel import Kernel
from .nests import Read, read_of
from .nodes import Node, roots_read
from .scalars import lower_element
from .sources import Source, is_whole
from .window import is_plain

_CHEAP = frozenset((
    "add", "sub", "mul", "neg", "abs", "max", "min", "select", "eq", "ne", "lt", "le", "gt", "ge", "bit_and", "bit_or",
    "bit_not",
))  # fmt: skip
_MOST = 8  # nodes: they are emitted for every register of a tile
_WIDE = 2  # operands as large as the product


@dataclass(frozen=True)
class Ending:
    """What follows a product: nodes, and what they read, in the shape of the product."""

    product: Var
    nodes: Sequence[Node]
    reads: dict[Read, Source]

    def finish(self, k: Kernel, stored: set[Var]) -> Finish:
        """For the kernel of the product, of which some values are stored."""
        written = [v for v in self._made() if v in stored]

        def compute(value: Value, others: Sequence[Value]) -> list[Value]:
            values, known = {self.product: value}, dict(zip(self.reads, others, strict=True))
            for node in self.nodes:
                operands = [self._operand(s, values, known, value) for s in node.sources]
                values[node.outputs[0]] = lower_element(node.equation, operands)
            return [values[v] for v in written]

        reads = [(k.pointer(s.buffer), s.type.dtype) for s in self.reads.values()]
        return Finish(reads, [(k.pointer(v), v.type.dtype) for v in written], compute)

    def place(self, stored: set[Var]) -> Var:
        """Where the product lies while it is half summed."""
        return next(v for v in self._made() if v in stored and v.type.dtype == self.product.type.dtype)

    def _made(self) -> list[Var]:
        return [self.product, *(v for node in self.nodes for v in node.outputs)]

    def _operand(self, s: Source, values: dict[Var, Value], known: dict[Read, Value], value: Value) -> Value:
        if s.literal is not None:
            return value.f.const(s.type.dtype, s.literal, value.lanes)
        return values[s.root] if s.root in values else known[read_of(s)]


def ending_of(cluster: Cluster) -> Ending | None:
    """What follows the product of a cluster."""
    if cluster.fused or len(cluster.nodes) == 1:
        return None
    first, *others = cluster.nodes
    made, v = set(cluster.made()), first.outputs[0]
    sources = [s for node in others for s in node.sources if s.root is not None and s.root not in made]
    return Ending(v, others, {read_of(s): _like(s, v.type) for s in sources})


def _like(s: Source, t: TensorType) -> Source:
    """A source as one of another shape that differs in axes of size 1 alone."""
    steps = iter([step for n, step in zip(s.type.shape, s.strides, strict=True) if n != 1])
    strides = tuple(0 if n == 1 else next(steps) for n in t.shape)
    return replace(s, type=s.type.with_shape(t.shape), strides=strides)


def end_products(
    clusters: Sequence[Cluster], outputs: Sequence[Var], replaced: Sequence[tuple[Var, Var]] = ()
) -> list[Cluster]:
    """The clusters, products together with what follows them, in an order in which they can run.

    Args: replaced: pairs of a carry and the output that may be computed in its place. A cluster that does so, such as
        the update of a weight, stays as it is: a product cannot, and a copy would cost more.
    """
    makers: dict[Var, Cluster] = {}
    readers: dict[Var, set[Cluster]] = {v: set() for v in outputs}
    for rank, cluster in enumerate(clusters):
        cluster.rank = rank
        makers.update(dict.fromkeys(cluster.made(), cluster))
        for root in roots_read(cluster.nodes):
            readers.setdefault(root, set()).add(cluster)
    for cluster in clusters:
        product = _product_before(cluster, makers)
        if product is None or not _leaves_a_result(cluster, product, readers, outputs):
            continue
        read, made = roots_read(cluster.nodes), set(cluster.made())
        if any(old in read and new in made for old, new in replaced):
            continue
        if not any(product.rank < c.rank < cluster.rank for c in product.dependents):  # the product can wait
            take(product, cluster)
            cluster.fused = False
    return [c for c in clusters if c.rank != GONE]


def _product_before(cluster: Cluster, makers: dict[Var, Cluster]) -> Cluster | None:
    """The product that a cluster can be the end of, the last one if there are several."""
    if not cluster.fused or len(cluster.nodes) > _MOST or any(node.name not in _CHEAP for node in cluster.nodes):
        return None
    made = set(cluster.made())
    sources = [s for node in cluster.nodes for s in node.sources if s.root not in made]
    if any(s.root is None and s.literal is None for s in sources):
        return None
    products = {makers[s.root] for s in sources if s.root in makers and _is_product(makers[s.root].nodes)}
    for product in sorted(products, key=lambda c: -c.rank):
        v = product.nodes[0].outputs[0]
        wide = {s.root for s in sources if s.root not in (None, v) and s.root.type.size >= v.type.size}
        dtypes = {t.dtype for t in (*(s.type for s in sources), *(u.type for u in made))}
        alike = cluster.domain == tuple(n for n in v.type.shape if n != 1)
        in_order = all(is_whole(s) for s in sources if s.root is v)
        if alike and in_order and len(wide) <= _WIDE and dtypes <= {v.type.dtype, "bool"}:
            return product
    return None


def _is_product(nodes: Sequence[Node]) -> bool:
    """Whether a cluster is a float product with something to sum, whose results are stored once."""
    node, v = nodes[0], nodes[0].outputs[0]
    if len(nodes) > 1 or v.type.dtype not in ("float32", "float64") or not all(s.type.size for s in node.sources):
        return False
    if node.name == "conv":
        return is_plain(node.equation.params, node.sources[0])
    return node.name in ("dot_general", "dot_of_pairs", "filtered_conv")


def _leaves_a_result(
    cluster: Cluster, product: Cluster, readers: dict[Var, set[Cluster]], outputs: Sequence[Var]
) -> bool:
    """Whether something of the product's dtype is stored at the end: there it may lie half summed."""
    dtype = product.nodes[0].outputs[0].type.dtype
    kept = [v for v in cluster.made() if v in outputs or any(c is not cluster for c in readers.get(v, ()))]
    return any(v.type.dtype == dtype for v in kept)
