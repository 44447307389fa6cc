"""Why a foreign model is not taken, in one place: scan, loader and parent say the same."""

from __future__ import annotations

from dashboard.core.errors import InvalidInput, TooLarge

_SHOWN = 80
"""Most letters shown of what a hostile file calls something."""


def corrupt() -> InvalidInput:
    """The file cannot be what it says it is."""
    return InvalidInput(
        "The model file is damaged, incomplete or no Keras model. Save it again with `model.save`.",
        code="corrupt_model",
    )


def unusable() -> InvalidInput:
    """It is of a kind that is not provided for."""
    return InvalidInput(
        "Lightbox cannot use this model: something about it is unlike the models it knows. Save it "
        "with `model.save` as a functional or sequential network of ordinary layers.",
        code="unsupported_model",
    )


def incomplete(member: str) -> InvalidInput:
    """A part is missing."""
    return InvalidInput(
        "The model file lacks “{member}”. Save it again with `model.save`.",
        code="corrupt_model",
        member=member,
    )


def unsafe(what: str) -> InvalidInput:
    """It holds something that can run code or reach files."""
    return InvalidInput(
        "The model holds “{what}”, which could run code or reach files, so it is not loaded. Save "
        "it with ordinary layers of Keras only.",
        code="unsafe_model",
        what=what[:_SHOWN],
    )


def custom(name: str) -> InvalidInput:
    """It needs code that is not in the file."""
    return InvalidInput(
        "The model needs the layer or function “{name}”, which is not one of Keras’ own. Save it "
        "with ordinary layers of Keras only.",
        code="custom_layer",
        name=name[:_SHOWN],
    )


def too_many_bytes(size_mb: int, limit_mb: int) -> TooLarge:
    """The file, or what is packed in it, is over a limit."""
    return TooLarge(
        "The model file has {size} MB, packed or unpacked; {limit} MB is the limit. Save it "
        "without the optimizer, or import a smaller network.",
        size=size_mb,
        limit=limit_mb,
    )


def bomb(limit: int) -> TooLarge:
    """It expands as only a bomb does."""
    return TooLarge(
        "A part of the model file expands more than {limit} times, as no weights do. Save it again "
        "with `model.save`.",
        limit=limit,
    )


def too_complex() -> TooLarge:
    """Its description is far beyond that of any network."""
    return TooLarge(
        "The description of the network in the file is larger or nested deeper than that of any "
        "network Lightbox can take. Import a smaller network."
    )


def too_many_parameters(limit: int) -> TooLarge:
    """It has more weights than are taken."""
    return TooLarge(
        "The network has more than {limit} million weights, the most Lightbox takes. Import a "
        "smaller network.",
        limit=limit // 10**6,
    )


def too_much_memory() -> TooLarge:
    """Its process reached the limit of its memory."""
    return TooLarge(
        "Loading the model takes more memory than is allowed, so it was ended. Import a smaller "
        "network or a smaller image size."
    )


def too_slow() -> TooLarge:
    """Its process reached the limit of its time."""
    return TooLarge(
        "Importing the model takes longer than is allowed, so it was ended. Import a smaller "
        "network or a smaller image size."
    )


def other_version(saved: str, here: str) -> InvalidInput:
    """It was saved by a Keras whose files cannot be read here."""
    return InvalidInput(
        "The model was saved with Keras {saved}, and Keras {here}, which Lightbox has, cannot read "
        "it. Load it where it was made and save it with a version close to {here}.",
        code="newer_keras",
        saved=saved[:20],
        here=here,
    )


def unsupported_input(shape: str) -> InvalidInput:
    """Its input is no image."""
    return InvalidInput(
        "The model takes {found}; expected is one image of height × width × 1 or 3 channels, "
        "channels last. Import a model with such an input.",
        code="unsupported_input",
        found=shape[:_SHOWN],
    )


def several_inputs(n: int) -> InvalidInput:
    """It takes more than an image, or nothing that is known."""
    return InvalidInput(
        "The model has {n} inputs; expected is one, the image. Import a model with such an input.",
        code="unsupported_input",
        n=n,
    )


def colour_only(convention: str) -> InvalidInput:
    """It takes grey images, and the range is one of colours."""
    return InvalidInput(
        "The range “{value}” is one of three channels, and the model takes one. Choose another "
        "range.",
        code="unsupported_input",
        value=convention,
    )


def labels_mismatch(n: int, given: int) -> InvalidInput:
    """There are more or fewer labels than outputs."""
    return InvalidInput(
        "The model has {n} outputs, and {given} labels were given. Give one label for each output, "
        "in their order.",
        code="labels_mismatch",
        n=n,
        given=given,
    )


def two_labels(given: int) -> InvalidInput:
    """It has one output, and one number tells two classes apart."""
    return InvalidInput(
        "The model has one output, which tells two classes apart; labels given: {given}. "
        "Give two: first the class it means by 0, then the one it means by 1.",
        code="labels_mismatch",
        given=given,
    )


def several_heads(n: int) -> InvalidInput:
    """It answers several questions at once."""
    return InvalidInput(
        "The model has {n} separate heads; expected is one, with an output for each label. Import "
        "each head as a model of its own.",
        code="labels_mismatch",
        n=n,
    )


def no_vector(shape: str) -> InvalidInput:
    """It answers with a map or a sequence."""
    return InvalidInput(
        "The model answers with {found} numbers; expected is one number for each label. Import a "
        "model that classifies whole images.",
        code="labels_mismatch",
        found=shape[:_SHOWN],
    )


def non_finite() -> InvalidInput:
    """It answers with NaN or infinity."""
    return InvalidInput(
        "The model answers an ordinary image with NaN or infinity: its weights are broken, or its "
        "values have another range. Check them in Keras and save it again.",
        code="non_finite_output",
    )
