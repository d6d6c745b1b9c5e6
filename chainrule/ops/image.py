"""Functions of images, under the names of `keras.ops.image`: compositions of primitives, so all compile and those of
floats are differentiable. An image is (rows, columns, channels); most take a batch of them too.

>>> resize([[[0.0], [2.0]]], (1, 4)).ravel().tolist()
[0.0, 0.5, 1.5, 2.0]
"""

from .image_colors import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from .image_resizing import crop_images, pad_images, resize, scale_and_translate
from .image_sampling import affine_transform, elastic_transform, map_coordinates, perspective_transform
from .image_windows import extract_patches, extract_patches_3d, gaussian_blur, sobel_edges, ssim

__all__ = [
    "affine_transform", "crop_images", "elastic_transform", "extract_patches", "extract_patches_3d", "gaussian_blur",
    "hsv_to_rgb", "map_coordinates", "pad_images", "perspective_transform", "resize", "rgb_to_grayscale", "rgb_to_hsv",
    "scale_and_translate", "sobel_edges", "ssim",
]  # fmt: skip
