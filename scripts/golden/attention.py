"""Golden values of attention layers and of spectral normalization: tests/golden/attention.json."""

from __future__ import annotations

from typing import Any

from common import write
from layer_cases import ABOUT, Config, config_case, layer_case

QUERY, VALUE, KEY = [2, 3, 4], [2, 5, 6], [2, 5, 3]
SEEN = [[[True, False, True, True, False], [True] * 5, [False, False, True, False, False]],
        [[False] * 5, [True, True, False, True, True], [False, True, True, True, True]]]  # fmt: skip
ROWS, COLUMNS = [[True, True, False], [True, True, True]], [[True, False, True, True, False], [True] * 5]
HEADS = {"num_heads": 2, "key_dim": 3}
GROUPS = {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2}
APART = {"how": "separate"}
L2 = {"kernel_regularizer": "l2", "bias_regularizer": "l1", "activity_regularizer": "l2"}

# class, config, shapes of the inputs, further arguments of layer_case
CASES: list[tuple[str, Config, Any, Config]] = [
    ("MultiHeadAttention", HEADS, [QUERY, VALUE], APART),
    ("MultiHeadAttention", {**HEADS, "value_dim": 2, "use_bias": False}, [QUERY, VALUE, KEY], APART),
    ("MultiHeadAttention", {**HEADS, "output_shape": [2, 3]}, [QUERY, VALUE], APART),
    ("MultiHeadAttention", {**HEADS, "output_shape": 5}, [QUERY, VALUE], {**APART, "use_causal_mask": True}),
    *(("MultiHeadAttention", HEADS, [QUERY, VALUE], {**APART, **more}) for more in (
        {"attention_mask": SEEN}, {"attention_mask": SEEN, "return_attention_scores": True},
        {"attention_mask": SEEN, "use_causal_mask": True}, {"return_attention_scores": True},
        {"value_mask": COLUMNS})),
    ("MultiHeadAttention", {**HEADS, "dropout": 0.5}, [QUERY, VALUE], {**APART, "attention_mask": SEEN}),
    ("MultiHeadAttention", {**HEADS, "sliding_window": 2}, [QUERY, VALUE], APART),
    ("MultiHeadAttention", {**HEADS, "use_gate": True, "value_dim": 2}, [QUERY, VALUE], APART),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 2, "attention_axes": 2}, [[1, 2, 3, 4], [1, 2, 3, 4]], APART),
    ("MultiHeadAttention", {"num_heads": 1, "key_dim": 2}, [[1, 2, 2, 3], [1, 2, 3, 3]],
     {**APART, "return_attention_scores": True}),
    ("MultiHeadAttention", {**HEADS, **L2}, [QUERY, VALUE], APART),
    # Keras rounds 1 / sqrt(key_dim) to float32
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4, "dtype": "float64"}, [QUERY, VALUE],
     {**APART, "attention_mask": SEEN}),
    *(("GroupQueryAttention", GROUPS, [QUERY, VALUE], {**APART, **more}) for more in (
        {}, {"use_causal_mask": True}, {"attention_mask": SEEN},
        {"attention_mask": SEEN, "return_attention_scores": True})),
    ("GroupQueryAttention", {**GROUPS, "num_key_value_heads": 1, "use_bias": False}, [QUERY, VALUE, KEY], APART),
    ("GroupQueryAttention", {**GROUPS, "use_gate": True, "sliding_window": 2}, [QUERY, VALUE], APART),
    ("GroupQueryAttention", {**GROUPS, "num_key_value_heads": 4, "dropout": 0.5}, [QUERY, VALUE], APART),
    *((name, config, shapes, {"how": "list", **more})
      for name, config in (("Attention", {}), ("AdditiveAttention", {}), ("Attention", {"score_mode": "concat"}))
      for shapes, more in (
          ([QUERY, [2, 5, 4]], {}), ([QUERY, VALUE, [2, 5, 4]], {"use_causal_mask": True}),
          ([QUERY, [2, 5, 4]], {"mask": [ROWS, COLUMNS]}),
          ([QUERY, [2, 5, 4]], {"return_attention_scores": True, "mask": [ROWS, COLUMNS], "use_causal_mask": True}))),
    *((name, config, [QUERY, [2, 5, 4]], {"how": "list"})
      for name, config in (("Attention", {"use_scale": True}), ("AdditiveAttention", {"use_scale": False}),
                           ("Attention", {"use_scale": True, "score_mode": "concat"}),
                           ("Attention", {"dtype": "float64"}))),
    *(("SpectralNormalization", {"layer": ["Dense", {"units": 2}], "power_iterations": n}, [3, 4],
       {"training": training}) for n, training in ((1, True), (3, True), (1, False))),
    ("SpectralNormalization", {"layer": ["Conv2D", {"filters": 2, "kernel_size": 2}]}, [1, 3, 3, 2],
     {"training": True}),
]  # fmt: skip

CONFIGS: list[tuple[str, Config]] = [
    ("MultiHeadAttention", HEADS), ("GroupQueryAttention", GROUPS), ("Attention", {}), ("AdditiveAttention", {}),
    ("SpectralNormalization", {"layer": ["Dense", {"units": 2}]}),
]  # fmt: skip

if __name__ == "__main__":
    write(
        "attention.json",
        ABOUT,
        cases=[layer_case(name, config, shapes, **more) for name, config, shapes, more in CASES],
        configs=[config_case(*row) for row in CONFIGS],
    )
