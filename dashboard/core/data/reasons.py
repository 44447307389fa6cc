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


def no_class(path: str) -> Dropped:
    """A file beside the class folders."""
    if is_archive(path):
        return nested_archive(path)
    error = InvalidInput(
        "The file lies in no class folder. Move it into the folder of its class.", code="no_class"
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
