"""Whose `keras` and `tensorflow` are imported, when, and what is said of names that are absent."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import chainrule as cr
from chainrule.compat import active, install, is_installed, uninstall
from chainrule.compat.table import ALIASES, MODULES, TOP, canonical, is_module, names_of
from chainrule.errors import ChainruleError

from .running import chainrule, python

FAKE = "__version__ = 'fake'\n"


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    """A folder with packages `tensorflow` and `keras` that are not ours."""
    for name in TOP:
        (tmp_path / "site" / name).mkdir(parents=True)
        (tmp_path / "site" / name / "__init__.py").write_text(FAKE)
        (tmp_path / "site" / name / "models.py").write_text("Sequential = 'fake'\n")
    return tmp_path / "site"


SHOW = """import chainrule, keras, tensorflow
from keras.models import Sequential
print(tensorflow.__version__, Sequential)
"""


def test_an_installed_tensorflow_is_never_shadowed_outside_of_run(fakes: Path, tmp_path: Path) -> None:
    (tmp_path / "show.py").write_text(SHOW)
    assert python("show.py", cwd=tmp_path, path=str(fakes)).stdout == "fake fake\n"


def test_even_after_chainrules_parts_are_imported(fakes: Path, tmp_path: Path) -> None:
    (tmp_path / "show.py").write_text("import chainrule.compat, chainrule.models, chainrule.cli.run\n" + SHOW)
    assert python("show.py", cwd=tmp_path, path=str(fakes)).stdout == "fake fake\n"


def test_under_run_it_is_chainrule_even_if_tensorflow_is_installed(fakes: Path, tmp_path: Path) -> None:
    (tmp_path / "show.py").write_text(SHOW)
    shown = chainrule("run", "show.py", cwd=tmp_path, path=str(fakes)).stdout
    assert shown.startswith("2.") and "chainrule" in shown and "fake" not in shown


def test_a_file_keras_py_beside_the_script_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text(FAKE)
    (tmp_path / "show.py").write_text("import keras\nprint(keras.__version__)\n")
    assert "chainrule" in chainrule("run", "show.py", cwd=tmp_path).stdout


def test_what_was_loaded_before_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = ModuleType("tensorflow")
    monkeypatch.setitem(sys.modules, "tensorflow", stranger)
    with active():
        import tensorflow as ours

        assert ours is not stranger and ours.executing_eagerly()
    assert sys.modules["tensorflow"] is stranger and "keras" not in sys.modules


def test_without_installing_there_is_no_keras() -> None:
    assert not is_installed()
    assert all(importlib.util.find_spec(name) is None for name in TOP), "tests run without Keras and TensorFlow"


def test_installing_twice_is_installing_once() -> None:
    install()
    install()
    with active():
        assert is_installed()
    assert is_installed(), "an inner block does not undo what was there before"
    uninstall()
    assert not is_installed() and "keras" not in sys.modules
    uninstall()


@pytest.mark.parametrize("statement", [
    "import tensorflow as tf; found = tf.keras.layers.Dense",
    "import tensorflow; found = tensorflow.keras.layers.Dense",
    "from tensorflow import keras; found = keras.layers.Dense",
    "from tensorflow.keras import layers; found = layers.Dense",
    "from tensorflow.keras.layers import Dense as found",
    "import tensorflow.keras.layers as layers; found = layers.Dense",
    "import keras; found = keras.layers.Dense",
    "from keras import layers; found = layers.Dense",
    "from keras.layers import Dense as found",
    "import keras.layers; found = keras.layers.Dense",
    "from keras.layers import *; found = Dense",
    "from keras.layers.core import Dense as found",
    "from keras.api.layers import Dense as found",
    "from keras._tf_keras.keras.layers import Dense as found",
    "from tensorflow.compat.v2.keras.layers import Dense as found",
    "import importlib; found = importlib.import_module('tensorflow.keras.layers').Dense",
])  # fmt: skip
def test_every_way_to_import_gives_the_same_class(statement: str) -> None:
    with active():
        names: dict[str, object] = {}
        exec(statement, names)
    assert names["found"] is cr.layers.Dense


def test_one_module_has_one_object() -> None:
    with active():
        import keras.layers
        import tensorflow as tf
        from tensorflow.keras import layers as second
        from tensorflow.keras.utils import np_utils

        assert tf.keras is keras and tf.keras.layers is keras.layers is second
        assert np_utils is keras.utils and tf.losses is keras.losses
        kept = keras
    assert kept.models.Sequential is cr.Sequential, "what a script kept goes on working"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_module_of_the_table_is_there(name: str) -> None:
    with active():
        module = importlib.import_module(name)
        for public in dir(module):
            assert getattr(module, public) is not None
        if any(names_of(part)[1] != {} for part in MODULES[name]):
            assert [public for public in dir(module) if not isinstance(getattr(module, public), ModuleType)]


def test_aliases_lead_to_modules() -> None:
    for alias in ALIASES:
        assert is_module(alias) and canonical(alias) in MODULES


def test_the_vocabulary_is_chainrules() -> None:
    with active():
        import keras
        from keras import activations, callbacks, initializers, losses, metrics, models, ops, optimizers, saving, utils

        assert (models.Model, models.Sequential, keras.Model) == (cr.Model, cr.Sequential, cr.Model)
        assert models.load_model is saving.load_model is cr.saving.load_model
        assert activations.relu is cr.activations.relu and ops.matmul is cr.ops.matmul
        assert optimizers.schedules.CosineDecay is cr.optimizers.schedules.CosineDecay
        assert (losses.Huber, metrics.AUC) == (cr.losses.Huber, cr.metrics.AUC)
        assert (callbacks.EarlyStopping, initializers.HeNormal) == (
            cr.callbacks.EarlyStopping,
            cr.initializers.HeNormal,
        )
        assert keras.Input is keras.layers.Input is cr.Input and keras.layers.Layer is keras.Layer is cr.Layer
        assert utils.to_categorical([1]).tolist() == [[0.0, 1.0]]
        assert keras.config.backend() == keras.backend.backend() == "chainrule"
        assert keras.version() == keras.__version__
        np.testing.assert_array_equal(keras.preprocessing.sequence.pad_sequences([[1]], 2), [[0, 1]])


def test_versions_are_understood_by_those_who_parse_them() -> None:
    packaging = pytest.importorskip("packaging.version")
    with active():
        import keras
        import tensorflow as tf

        assert packaging.parse(tf.__version__) > packaging.parse("2.16")
        assert packaging.parse(keras.__version__) > packaging.parse("3.0")
        assert [int(part) for part in tf.__version__.split(".")[:2]] >= [2, 0]


ABSENT = {
    "from keras.layers import Conv9D": ("keras.layers.Conv9D is not part of chainrule yet", ""),
    "from keras.layers import Dnese": ("keras.layers.Dnese", "Did you mean 'Dense'?"),
    "from tensorflow.keras.models import Sequentail": ("keras.models.Sequentail", "Did you mean 'Sequential'?"),
    "import keras.layer": ("keras.layer is not part", "Did you mean 'layers'?"),
    "import tensorflow.keras.wrappers.scikit_learn": ("keras.wrappers.scikit_learn is not part", "SKLearnClassifier"),
    "from tensorflow.python.keras.layers import Dense": ("tensorflow.python", "`from tensorflow.keras...`"),
    "from keras.src.layers import Dense": ("keras.src", "private"),
    "import tensorflow.keras.layers.Dense": ("keras.layers.Dense is not a module", "`from keras.layers import Dense`"),
    "import tensorflow.estimator": ("tensorflow.estimator", "TensorFlow 1"),
    "from keras.utils import plot_modle": ("keras.utils.plot_modle", ""),
}  # fmt: skip


@pytest.mark.parametrize("statement", ABSENT)
def test_importing_an_absent_name_says_which(statement: str) -> None:
    with active(), pytest.raises(ImportError) as caught:
        exec(statement, {})
    assert isinstance(caught.value, ChainruleError) and isinstance(caught.value, ModuleNotFoundError)
    assert all(part in str(caught.value) for part in ABSENT[statement]), caught.value


@pytest.mark.parametrize(("expression", "parts"), [
    ("tf.keras.layers.Dnese", ("keras.layers.Dnese", "Did you mean 'Dense'?")),
    ("tf.data.Datset", ("tensorflow.data.Datset is not part of chainrule yet", "Did you mean 'Dataset'?")),
    ("tf.distribute.MirrorStrategy", ("tensorflow.distribute.MirrorStrategy", "Did you mean 'MirroredStrategy'?")),
    ("tf.Session()", ("tensorflow.Session", "TensorFlow 1")),
    ("tf.keras.applications.EfficientNetB9()", ("keras.applications.EfficientNetB9", "Of the named architectures")),
    ("tf.reduce_maen(1)", ("tensorflow.reduce_maen", "Did you mean 'reduce_mean'?")),
    ("tf.math.reduce_summ", ("tensorflow.math.reduce_summ", "Did you mean 'reduce_sum'?")),
])  # fmt: skip
def test_an_absent_attribute_says_which(expression: str, parts: tuple[str, ...]) -> None:
    with active(), pytest.raises(AttributeError) as caught:
        exec(f"import tensorflow as tf; {expression}", {})
    assert isinstance(caught.value, ChainruleError)
    assert all(part in str(caught.value) for part in parts), caught.value


def test_absence_can_be_asked_for() -> None:
    with active():
        import tensorflow as tf

        assert not hasattr(tf, "estimator") and hasattr(tf, "keras") and not hasattr(tf.keras.layers, "Any")
        assert "Dense" in dir(tf.keras.layers) and "annotations" not in dir(tf.keras.activations)
        with pytest.raises(AttributeError):
            tf.keras.layers.__wrapped__  # noqa: B018


def test_tensors_answer_to_tensorflow_before_anything_of_its_top_is_used(tmp_path: Path) -> None:
    code = "import numpy, keras\nfrom tensorflow import io, nn\nx = keras.ops.ones((2, 3))\nx.set_shape([None, 3])\n"
    (tmp_path / "s.py").write_text(code + "print(nn.relu(x).get_shape().as_list())\n")
    assert chainrule("run", "s.py", cwd=tmp_path).stdout == "[2, 3]\n"
