"""A Program as nodes: what has to be computed, each operand with the strides it is read with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...ir import PRIMITIVES, Equation, Params, Program, TensorType, Var
from .blocks import is_one_number
from .kernel import Row
from .kernels import LOWER
from .sources import MOVE, Source, is_whole, whole
from .ways import another_way

REDUCTIONS = ("reduce_sum", "reduce_prod", "reduce_max", "reduce_min")


@dataclass(eq=False)
class Node:
    """One computation. `name` is that of a primitive, or `copy`.

    `partial`: a reduction that leaves one result for each piece of the work, along a new first axis.
    """

    name: str
    sources: list[Source]
    outputs: tuple[Var, ...]
    equation: Equation
    partial: bool = False

    @property
    def fused(self) -> bool:
        """Whether it can share a loop with others."""
        return self.name == "copy" or self.equation.primitive.family == "elementwise" or self.name in REDUCTIONS

    @property
    def domain(self) -> tuple[int, ...]:
        """The shape that a fused node walks over, without axes of size 1."""
        return tuple(n for n in self.sources_or_output.shape if n != 1)

    @property
    def sources_or_output(self) -> TensorType:
        return self.sources[0].type if self.name in REDUCTIONS else self.outputs[0].type


@dataclass
class Graph:
    """Nodes in order; `constants` are arrays that are part of the Program; `outputs` are all made by nodes."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[Var, np.ndarray] = field(default_factory=dict)
    outputs: list[Var] = field(default_factory=list)


def graph_of(program: Program) -> Graph:
    """Resolve movement and constants into the sources of the nodes that compute."""
    return _Resolver(program).run()


class _Resolver:
    def __init__(self, program: Program) -> None:
        self.program, self.graph = program, Graph()
        self.sources: dict[Var, Source] = {v: whole(v) for v in program.inputs}

    def run(self) -> Graph:
        for equation in self.program.equations:
            self.add(equation)
        taken = set(self.program.inputs) | set(self.graph.constants)
        for v in self.program.outputs:
            source = self.sources[v]
            if not is_whole(source) or source.root in taken:
                source = self.copy(source)
            taken.add(source.buffer)
            self.graph.outputs.append(source.buffer)
        return self.graph

    def add(self, e: Equation) -> None:
        name = e.primitive.name
        operands = [self.sources[v] for v in e.inputs]
        if name == "constant":
            self.sources[e.outputs[0]] = self.constant(e)
        elif name == "iota":
            strides = tuple(int(a == e.params.axis) for a in range(len(e.params.shape)))
            self.sources[e.outputs[0]] = Source(e.outputs[0].type, None, strides)
        elif name == "stop_gradient":
            self.sources[e.outputs[0]] = operands[0]
        elif name in MOVE:
            self.sources[e.outputs[0]] = self.moved(name, e.params, operands[0])
        elif name in REDUCTIONS and all(operands[0].type.shape[a] == 1 for a in e.params.axes):
            self.sources[e.outputs[0]] = self.moved("reshape", Params(shape=e.outputs[0].type.shape), operands[0])
        elif others := another_way(e, operands):
            for other in others:
                self.add(other)
        else:
            self.node(e, operands)

    def moved(self, name: str, p: Params, source: Source) -> Source:
        """Through strides if possible; a reshape of elements that lie scattered copies them first."""
        found = MOVE[name](p, source) or MOVE[name](p, self.copy(source))
        assert found
        return found

    def constant(self, e: Equation) -> Source:
        value, v = e.params.value, e.outputs[0]
        if is_one_number(value):
            return Source(v.type, None, (0,) * v.type.rank, literal=value.ravel()[0])
        self.graph.constants[v] = value
        return whole(v)

    def node(self, e: Equation, operands: list[Source]) -> None:
        node = Node(e.primitive.name, operands, e.outputs, e)
        if not node.fused:
            row = LOWER[node.name]
            node.sources = [s if self.readable(row, i, s) else self.copy(s) for i, s in enumerate(operands)]
        self.graph.nodes.append(node)
        self.sources.update((v, whole(v)) for v in e.outputs)

    def readable(self, row: Row, i: int, s: Source) -> bool:
        """Whether a kernel can read an operand as it is."""
        if s.root is None:
            return row.literal and i == 0 and s.literal is not None
        return is_whole(s) or row.views or (row.rows and s.strides[-1] == 1)

    def copy(self, source: Source) -> Source:
        v = Var(source.type)
        equation = Equation(PRIMITIVES["reshape"], (), Params(shape=v.type.shape), (v,))
        self.graph.nodes.append(Node("copy", [source], (v,), equation))
        return whole(v)


def roots_read(nodes: Sequence[Node]) -> dict[Var, None]:
    """The buffers that nodes read."""
    return dict.fromkeys(s.root for node in nodes for s in node.sources if s.root is not None)
