"""Golden values of convolution, pooling and reshaping layers: tests/golden/windows.json."""

from __future__ import annotations

from common import write
from layer_cases import ABOUT, Config, config_case, layer_case

LINE, IMAGE, FIRST, VOLUME = [2, 7, 4], [1, 5, 6, 4], [1, 4, 5, 6], [1, 4, 5, 3, 2]

CONVOLUTIONS: list[tuple[str, Config, list[int]]] = [
    ("Conv1D", {"filters": 3, "kernel_size": 3}, LINE),
    ("Conv1D", {"filters": 2, "kernel_size": 2, "padding": "causal", "dilation_rate": 2, "activation": "tanh"}, LINE),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "same", "strides": 2, "groups": 2}, LINE),
    ("Conv1D", {"filters": 2, "kernel_size": 3, "padding": "causal", "strides": 2}, LINE),
    ("Conv2D", {"filters": 3, "kernel_size": 3}, [2, 5, 6, 4]),
    ("Conv2D", {"filters": 2, "kernel_size": [3, 2], "padding": "same", "activation": "relu"}, IMAGE),
    ("Conv2D", {"filters": 2, "kernel_size": 3, "padding": "same", "strides": 2, "use_bias": False}, IMAGE),
    ("Conv2D", {"filters": 4, "kernel_size": 2, "strides": [2, 1], "groups": 2}, IMAGE),
    ("Conv2D", {"filters": 2, "kernel_size": 2, "dilation_rate": [2, 3], "padding": "same"}, IMAGE),
    ("Conv2D", {"filters": 2, "kernel_size": 3, "strides": 2, "kernel_regularizer": "l2", "bias_regularizer": "l1",
                "activity_regularizer": "l2"}, IMAGE),
    ("Conv2D", {"filters": 2, "kernel_size": 2, "dtype": "float64"}, IMAGE),
    ("Conv2D", {"filters": 3, "kernel_size": 1}, IMAGE),
    ("Conv3D", {"filters": 2, "kernel_size": 2}, VOLUME),
    ("Conv3D", {"filters": 2, "kernel_size": [3, 2, 1], "padding": "same", "strides": [2, 1, 1]}, VOLUME),
    ("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2}, LINE),
    ("DepthwiseConv1D", {"kernel_size": 3, "padding": "same", "strides": 2}, LINE),
    ("DepthwiseConv2D", {"kernel_size": 3}, [2, 5, 6, 4]),
    ("DepthwiseConv2D", {"kernel_size": [2, 3], "depth_multiplier": 2, "padding": "same", "activation": "relu"}, IMAGE),
    ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "padding": "same", "use_bias": False}, IMAGE),
    ("DepthwiseConv2D", {"kernel_size": 2, "dilation_rate": 2}, IMAGE),
    ("SeparableConv1D", {"filters": 3, "kernel_size": 3, "depth_multiplier": 2}, LINE),
    ("SeparableConv1D", {"filters": 2, "kernel_size": 2, "padding": "same", "dilation_rate": 2}, LINE),
    ("SeparableConv2D", {"filters": 3, "kernel_size": 3, "padding": "same"}, IMAGE),
    ("SeparableConv2D", {"filters": 2, "kernel_size": 2, "strides": 2, "depth_multiplier": 2, "activation": "tanh"},
     IMAGE),
    ("Conv1DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2}, [2, 4, 3]),
    ("Conv1DTranspose", {"filters": 2, "kernel_size": 2, "strides": 3, "padding": "same"}, [2, 4, 3]),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}, [1, 3, 4, 3]),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": [2, 3], "strides": [3, 1]}, [1, 3, 4, 3]),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 1},
     [1, 3, 4, 3]),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "valid", "output_padding": 1},
     [1, 3, 4, 3]),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 2, "activation": "relu", "use_bias": False}, [1, 3, 4, 3]),
    ("Conv3DTranspose", {"filters": 2, "kernel_size": 2, "strides": 2}, [1, 2, 3, 2, 2]),
    ("Conv3DTranspose", {"filters": 2, "kernel_size": [3, 2, 1], "padding": "same"}, [1, 2, 3, 2, 2]),
]  # fmt: skip

