"""Ctrl-C at different moments of a fit."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import config
from chainrule.data import read_table
from chainrule.tabular import Options, Training, fit_table

from .tables import Listener, write_classes


@pytest.fixture(autouse=True)
def _one_after_another():
    """Side by side it is a matter of timing which networks have finished."""
    with config.threads_limited_to(1):
        yield


class Impatient(Listener):
    """Presses Ctrl-C when a network has finished so many epochs."""

    def __init__(self, network: int, epoch: int) -> None:
        super().__init__()
        self.moment = (network, epoch)

    def epoch(self, watch) -> None:
        super().epoch(watch)
        if self.epochs[-1] == self.moment:
            raise KeyboardInterrupt


def run(tmp_path, network: int, epoch: int):
    path = write_classes(tmp_path / "a.csv")
    listener = Impatient(network, epoch)
    training = Training(layers=(8,), networks=3, epochs=6)
    return fit_table(path, Options("label", training=training), listener), listener, path


def test_in_the_first_network_its_best_weights_so_far_are_kept(tmp_path):
    result, listener, path = run(tmp_path, 1, 4)
    assert result.interrupted
    assert result.metrics["interrupted"] is True
    assert len(result.model.networks) == 1
    best = result.metrics["networks"][0]["best_epoch"]
    assert result.metrics["networks"] == [{"epochs": 4, "best_epoch": best, "stopped": "interrupted"}]
    assert f"interrupted: kept are the weights of epoch {best}, the best so far" in listener.lines
    assert result.model.outputs(read_table(path)).shape == (120, 2)
    held = result.metrics["validation"]["log_loss"]
    logged = min(row["val_loss"] for row in result.log)
    assert held == pytest.approx(logged, rel=1e-5)


def test_later_on_the_networks_that_had_finished_are_kept(tmp_path):
    result, listener, _ = run(tmp_path, 3, 2)
    assert result.interrupted
    assert len(result.model.networks) == 2
    assert "interrupted: kept are the 2 networks that had finished" in listener.lines
    assert {row["network"] for row in result.log} == {1, 2}
    whole, _, _ = run(tmp_path, 9, 9)
    assert not whole.interrupted
    kept, full = result.model.networks[1].get_weights(), whole.model.networks[1].get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(kept, full, strict=True))


def test_before_the_first_epoch_there_is_nothing_to_keep(tmp_path, monkeypatch):
    from chainrule.models import Sequential

    def interrupted(self, *args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(Sequential, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, 9, 9)
