"""Grad-CAM. Imports TensorFlow, but only when something is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.core.explain.base import ExplainableModel, Explainer
from dashboard.core.text import mark

if TYPE_CHECKING:
    import tensorflow as tf


class GradCam(Explainer):
    """Which regions of the image raise the score of a class, seen by one convolution.

    `L = relu(Σ_k α_k A_k)`, where `A_k` is channel k of the layer's output, `α_k` the mean over
    the positions of `∂z/∂A_k`, and `z` the logit of the class. The logit and not the probability:
    after a confident softmax the gradient all but vanishes.

    References:
        Selvaraju et al. 2016, "Grad-CAM: Visual Explanations from Deep Networks via
        Gradient-based Localization", arXiv 1610.02391.
    """

    id = "grad_cam"
    label = mark("Grad-CAM")

    def layers(self, model: ExplainableModel) -> tuple[str, ...]:
        """Return the convolutions, in nested models too."""
        from dashboard.core.explain.layers import convolution_paths

        return convolution_paths(model.network)

    def supports(self, model: ExplainableModel) -> str | None:
        """Return None, or that there is no convolution to look at."""
        if self.layers(model):
            return None
        return mark("Grad-CAM needs a convolution, and this model has none.")

    def explain(
        self, model: ExplainableModel, batch: np.ndarray, target: int, layer: str | None = None
    ) -> np.ndarray:
        """Return the maps at the resolution of the layer; see `Explainer.explain`."""
        return self.logits_and_maps(model, batch, target, layer)[1]

    def logits_and_maps(
        self, model: ExplainableModel, batch: np.ndarray, target: int, layer: str | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return float32 logits (n, classes) and maps (n, rows, columns) of one forward pass."""
        import tensorflow as tf

        path = self.choose_layer(model, layer)
        function = model.function((self.id, path), lambda: self._trace(model, path))
        logits, maps = function(tf.constant(batch, tf.uint8), tf.constant(target, tf.int32))
        return logits.numpy(), maps.numpy()

    def weights(self, gradients: tf.Tensor) -> tf.Tensor:
        """Return `α`, (n, channels): the mean of the gradients (n, rows, columns, channels)."""
        import tensorflow as tf

        return tf.reduce_mean(gradients, axis=(1, 2))

    def combine(self, activations: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """Return `relu(Σ_k α_k A_k)`, (n, rows, columns)."""
        import tensorflow as tf

        return tf.nn.relu(tf.einsum("nhwc,nc->nhw", activations, weights))

    def _trace(self, model: ExplainableModel, path: str) -> Callable[..., Any]:
        """Trace once for all batch sizes and all targets: a new one must not cost a new graph."""
        import tensorflow as tf

        from dashboard.core.explain.layers import find_layer, intercepted

        network = model.network
        layer = find_layer(network, path)
        spec = network.inputs[0]

        def forward_and_back(images: tf.Tensor, target: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            seen = []
            # Nothing before the layer is recorded, so the way back ends there: this is what makes
            # Grad-CAM as cheap as a forward pass.
            with tf.GradientTape(watch_accessed_variables=False) as tape:

                def see(activations: tf.Tensor) -> tf.Tensor:
                    tape.watch(activations)
                    seen.append(activations)
                    return activations

                with intercepted(layer, see):
                    logits = network(tf.cast(images, spec.dtype), training=False)
                score = tf.gather(logits, target, axis=1)
            activations = seen[-1]  # of a layer that is used twice, the last use
            gradients = tape.gradient(
                score, activations, unconnected_gradients=tf.UnconnectedGradients.ZERO
            )
            if layer.data_format == "channels_first":
                activations, gradients = (
                    tf.transpose(each, (0, 2, 3, 1)) for each in (activations, gradients)
                )
            maps = self.combine(activations, self.weights(gradients))
            return tf.cast(logits, tf.float32), _scale(tf.cast(maps, tf.float32))

        signature = [
            tf.TensorSpec([None, *spec.shape[1:]], tf.uint8),
            tf.TensorSpec([], tf.int32),
        ]
        function = tf.function(
            forward_and_back, input_signature=signature, autograph=False, jit_compile=False
        )
        return function.get_concrete_function()


def _scale(maps: tf.Tensor) -> tf.Tensor:
    import tensorflow as tf

    return tf.math.divide_no_nan(maps, tf.reduce_max(maps, axis=(1, 2), keepdims=True))