POOLING: list[tuple[str, Config, list[int]]] = [
    *((name, {"pool_size": 2}, LINE) for name in ("MaxPooling1D", "AveragePooling1D")),
    *((name, {"pool_size": 3, "strides": 2, "padding": "same"}, LINE) for name in ("MaxPooling1D", "AveragePooling1D")),
    *((name, {"pool_size": 2, "data_format": "channels_first"}, [2, 4, 7])
      for name in ("MaxPooling1D", "AveragePooling1D")),
    *((name, config, IMAGE) for name in ("MaxPooling2D", "AveragePooling2D") for config in (
        {"pool_size": 2}, {"pool_size": [3, 2], "strides": [1, 2]}, {"pool_size": 3, "strides": 2, "padding": "same"})),
    *((name, {"pool_size": 2, "padding": "same", "data_format": "channels_first"}, FIRST)
      for name in ("MaxPooling2D", "AveragePooling2D")),
    *((name, {"pool_size": 2, "strides": 1, "padding": "same"}, VOLUME)
      for name in ("MaxPooling3D", "AveragePooling3D")),
    *((f"Global{kind}Pooling{shape}D", {"keepdims": keep}, size) for kind in ("Average", "Max")
      for shape, size in ((1, LINE), (2, IMAGE), (3, VOLUME)) for keep in (False, True)),
    *((f"Global{kind}Pooling2D", {"data_format": "channels_first"}, FIRST) for kind in ("Average", "Max")),
    *((f"Adaptive{kind}Pooling1D", {"output_size": 3, "data_format": "channels_last"}, LINE)
      for kind in ("Average", "Max")),
    *((f"Adaptive{kind}Pooling2D", {"output_size": [2, 4], "data_format": "channels_last"}, IMAGE)
      for kind in ("Average", "Max")),
    *((f"Adaptive{kind}Pooling2D", {"output_size": 2, "data_format": "channels_first"}, FIRST)
      for kind in ("Average", "Max")),
    *((f"Adaptive{kind}Pooling3D", {"output_size": [2, 3, 3], "data_format": "channels_last"}, VOLUME)
      for kind in ("Average", "Max")),
]  # fmt: skip

RESHAPING: list[tuple[str, Config, list[int]]] = [
    ("ZeroPadding2D", {}, [1, 2, 2, 1]), ("ZeroPadding2D", {"padding": [[1, 0], [0, 2]]}, [1, 2, 2, 1]),
    ("ZeroPadding2D", {"padding": [1, 2], "data_format": "channels_first"}, [1, 1, 2, 2]),
    ("ZeroPadding3D", {"padding": [[0, 1], [1, 0], [0, 0]]}, [1, 2, 1, 2, 1]),
    ("Cropping2D", {"cropping": [[1, 0], [0, 2]]}, [1, 3, 4, 2]), ("Cropping2D", {"cropping": 1}, [1, 3, 4, 2]),
    ("Cropping2D", {"cropping": [1, 0], "data_format": "channels_first"}, [1, 2, 3, 4]),
    ("Cropping3D", {}, [1, 3, 3, 4, 1]),
    ("UpSampling2D", {}, [1, 2, 3, 2]), ("UpSampling2D", {"size": [3, 1], "data_format": "channels_first"},
                                        [1, 2, 2, 3]),
    ("UpSampling2D", {"size": 3, "interpolation": "bilinear"}, [1, 3, 2, 2]),
    ("UpSampling2D", {"size": [2, 4], "interpolation": "bicubic"}, [1, 3, 4, 1]),
    ("UpSampling2D", {"size": 2, "interpolation": "lanczos3"}, [1, 4, 5, 1]),
    ("UpSampling3D", {"size": [1, 2, 2]}, [1, 2, 1, 2, 2]),
]  # fmt: skip

CONFIGS: list[tuple[str, Config]] = [
    *((f"Conv{n}D{suffix}", {"filters": 2, "kernel_size": 3}) for n in (1, 2, 3) for suffix in ("", "Transpose")),
    *((f"DepthwiseConv{n}D", {"kernel_size": 3}) for n in (1, 2)),
    *((f"SeparableConv{n}D", {"filters": 2, "kernel_size": 3}) for n in (1, 2)),
    *((f"{kind}Pooling{n}D", {"pool_size": 2}) for n in (1, 2, 3) for kind in ("Max", "Average")),
    *((f"Adaptive{kind}Pooling{n}D", {"output_size": 2}) for n in (1, 2, 3) for kind in ("Max", "Average")),
    *((f"Global{kind}Pooling{n}D", {}) for n in (2, 3) for kind in ("Max", "Average")),
    *((f"{kind}{n}D", {}) for n in (2, 3) for kind in ("ZeroPadding", "Cropping", "UpSampling")),
    *((f"SpatialDropout{n}D", {"rate": 0.5}) for n in (2, 3)),
]  # fmt: skip

if __name__ == "__main__":
    write(
        "windows.json",
        ABOUT,
        cases=[layer_case(*row) for row in (*CONVOLUTIONS, *POOLING, *RESHAPING)],
        configs=[config_case(*row) for row in CONFIGS],
    )
