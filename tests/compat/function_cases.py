"""Functions of TensorFlow on small inputs.

Each case is a function of the module `tf`; what it returns is numbers, text or nested lists of them.
scripts/golden/functions.py runs them on TensorFlow itself, test_functions.py on chainrule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

X = np.array([[0.5, -1.25, 2.0, 3.5], [1.5, 0.25, -0.75, 4.0], [2.25, -2.0, 0.125, 1.0]], "float32")
SQUARE = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.25], [0.5, -0.25, 2.0]], "float32")
IDS = np.array([0, 0, 2])
WAVE = np.sin(np.arange(48) * 0.4).astype("float32")
IMAGE = (np.arange(2 * 6 * 8 * 3).reshape(2, 6, 8, 3) * 37 % 101 / 101).astype("float32")
BOXES = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [2, 2, 3, 3], [2.1, 2, 3, 3]], "float32")
RAGGED = [[1, 2, 3], [], [4]]

CASES: dict[str, Callable[[Any], Any]] = {
    # groups of rows
    "segment_sum": lambda tf: tf.math.segment_sum(X, IDS),
    "segment_mean": lambda tf: tf.math.segment_mean(X, IDS),
    "segment_max": lambda tf: tf.math.segment_max(X, IDS),
    "segment_min": lambda tf: tf.math.segment_min(X, IDS),
    "segment_prod": lambda tf: tf.math.segment_prod(X, IDS),
    "unsorted_segment_sum": lambda tf: tf.math.unsorted_segment_sum(X, [2, 0, 2], 4),
    "unsorted_segment_mean": lambda tf: tf.math.unsorted_segment_mean(X, [2, 0, 2], 4),
    "unsorted_segment_max": lambda tf: tf.math.unsorted_segment_max(X, [2, 0, 2], 3),
    "unsorted_segment_min": lambda tf: tf.math.unsorted_segment_min(X, [2, 0, 2], 3),
    "unsorted_segment_prod": lambda tf: tf.math.unsorted_segment_prod(X, [2, 0, 2], 3),
    "unsorted_segment_sqrt_n": lambda tf: tf.math.unsorted_segment_sqrt_n(X, [2, 0, 2], 4),
    "unsorted_segment_sum_2d": lambda tf: tf.math.unsorted_segment_sum(
        X, [[0, 1, 0, 2], [2, 2, 0, 1], [1, 1, 1, 1]], 3
    ),
    # mathematics
    "lgamma": lambda tf: tf.math.lgamma([0.1, 0.5, 1.0, 2.5, 30.0]),
    "digamma": lambda tf: tf.math.digamma([0.1, 0.5, 1.0, 2.5, 30.0]),
    "erfinv": lambda tf: tf.math.erfinv([-0.9, 0.0, 0.5]),
    "erfc": lambda tf: tf.math.erfc([-1.0, 0.0, 0.5]),
    "xlogy": lambda tf: tf.math.xlogy([0.0, 2.0], [0.0, 3.0]),
    "xdivy": lambda tf: tf.math.xdivy([0.0, 2.0], [0.0, 4.0]),
    "multiply_no_nan": lambda tf: tf.math.multiply_no_nan([np.inf, 2.0], [0.0, 3.0]),
    "reciprocal_no_nan": lambda tf: tf.math.reciprocal_no_nan([0.0, 4.0]),
    "reduce_euclidean_norm": lambda tf: tf.math.reduce_euclidean_norm(X, axis=1),
    "polyval": lambda tf: tf.math.polyval([tf.constant(1.0), tf.constant(-2.0), tf.constant(0.5)], tf.constant(3.0)),
    "bincount": lambda tf: tf.math.bincount([1, 3, 3, 0]),
    "bincount_weights": lambda tf: tf.math.bincount([1, 3, 3], weights=[0.5, 1.0, 2.0], minlength=5),
    "invert_permutation": lambda tf: tf.math.invert_permutation([2, 0, 1]),
    "softmax": lambda tf: tf.math.softmax(X),
    "log_softmax": lambda tf: tf.math.log_softmax(X, axis=0),
    "cumulative_logsumexp": lambda tf: tf.math.cumulative_logsumexp(X, axis=1),
    "zero_fraction": lambda tf: tf.math.zero_fraction([0.0, 1.0, 0.0, 2.0]),
    "histogram_fixed_width": lambda tf: tf.histogram_fixed_width([-1.0, 0.1, 1.5, 2.4, 9.0], [0.0, 5.0], nbins=5),
    "sequence_mask": lambda tf: tf.sequence_mask([1, 3, 2]),
    "reverse_sequence": lambda tf: tf.reverse_sequence(X, [2, 4, 1], seq_axis=1, batch_axis=0),
    "unique": lambda tf: list(tf.unique([5, 2, 5, 7, 2])),
    "unique_with_counts": lambda tf: list(tf.unique_with_counts([5, 2, 5, 7, 2])),
    "dynamic_partition": lambda tf: tf.dynamic_partition(X, [1, 0, 1], 2),
    "dynamic_stitch": lambda tf: tf.dynamic_stitch([[0, 2], [1, 3]], [[10, 20], [30, 40]]),
    "edit_distance": lambda tf: tf.edit_distance(
        tf.SparseTensor([[0, 0], [0, 1]], [1, 2], [1, 2]), tf.SparseTensor([[0, 0], [0, 1], [0, 2]], [1, 3, 2], [1, 3])
    ),
    "tensor_scatter_nd_sub": lambda tf: tf.tensor_scatter_nd_sub(tf.ones((3,)), [[1]], [0.25]),
    # matrices
    "diag": lambda tf: tf.linalg.diag([1.0, 2.0]),
    "diag_part": lambda tf: tf.linalg.diag_part(SQUARE),
    "set_diag": lambda tf: tf.linalg.set_diag(SQUARE, [9.0, 8.0, 7.0]),
    "band_part": lambda tf: tf.linalg.band_part(SQUARE, 0, -1),
    "inv": lambda tf: tf.linalg.inv(SQUARE),
    "det": lambda tf: tf.linalg.det(SQUARE),
    "solve": lambda tf: tf.linalg.solve(SQUARE, X.T[:3]),
    "cholesky": lambda tf: tf.linalg.cholesky(SQUARE),
    "cholesky_solve": lambda tf: tf.linalg.cholesky_solve(tf.linalg.cholesky(SQUARE), X),
    "triangular_solve": lambda tf: tf.linalg.triangular_solve(tf.linalg.band_part(SQUARE, -1, 0), X),
    "svd": lambda tf: tf.linalg.svd(X, compute_uv=False),
    "eigvalsh": lambda tf: tf.linalg.eigvalsh(SQUARE),
    "lstsq": lambda tf: tf.linalg.lstsq(X.T, X[:1].T, l2_regularizer=0.1),
    "matvec": lambda tf: tf.linalg.matvec(SQUARE, [1.0, 2.0, 3.0]),
    "trace": lambda tf: tf.linalg.trace(SQUARE),
    "normalize": lambda tf: list(tf.linalg.normalize(X, axis=1)),
    # control flow
    "switch_case": lambda tf: [
        tf.switch_case(tf.constant(k), [lambda: 1.0, lambda: 2.0], default=lambda: -1.0) for k in (0, 1, 5)
    ],
    "case": lambda tf: tf.case([(tf.constant(False), lambda: 1.0), (tf.constant(True), lambda: 2.0)], lambda: 3.0),
    "scan": lambda tf: tf.scan(lambda a, x: a + x, X),
    "scan_initializer": lambda tf: tf.scan(lambda a, x: a * 0.5 + x, X, initializer=tf.zeros(4)),
    "foldl": lambda tf: tf.foldl(lambda a, x: a * 2.0 - x, X),
    "foldr": lambda tf: tf.foldr(lambda a, x: a * 2.0 - x, X),
    "while_loop": lambda tf: tf.while_loop(lambda k, s: k < 5, lambda k, s: (k + 1, s + 2.0), (0, 0.0)),
    "numpy_function": lambda tf: tf.numpy_function(lambda a: a * 2, [X], tf.float32),
    "tensor_array": lambda tf: tf.TensorArray(tf.float32, size=2).write(0, X[0]).write(1, X[1]).stack(),
    # sound
    "fft": lambda tf: tf.abs(tf.signal.fft(tf.cast(WAVE, tf.complex64))),
    "rfft": lambda tf: tf.math.real(tf.signal.rfft(WAVE, [64])),
    "irfft": lambda tf: tf.signal.irfft(tf.signal.rfft(WAVE)),
    "ifft": lambda tf: tf.math.imag(tf.signal.ifft(tf.cast(WAVE, tf.complex64))),
    "fft2d": lambda tf: tf.math.real(tf.signal.fft2d(tf.cast(X, tf.complex64))),
    "frame": lambda tf: tf.signal.frame(WAVE, 10, 7),
    "frame_pad_end": lambda tf: tf.signal.frame(WAVE, 10, 7, pad_end=True),
    "stft": lambda tf: tf.abs(tf.signal.stft(WAVE, 16, 8)),
    "stft_fft_length": lambda tf: tf.abs(tf.signal.stft(WAVE, frame_length=12, frame_step=5, fft_length=32)),
    "inverse_stft": lambda tf: tf.signal.inverse_stft(
        tf.signal.stft(WAVE, 16, 8), 16, 8, window_fn=tf.signal.inverse_stft_window_fn(8)
    ),
    "hann_window": lambda tf: tf.signal.hann_window(7),
    "hamming_window": lambda tf: tf.signal.hamming_window(8, periodic=False),
    "overlap_and_add": lambda tf: tf.signal.overlap_and_add(X, 2),
    "mel": lambda tf: tf.signal.linear_to_mel_weight_matrix(6, 17, 8000, 80.0, 3600.0),
    "mfcc": lambda tf: tf.signal.mfccs_from_log_mel_spectrograms(X),
    "dct": lambda tf: tf.signal.dct(X, norm="ortho"),
    "fftshift": lambda tf: tf.signal.fftshift(X),
    "complex": lambda tf: tf.math.angle(tf.complex(X, -X) * tf.complex(X, X * 2)),
    # images
    "resize_area": lambda tf: tf.image.resize(IMAGE, (3, 5), method="area"),
    "resize_with_crop_or_pad": lambda tf: tf.image.resize_with_crop_or_pad(IMAGE, 9, 5),
    "rgb_to_yuv": lambda tf: tf.image.rgb_to_yuv(IMAGE[0]),
    "yuv_to_rgb": lambda tf: tf.image.yuv_to_rgb(IMAGE[0]),
    "adjust_gamma": lambda tf: tf.image.adjust_gamma(IMAGE[0], 2.0, 0.5),
    "transpose": lambda tf: tf.image.transpose(IMAGE)[0, :, :, 0],
    "total_variation": lambda tf: tf.image.total_variation(tf.constant(IMAGE)),
    "psnr": lambda tf: tf.image.psnr(IMAGE, IMAGE[::-1], 1.0),
    "image_gradients": lambda tf: [g[0, :, :, 0] for g in tf.image.image_gradients(tf.constant(IMAGE))],
    "non_max_suppression": lambda tf: tf.image.non_max_suppression(BOXES, [0.9, 0.75, 0.6, 0.95], 10, 0.5),
    "non_max_suppression_score": lambda tf: tf.image.non_max_suppression(
        BOXES, [0.9, 0.75, 0.6, 0.95], 1, iou_threshold=0.3, score_threshold=0.5
    ),
    "combined_non_max_suppression": lambda tf: list(tf.image.combined_non_max_suppression(
        BOXES[None, :, None] / 4, np.array([[[0.9, 0.2], [0.75, 0.1], [0.6, 0.3], [0.95, 0.4]]], "float32"), 3, 5, 0.5,
        0.25,
    )),
    "crop_and_resize": lambda tf: tf.image.crop_and_resize(
        IMAGE, [[0.1, 0.2, 0.8, 0.9], [-0.2, 0.0, 1.0, 1.2]], [1, 0], (3, 4), extrapolation_value=0.5
    ),
    # neural
    "conv1d": lambda tf: tf.nn.conv1d(IMAGE[:, 0], np.ones((3, 3, 2), "float32") / 9, 2, "SAME"),
    "conv2d_transpose": lambda tf: tf.nn.conv2d_transpose(
        IMAGE[:, :2, :3], np.arange(54).reshape(3, 3, 2, 3).astype("float32") / 54, (2, 4, 6, 2), 2
    ),
    "depthwise_conv2d": lambda tf: tf.nn.depthwise_conv2d(
        IMAGE[:1, :3, :3], np.arange(24).reshape(2, 2, 3, 2).astype("float32") / 24, (1, 1, 1, 1), "VALID"
    ),
    "max_pool": lambda tf: tf.nn.max_pool(IMAGE, 2, 2, "SAME"),
    "avg_pool": lambda tf: tf.nn.avg_pool(IMAGE, (1, 3, 3, 1), (1, 2, 2, 1), "SAME"),
    "local_response_normalization": lambda tf: tf.nn.local_response_normalization(IMAGE[:1, :1], 1, 1.0, 0.5, 0.75),
    "batch_normalization": lambda tf: tf.nn.batch_normalization(X, 0.5, 2.0, 1.0, 3.0, 1e-3),
    "crelu": lambda tf: tf.nn.crelu(X),
    "weighted_cross_entropy": lambda tf: tf.nn.weighted_cross_entropy_with_logits(np.array([1.0, 0.0], "float32"),
                                                                                 np.array([0.5, -1.5], "float32"), 3.0),
    "ctc_loss": lambda tf: tf.nn.ctc_loss(
        [[1, 2]], np.stack([X[:, None] * k for k in (0.5, 1.0, -0.5)]).reshape(9, 1, 4), [2], [9], blank_index=0
    ),
    "compute_average_loss": lambda tf: tf.nn.compute_average_loss([1.0, 2.0, 4.0], global_batch_size=4),
    # text
    "string_split": lambda tf: tf.strings.split(["a b c", "d", "e f"]).to_list(),
    "string_split_dense": lambda tf: tf.strings.split(["a b c", "d"]).to_tensor(default_value="-").numpy().tolist(),
    "ngrams": lambda tf: tf.strings.ngrams(["a", "b", "c"], 2).numpy().tolist(),
    "join_ragged": lambda tf: tf.strings.reduce_join(
        tf.strings.unicode_split(["ab", "cde"], "UTF-8"), -1
    ).numpy().tolist(),
    "unicode_decode": lambda tf: tf.strings.unicode_decode(["aé", "z"], "UTF-8").to_list(),
    "string_lengths": lambda tf: tf.strings.length(["ab", "é"]),
    # rows of different lengths, sparse rows, tables
    "ragged_dense": lambda tf: tf.ragged.constant(RAGGED).to_tensor(-1),
    "ragged_lengths": lambda tf: tf.ragged.constant(RAGGED).row_lengths(),
    "ragged_row": lambda tf: tf.ragged.constant(RAGGED)[0],
    "ragged_rows": lambda tf: tf.ragged.constant(RAGGED)[1:].to_list(),
    "ragged_deep": lambda tf: tf.ragged.constant([[[1, 2], [3]], [[4]]]).to_tensor(),
    "ragged_sum": lambda tf: (tf.ragged.constant(RAGGED) * 2).to_list(),
    "ragged_rowids": lambda tf: tf.RaggedTensor.from_value_rowids([1, 2, 3], [0, 2, 2]).to_list(),
    "ragged_from_tensor": lambda tf: tf.RaggedTensor.from_tensor([[1, 2, 0], [3, 0, 0]], padding=0).to_list(),
    "ragged_range": lambda tf: tf.ragged.range([2, 0, 3]).to_list(),
    "sparse_dense": lambda tf: tf.sparse.to_dense(tf.SparseTensor([[0, 1], [2, 0]], [5.0, 6.0], (3, 2))),
    "sparse_matmul": lambda tf: tf.sparse.sparse_dense_matmul(
        tf.SparseTensor([[0, 1], [1, 2], [1, 0]], [2.0, 3.0, 0.5], (2, 3)), X
    ),
    "lookup": lambda tf: tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2]), default_value=-1
    ).lookup(tf.constant([["b", "c"]])),
    "lookup_oov": lambda tf: tf.lookup.StaticVocabularyTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b"], np.array([0, 1], "int64")), 3
    ).lookup(tf.constant(["b", "c", "d", "e"])),
    "decode_csv": lambda tf: tf.io.decode_csv(["1,2.5,x", "3,,y"], [[0], [0.5], [""]])[1],
    "example": lambda tf: [tf.io.parse_single_example(_example(tf), {
        "id": tf.io.FixedLenFeature([2], tf.int64), "x": tf.io.FixedLenSequenceFeature([], tf.float32, True),
    })[key] for key in ("id", "x")],
    "example_size": lambda tf: len(_example(tf)),
    "serialize_tensor": lambda tf: tf.io.parse_tensor(tf.io.serialize_tensor(tf.constant(X)), tf.float32),
    "decode_raw": lambda tf: tf.io.decode_raw(tf.constant([b"\x01\x00\x02\x00"]), tf.int16),
}  # fmt: skip


def _example(tf: Any) -> bytes:
    features = {
        "id": tf.train.Feature(int64_list=tf.train.Int64List(value=[3, -1])),
        "name": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"ab"])),
        "x": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5, 2.0])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def plain(value: Any) -> Any:
    """Numbers and text as JSON has them."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (str, int, float)) and not isinstance(value, np.generic):
        return str(value) if isinstance(value, str) else value
    array = np.asarray(value)
    return array.astype("float64").tolist() if array.dtype.kind == "f" else array.tolist()
