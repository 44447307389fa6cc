"""File names in zip archives, whatever the packer coded them in.

A name without the mark of UTF-8 is in code page 437 by the standard (APPNOTE.TXT 6.3.10, appendix
D), and hardly ever is: macOS writes UTF-8 without the mark, Windows the code page of its language,
which is GBK in China. One packer wrote all names of an archive, so they are looked at together.
(charset-normalizer takes “猫” in GBK for Big5, and “Ä” in code page 437 for “Ž” in 1250: names are
too short for it.)
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Sequence

_MARKED = 0x800  # general purpose bit 11: the name is UTF-8
_UNIX = 3  # also macOS; what is made by it has names in UTF-8
_AS_READ = "cp437"  # what `zipfile` takes names without the mark for


def member_names(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the path of each member, as its packer saw it, parts separated by `/`."""
    unmarked = [member for member in members if not member.flag_bits & _MARKED]
    coding = _coding(
        b"/".join(member.filename.encode(_AS_READ) for member in unmarked),
        all(member.create_system == _UNIX for member in unmarked),
    )
    names = []
    for member in members:
        name = member.filename
        if not member.flag_bits & _MARKED:
            name = name.encode(_AS_READ).decode(coding)
        names.append(name.replace("\\", "/"))
    return names


def _coding(names: bytes, by_unix: bool) -> str:
    """Choose how to decode `names`; the bytes of “猫” in GBK are those of “è” in UTF-8."""
    for coding in ("utf-8", "gbk") if by_unix else ("gbk", "utf-8"):
        try:
            text = names.decode(coding)
        except UnicodeDecodeError:
            continue
        if coding == "utf-8" or _is_chinese(text):
            return coding
    return _AS_READ


def _is_chinese(text: str) -> bool:
    """Whether nearly all signs beyond ASCII are everyday ones, those of GB2312.

    What is no Chinese, read as GBK, becomes rare characters for the most part.
    """
    signs = Counter(sign for sign in text if not sign.isascii())
    everyday = sum(n for sign, n in signs.items() if sign.encode("gb2312", "ignore"))
    return everyday > 0.8 * signs.total()
