"""The named architectures, with the names that Keras gives to their layers, so that files of weights fit.

    frame.py       what all have in common: the image, the top, the weights
    preparing.py   preprocess_input in three ways, and decode_predictions
    resnet.py vgg.py mobile.py mobile3.py dense.py efficient.py efficient2.py inception.py inception_resnet.py
    nasnet.py xception.py convnext.py
                   one family each
"""

from __future__ import annotations

from ..later import later

_FAMILIES = {
    "convnext": ("ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtSmall", "ConvNeXtTiny", "ConvNeXtXLarge"),
    "dense": ("DenseNet121", "DenseNet169", "DenseNet201"),
    "efficient": tuple(f"EfficientNetB{k}" for k in range(8)),
    "efficient2": (
        *(f"EfficientNetV2B{k}" for k in range(4)), "EfficientNetV2L", "EfficientNetV2M", "EfficientNetV2S",
    ),
    "inception": ("InceptionV3",),
    "inception_resnet": ("InceptionResNetV2",),
    "mobile": ("MobileNet", "MobileNetV2"),
    "mobile3": ("MobileNetV3Large", "MobileNetV3Small"),
    "nasnet": ("NASNetLarge", "NASNetMobile"),
    "resnet": ("ResNet50", "ResNet50V2", "ResNet101", "ResNet101V2", "ResNet152", "ResNet152V2"),
    "vgg": ("VGG16", "VGG19"),
    "xception": ("Xception",),
}  # fmt: skip

__all__ = [name for names in _FAMILIES.values() for name in names]
__getattr__ = later(__name__, _FAMILIES)
