"""Golden values of layers that turn sound into pictures: tests/golden/sound_layers.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, write
from layer_cases import config_case, numbers

Config = dict[str, Any]
ABOUT = (
    "keras.layers.CLASS(**config)(numbers(shape, 1) as float32) == expected, numbers as in layer_cases.py; "
    "names, shapes: those of the weights; configs: get_config() of CLASS(**arguments)"
)
SMALL = {"fft_length": 32, "sequence_stride": 16, "num_mel_bins": 6, "sampling_rate": 8000}
FRAMES = {"frame_length": 16, "frame_step": 10}
CASES: list[tuple[str, Config, list[int]]] = [
    *(("MelSpectrogram", {**SMALL, **config}, shape) for shape in ([2, 80], [77]) for config in (
        {}, {"power_to_db": False}, {"window": "hamming"}, {"mag_exp": 1.0}, {"top_db": 10.0}, {"sequence_length": 20},
        {"window": None}, {"min_freq": 100.0, "max_freq": 3000.0, "ref_power": 2.0})),
    *(("STFTSpectrogram", {"mode": mode, **FRAMES}, [2, 70, 1]) for mode in (
        "log", "magnitude", "psd", "real", "imag", "stft")),
    *(("STFTSpectrogram", {"mode": "psd", **FRAMES, **config}, [2, 70, 1]) for config in (
        {"padding": "same"}, {"scaling": None}, {"scaling": "spectrum"}, {"periodic": True}, {"fft_length": 20},
        {"window": None}, {"window": "hamming"}, {"expand_dims": True})),
    *(("STFTSpectrogram", {"mode": mode, **FRAMES, "expand_dims": expand}, [2, 50, 3])
      for expand in (False, True) for mode in ("magnitude", "stft")),
]  # fmt: skip


def layer_case(name: str, config: Config, shape: list[int]) -> Config:
    """One call."""
    layer = getattr(keras.layers, name)(**config)
    y = layer(numbers(shape, 1).astype("float32"))
    return case(**{"class": name}, config=config, shape=shape, expected=y, names=[w.name for w in layer.weights],
                shapes=[w.shape for w in layer.weights])  # fmt: skip


if __name__ == "__main__":
    write("sound_layers.json", ABOUT, cases=[layer_case(*row) for row in CASES],
          configs=[config_case("MelSpectrogram", {}), config_case("STFTSpectrogram", {})])  # fmt: skip
