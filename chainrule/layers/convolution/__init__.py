"""Convolution layers: plain, depthwise, separable, transposed."""

from .depthwise import DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D
from .plain import Conv1D, Conv2D, Conv3D
from .transposed import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose

__all__ = [
    "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "DepthwiseConv1D",
    "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D",
]  # fmt: skip
