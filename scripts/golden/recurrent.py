"""Golden values of recurrent layers: tests/golden/recurrent.json."""

from __future__ import annotations

from typing import Any

from common import write
from layer_cases import ABOUT, Config, config_case, layer_case

STEPS, STATE = [2, 4, 3], [2, 2]
MASK = [[True, True, False, True], [False, True, True, False]]
EVERY, TELL = {"return_sequences": True}, {"return_state": True}

# class, config, shapes of the inputs, further arguments of layer_case
CASES: list[tuple[str, Config, Any, Config]] = [
    *((name, {"units": 2, **more}, STEPS, {})
      for name in ("LSTM", "GRU", "SimpleRNN")
      for more in ({}, EVERY, {**EVERY, **TELL}, {"go_backwards": True, **EVERY}, {"use_bias": False, **TELL},
                   {"unroll": True})),
    *((name, {"units": 2, **more}, STEPS, {"mask": MASK})
      for name in ("LSTM", "GRU", "SimpleRNN")
      for more in ({}, {**EVERY, **TELL}, {"go_backwards": True, **EVERY}, {"zero_output_for_mask": True, **EVERY})),
    ("LSTM", {"units": 2, **EVERY}, [STEPS, STATE, STATE], {"how": "states"}),
    ("LSTM", {"units": 2, **EVERY}, [STEPS, STATE, STATE], {"how": "states", "mask": MASK}),
    ("GRU", {"units": 2, **TELL}, [STEPS, STATE], {"how": "states"}),
    ("SimpleRNN", {"units": 2, "activation": "relu"}, [STEPS, STATE], {"how": "states"}),
    ("LSTM", {"units": 2, "stateful": True, **EVERY}, STEPS, {}),
    ("GRU", {"units": 2, "stateful": True}, STEPS, {}),
    ("LSTM", {"units": 2, "activation": "relu", "recurrent_activation": "hard_sigmoid"}, STEPS, {}),
    ("LSTM", {"units": 2, "kernel_regularizer": "l2", "recurrent_regularizer": "l1", "bias_regularizer": "l2",
              "activity_regularizer": "l2"}, STEPS, {}),
    ("LSTM", {"units": 2, "dtype": "float64", **EVERY}, STEPS, {}),
    ("GRU", {"units": 2, "reset_after": False, **EVERY}, STEPS, {}),
    ("GRU", {"units": 2, "reset_after": False, "use_bias": False}, STEPS, {"mask": MASK}),
    ("GRU", {"units": 2, "dtype": "float64"}, STEPS, {}),
    ("LSTM", {"units": 1}, [1, 1, 1], {}),
    ("RNN", {"cell": ["LSTMCell", {"units": 2}], **EVERY}, STEPS, {}),
    ("RNN", {"cell": [["LSTMCell", {"units": 2}], ["GRUCell", {"units": 3}]], **EVERY, **TELL}, STEPS, {}),
    ("RNN", {"cell": [["SimpleRNNCell", {"units": 2}], ["SimpleRNNCell", {"units": 2}]]}, STEPS, {"mask": MASK}),
    *(("Bidirectional", {"layer": ["LSTM", {"units": 2, **more}], "merge_mode": mode}, STEPS, {})
      for more, mode in (({}, "concat"), (EVERY, "sum"), (EVERY, "ave"), (EVERY, "mul"), (EVERY, None),
                         ({**EVERY, **TELL}, "concat"))),
    *(("Bidirectional", {"layer": ["GRU", {"units": 2, **more}]}, STEPS, {"mask": MASK}) for more in ({}, EVERY)),
    ("Bidirectional", {"layer": ["SimpleRNN", {"units": 2}],
                       "backward_layer": ["GRU", {"units": 3, "go_backwards": True}]}, STEPS, {}),
    ("Bidirectional", {"layer": ["LSTM", {"units": 2}]}, [STEPS, STATE, STATE, STATE, STATE], {"how": "states"}),
    ("TimeDistributed", {"layer": ["Dense", {"units": 2, "activation": "tanh"}]}, STEPS, {}),
    ("TimeDistributed", {"layer": ["Conv2D", {"filters": 2, "kernel_size": 2}]}, [2, 3, 3, 3, 1], {}),
    ("TimeDistributed", {"layer": ["LSTM", {"units": 2}]}, [2, 2, 3, 2], {}),
    ("TimeDistributed", {"layer": ["LayerNormalization", {}]}, STEPS, {}),
    ("TimeDistributed", {"layer": ["BatchNormalization", {"momentum": 0.5}]}, STEPS, {"training": True}),
    ("TimeDistributed", {"layer": ["BatchNormalization", {}]}, STEPS, {"training": False}),
    ("ConvLSTM1D", {"filters": 2, "kernel_size": 2}, [2, 3, 4, 2], {}),
    ("ConvLSTM1D", {"filters": 2, "kernel_size": 3, "padding": "same", "strides": 2, **EVERY, **TELL}, [1, 3, 5, 2],
     {}),
    ("ConvLSTM2D", {"filters": 2, "kernel_size": 2, "padding": "same", "activation": "relu"}, [1, 3, 3, 3, 2], {}),
    ("ConvLSTM2D", {"filters": 1, "kernel_size": [2, 3], **EVERY, "go_backwards": True}, [1, 3, 3, 4, 1], {}),
    ("ConvLSTM2D", {"filters": 1, "kernel_size": 2, "dilation_rate": 2, "use_bias": False}, [2, 2, 3, 3, 1],
     {"mask": [[True, False], [True, True]]}),
    ("ConvLSTM3D", {"filters": 1, "kernel_size": 2}, [1, 2, 2, 3, 2, 1], {}),
]  # fmt: skip

CONFIGS: list[tuple[str, Config]] = [
    *((name, {"units": 2}) for name in ("LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell")),
    ("RNN", {"cell": ["LSTMCell", {"units": 2}]}),
    ("StackedRNNCells", {"cells": [["LSTMCell", {"units": 2}], ["GRUCell", {"units": 2}]]}),
    ("Bidirectional", {"layer": ["LSTM", {"units": 2}]}),
    ("TimeDistributed", {"layer": ["Dense", {"units": 2}]}),
    *((f"ConvLSTM{n}D", {"filters": 2, "kernel_size": 3}) for n in (1, 2, 3)),
]  # fmt: skip

if __name__ == "__main__":
    write(
        "recurrent.json",
        ABOUT,
        cases=[layer_case(name, config, shapes, **more) for name, config, shapes, more in CASES],
        configs=[config_case(*row) for row in CONFIGS],
    )
