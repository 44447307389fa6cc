"""Archives nobody should send, one entry a row of BAD_INPUT.md, generated from code.

`ARCHIVES` holds `(row, make, verdict)`: `make` returns the bytes of a zip, the verdict is `"ok"`, a
note's code with `note:` before it, or an error's code.
"""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterable
from functools import cache

from tests import corpus

Row = tuple[str, Callable[[], bytes], str]
Files = Iterable[tuple[str | zipfile.ZipInfo, bytes]]


@cache
def picture(seed: int = 0) -> bytes:
    return corpus.saved(corpus.noise(16, 16, seed=seed))


def packed(files: Files, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", compression) as archive:
        warnings.simplefilter("ignore")  # of names that come twice
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def pets(n: int = 4, prefix: str = "") -> list[tuple[str | zipfile.ZipInfo, bytes]]:
    """`n` different pictures in each of two classes."""
    names = [(f"{prefix}{label}/{i}.png", label) for label in ("cat", "dog") for i in range(n)]
    return [(name, picture(seed)) for seed, (name, _) in enumerate(names)]


def plus(*files: tuple[str | zipfile.ZipInfo, bytes]) -> Callable[[], bytes]:
    return lambda: packed([*pets(), *files])


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def raw_name(name: bytes, placeholder: str = "PLACEHOLDER.png") -> bytes:
    """A member whose name is bytes Python would not write."""
    content = packed([*pets(), (placeholder, picture())])
    assert len(name) == len(placeholder)
    return content.replace(placeholder.encode(), name)


def patched(offset: int, form: str, value: int) -> bytes:
    """The pets with one field of the last central directory entry changed."""
    content = bytearray(packed(pets(), zipfile.ZIP_STORED))
    struct.pack_into(form, content, content.rindex(b"PK\x01\x02") + offset, value)
    return bytes(content)


def overlapped() -> bytes:
    """Every entry points at the same bytes."""
    content = bytearray(
        packed([("cat/1.png", picture())] + [(f"dog/{i}.png", picture()) for i in range(9)])
    )
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        struct.pack_into("<I", content, start + 42, 0)
        start += 4
    return bytes(content)


def many(n: int) -> bytes:
    """A zip of `n` empty files that takes no time to make."""
    name = b"a/1"
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
    one = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, *[0] * 7, len(name), *[0] * 6) + name
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(one) * n, len(local), 0)
    return local + one * n + end


def nested(depth: int) -> bytes:
    inner = packed(pets())
    for _ in range(depth):
        inner = packed([("inner.zip", inner)])
    return inner


