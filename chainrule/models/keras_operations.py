"""What the ops of Keras are called in its files: a class and the settings that it keeps, `Mean(axis keepdims)`.

`scripts/golden/operations.py` lists the classes that Keras has; a test compares.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from ..errors import ArgumentError, did_you_mean
from ..layers.naming import snake_case
from ..ops.symbolic import OPS

_NAMES = {
    "AllClose": "allclose", "BatchNorm": "batch_normalization", "CDist": "cdist", "GetItem": "getitem",
    "HSVToRGB": "hsv_to_rgb", "IsIn": "isin", "LayerNorm": "layer_normalization", "RGBToGrayscale": "rgb_to_grayscale",
    "RGBToHSV": "rgb_to_hsv", "RMSNorm": "rms_normalization", "SearchSorted": "searchsorted", "Slice": "block",
}  # fmt: skip  # classes whose names are not those of the functions in CamelCase
_CLASSES = {
    "core": """
        AssociativeScan(reverse axis), Scatter(shape), ScatterUpdate(reduction), Slice(shape), SliceUpdate,
        StopGradient, Unstack(num axis), Cast(dtype), SaturateCast(dtype), ConvertToTensor(dtype sparse ragged),
        VectorizedMap(function)
    """,
    "einops": """
        Rearrange
    """,
    "image": """
        RGBToGrayscale(data_format), RGBToHSV(data_format), HSVToRGB(data_format), Resize(size interpolation
        antialias crop_to_aspect_ratio pad_to_aspect_ratio fill_mode fill_value data_format),
        AffineTransform(interpolation fill_mode fill_value data_format), ExtractPatches(size strides dilation_rate
        padding data_format), MapCoordinates(order fill_mode fill_value), PadImages(top_padding left_padding
        bottom_padding right_padding target_height target_width data_format), CropImages(top_cropping
        left_cropping bottom_cropping right_cropping target_height target_width data_format),
        PerspectiveTransform(interpolation fill_value data_format), GaussianBlur(kernel_size sigma data_format),
        ElasticTransform(alpha sigma interpolation fill_mode fill_value seed data_format),
        ScaleAndTranslate(spatial_dims method antialias), SobelEdges(data_format), SSIM(max_val filter_size
        filter_sigma k1 k2 data_format)
    """,
    "linalg": """
        Cholesky(upper), CholeskyInverse(upper), Det, Eig, Eigh, Inv, LuFactor, Norm(ord axis keepdims), Qr(mode),
        Solve, SolveTriangular(lower), SVD(full_matrices compute_uv), Lstsq(rcond), MatrixRank(tol), Pinv(rcond)
    """,
    "math": """
        SegmentSum(num_segments sorted), SegmentMax(num_segments sorted), SegmentMin(num_segments sorted),
        SegmentProd(num_segments sorted), TopK(k sorted), InTopK(k), Logsumexp(axis keepdims), CDist,
        ExtractSequences(sequence_length sequence_stride), FFT, FFT2, IFFT2, RFFT(fft_length), IRFFT(fft_length),
        STFT(sequence_length sequence_stride fft_length window center), ISTFT(sequence_length sequence_stride
        fft_length length window center), Rsqrt, Erf, Erfc, Erfinv, Logdet
    """,
    "nn": """
        Relu, Relu6, Sigmoid, SparseSigmoid, Softplus, Softsign, SoftShrink(threshold), SparsePlus, Silu,
        Squareplus(b), LogSigmoid, LeakyRelu(negative_slope), HardSigmoid, HardSilu, Elu(alpha), Selu,
        Gelu(approximate), Celu(alpha), Glu(axis), TanhShrink, HardTanh, HardShrink(threshold),
        Threshold(threshold default_value), Softmax(axis), LogSoftmax(axis), Sparsemax(axis), MaxPool(pool_size
        strides padding data_format), AdaptiveMaxPool(output_size data_format), AveragePool(pool_size strides
        padding data_format), AdaptiveAveragePool(output_size data_format), Conv(strides padding data_format
        dilation_rate), DepthwiseConv(strides padding data_format dilation_rate), SeparableConv(strides padding
        data_format dilation_rate), ConvTranspose(strides padding output_padding data_format dilation_rate),
        OneHot(num_classes axis dtype sparse), BinaryCrossentropy(from_logits),
        CategoricalCrossentropy(from_logits axis), SparseCategoricalCrossentropy(from_logits axis),
        MultiHot(num_classes axis dtype sparse), Moments(axes keepdims synchronized), BatchNorm(axis epsilon),
        CTCLoss(mask_index), CTCDecode(strategy beam_width top_paths merge_repeated mask_index), Normalize(axis
        order epsilon), PSNR(max_val), DotProductAttention(is_causal flash_attention attn_logits_soft_cap),
        RMSNorm(axis epsilon), LayerNorm(axis epsilon), Unfold(kernel_size dilation padding stride),
        Fold(output_size kernel_size dilation padding stride), DepthToSpace(block_size data_format),
        SpaceToDepth(block_size data_format)
    """,
    "numpy": """
        Rot90(k axes), Absolute, Abs, Fabs, Add, All(axis keepdims), AllClose(rtol atol equal_nan), Angle,
        Any(axis keepdims), Append(axis), Arccos, Arccosh, Arcsin, Arcsinh, Arctan, Arctan2, Arctanh, Argmax(axis
        keepdims), Argmin(axis keepdims), Argsort(axis), Array(dtype), View(dtype), Average(axis), Heaviside,
        Bincount(weights minlength sparse), BitwiseAnd, BitwiseInvert, BitwiseNot, BitwiseOr, BitwiseXor,
        BitwiseLeftShift, LeftShift, BitwiseRightShift, RightShift, BroadcastTo(shape), Cbrt, Ceil, Clip(x_min
        x_max), Concatenate(axis), Conjugate, Conj, Copy, Cos, Cosh, CountNonzero(axis), Cross(axisa axisb axisc
        axis), Cumprod(axis dtype), Cumsum(axis dtype), Deg2rad, Rad2deg, Diag(k), Diagflat(k), Diagonal(offset
        axis1 axis2), Diff(n axis), Digitize, Dot, Dstack, Einsum(subscripts), EmptyLike(dtype), Equal, Exp, Exp2,
        ExpandDims(axis), Expm1, Flip(axis), Fliplr, Flipud, Floor, FullLike(dtype), Gcd, GetItem, Geomspace(num
        endpoint dtype axis), Greater, GreaterEqual, Hstack, Hsplit(indices_or_sections), Hypot, Imag, I0,
        Isclose(equal_nan), Isfinite, IsIn(assume_unique invert), Isinf, Isnan, Isneginf, Isposinf, Isreal, Kron,
        Lcm, Ldexp, Less, LessEqual, Log, Log10, Log1p, Log2, Logaddexp, Logaddexp2, LogicalAnd, LogicalNot,
        LogicalOr, Logspace(num endpoint base dtype axis), Matmul, Max(axis keepdims initial), Maximum, Fmax,
        Median(axis keepdims), Meshgrid(indexing), Min(axis keepdims initial), Minimum, Fmin, Mod, Fmod,
        Moveaxis(source destination), Nanargmax(axis keepdims), Nanargmin(axis keepdims), Nancumsum(axis dtype),
        Nancumprod(axis dtype), Nanmax(axis keepdims), Nanmean(axis keepdims), Nanmedian(axis keepdims),
        Nanmin(axis keepdims), Nanpercentile(axis method keepdims), Nanprod(axis keepdims), Nanquantile(axis
        method keepdims), Nanstd(axis keepdims), Nansum(axis keepdims), Nanvar(axis keepdims), NanToNum(nan posinf
        neginf), Nonzero, NotEqual, OnesLike(dtype), ZerosLike(dtype), Outer, Pad(pad_width mode), Percentile(axis
        method keepdims), Prod(axis keepdims dtype), Ptp(axis keepdims), Quantile(axis method keepdims), Ravel,
        UnravelIndex(shape), Real, Reciprocal, Repeat(repeats axis), Reshape(newshape), Roll(shift axis),
        Round(decimals), SearchSorted(side), Sign, Signbit, Sin, Sinc, Sinh, Sort(axis), Split(indices_or_sections
        axis), Stack(axis), Std(axis keepdims), Swapaxes(axis1 axis2), Take(axis), TakeAlongAxis(axis), Tan, Tanh,
        Tensordot(axes), Tile(repeats), Trace(offset axis1 axis2), Tril(k), Triu(k), Trunc, Vdot, Inner, Vstack,
        Vsplit(indices_or_sections), Where, Subtract, Multiply, Divide, DivideNoNan, TrueDivide, Power, Negative,
        Nextafter, Square, Sqrt, Squeeze(axis), Transpose(axes), Trapezoid(x dx axis), Mean(axis keepdims),
        Vander(N increasing), Var(axis keepdims), Sum(axis keepdims), FloorDivide, LogicalXor, Corrcoef,
        Correlate(mode), Select, Slogdet, Argpartition(kth axis), Histogram(bins range), Linspace(num endpoint retstep
        dtype axis),
        ArraySplit(indices_or_sections axis), Unique(sorted return_index return_inverse return_counts axis size
        fill_value), Dsplit(indices_or_sections)
    """,
}


def op_name(kind: str) -> str:
    """The op that a class of Keras stands for; functions of chainrule alone, such as losses, keep their names.

    >>> op_name("ExpandDims"), op_name("GetItem")
    ('expand_dims', 'getitem')
    """
    name = kind if "." in kind else _NAMES.get(kind, snake_case(kind))
    if name not in OPS:
        raise ArgumentError(f"the file uses ops.{name}, which chainrule does not have.{did_you_mean(name, OPS)}")
    return name


def operations() -> dict[str, tuple[str, str, list[str]]]:
    """By the name of the op: the module and the class in Keras, and which arguments are settings of the class.

    >>> operations()["mean"]
    ('numpy', 'Mean', ['axis', 'keepdims'])
    """
    found = {}
    for module, text in _CLASSES.items():
        for kind, settings in re.findall(r"(\w+)(?:\(([^)]*)\))?", text):
            found[_NAMES.get(kind, snake_case(kind))] = (module, kind, settings.split())
    return found


def split_arguments(name: str, args: Any, kwargs: Any, settings: list[str]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call of an op: those of the call in Keras, in order, and the settings of its class.

    >>> split_arguments("mean", ["x", -1], {}, ["axis", "keepdims"])
    (['x'], {'axis': -1, 'keepdims': False})
    """
    bound = inspect.signature(OPS[name]).bind(*args, **kwargs)
    bound.apply_defaults()
    found = dict(bound.arguments)
    chosen = {key: found.pop(key) for key in settings}
    call: list[Any] = []
    for parameter in bound.signature.parameters.values():
        if parameter.name in found and parameter.kind != parameter.VAR_KEYWORD:
            value = found[parameter.name]
            call += value if parameter.kind == parameter.VAR_POSITIONAL else [value]
    return call, chosen
