"""PyTorch: modules, fused Adam, batches by index.

Options: `compile` (forward and loss through torch.compile), `threads` (for an operation; default: all cores).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .. import work as works
from ..work import Work


def train(work: Work, options: dict[str, Any]) -> Callable[[int], float]:
    """The loop of the documentation, over tensors in memory."""
    if "threads" in options:
        torch.set_num_threads(options["threads"])
    model, x, y = prepared(work)
    loss_of = LOSSES[works.loss(work)]
    optimizer = torch.optim.Adam(model.parameters(), eps=1e-7, fused=True)

    def loss(x: Any, y: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16, enabled="policy" in work):
            scores = model(x)
        return loss_of(scores.float(), y)

    update = optimizer.step
    if options.get("compile"):
        torch._dynamo.reset()
        loss = torch.compile(loss)
    batch = work["batch"]

    def run(times: int) -> float:
        for _ in range(times):
            order = torch.randperm(work["rows"])
            for k in range(works.steps(work)):
                rows = order[k * batch : (k + 1) * batch]
                optimizer.zero_grad()
                value = loss(x[rows], y[rows])
                value.backward()
                update()
        return float(value.detach())

    return run


def prepared(work: Work) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """Model, inputs and targets in the layout that is fastest: images with channels last, classes as int64."""
    x, y = (torch.from_numpy(a) for a in works.data(work))
    model = NETWORKS[work["network"]](work)
    if work["network"] == "cnn":
        x = x.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        model = model.to(memory_format=torch.channels_last)
    return model, x, y.long() if works.loss(work) == "ce" else y


def predict(work: Work, options: dict[str, Any]) -> Callable[[int], None]:
    """So many calls with one row each, from array to array."""
    model, _, _ = prepared({**work, "rows": 1})
    x = works.data({**work, "rows": 1})[0]
    head = HEADS[works.loss(work)]
    call = model.eval()
    if options.get("compile"):
        torch._dynamo.reset()
        call = torch.compile(model)

    @torch.inference_mode()
    def run(times: int) -> None:
        for _ in range(times):
            head(call(torch.from_numpy(x))).numpy()

    return run


LOSSES: dict[str, Callable[..., Any]] = {
    "bce": F.binary_cross_entropy_with_logits, "mse": F.mse_loss, "ce": F.cross_entropy,
}  # fmt: skip
HEADS: dict[str, Callable[..., Any]] = {
    "bce": torch.sigmoid, "mse": lambda z: z, "ce": lambda z: torch.softmax(z, -1),
}  # fmt: skip


def _dense(work: Work) -> nn.Module:
    pairs = [(nn.Linear(a, b), nn.ReLU()) for a, b in zip(work["units"], work["units"][1:], strict=False)]
    return nn.Sequential(*[module for pair in pairs for module in pair][:-1])


def _cnn(work: Work) -> nn.Module:
    side, channels, body = work["side"], 1, []
    for filters in work["filters"]:
        body += [nn.Conv2d(channels, filters, 3), nn.ReLU(), nn.MaxPool2d(2)]
        side, channels = (side - 2) // 2, filters
    head = [nn.Linear(side**2 * channels, work["hidden"]), nn.ReLU(), nn.Linear(work["hidden"], work["classes"])]
    return nn.Sequential(*body, nn.Flatten(), *head)


class _Block(nn.Module):
    """Attention and two dense layers, each after a normalization and with a way around it."""

    def __init__(self, width: int, heads: int, causal: bool) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.first, self.second = nn.LayerNorm(width, eps=1e-3), nn.LayerNorm(width, eps=1e-3)
        self.into, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Any) -> Any:
        n, t, width = x.shape
        joined = self.into(self.first(x)).view(n, t, 3, self.heads, width // self.heads)
        q, k, v = joined.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        x = x + self.out(mixed.transpose(1, 2).reshape(n, t, width))
        return x + self.down(F.gelu(self.up(self.second(x))))


def _transformer(work: Work) -> nn.Module:
    return nn.Sequential(*[_Block(work["width"], work["heads"], work["causal"]) for _ in range(work["blocks"])])


class _Recurrent(nn.Module):
    """An LSTM and a dense layer on its last output."""

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.cells, self.head = nn.LSTM(features, units, batch_first=True), nn.Linear(units, 1)

    def forward(self, x: Any) -> Any:
        return self.head(self.cells(x)[0][:, -1])


def _lstm(work: Work) -> nn.Module:
    return _Recurrent(work["features"], work["units"])


NETWORKS: dict[str, Callable[[Work], nn.Module]] = {
    "dense": _dense, "cnn": _cnn, "transformer": _transformer, "lstm": _lstm,
}  # fmt: skip
