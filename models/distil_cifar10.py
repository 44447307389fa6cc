"""Trains the shipped CIFAR-10 model: a small network that answers as a large one does.

The large one is a teacher (Hinton, Vinyals & Dean 2015, arXiv 1503.02531) that is asked about the
very picture the small one sees, mirrored, shifted and mixed anew each time, for many epochs (Beyer
et al. 2021, "Knowledge distillation: A good teacher is patient and consistent", arXiv 2106.05237).
Both are wide residual networks and learn from the training images only; the validation images are
for the curve, the test images are not opened.

It computes with JAX, which compiles a whole epoch into one program; its first draft took 497 s on
an H100. Run, with CIFAR-10 imported as `cifar10` and `jax[cuda13]` installed beside Lightbox:

    KERAS_BACKEND=jax .venv/bin/python -m models.distil_cifar10
    .venv/bin/python -m dashboard calibrate cifar10 --dataset cifar10
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp

from dashboard.core.atomic import temporary_folder
from dashboard.core.data.pack import pack
from dashboard.core.data.store import get_dataset
from dashboard.core.models.card import Card, DatasetRef, InputSpec, save_card
from dashboard.core.models.half_size import deflate, round_kernels
from dashboard.core.models.nets import wide_residual
from dashboard.core.models.store import MODEL_FILE, publish
from dashboard.core.settings import settings

NETWORK = "wide-residual"
TEACHER_EPOCHS, STUDENT_EPOCHS = 117, 262
TEACHER_CHANNELS = (128, 256, 512)
TEMPERATURE = 2.0
BATCH, RATE, MOMENTUM = 256, 0.2, 0.9
SHIFT, SIDE = 4, 32
COMMAND = "KERAS_BACKEND=jax python -m models.distil_cifar10"

Weights = list[jax.Array]


def main() -> None:
    """Train teacher and student and publish the student as `cifar10`."""
    keras.utils.set_random_seed(1)
    dataset = get_dataset("cifar10")
    images, targets = pack(dataset, SIDE, SIDE, 3), dataset.targets()
    rows = [dataset.rows(split).index.to_numpy() for split in ("train", "val")]
    known, asked = [(jnp.asarray(images[found]), jnp.asarray(targets[found])) for found in rows]
    classes = len(dataset.classes)

    keras.config.set_dtype_policy("mixed_bfloat16")
    teacher = wide_residual.build(classes, (SIDE, SIDE, 3), TEACHER_CHANNELS)
    learn(teacher, known, asked, TEACHER_EPOCHS, decay=0.005, average=0.998)
    student = wide_residual.build(classes, (SIDE, SIDE, 3))
    curves = learn(
        student, known, asked, STUDENT_EPOCHS, decay=0.004, average=0.999, teacher=teacher
    )

    keras.config.set_dtype_policy("float32")
    network = wide_residual.build(classes, (SIDE, SIDE, 3))
    network.set_weights(student.get_weights())
    round_kernels(network)
    card = Card(
        name="cifar10",
        version="",
        classes=dataset.classes,
        input=InputSpec(height=SIDE, width=SIDE, channels=3),
        network=NETWORK,
        parameters=network.count_params(),
        dataset=DatasetRef(name=dataset.name, version=dataset.version),
        licence="Apache-2.0",
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        command=COMMAND,
    )
    with temporary_folder(settings().models) as folder:
        network.save(folder / MODEL_FILE)
        deflate(folder / MODEL_FILE)
        save_card(card, folder)
        publish(folder, "cifar10", curves)


def learn(
    network: keras.Model,
    known: tuple[jax.Array, jax.Array],
    asked: tuple[jax.Array, jax.Array],
    epochs: int,
    decay: float,
    average: float,
    teacher: keras.Model | None = None,
) -> dict[str, list[tuple[int, float]]]:
    """Train `network`, which ends with the running mean of its weights; return its curves.

    Nesterov's momentum, one cycle of the rate, mirrored and shifted pictures of which half are
    mixed (CutMix, Yun et al. 2019, arXiv 1905.04899).

    Args:
        network: Ends in logits.
        known: Training images, uint8 (n, h, w, c), and their classes.
        asked: Validation images likewise.
        epochs: Passes over the training images.
        decay: Of the kernels' weights, times the rate, at each batch.
        average: Share of the mean that each batch leaves.
        teacher: Whose answers to match, in place of the labels.
    """
    given = (known, weights_of(teacher) if teacher else ([], []))
    epoch = epoch_of(network, decay, average, teacher)
    trained, kept = weights_of(network)
    key = jax.random.PRNGKey(1)
    state = (trained, kept, [jnp.zeros_like(w) for w in trained], trained + kept, key)
    generator = np.random.default_rng(1)
    per_epoch = len(known[0]) // BATCH
    rates = one_cycle(per_epoch * epochs).reshape(epochs, per_epoch)
    curves: dict[str, list[tuple[int, float]]] = {"loss": [], "val_accuracy": []}
    for number in range(epochs):
        order = generator.permutation(len(known[0]))[: per_epoch * BATCH]
        state, losses = epoch(given, state, order.reshape(per_epoch, BATCH), rates[number])
        assign(network, state[3])
        right = network.predict(np.asarray(asked[0]), 512, verbose=0).argmax(axis=1) == asked[1]
        for name, value in {"loss": losses.mean(), "val_accuracy": right.mean()}.items():
            curves[name].append(((number + 1) * per_epoch, float(value)))
        print(number + 1, curves["loss"][-1][1], curves["val_accuracy"][-1][1], flush=True)
    return curves


def epoch_of(
    network: keras.Model, decay: float, average: float, teacher: keras.Model | None
) -> Callable[..., tuple[Any, jax.Array]]:
    """Compile an epoch of `learn`.

    Returns:
        `(images and classes, teacher's weights), state, rows, rates → state, losses`: a row of
        image numbers and a rate for each batch. The state is what learns, what does not, the
        momenta, the mean of both kinds of weights, and the key of the random numbers.
    """
    temperature = TEMPERATURE if teacher else 1.0
    kernels = [variable.value.ndim > 1 for variable in network.trainable_variables]

    def loss(trained: Weights, kept: Weights, x: jax.Array, y: jax.Array) -> Any:
        logits, kept = network.stateless_call(trained, kept, x, training=True)
        told = jax.nn.log_softmax(logits.astype(jnp.float32) / temperature)
        return -(temperature**2) * (y * told).sum(axis=1).mean(), kept

    def batch(given: Any, state: Any, item: tuple[jax.Array, jax.Array]) -> Any:
        (images, classes), told_by = given
        (trained, kept, momenta, mean, key), (rows, rate) = state, item
        key, moving, mixing = jax.random.split(key, 3)
        x = moved(moving, images[rows].astype(jnp.float32))
        x, y = mixed(mixing, x, jax.nn.one_hot(classes[rows], network.output_shape[-1]))
        if teacher:
            logits, _ = teacher.stateless_call(*told_by, x, training=False)
            y = jax.nn.softmax(logits.astype(jnp.float32) / temperature)
        found, slopes = jax.value_and_grad(loss, has_aux=True)(trained, kept, x, y)
        momenta = [MOMENTUM * m - rate * slope for m, slope in zip(momenta, slopes, strict=True)]
        trained = [
            (w * (1 - rate * decay) if kernel else w) + MOMENTUM * m - rate * slope
            for w, m, slope, kernel in zip(trained, momenta, slopes, kernels, strict=True)
        ]
        mean = [
            average * a + (1 - average) * w for a, w in zip(mean, trained + found[1], strict=True)
        ]
        return (trained, found[1], momenta, mean, key), found[0]

    return jax.jit(
        lambda given, state, rows, rates: jax.lax.scan(partial(batch, given), state, (rows, rates))
    )


def one_cycle(batches: int) -> np.ndarray:
    """Return the rate of every batch, float32 (batches,): up to a seventh of the run, then down."""
    t = np.arange(batches) / batches
    falling = 0.5 * (1 + np.cos(np.pi * (t - 0.15) / 0.85))
    return (RATE * np.where(t < 0.15, 0.3 + 0.7 * t / 0.15, falling)).astype(np.float32)


def moved(key: jax.Array, x: jax.Array) -> jax.Array:
    """Mirror half of the pictures and shift each by up to four pixels, the borders mirrored."""
    flipping, shifting = jax.random.split(key)
    flipped = jax.random.bernoulli(flipping, shape=(len(x), 1, 1, 1))
    x = jnp.where(flipped, x[:, :, ::-1], x)
    wide = jnp.pad(x, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="reflect")
    corners = jax.random.randint(shifting, (len(x), 2), 0, 2 * SHIFT + 1)
    return jax.vmap(lambda one, at: jax.lax.dynamic_slice(one, (*at, 0), x.shape[1:]))(
        wide, corners
    )


def mixed(key: jax.Array, x: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Put a rectangle of another picture into half of them, and as much of its label."""
    sharing, placing, choosing = jax.random.split(key, 3)
    half = jnp.sqrt(1 - jax.random.beta(sharing, 1.0, 1.0, (len(x), 1, 1))) * SIDE / 2
    centre = jax.random.uniform(placing, (len(x), 2, 1)) * SIDE
    inside = jnp.abs(jnp.arange(SIDE) + 0.5 - centre) < half
    chosen = jax.random.bernoulli(choosing, shape=(len(x), 1, 1))
    mask = inside[:, 0, :, None] & inside[:, 1, None, :] & chosen
    share = mask.mean(axis=(1, 2))[:, None]
    return jnp.where(mask[..., None], x[::-1], x), y * (1 - share) + y[::-1] * share


def weights_of(network: keras.Model) -> tuple[Weights, Weights]:
    """Return the weights that learn, and the others."""
    learning = [variable.value for variable in network.trainable_variables]
    return learning, [variable.value for variable in network.non_trainable_variables]


def assign(network: keras.Model, values: Weights) -> None:
    """Set the weights that learn, then the others."""
    variables = network.trainable_variables + network.non_trainable_variables
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


if __name__ == "__main__":
    main()
