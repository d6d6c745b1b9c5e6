"""Recurrent layers: cells, and what runs them along sequences."""

from .bidirectional import Bidirectional
from .conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from .gru import GRU, GRUCell
from .lstm import LSTM, LSTMCell
from .rnn import RNN
from .simple import SimpleRNN, SimpleRNNCell
from .stacked import StackedRNNCells
from .time_distributed import TimeDistributed

__all__ = [
    "GRU", "LSTM", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRUCell", "LSTMCell", "SimpleRNN",
    "SimpleRNNCell", "StackedRNNCells", "TimeDistributed",
]  # fmt: skip
