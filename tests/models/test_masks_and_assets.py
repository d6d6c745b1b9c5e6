"""What Keras's guides show of layers of one's own: masks that split and flow, files beside the weights."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import Input, Model, Sequential, layers, ops
from chainrule.errors import FileError
from chainrule.models import load_model
from chainrule.models.archive import pack_members
from chainrule.models.saving import write_model
from chainrule.saving import register_keras_serializable

WORDS = np.array([[3, 1, 0, 0], [2, 5, 4, 0]])


class Halves(layers.Layer):
    def call(self, steps: Any) -> Any:
        return ops.split(steps, 2, axis=1)

    def compute_mask(self, steps: Any, mask: Any = None) -> Any:
        return None if mask is None else ops.split(mask, 2, axis=1)


class Shares(layers.Layer):
    """A softmax over the steps that are not left out; it insists on a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.supports_masking = True

    def call(self, scores: Any, mask: Any = None) -> Any:
        assert mask is not None
        weights = ops.exp(scores) * ops.cast(ops.expand_dims(mask, -1), "float32")
        return weights / ops.sum(weights, axis=1, keepdims=True)


def test_a_layer_that_computes_masks_supports_them() -> None:
    first, second = Halves()(layers.Embedding(6, 3, mask_zero=True)(WORDS))
    assert first._keras_mask.tolist() == [[True, True], [True, True]]
    assert second._keras_mask.tolist() == [[False, False], [True, False]]


def test_masks_reach_layers_while_a_model_is_drawn() -> None:
    words = Input((None,), dtype="int32")
    steps = layers.Embedding(6, 3, mask_zero=True)(words)
    assert steps._keras_mask.shape == (None, None) and steps._keras_mask.dtype == "bool"
    shares = Shares()(layers.Dense(1)(steps))
    found = Model(words, shares)(WORDS).numpy()[..., 0]
    np.testing.assert_allclose(found.sum(axis=1), [1, 1], rtol=1e-6)
    assert np.array_equal(found > 0, WORDS > 0)


def test_a_mask_can_be_called_on_like_a_tensor() -> None:
    words = Input((None,), dtype="int32")
    steps = layers.Embedding(6, 3, mask_zero=True)(words)
    counts = ops.sum(ops.cast(steps._keras_mask, "int32"), axis=1)
    assert Model(words, counts)(WORDS).tolist() == [2, 3]
    assert Input((3,))._keras_mask is None


@register_keras_serializable("masks_and_assets")
class Spelling(layers.Layer):
    """Keeps its words in a file of its own."""

    def __init__(self, words: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def call(self, x: Any) -> Any:
        return x

    def get_config(self) -> dict[str, Any]:
        return layers.Layer.get_config(self)

    def save_assets(self, inner_path: str) -> None:
        os.makedirs(os.path.join(inner_path, "more"))
        Path(inner_path, "more", "words.txt").write_text(self.words)

    def load_assets(self, inner_path: str) -> None:
        self.words = Path(inner_path, "more", "words.txt").read_text()


def spelling() -> Sequential:
    return Sequential([Input((3,)), layers.Dense(2), Spelling("a b"), Sequential([Input((2,)), Spelling("c")])])


@pytest.mark.parametrize("as_keras", [True, False])
def test_layers_keep_files_inside_the_model_file(tmp_path: Path, as_keras: bool) -> None:
    if as_keras:
        pytest.importorskip("h5py")
    model, path = spelling(), str(tmp_path / "m.keras")
    write_model(model, path, overwrite=False, as_keras=as_keras)
    again = load_model(path)
    assert [again.layers[1].words, again.layers[2].layers[0].words] == ["a b", "c"]
    assert np.array_equal(again(np.ones((1, 3))), model(np.ones((1, 3))))
    with zipfile.ZipFile(path) as archive:
        inside = {name for name in archive.namelist() if name.startswith("assets/")}
    assert inside == {f"assets/layers/{place}spelling/more/words.txt" for place in ("", "sequential/layers/")}


def test_a_file_inside_may_not_leave_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    write_model(spelling(), str(path), overwrite=False, as_keras=False)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["assets/layers/spelling/../../../outside.txt"] = b"no"
    path.write_bytes(pack_members(members))
    with pytest.raises(FileError, match="outside of its folder"):
        load_model(path)
    assert not list(tmp_path.glob("**/outside.txt"))


def test_compiling_again_keeps_loss_and_metrics_that_are_not_given() -> None:
    x, y = np.ones((4, 2), "float32"), np.zeros((4, 1), "float32")
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    first = model.fit(x, y, verbose=0).history
    model.compile(cr.optimizers.Adam(1e-3))
    assert model.loss == "mse" and list(model.fit(x, y, verbose=0).history) == list(first) == ["loss", "mae"]
    model.compile("sgd", "mae", metrics=[])
    expected = float(np.mean(np.abs(model(x))))
    history = model.fit(x, y, verbose=0).history
    assert list(history) == ["loss"] and history["loss"][0] == pytest.approx(expected, rel=1e-5)
