"""The one thing that is done to every text that a person enters: what looks the same becomes the same.

Phones and input methods write typographic quotes and dashes, full-width letters and digits of their script; what is
copied brings marks along that nobody sees. All of it is put into plain form before anything reads it.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import Final

# Unicode's Default_Ignorable_Code_Point, and what else is drawn as nothing: interlinear marks, the blank of Braille,
# halves of a pair. Of these no part of a word can be seen.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
)
_LINES: Final = "\u2028\u2029\x85\x0b\x0c"
_BLANKS: Final = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_FULL_WIDTH: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_DIGITS: Final = {
    code: str(unicodedata.digit(chr(code)))
    for code in range(sys.maxunicode + 1)
    if code > 0x7F and unicodedata.category(chr(code)) == "Nd"  # noqa: PLR2004 - the last one of ASCII
}
_PLAIN: Final = str.maketrans(
    _DIGITS
    | _FULL_WIDTH
    | dict.fromkeys(map(ord, _BLANKS + "\x1c\x1d\x1e\x1f"), " ")
    | dict.fromkeys(map(ord, _LINES), "\n")
    | dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u2036\u301d\u301e\u301f\u275d\u275e"), '"')
    | dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2039\u203a\u2032\u2035\u00b4\u02b9\u02bc\u275b\u275c"), "'")
    | dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63"), "-")
    | dict.fromkeys(map(ord, "\u2217\u204e"), "*")
    | dict.fromkeys(map(ord, "\u2044\u2215"), "/")
    | dict.fromkeys(map(ord, "\u2236\ua789"), ":")
    | dict.fromkeys(map(ord, "\u060c\u3001"), ",")
    | {0x2026: "...", 0x2025: ".."}
)


def straighten(text: str) -> str:
    """``text`` in plain form: composed, without what nobody sees, and with plain quotes, dashes, digits and blanks."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text).translate(_PLAIN))
