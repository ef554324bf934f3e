"""What Keras makes of the models of `keras.applications`, as `make.py` has written it down."""

import json
import lzma
from pathlib import Path

FILE = Path(__file__).parent / "golden.json.xz"

NAMES = [
    *("VGG16", "VGG19", "Xception", "InceptionV3", "InceptionResNetV2"),
    *("ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2"),
    *("MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large"),
    *("DenseNet121", "DenseNet169", "DenseNet201", "NASNetMobile", "NASNetLarge"),
    *(f"EfficientNetB{n}" for n in range(8)),
    *(f"EfficientNetV2{n}" for n in ("B0", "B1", "B2", "B3", "S", "M", "L")),
    *(f"ConvNeXt{n}" for n in ("Tiny", "Small", "Base", "Large", "XLarge")),
]


def load():
    """Return for each model, whole and without its top: its config and what Keras says of it."""
    return json.loads(lzma.decompress(FILE.read_bytes()))
