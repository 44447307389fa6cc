"""Why files of a source are left out, before anybody looks at their pixels."""

from __future__ import annotations

from dashboard.core.data.report import Dropped
from dashboard.core.errors import InvalidInput, NotFound, UnsupportedMedia

_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


def is_archive(path: str) -> bool:
    """Whether `path` is named like an archive."""
    return path.lower().endswith(_ARCHIVES)


def nested_archive(path: str) -> Dropped:
    """An archive inside the source."""
    error = UnsupportedMedia(
        "An archive inside the archive is not opened. Unpack it first.", code="nested_archive"
    )
    return Dropped.because(path, error)


def unreadable(path: str, error: OSError) -> Dropped:
    """A file that this machine does not hand out."""
    found = InvalidInput(
        "The file cannot be read: {reason}.",
        code="unreadable_file",
        reason=(error.strerror or str(error)).lower(),
    )
    return Dropped.because(path, found)


def no_class(path: str) -> Dropped:
    """A file beside the class folders."""
    if is_archive(path):
        return nested_archive(path)
    if path.lower().endswith(".csv"):
        return _unused_table(path)
    error = InvalidInput(
        "The file lies in no class folder. Move it into the folder of its class.", code="no_class"
    )
    return Dropped.because(path, error)


def _unused_table(path: str) -> Dropped:
    error = InvalidInput(
        "The table was not used for labels. For that its first line must name the columns filename "
        "and label, and all pictures must lie beside it or in folders beside it.",
        code="unused_table",
    )
    return Dropped.because(path, error)


def no_row(path: str, table: str) -> Dropped:
    """A file that the table does not name."""
    if is_archive(path):
        return nested_archive(path)
    error = InvalidInput(
        "The table “{table}” has no row for this file. Add one with its label.",
        code="no_row",
        table=table[-80:],
    )
    return Dropped.because(path, error)


def no_file(name: str) -> Dropped:
    """A row of the table whose file is not there."""
    error = NotFound(
        "The table names this file, but it is not there. Add the file or remove the row.",
        code="no_file",
    )
    return Dropped.because(name, error)


def several_files(name: str) -> Dropped:
    """A row of the table that could mean one file or another."""
    error = InvalidInput(
        "The table names this file, but several folders hold one of that name. Write the path from "
        "the table to the picture.",
        code="several_files",
    )
    return Dropped.because(name, error)


def named_again(name: str) -> Dropped:
    """A second row for the same file, by another path."""
    error = InvalidInput(
        "An earlier row of the table names the same file by another path; that row counts. Give "
        "several labels in one row, with | between.",
        code="row_again",
    )
    return Dropped.because(name, error)


def no_name(line: int) -> Dropped:
    """A row of the table without a file."""
    error = InvalidInput(
        "Line {line} of the table names no file. Write one, or remove the line.",
        code="no_name",
        line=line,
    )
    return Dropped.because("", error)


def no_label(name: str, line: int) -> Dropped:
    """A row of the table without a label."""
    error = InvalidInput(
        "Line {line} of the table leaves a label of the file empty. Write one, or several with | "
        "between.",
        code="no_label",
        line=line,
    )
    return Dropped.because(name, error)


def row_again(name: str, line: int) -> Dropped:
    """A second row for the same file."""
    error = InvalidInput(
        "Line {line} of the table names the file again; its first row counts. Give several "
        "labels in one row, with | between.",
        code="row_again",
        line=line,
    )
    return Dropped.because(name, error)
