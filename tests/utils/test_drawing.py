"""Drawings of models, progress bars, settings."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as Tree

import pytest

import chainrule as cr
from chainrule import layers, ops, utils
from chainrule.errors import ArgumentError, NotBuiltError


@pytest.fixture
def model():
    i = cr.Input((4,), name="in")
    a, b = layers.Dense(3, activation="relu", name="left")(i), layers.Dense(3, name="right")(i)
    inner = cr.Sequential([cr.Input((3,)), layers.Dense(2, name="deep")], name="inner")
    return cr.Model(i, inner(layers.Add(name="both")([a, b]) * 2.0))


def test_boxes_and_arrows(model):
    drawing = utils.model_to_dot(model, show_shapes=True, show_layer_activations=True, show_dtype=True)
    assert list(drawing.boxes) == ["in", "left", "right", "both", "multiply", "inner"]
    assert set(drawing.arrows) == {("in", "left"), ("in", "right"), ("left", "both"), ("right", "both"),
                                   ("both", "multiply"), ("multiply", "inner")}  # fmt: skip
    assert drawing.boxes["left"] == [
        "left (Dense)", "activation: relu", "input: (None, 4)", "output: (None, 3)", "dtype: float32"]  # fmt: skip
    text = drawing.to_string()
    assert text.startswith("digraph G {\nrankdir=TB;") and '"left" -> "both";' in text


def test_models_inside_can_be_opened(model):
    boxes = utils.model_to_dot(model, expand_nested=True)
    assert "inner/deep" in boxes.boxes and "inner" not in boxes.boxes
    assert any(a == "multiply" and b.startswith("inner/") for a, b in boxes.arrows)


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_svg(model, tmp_path, rankdir):
    path = utils.plot_model(model, tmp_path / "m.svg", show_shapes=True, rankdir=rankdir)
    root = Tree.parse(path).getroot()
    rectangles = [tuple(float(r.get(k)) for k in ("x", "y", "width", "height")) for r in root if r.tag.endswith("rect")]
    assert len(rectangles) == 6
    for k, (x, y, w, h) in enumerate(rectangles):  # boxes do not overlap and lie inside
        assert x >= 0 and y >= 0 and x + w <= float(root.get("width")) and y + h <= float(root.get("height"))
        for x2, y2, w2, h2 in rectangles[:k]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    assert sum(part.tag.endswith("line") for part in root) == 6


def test_without_graphviz_a_png_becomes_an_svg(model, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.warns(UserWarning, match="needs the program dot"):
        path = utils.plot_model(model, tmp_path / "m.png")
    assert path == str(tmp_path / "m.svg") and (tmp_path / "m.svg").exists()
    assert utils.plot_model(model, tmp_path / "m.dot").endswith(".dot")


def test_messages_of_drawings():
    with pytest.raises(NotBuiltError, match="not built"):
        utils.model_to_dot(cr.Sequential([layers.Dense(1)]))
    with pytest.raises(ArgumentError, match="rankdir"):
        utils.model_to_dot(cr.Sequential([cr.Input((1,)), layers.Dense(1)]), rankdir="up")


def test_source_inputs():
    a, b = cr.Input((2,)), cr.Input((2,))
    assert utils.get_source_inputs(ops.add(layers.Dense(2)(a), b) * a) == [a, b]


def test_progress_averages_and_shows_states_as_they_are(capsys):
    bar = utils.Progbar(4, stateful_metrics=["rate"], interval=0)
    bar.update(1, [("loss", 4.0), ("rate", 1.0)])
    bar.add(3, [("loss", 0.0), ("rate", 0.5)])
    last = capsys.readouterr().out.split("\x1b[2K")[-1]
    assert last.startswith("4/4 ━━━━━━━━━━━━━━━━━━━━ 0s ")
    assert last.endswith("/step - loss: 0.0000e+00 - rate: 0.5000\n")
    utils.Progbar(None, verbose=0).update(5)
    assert capsys.readouterr().out == ""
    with pytest.raises(ArgumentError, match="verbose"):
        utils.Progbar(1, verbose=3)


def test_progress_can_go_to_the_log(capsys, caplog):
    utils.disable_interactive_logging()
    try:
        assert not utils.is_interactive_logging_enabled()
        with caplog.at_level("INFO", "chainrule"):
            utils.Progbar(1, verbose=2).update(1)
    finally:
        utils.enable_interactive_logging()
    assert capsys.readouterr().out == "" and caplog.records[0].getMessage().startswith("1/1 - ")


def test_config():
    config = utils.Config(rate=0.1)
    config.layers = 2
    config.update(name="x")
    config.freeze()
    with pytest.raises(ArgumentError, match="frozen"):
        config.rate = 1
    with pytest.raises(AttributeError, match="no setting 'missing'"):
        _ = config.missing
    assert utils.Config.from_json(config.to_json()).as_dict() == {"rate": 0.1, "layers": 2, "name": "x"}
    assert config.frozen and "rate" in config and len(config) == 3 and config.get("none", 7) == 7
