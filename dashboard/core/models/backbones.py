"""The backbones of `keras.applications` a transfer can start from. Importable without TensorFlow.

The licence is the one under which the ImageNet weights were published, as the Keras documentation
and the authors' repositories state it; the code of the networks is Keras' (Apache-2.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashboard.core.errors import InvalidInput

Scaling = Literal["inside", "unit", "symmetric", "standard", "bgr"]
"""What the weights expect of pixel values: scaled in the backbone itself; [0, 1]; [−1, 1]; mean 0
and deviation 1 by ImageNet's channels; blue–green–red with ImageNet's mean taken off."""


@dataclass(frozen=True)
class Backbone:
    """A network of `keras.applications` without its last layer.

    Attributes:
        id: Its name in `keras.applications`.
        side: Height and width of the images its ImageNet weights were trained on, in pixels.
        smallest: Smallest height and width it can be built for.
        parameters: Number of weights.
        licence: Licence of the ImageNet weights.
        scaling: What the weights expect of pixel values.
    """

    id: str
    side: int
    smallest: int
    parameters: int
    licence: str
    scaling: Scaling


BACKBONES = (
    Backbone("MobileNet", 224, 32, 3_228_864, "Apache-2.0", "symmetric"),
    Backbone("MobileNetV2", 224, 32, 2_257_984, "Apache-2.0", "symmetric"),
    Backbone("MobileNetV3Small", 224, 32, 939_120, "Apache-2.0", "inside"),
    Backbone("MobileNetV3Large", 224, 32, 2_996_352, "Apache-2.0", "inside"),
    Backbone("EfficientNetB0", 224, 32, 4_049_571, "Apache-2.0", "inside"),
    Backbone("EfficientNetB1", 240, 32, 6_575_239, "Apache-2.0", "inside"),
    Backbone("EfficientNetB2", 260, 32, 7_768_569, "Apache-2.0", "inside"),
    Backbone("EfficientNetB3", 300, 32, 10_783_535, "Apache-2.0", "inside"),
    Backbone("EfficientNetB4", 380, 32, 17_673_823, "Apache-2.0", "inside"),
    Backbone("EfficientNetB5", 456, 32, 28_513_527, "Apache-2.0", "inside"),
    Backbone("EfficientNetB6", 528, 32, 40_960_143, "Apache-2.0", "inside"),
    Backbone("EfficientNetB7", 600, 32, 64_097_687, "Apache-2.0", "inside"),
    Backbone("EfficientNetV2B0", 224, 32, 5_919_312, "Apache-2.0", "inside"),
    Backbone("EfficientNetV2B1", 240, 32, 6_931_124, "Apache-2.0", "inside"),
    Backbone("EfficientNetV2B2", 260, 32, 8_769_374, "Apache-2.0", "inside"),
    Backbone("EfficientNetV2B3", 300, 32, 12_930_622, "Apache-2.0", "inside"),
    Backbone("EfficientNetV2S", 384, 32, 20_331_360, "Apache-2.0", "inside"),
    Backbone("EfficientNetV2M", 480, 32, 53_150_388, "Apache-2.0", "inside"),
    Backbone("EfficientNetV2L", 480, 32, 117_746_848, "Apache-2.0", "inside"),
    Backbone("ResNet50", 224, 32, 23_587_712, "MIT", "bgr"),
    Backbone("ResNet101", 224, 32, 42_658_176, "MIT", "bgr"),
    Backbone("ResNet152", 224, 32, 58_370_944, "MIT", "bgr"),
    Backbone("ResNet50V2", 224, 32, 23_564_800, "BSD-3-Clause", "symmetric"),
    Backbone("ResNet101V2", 224, 32, 42_626_560, "BSD-3-Clause", "symmetric"),
    Backbone("ResNet152V2", 224, 32, 58_331_648, "BSD-3-Clause", "symmetric"),
    Backbone("DenseNet121", 224, 32, 7_037_504, "BSD-3-Clause", "standard"),
    Backbone("DenseNet169", 224, 32, 12_642_880, "BSD-3-Clause", "standard"),
    Backbone("DenseNet201", 224, 32, 18_321_984, "BSD-3-Clause", "standard"),
    Backbone("ConvNeXtTiny", 224, 32, 27_820_128, "MIT", "inside"),
    Backbone("ConvNeXtSmall", 224, 32, 49_454_688, "MIT", "inside"),
    Backbone("ConvNeXtBase", 224, 32, 87_566_464, "MIT", "inside"),
    Backbone("ConvNeXtLarge", 224, 32, 196_230_336, "MIT", "inside"),
    Backbone("ConvNeXtXLarge", 224, 32, 348_147_968, "MIT", "inside"),
    Backbone("VGG16", 224, 32, 14_714_688, "CC-BY-4.0", "bgr"),
    Backbone("VGG19", 224, 32, 20_024_384, "CC-BY-4.0", "bgr"),
    Backbone("InceptionV3", 299, 75, 21_802_784, "Apache-2.0", "symmetric"),
    Backbone("InceptionResNetV2", 299, 75, 54_336_736, "Apache-2.0", "symmetric"),
    Backbone("Xception", 299, 71, 20_861_480, "MIT", "symmetric"),
    Backbone("NASNetMobile", 224, 32, 4_269_716, "Apache-2.0", "symmetric"),
    Backbone("NASNetLarge", 331, 32, 84_916_818, "Apache-2.0", "symmetric"),
)


def get_backbone(backbone_id: str) -> Backbone:
    """Return the entry with this id; `InvalidInput` names the choices."""
    for backbone in BACKBONES:
        if backbone.id == backbone_id:
            return backbone
    raise InvalidInput(
        "There is no backbone “{value}”. Choose one of: {choices}.",
        code="unknown_backbone",
        value=backbone_id[:80],
        choices=", ".join(backbone.id for backbone in BACKBONES),
    )
