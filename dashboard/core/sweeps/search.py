"""What a sweep varies: for each field of a recipe a list of values or a range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.core.errors import InvalidInput
from dashboard.core.sweeps.fields import AUGMENTATION, Field, sweep_fields
from dashboard.core.text import mark

Value = str | int | float

_CODE = "invalid_sweep"
_MOST = 200  # values in a list: each is checked in a recipe
_MOST_STEPS = 2**31  # in a range, as many as there are seeds: Optuna cannot count much finer ones
_RANGE = ("low", "high", "log", "step")


@dataclass(frozen=True)
class Choices:
    """Some values, without an order."""

    values: tuple[Value, ...]

    def to_toml(self) -> Any:
        """Return what stands in a sweep's file."""
        return list(self.values)


@dataclass(frozen=True)
class Range:
    """The numbers from `low` to `high`, both included.

    Attributes:
        low: Smallest.
        high: Largest.
        log: Whether each order of magnitude is as likely as another.
        step: Distance of the numbers from one another, or None for all.
        whole: Whether they are whole numbers.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None
    whole: bool = False

    @property
    def n(self) -> int | None:
        """How many numbers there are; None where they have no end."""
        step = self._step
        return math.floor((self.high - self.low) / step + 1e-9) + 1 if step else None

    @property
    def _step(self) -> float:
        return self.step or (1 if self.whole and not self.log else 0)

    def point(self, index: int) -> float:
        """Return the number at `index`, from 0, where they have an end."""
        point = float(f"{self.low + index * self._step:.12g}")
        return int(point) if self.whole else point

    def to_toml(self) -> Any:
        """Return what stands in a sweep's file."""
        kind = int if self.whole else float
        more: dict[str, Any] = {"log": True} if self.log else {}
        if self.step:
            more |= {"step": kind(self.step)}
        return {"low": kind(self.low), "high": kind(self.high), **more}


Search = Mapping[str, Choices | Range]
"""Field → what it takes."""


def parse_search(table: Any) -> dict[str, Choices | Range]:
    """Read the table `[search]`.

    Raises:
        InvalidInput: It is empty, names an unknown field, or a list or a range is not one.
    """
    if not isinstance(table, Mapping) or not table:
        raise InvalidInput(
            "A sweep varies at least one field. Add it to the table `search`, for example "
            "`learning_rate = [0.001, 0.01]`.",
            code=_CODE,
        )
    found: dict[str, Choices | Range] = {}
    for name, given in table.items():
        if f"{name}." == AUGMENTATION and isinstance(given, Mapping):  # augmentation.flip = …
            names = {AUGMENTATION + key: entry for key, entry in given.items()}
            found |= {key: _entry(key, entry) for key, entry in names.items()}
        else:
            found[name] = _entry(name, given)
    return found


def _entry(name: str, given: Any) -> Choices | Range:
    field = sweep_fields().get(name)
    if not field:
        raise InvalidInput(
            "A sweep cannot vary “{field}”. It can vary: {choices}.",
            code=_CODE,
            field=name[:80],
            choices=", ".join(sweep_fields()),
        )
    if isinstance(given, Mapping):
        return _range(field, given)
    if not isinstance(given, list) or not given:
        raise InvalidInput(
            "What a sweep tries for `{field}` must be a list of values or a range "
            "{{low, high}}; received {value}.",
            code=_CODE,
            field=name,
            value=repr(given)[:80],
        )
    if len(given) > _MOST:
        raise InvalidInput(
            "The list for `{field}` has {n} values; at most {most} are allowed. Give a range.",
            code=_CODE,
            field=name,
            n=len(given),
            most=_MOST,
        )
    values = tuple(_value(field, item) for item in given)
    if len(set(values)) < len(values):
        raise InvalidInput(
            "The values for `{field}` must differ; received {value}.",
            code=_CODE,
            field=name,
            value=", ".join(map(str, values))[:80],
        )
    return Choices(values)


def _value(field: Field, given: Any) -> Any:
    if field.kind == "choice":
        right = given in field.choices and not isinstance(given, bool | float)
    elif field.kind == "text":
        right = isinstance(given, str)
    else:
        right = _is_number(field, given)
    if not right:
        raise _not_a_value(field, given)
    return float(given) if field.kind == "real" else given


def _is_number(field: Field, given: Any) -> bool:
    kinds = int if field.kind == "whole" else (int, float)
    return isinstance(given, kinds) and not isinstance(given, bool) and math.isfinite(given)


def _not_a_value(field: Field, given: Any) -> InvalidInput:
    received = repr(given)[:80]
    if field.kind == "choice":
        return InvalidInput(
            "The values for `{field}` must be among {choices}; received {value}.",
            code=_CODE,
            field=field.name,
            choices=", ".join(map(str, field.choices)),
            value=received,
        )
    sentences = {
        "text": mark("The values for `{field}` must be names; received {value}."),
        "whole": mark("The values for `{field}` must be whole numbers; received {value}."),
        "real": mark("The values for `{field}` must be numbers; received {value}."),
    }
    return InvalidInput(sentences[field.kind], code=_CODE, field=field.name, value=received)


def _range(field: Field, given: Mapping[str, Any]) -> Range:
    if not field.is_number:
        raise InvalidInput(
            "`{field}` is not a number, so a sweep needs a list of its values and not a range.",
            code=_CODE,
            field=field.name,
        )
    if not {"low", "high"} <= given.keys() <= set(_RANGE) or not isinstance(
        given.get("log", False), bool
    ):
        raise InvalidInput(
            "The range of `{field}` has the numbers `low` and `high`, and may have `log` (true or "
            "false) or `step`; received {value}.",
            code=_CODE,
            field=field.name,
            value=repr(dict(given))[:80],
        )
    low, high = _value(field, given["low"]), _value(field, given["high"])
    step = _value(field, given["step"]) if given.get("step") is not None else None
    found = Range(low, high, given.get("log", False), step, field.kind == "whole")
    _check_range(field, found)
    return replace(found, high=found.point(found.n - 1)) if found.step and found.n else found


def _check_range(field: Field, found: Range) -> None:
    problem = ""
    if found.low >= found.high:
        problem = mark(
            "The range of `{field}` must have a `low` below its `high`; received {low} and {high}."
        )
    elif found.log and found.low <= 0:
        problem = mark(
            "The range of `{field}` cannot be `log` from {low}: that needs a `low` above 0."
        )
    elif found.log and found.step:
        problem = mark("The range of `{field}` can have `log` or a `step`, not both.")
    elif found.step is not None and not 0 < found.step <= found.high - found.low:
        problem = mark(
            "The `step` of `{field}` must be above 0 and lead from {low} to at most {high}; "
            "received {step}."
        )
    elif found.step and (found.high - found.low) / found.step > _MOST_STEPS:
        problem = mark(
            "The `step` of `{field}` must lead from {low} to {high} in at most {most} steps; "
            "received {step}. Leave it out for every number between."
        )
    if problem:
        raise InvalidInput(
            problem, code=_CODE, field=field.name, low=found.low, high=found.high,
            step=found.step or 0, most=_MOST_STEPS,
        )  # fmt: skip
