"""What is asked of every image: one question, or several that share a network.

Caruana 1997, "Multitask Learning", Machine Learning 28: tasks that share their features learn from
each other's labels. The classes of all tasks stand in one row, task after task: a network's last
layer gives a logit for each, and the head of a task is its stretch of that layer. So whatever goes
by class number (counts, filters, heatmaps, confusions) needs to know nothing of tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

Kind = Literal["single_label", "multi_label", "multi_task"]


@dataclass(frozen=True)
class Task:
    """One question and its answers.

    Attributes:
        name: The column of the table it comes from; "" where it is the only one.
        classes: What there is to choose from.
        several: Whether an image may have several of them. Never where there are several tasks.
    """

    name: str
    classes: tuple[str, ...]
    several: bool = False


def kind_of(tasks: Sequence[Task]) -> Kind:
    """Return what the classes of an image are: one, several, or one of each task."""
    if len(tasks) > 1:
        return "multi_task"
    return "multi_label" if tasks[0].several else "single_label"


def class_name(task: str, name: str) -> str:
    """Return what a class is called among those of all tasks: `"parity: odd"`, alone `"odd"`."""
    return f"{task}: {name}" if task else name


def class_names(tasks: Sequence[Task]) -> tuple[str, ...]:
    """Return the names of the classes of all tasks, in the order of the logits."""
    return tuple(class_name(task.name, name) for task in tasks for name in task.classes)


def spans(tasks: Sequence[Task]) -> tuple[slice, ...]:
    """Return where the classes of each task lie among those of all."""
    ends = accumulate((len(task.classes) for task in tasks), initial=0)
    return tuple(slice(start, end) for start, end in pairwise(ends))
