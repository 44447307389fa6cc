"""The catalogue of networks. TensorFlow is imported only when one is built."""

from __future__ import annotations

from dashboard.core.errors import InvalidInput
from dashboard.core.models.custom.saved import PREFIX, custom_network, saved_names
from dashboard.core.models.network import Network, lazily
from dashboard.core.models.transfer_network import TRANSFER, transfer_network
from dashboard.core.text import mark

NETWORKS = (
    Network(
        "doc-000",
        mark("CNN of document 000"),
        mark("224×224 colour: conv 32, 64, 128 with max pooling, dense 512, softmax."),
        *(224, 224, 3),
        lazily("convolutional", filters=(32, 64, 128), dense=512, pool_last=True),
    ),
    Network(
        "doc-001",
        mark("CNN of document 001"),
        mark("28×28 grey: conv 32, 64 with max pooling, dense 64, softmax."),
        *(28, 28, 1),
        lazily("convolutional", filters=(32, 64), dense=64, pool_last=True),
    ),
    Network(
        "doc-002",
        mark("CNN of document 002"),
        mark("28×28 grey: the layers of document 001, trained on whole-number labels."),
        *(28, 28, 1),
        lazily("convolutional", filters=(32, 64), dense=64, pool_last=True),
    ),
    Network(
        "doc-003",
        mark("CNN of document 003"),
        mark("32×32 colour: conv 32, 64, 64 with two max poolings, dense 64, logits."),
        *(32, 32, 3),
        lazily("convolutional", filters=(32, 64, 64), dense=64, pool_last=False),
    ),
    Network(
        "mlp",
        mark("Multilayer perceptron"),
        mark("Two dense layers of 512 on the flattened pixels: the baseline; any input size."),
        *(28, 28, 1),
        lazily("mlp"),
        free_input=True,
    ),
    Network(
        "lenet",
        mark("LeNet-5"),
        mark(
            "Two 5×5 convolutions with average pooling, dense 120 and 84, tanh "
            "(LeCun et al. 1998); any input size."
        ),
        *(32, 32, 1),
        lazily("lenet"),
        free_input=True,
        value_range=(-1.0, 1.0),
    ),
    Network(
        "vgg",
        mark("VGG-style network"),
        mark(
            "Three stages of two 3×3 convolutions with 64, 128 and 256 channels, dense 256 "
            "(Simonyan and Zisserman 2014, arXiv 1409.1556); any input size."
        ),
        *(32, 32, 3),
        lazily("vgg"),
        free_input=True,
    ),
    Network(
        "residual",
        mark("Small residual network"),
        mark(
            "Three residual stages of 32, 64 and 128 channels with batch normalisation "
            "(He et al. 2015, arXiv 1512.03385), global average pooling; any input size."
        ),
        *(32, 32, 3),
        lazily("residual"),
        free_input=True,
        value_range=(-1.0, 1.0),
    ),
    Network(
        "fast",
        mark("Fast network"),
        mark(
            "Six convolutions of 32 to 128 channels that pool early, behind one that whitens small "
            "patches, for short budgets "
            "(after Jordan 2024, arXiv 2404.00498); any input size."
        ),
        *(32, 32, 3),
        lazily("fast"),
        free_input=True,
        value_range=(-2.0, 2.0),
    ),
    Network(
        "fast-wide",
        mark("Fast network, wide"),
        mark(
            "The fast network with three convolutions of 64, 192 and 256 channels per stage and "
            "shortcuts, for an hour or two "
            "(after Jordan 2024, arXiv 2404.00498); any input size."
        ),
        *(32, 32, 3),
        lazily("fast", stages=(64, 192, 256), shortcuts=True, name="fast_wide"),
        free_input=True,
        value_range=(-2.0, 2.0),
    ),
    Network(
        "wide-residual",
        mark("Wide residual network"),
        mark(
            "Six residual blocks of 64, 128 and 224 channels that normalise before each "
            "convolution (Zagoruyko and Komodakis 2016, arXiv 1605.07146): what the shipped "
            "CIFAR-10 model is; any input size."
        ),
        *(32, 32, 3),
        lazily("wide_residual"),
        free_input=True,
        value_range=(-2.0, 2.0),
    ),
    Network(
        "resnet-20",
        mark("ResNet-20"),
        mark(
            "Nine residual blocks of 16, 32 and 64 channels, shortcuts without weights "
            "(He et al. 2015, arXiv 1512.03385); any input size."
        ),
        *(32, 32, 3),
        lazily("resnet_cifar", depth=20),
        free_input=True,
        value_range=(-1.0, 1.0),
    ),
    Network(
        "resnet-32",
        mark("ResNet-32"),
        mark(
            "Fifteen residual blocks of 16, 32 and 64 channels, shortcuts without weights "
            "(He et al. 2015, arXiv 1512.03385); any input size."
        ),
        *(32, 32, 3),
        lazily("resnet_cifar", depth=32),
        free_input=True,
        value_range=(-1.0, 1.0),
    ),
    Network(
        "resnet-18",
        mark("ResNet-18"),
        mark(
            "Eight residual blocks of 64 to 512 channels (He et al. 2015, arXiv 1512.03385); "
            "any input size, below 64 pixels with a first layer that keeps the resolution."
        ),
        *(224, 224, 3),
        lazily("resnet_18"),
        free_input=True,
        value_range=(-1.0, 1.0),
    ),
    Network(
        "densenet",
        mark("DenseNet-BC"),
        mark(
            "40 layers in three dense blocks, each layer adds 12 channels "
            "(Huang et al. 2016, arXiv 1608.06993); any input size."
        ),
        *(32, 32, 3),
        lazily("densenet"),
        free_input=True,
        value_range=(-1.0, 1.0),
    ),
    Network(
        "transformer",
        mark("Compact transformer"),
        mark(
            "Tokens from two convolutions, two transformer blocks, sequence pooling: CCT-2/3×2 "
            "(Hassani et al. 2021, arXiv 2104.05704); any input size."
        ),
        *(32, 32, 3),
        lazily("transformer"),
        free_input=True,
        value_range=(-1.0, 1.0),
    ),
)


def network_labels() -> dict[str, str]:
    """Return id → label of all networks that can be trained, the custom ones last."""
    labels = {network.id: network.label for network in NETWORKS}
    return labels | {PREFIX + name: PREFIX + name for name in saved_names()}


def get_network(network_id: str) -> Network:
    """Return the entry with this id; `InvalidInput` or `NotFound` names the choices."""
    if network_id.startswith(PREFIX):
        return custom_network(network_id.removeprefix(PREFIX))
    if network_id.startswith(TRANSFER):
        return transfer_network(network_id.removeprefix(TRANSFER))
    for network in NETWORKS:
        if network.id == network_id:
            return network
    raise InvalidInput(
        "There is no network “{value}”. Choose one of: {choices}.",
        code="unknown_network",
        value=network_id[:80],
        choices=", ".join(network_labels()),
    )
