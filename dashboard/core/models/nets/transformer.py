"""A compact transformer. Imports TensorFlow.

Hassani et al. 2021, "Escaping the Big Data Paradigm with Compact Transformers", arXiv 2104.05704,
the form CCT-2/3×2: convolutions cut the image into tokens, two transformer blocks let each token
look at all others, and an attention over the tokens (sequence pooling) weighs them into one.
"""

from __future__ import annotations

import keras
from keras import layers, ops

WIDTH = 128
HEADS = 2
BLOCKS = 2
DROPOUT = 0.1


def build(n_classes: int, input_shape: tuple[int, int, int]) -> keras.Model:
    """Build the tokens, the blocks with 2 heads and 128 units, the pooling, logits.

    284,491 weights for ten classes of 32×32 colour images. There is one token for 4×4 pixels, and
    time and memory grow with the square of their number.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`, both sides at least 4.
    """
    inputs = keras.Input(input_shape)
    x = _tokens(layers.Rescaling(1 / 127.5, offset=-1)(inputs))
    for index in range(1, BLOCKS + 1):
        x = _block(x, f"block_{index}")
    x = layers.LayerNormalization(epsilon=1e-5, name="norm")(x)
    weights = layers.Softmax(axis=1, name="weights")(layers.Dense(1, name="attention_pool")(x))
    x = layers.Flatten(name="pool")(layers.Dot(axes=1, name="weighted")([weights, x]))
    return keras.Model(inputs, layers.Dense(n_classes, name="logits")(x), name="transformer")


def _tokens(x: keras.KerasTensor) -> keras.KerasTensor:
    """(n, h, w, c) → (n, tokens, WIDTH), with what is learned of each position added."""
    for index, channels in enumerate((64, WIDTH), 1):
        x = layers.Conv2D(
            channels,
            3,
            padding="same",
            use_bias=False,
            activation="relu",
            kernel_initializer="he_normal",
            name=f"token_conv_{index}",
        )(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"token_pool_{index}")(x)
    x = layers.Reshape((-1, WIDTH), name="tokens")(x)
    positions = ops.cumsum(ops.ones_like(x[:, :, 0], dtype="int32"), axis=1) - 1
    embedding = layers.Embedding(x.shape[1], WIDTH, name="position")(positions)
    return layers.Add(name="token_and_position")([x, embedding])


def _block(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Attention, then a dense layer with gelu, each on the normalised tokens and added to them."""
    y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm_1")(x)
    y = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=DROPOUT, name=f"{name}_attention")(
        y, y
    )
    x = layers.Add(name=f"{name}_add_1")([x, layers.Dropout(DROPOUT)(y)])
    y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm_2")(x)
    y = layers.Dense(WIDTH, activation="gelu", name=f"{name}_dense_1")(y)
    y = layers.Dense(WIDTH, name=f"{name}_dense_2")(layers.Dropout(DROPOUT)(y))
    return layers.Add(name=f"{name}_add_2")([x, layers.Dropout(DROPOUT)(y)])
