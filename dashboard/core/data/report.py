"""What an import did: kept, dropped and found worth telling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dashboard.core.errors import LightboxError
from dashboard.core.images import Note
from dashboard.core.spreadsheet import to_csv
from dashboard.core.text import mark

MAX_LISTED = 200
"""Dropped files listed in `dataset.json`, more if some reason came later; `dropped.csv` has all."""


@dataclass(frozen=True)
class Dropped:
    """A file that was not taken, and why.

    Attributes:
        file: Its path inside the source; data, never a path of ours.
        code: Short stable reason.
        template: English sentence with `{gaps}`, a key of the text catalogue.
        values: What fills the gaps.
    """

    file: str
    code: str
    template: str
    values: dict[str, Any]

    @staticmethod
    def because(file: str, error: LightboxError) -> Dropped:
        """Return the record of `file` refused with `error`."""
        return Dropped(file, error.code, error.template, error.values)


@dataclass(frozen=True)
class Report:
    """What an import did.

    Attributes:
        kept: Images in the data set.
        dropped: Files not taken, those that `listed` chose.
        dropped_counts: Reason code → files not taken, all of them.
        dropped_from: Class → split, "" where none is given → files not taken that were in it.
        hidden: Hidden files and system clutter passed over.
        renamed: Files whose name came twice; both were kept.
        links: Links in a folder, which are not followed.
        wrapper: Outer folder that was left out of the structure, or "".
        inner: A folder inside a class folder, which was taken for no class, or "".
        classes_dropped: Classes without a single usable image.
        classes_merged: Spelling found → class it was counted as.
        conflicting: Images that appear, pixel for pixel, under two classes.
        duplicates: Images that repeat an earlier one of their class, pixel for pixel.
        leaks: Validation or test images that are in the training split too.
        near_leaks: Further ones that look nearly like a training image (`near`).
        splits: `"given"`, `"made"`, or `"completed"`: a missing one was cut from training.
        image_notes: Note code → images that carry it.
        table: File the labels were read from, or "" where folders name them.
        excluded: Images taken out after the import.
        added: Images added after the import.
    """

    kept: int
    dropped: tuple[Dropped, ...] = ()
    dropped_counts: dict[str, int] = field(default_factory=dict)
    dropped_from: dict[str, dict[str, int]] = field(default_factory=dict)
    hidden: int = 0
    renamed: int = 0
    links: int = 0
    wrapper: str = ""
    inner: str = ""
    classes_dropped: tuple[str, ...] = ()
    classes_merged: dict[str, str] = field(default_factory=dict)
    conflicting: int = 0
    duplicates: int = 0
    leaks: int = 0
    near_leaks: int = 0
    splits: str = "made"
    image_notes: dict[str, int] = field(default_factory=dict)
    table: str = ""
    excluded: int = 0
    added: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` needs, with the notes in English for other programs."""
        notes = [{**note.to_json(), "message": sentence(note)} for note in self.notes()]
        return {**asdict(self), "notes": notes}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Report:
        """Rebuild a report written by `to_json`."""
        fields = {key: value for key, value in data.items() if key != "notes"}
        fields["dropped"] = tuple(Dropped(**item) for item in data["dropped"])
        fields["classes_dropped"] = tuple(data["classes_dropped"])
        return Report(**fields)

    def reasons(self) -> list[tuple[Dropped, int]]:
        """Return a listed file for each reason, and how many files were left out for it."""
        first = {item.code: item for item in reversed(self.dropped)}
        return [(first[code], n) for code, n in self.dropped_counts.items() if code in first]

    def notes(self) -> list[Note]:
        """Return what a person should be told, as sentences."""
        dropped = sum(self.dropped_counts.values())
        given = self.kept + dropped + self.excluded - self.added
        found = [
            (dropped, "dropped", mark("Files left out: {n} of {total}."), given),
            (
                self.dropped_counts.get("nested_archive", 0),
                "skipped",
                mark("Archives inside the archive, not opened: {n}."),
                0,
            ),
            (
                self.dropped_counts.get("unused_table", 0),
                "unused_table",
                mark("Tables that were not used for labels: {n}."),
                0,
            ),
            (self.renamed, "renamed", mark("File names that came twice, both kept: {n}."), 0),
            (self.links, "links", mark("Links to other places, not followed: {n}."), 0),
            (
                len(self.classes_dropped),
                "class_dropped",
                mark("Classes without a usable image, left out: {n}."),
                0,
            ),
            (
                len(self.classes_merged),
                "classes_merged",
                mark("Class names that differ only in case or accents, merged: {n}."),
                0,
            ),
            (
                self.conflicting,
                "conflicting_labels",
                mark("Images under more than one class: {n}."),
                0,
            ),
            (self.duplicates, "duplicates", mark("Images that repeat another one: {n}."), 0),
            (
                self.leaks,
                "leak",
                mark("Validation or test images that are in the training split too: {n}."),
                0,
            ),
            (
                self.near_leaks,
                "near_leak",
                mark("Further validation or test images much like a training image: {n}."),
                0,
            ),
            (self.excluded, "excluded", mark("Images taken out later: {n}."), 0),
            (self.added, "added", mark("Images added later: {n}."), 0),
        ]
        notes = [
            Note(code, template, {"n": n, "total": total} if total else {"n": n})
            for n, code, template, total in found
            if n
        ]
        if self.wrapper:
            template = mark("The outer folder “{folder}” was not taken for a class.")
            notes.append(Note("wrapper", template, {"folder": self.wrapper[:80]}))
        if self.inner:
            template = mark("Folders inside class folders, such as “{folder}”, name no class.")
            notes.append(Note("inner", template, {"folder": self.inner[:80]}))
        if self.table:
            template = mark("The labels were read from the table “{file}”.")
            notes.append(Note("table", template, {"file": self.table[-80:]}))
        if self.splits != "given":
            notes.append(Note("splits_" + self.splits, _SPLITS[self.splits], {}))
        return notes


_SPLITS = {
    "made": mark(
        "About 10 % of the images each were set apart for validation and test; of small classes "
        "it may be more, or none."
    ),
    "completed": mark(
        "A missing split was cut from the training images, about 10 % of them; of small classes "
        "it may be more, or none."
    ),
}


def sentence(note: Note | Dropped) -> str:
    """Return `note` as an English sentence."""
    return note.template.format(**note.values)


def listed(dropped: Sequence[Dropped]) -> tuple[Dropped, ...]:
    """Return the first `MAX_LISTED` of `dropped`, and the first for each reason that came later."""
    found = list(dropped[:MAX_LISTED])
    codes = {item.code for item in found}
    for item in dropped[MAX_LISTED:]:
        if item.code not in codes:
            codes.add(item.code)
            found.append(item)
    return tuple(found)


def counted(dropped: Iterable[Dropped]) -> dict[str, int]:
    """Return reason code → files."""
    return dict(Counter(item.code for item in dropped))


def dropped_csv(dropped: Iterable[Dropped]) -> bytes:
    """Return all of `dropped` as a table for spreadsheets."""
    rows = ((item.file, item.code, sentence(item)) for item in dropped)
    return to_csv(("file", "reason", "message"), rows)
