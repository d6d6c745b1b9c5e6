"""Attention layers."""

from .grouped import GroupQueryAttention
from .multi_head import MultiHeadAttention
from .single import AdditiveAttention, Attention

__all__ = ["AdditiveAttention", "Attention", "GroupQueryAttention", "MultiHeadAttention"]