def broken(n_good: int, n_bad: int) -> bytes:
    bad = [(f"cat/bad{i}.png", picture()[:60]) for i in range(n_bad)]
    return packed([*pets(n_good // 2), *bad])


TABLE = "filename,label\n1.png,cat\n2.png,dog\n"


def flat(table: str) -> list[tuple[str | zipfile.ZipInfo, bytes]]:
    """Two pictures side by side, and a table."""
    return [("1.png", picture()), ("2.png", picture(1)), ("labels.csv", table.encode())]


def tar() -> bytes:
    """A tar with a link and a device, as only a tar can hold them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("cat/1.png", tarfile.LNKTYPE), ("dog/1.png", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    return out.getvalue()


LABELS = (
    "emoji 🐱",
    "\u202egnp",
    "x" * 300,
    " ",
    "nan",
    "None",
    "123",
    "=1+1",
    "<script>",
    "**md**",
    "<img src=x onerror=alert(1)>",
    ":red[x]",
    "$x$ and $y$",
    "{{7*7}}",
    "x'; DROP TABLE runs; --",
)

ARCHIVES: tuple[Row, ...] = (
    ("good", lambda: packed(pets()), "ok"),
    ("Z1 up", plus(("../up.png", picture())), "unsafe_path"),
    ("Z1 inside", plus(("a/../../b.png", picture())), "unsafe_path"),
    ("Z2 absolute", plus(("/abs.png", picture())), "unsafe_path"),
    ("Z2 drive", plus(("C:\\x.png", picture())), "unsafe_path"),
    ("Z2 windows", plus(("..\\win.png", picture())), "unsafe_path"),
    ("Z2 host", plus(("\\\\host\\s", picture())), "unsafe_path"),
    ("Z2 NUL", lambda: raw_name(b"cat/1\0/../x.png"), "unsafe_path"),
    ("Z3 symlink", plus((entry("cat/link", stat.S_IFLNK | 0o777), b"/etc/passwd")), "unsafe_path"),
    ("Z3 tar", tar, "not_an_archive"),
    ("Z4 setuid", plus((entry("cat/s.png", stat.S_IFREG | 0o4777), picture(90))), "ok"),
    ("Z4 mode 0", plus((entry("cat/s.png", stat.S_IFREG), picture(90))), "ok"),
    ("Z5 nested", plus(("cat/inner.zip", nested(0)), ("deep.zip", nested(5))), "note:skipped"),
    ("Z6 bomb", plus(("cat/zeros", bytes(50_000_000))), "archive_bomb"),
    ("Z7 overlap", overlapped, "broken_archive"),
    ("Z7 smaller than told", lambda: patched(24, "<I", 10**5), "broken_archive"),
    ("Z7 larger than told", lambda: patched(24, "<I", 10), "broken_archive"),
    ("Z7 ZIP64", lambda: patched(24, "<I", 0xFFFFFFFF), "broken_archive"),
    ("Z7 CRC", lambda: patched(16, "<I", 1), "broken_archive"),
    ("Z8 100001", lambda: many(100_001), "too_many_files"),
    ("Z8 1 M", lambda: many(1_000_000), "too_many_files"),
    ("Z9 truncated", lambda: packed(pets())[:-40], "broken_archive"),
    ("Z9 half", lambda: packed(pets())[:2000], "broken_archive"),
    ("Z9 garbage behind", lambda: packed(pets()) + b"x" * 100, "broken_archive"),
    ("Z9 empty zip", lambda: packed([]), "no_images"),
    ("Z9 not a zip", lambda: b"hello", "not_an_archive"),
    ("Z9 empty file", lambda: b"", "not_an_archive"),
    ("Z10 encrypted", lambda: patched(8, "<H", 1), "encrypted"),
    ("Z11 twice", plus(("cat/0.png", picture(90))), "note:renamed"),
    ("Z12 case", plus(("Cat/9.png", picture(90))), "note:classes_merged"),
    (
        "Z12 NFD",
        plus(("café/9.png", picture(90)), ("cafe\u0301/9.png", picture(91))),
        "note:classes_merged",
    ),
    (
        "Z13 clutter",
        plus(("__MACOSX/cat/._1.png", b"x"), ("cat/.DS_Store", b"x"), ("Thumbs.db", b"x")),
        "ok",
    ),
    ("Z14 others", plus(("cat/a.txt", b"x"), ("dog/a.py", b"x"), ("a.csv", b"x")), "note:dropped"),
    ("Z15 30 % broken", lambda: broken(14, 6), "note:dropped"),
    ("Z16 100 % broken", lambda: packed([("cat/1.png", b"x"), ("dog/1.png", b"x")]), "no_images"),
    ("Z17 wrapper", lambda: packed(pets(prefix="pets/")), "note:wrapper"),
    ("Z17 flat", lambda: packed([("1.png", picture()), ("2.png", picture(1))]), "no_classes"),
    ("Z17 flat + CSV", lambda: packed(flat(TABLE)), "note:table"),
    ("Z17 flat + other CSV", lambda: packed(flat("name;kind\n1.png;cat")), "bad_table"),
    ("Z17 CSV leads out", lambda: packed(flat(TABLE + "../../x.png,cat")), "unsafe_path"),
    (
        "Z17 flat splits",
        lambda: packed([("train/1.png", picture()), ("test/2.png", picture(1))]),
        "no_classes",
    ),
    (
        "Z17 mixed",
        lambda: packed([*pets(prefix="train/"), ("cow/1.png", picture(90))]),
        "mixed_layout",
    ),
    ("Z17 too deep", plus(("a/b/c/d/e/1.png", picture(90))), "too_deep"),
    ("Z18 one class", lambda: packed(pets()[:4]), "need_two_classes"),
    (
        "Z18 one usable class",
        lambda: packed([*pets()[:4], ("dog/1.png", b"x")]),
        "need_two_classes",
    ),
    ("Z19 empty class", plus(("cow/", b"")), "note:class_dropped"),
    ("Z20 one image", plus(("cow/1.png", picture(90))), "ok"),
    ("Z20 one each", lambda: packed(pets(1)), "ok"),
    (
        "Z21 1001 classes",
        lambda: packed((f"{i}/1.png", picture()) for i in range(1001)),
        "too_many_classes",
    ),
    (
        "Z22 names",
        lambda: packed((f"{label}/1.png", picture(i)) for i, label in enumerate(LABELS)),
        "ok",
    ),
    ("Z23 conflict", plus(("dog/9.png", picture(0))), "note:conflicting_labels"),
    (
        "Z23 leak",
        lambda: packed(
            [*pets(prefix="train/"), ("test/cat/9.png", picture(0)), ("test/dog/9.png", picture(4))]
        ),
        "note:leak",
    ),
    (
        "Z24 mixed kinds",
        plus(
            ("cat/a", corpus.flat(300, 20, "JPEG")),
            ("dog/b", corpus.clear(9)),
            ("dog/c", corpus.cmyk()),
        ),
        "ok",
    ),
    (
        "Z25 names differ in case",
        plus(("cat/A.png", picture(90)), ("cat/a.png", picture(91))),
        "ok",
    ),
    ("Z25 255 bytes", plus(("cat/" + "é" * 125 + ".png", picture(90))), "ok"),
)
