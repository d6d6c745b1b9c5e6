"""Which arguments Keras refuses, and what it answers before anything is built: expected values from Keras 3.15."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import dtype_policies, layers
from chainrule.quantizers import Int4QuantizationConfig, unpack_int4
from chainrule.variables import SeedGenerator

EINSUMS = [  # equation, output_shape, input, output
    ("ab,bc->ac", 7, (None, 5), (None, 7)),
    ("abc,cde->abde", (None, 3, 4), (None, 5, 6), (None, 5, 3, 4)),
    ("...x,xy->...y", 4, (None, 3, 8), (None, 3, 4)),
    ("ab...c,cd->a...d", 4, (None, 3, 5, 8), (None, 5, 4)),
]


@pytest.mark.parametrize(("equation", "output", "given", "expected"), EINSUMS, ids=lambda v: str(v))
def test_an_einsum_says_its_shape_without_being_built(equation, output, given, expected):
    layer = layers.EinsumDense(equation, output)
    assert layer.compute_output_shape(given) == expected and not layer.built
    layer.build(given)
    assert tuple(layer(np.ones([2 if n is None else n for n in given])).shape) == (2, *expected[1:])


@pytest.mark.parametrize(
    "said", [{"shape": (4,)}, {"batch_shape": (2, 4)}, {"batch_size": 5}, {"dtype": "float16"}], ids=str
)
def test_what_contradicts_an_input_tensor_is_refused(said):
    tensor = cr.KerasTensor((2, 3), "float32")
    with pytest.raises(ValueError, match=f"expected {next(iter(said))} of input_tensor"):
        layers.InputLayer(input_tensor=tensor, **said)
    same = layers.InputLayer(shape=(3,), batch_size=2, dtype="float32", input_tensor=tensor)
    assert same.output is tensor and same.sparse is False and same.ragged is False


def test_seeds_policies_and_models_refuse_what_they_do_not_know():
    with pytest.raises(ValueError, match="SeedGenerator: expected seed and name; got state"):
        SeedGenerator(seed=1, state=2)
    with pytest.raises(ValueError, match="got None"):
        dtype_policies.set_dtype_policy(None)
    with pytest.raises(TypeError, match="got 7"):
        dtype_policies.DTypePolicy(7)
    with pytest.raises(ValueError, match="no weights to quantize yet"):
        cr.Sequential([layers.Dense(2)]).quantize("int8")


def test_a_layer_in_few_bits_is_described_as_such():
    described = layers.Dense(2, dtype="int8_from_float32").get_config()["dtype"]
    assert described["class_name"] == "QuantizedDTypePolicy"
    assert described["config"] == {"mode": "int8", "source_name": "float32"}


@pytest.mark.parametrize(("dtype", "expected"), [("bfloat16", "bfloat16"), ("int8_from_float32", None)])
def test_a_layer_of_ones_own_is_made_again_with_the_name_of_its_dtype(dtype, expected):
    class Kept(layers.Dense):
        def __init__(self, units, dtype=None, **kwargs):
            self.given = dtype
            super().__init__(units, dtype=dtype, **kwargs)

    again = Kept.from_config(Kept(2, dtype=dtype).get_config())
    assert again.dtype_policy.name == dtype
    assert again.given == (expected or again.dtype_policy)


@pytest.mark.parametrize("block_size", [None, 4])
@pytest.mark.parametrize("kind", ["dense", "embedding"])
def test_four_bits_are_shown_as_whole_numbers(kind, block_size):
    layer = layers.Dense(6) if kind == "dense" else layers.Embedding(8, 6)
    layer.build((None, 8))
    plain = np.array(layer.kernel if kind == "dense" else layer.embeddings)
    layer.quantize("int4", config=Int4QuantizationConfig(block_size=block_size))
    found = np.array(layer.kernel if kind == "dense" else layer.embeddings)
    packed = layer._kernel if kind == "dense" else layer._embeddings
    assert found.shape == plain.shape and packed.shape == (8, 3) and found.min() >= -8 and found.max() <= 7
    assert np.array_equal(found, unpack_int4(packed, 6, axis=-1))
    if block_size is None:  # one scale a column, or a row: the largest size becomes 7
        largest = np.abs(plain).max(0 if kind == "dense" else 1, keepdims=True)
        assert np.array_equal(found, np.clip(np.round(plain * (7 / (largest + 1e-7))), -8, 7))


def test_the_rate_of_sounds_is_a_number_above_0(tmp_path: Path):
    with pytest.raises(ValueError, match="sampling_rate: expected a positive integer"):
        cr.utils.audio_dataset_from_directory(tmp_path, sampling_rate=-1)


REVERSED = [  # block_size, the scores of the first row: what Keras 3.15 computes from the same numbers
    (None, [1.5542, 0.5054, 2.278, 1.1686, -0.8365]),
    (3, [1.6255, 0.4968, 2.4268, 0.6259, -0.7718]),
]


@pytest.mark.parametrize(("block_size", "expected"), REVERSED)
def test_untied_scores_in_four_bits(block_size, expected, tmp_path: Path):
    random = np.random.RandomState(0)
    forwards, backwards, rows = (random.randn(*shape).astype("float32") for shape in ((5, 7), (7, 5), (2, 7)))
    layer = layers.ReversibleEmbedding(5, 7, tie_weights=False)
    layer.build()
    layer.set_weights([forwards, backwards])
    layer.quantize("int4", config=Int4QuantizationConfig(block_size=block_size))
    assert layer.reverse_embeddings.shape == (4, 5) and layer.reverse_embeddings.dtype == "int8"
    found = layer(rows, reverse=True).numpy()
    np.testing.assert_allclose(found[0], expected, atol=6e-5)
    cr.Sequential([layer]).save(tmp_path / "scores.keras")
    again = cr.models.load_model(tmp_path / "scores.keras").layers[0]
    assert np.array_equal(again(rows, reverse=True), found)


def test_the_older_scaling_by_the_deviation_alone():
    x, gamma = np.array([[1.0, 2.0, 6.0]], "float32"), np.array([1.0, 2.0, 3.0], "float32")
    with pytest.warns(UserWarning, match="rms_normalization"):
        found = cr.ops.layer_normalization(x, gamma, epsilon=0.0, rms_scaling=True)
    np.testing.assert_allclose(found, x / x.std() * gamma, rtol=1e-6)
    with pytest.raises(ValueError, match="unknown argument 'scaling'"):
        cr.ops.layer_normalization(x, scaling=True)


def test_without_labels_the_files_beside_the_folders_count(tmp_path: Path, capsys):
    for name in ("a/first.txt", "b/second.txt", "third.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    found = cr.utils.text_dataset_from_directory(tmp_path, label_mode=None, batch_size=None, shuffle=False)
    assert sorted(str(text) for text in found) == ["a/first.txt", "b/second.txt", "third.txt"]
    assert capsys.readouterr().out == "Found 3 files.\n"
    labelled = cr.utils.text_dataset_from_directory(tmp_path, batch_size=None, shuffle=False)
    assert [int(label) for _, label in labelled] == [0, 1]
