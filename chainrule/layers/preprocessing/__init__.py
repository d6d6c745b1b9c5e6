"""Layers that prepare data: text and categories as numbers, images in one size and in many variations, sound as images.

They work on arrays, in `map` of a data set, and inside a model. What `adapt` finds is saved with them.
"""

from ...later import later

_MODULES = {
    "chain": ("Pipeline",),
    "clahe": ("ContrastLimitedAdaptiveHistogramEqualization",),
    "colors": (
        "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast", "RandomGrayscale",
        "RandomHue", "RandomSaturation",
    ),
    "counting": ("MaxNumBoundingBoxes",),
    "hashing": ("HashedCrossing", "Hashing",),
    "lookups": ("IntegerLookup", "StringLookup",),
    "mixing": ("AugMix", "CutMix", "MixUp", "RandAugment", "RandomErasing",),
    "moving": (
        "RandomElasticTransform", "RandomFlip", "RandomPerspective", "RandomRotation", "RandomShear",
        "RandomTranslation", "RandomZoom",
    ),
    "sizing": ("CenterCrop", "RandomCrop", "Resizing",),
    "sound": ("MelSpectrogram", "STFTSpectrogram",),
    "text": ("TextVectorization",),
    "tones": (
        "AutoContrast", "Equalization", "RandomGaussianBlur", "RandomInvert", "RandomPosterization",
        "RandomSharpness", "Solarization",
    ),
}  # fmt: skip
__getattr__ = later(__name__, _MODULES)

__all__ = [
    "AugMix", "AutoContrast", "CenterCrop", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix", "Equalization",
    "HashedCrossing", "Hashing", "IntegerLookup",
    "MaxNumBoundingBoxes", "MelSpectrogram", "MixUp", "Pipeline", "RandAugment", "RandomBrightness",
    "RandomColorDegeneration", "RandomColorJitter", "RandomContrast", "RandomCrop", "RandomElasticTransform",
    "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert",
    "RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness",
    "RandomShear", "RandomTranslation", "RandomZoom", "Resizing", "STFTSpectrogram", "Solarization", "StringLookup",
    "TextVectorization",
]  # fmt: skip
