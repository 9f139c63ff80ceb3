"""The general net: what stands behind a word such as password or key is a secret, on every platform there is.

It lies behind the exact rules of a platform, which know what no word tells. It errs on the side of masking; what it
leaves readable is told in ``domain.configs.secret_words``. A text is walked through once, by literal words. What
happens at one of them looks at its own value and at a few dozen characters before it, so that time grows with the text
alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.configs.secret_blocks import spread
from domain.configs.secret_words import is_public, is_readable

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEFORE: Final = 60  # characters in front of a word that are looked at
_READABLE: Final = 1_000  # characters of a value that tell whether it may be read
_WORD: Final = "abcdefghijklmnopqrstuvwxyz0123456789_-."
_QUOTES: Final = ('"', "'")
_OPENING: Final = (*_QUOTES, "\\")
TAIL: Final = "\"'\\;,}])> \t\r"  # what may follow a value that has no quotes

# How telling words begin: looked for in the text in lower case, which is much faster than to ignore case.
_BEGINNING = re.compile(
    r"p(?:ass|sk|riv|w)|s(?:ecret|ha)|key|c(?:ommunity|ak|kn)|token|md5|auth|bearer|identified by|://|-----begin |\$"
)
_TELLING = re.compile(
    r"""
    (?P<kind> passw(?:or)?d | passphrase | passcode | secret | psk | community | token | authtok
            | key(?:[-_]?(?:string|hexadecimal|octet-string))? | (?<![a-z])c(?:ak|kn)
            | authentication[ ](?:text|string) | authorization:[ ]basic | auth | bearer | identified[ ]by | (?<=[ ])priv
            | (?<![a-z])md5 | (?<![a-z])sha(?:[-_]?\d{1,3})?(?:[-/_]\d{2,3})?
            | (?<=require|primary)pass | (?<=user|auth)pass | (?<=[-_])pass
            | (?<=bind|root)pw | (?<=[-_])pw | (?<=[-_])pwd | (?<=[ ;"'])p(?:w|wd|ass)(?=[=:])
    ) (?: [-_]? (?: hash | value | text | l?\d{1,2} | [a-z]\d ) )?+ (?: s(?=["']?[ ]?[=:]) )?+ (?![a-z0-9_-])
    | (?P<url> :// ) | (?P<block> -----begin[ ] ) | (?P<hash> \$(?:\d{1,2}[aby]?|y|apr1|sha1|nt|argon2[id]{1,2})\$ )
    """,
    re.VERBOSE,
)

_LINK = re.compile(
    r"""
      (?P<assigned> \\?["']? \]? [ \t]* (?: => | :=(?!=) | [=:] ) (?P<wide> [ \t]* ) (?: \\\r?\n[ \t]* )? )
    | (?P<attribute> ["'] [ \t]+ (?:value|content)[ \t]*=[ \t]* )
    | (?P<tag> ["']? > )
    | ["']? [ \t]+
    """,
    re.VERBOSE,
)

# Says how the value is written, and is never the value itself if one follows.
_MANNER = re.compile(
    r"""
    (?: (?: (?P<typed> [0-9]a? ) | \d{1,5}(?=[ \t]+(?:md5|hmac|sha|cmac|aes)) | level[ ]\d{1,2} | peer[ ]\S{1,60}
          | (?:hmac-?)?(?:sha|md5)(?:[-_]?\d{1,3})?(?:[-/_]\d{2,3})? | (?:aes|3?des)(?:-?\d{3})? | 128 | 192 | 256
          | (?P<words> ascii | hex ) | encrypted | hidden | clear | clear-?text | plain-?text | text | ascii-text
          | hexadecimal | string | enc | set-key | key-string | (?:plaintext|encrypted)-(?:password(?:-value)?|key)
          | (?:authentication-)?password | --(?:plaintext|iscrypted|lock)
          | password-encrypt | (?:md5-)?key | local | remote | type | value | is | was | bearer | basic | digest
          | cmac-\S{1,12}
        ) (?: [ \t]+ | :[ ] )
    ){1,5}
    """,
    re.VERBOSE,
)

_QUOTED = re.compile(
    r"""
      \\" ( [^"\\\n]* (?: \\(?!") [^"\\\n]* )* ) \\"
    | "   ( [^"\\\n]* (?: \\(?:.|\r?\n) [^"\\\n]* )* ) "
    | '   ( [^'\n]* ) '
    """,
    re.VERBOSE,
)
BARE = re.compile(r"[^\s\\]*(?:\\(?!\r?\n)[^\s\\]*|\\\r?\n[ ]{4}(?=\S)[^\s\\]*)*")
_MORE_WORDS = re.compile(  # as in "key = two words"; not "key=one other=two"
    r"(?:[ \t]+(?![\w.-]{1,60}=)(?:[^\s\\]+|\\(?!\r?\n)|\\\r?\n[ ]{4}(?=\S))+)*"
)
_LINE = re.compile(r"[^\n\\]*(?:\\(?!\r?\n)[^\n\\]*|\\\r?\n[ ]{4}(?=\S)[^\n\\]*)*")
_CONTENT = re.compile(  # of an XML element: on lines of its own only as far as its end is in sight
    r"(?:\s*+<(?:value|string|text|plain-?text)>)?+(?:\s*+<!\[cdata\[(?P<literal>(?:[^\]]|\](?!\]>)){0,2000}+)|(?P<lines>[^<]{0,2000}+)(?=</)|(?P<line>[^<\n]*))"
)
_OPENED = re.compile(r"(?![^<>\n]*value=)[^<>\n]{0,200}(?<!/)>")  # the rest of its first tag

_ADDRESS = re.compile(r"[^/@\s:\"'<>]{0,64}:(?!\d{1,5}/)([^@\s]{1,256}(?:@[^@\s/]{1,256}(?=@))*)@")
_HASH = re.compile(r"[^\s\"':;,<>]{4,}")
_HEADER = re.compile(r"-----begin (?P<what>[a-z0-9 ]{1,60})-----(?:\\n)?")
_EDGE = re.compile(r"-----(?:end|begin) ")
_PUBLIC_BLOCKS: Final = (
    "public key",
    "certificate",
    "crl",
    "parameters",
    "request",
    "public key block",
    "signature",
    "pkcs7",
)
_BLOCK_LINE = re.compile(r"\s*(?:[a-z0-9+/=]{16,200}|[a-z-]{1,30}: [^\n]{0,200})[ \t\r]*(?=\n|\Z)")


class BareValues:
    """Values without quotes: a run of them is walked through once, however many telling words stand in it."""

    def __init__(self, low: str) -> None:
        self._low = low
        self._start = self._end = self._trimmed = 0

    def ends(self, start: int) -> tuple[int, int]:
        """Where the value that begins at ``start`` ends, and where it does without what may only follow one."""
        if self._low[start : start + 1].isspace():  # the blanks of a continued line may lie within a run
            return start, start
        if not self._start <= start < self._end:
            self._start, self._end = _span(BARE, self._low, start)
            self._trimmed = start + len(self._low[start : self._end].rstrip(TAIL))
        return self._end, max(start, self._trimmed)


class _Telling(NamedTuple):
    """A telling word where it stands, with what leads up to it and what joins it to its value."""

    low: str  # the whole text
    bare: BareValues  # its values without quotes
    kind: str
    before: str  # of its line
    leader: str  # the character before the whole word, such as "wpa-psk"
    link: re.Match[str]

    @classmethod
    def at(cls, low: str, bare: BareValues, found: re.Match[str]) -> _Telling | None:
        """The word, unless what stands around it says that no value follows."""
        kind, start = found["kind"], found.start()
        link = _LINK.match(low, found.end())
        before = low[max(start - _BEFORE, 0) : start].rpartition("\n")[2] if link else ""
        if link is None or is_public(kind, before):
            return None
        leader = before.rstrip(_WORD)[-1:]
        is_value_itself = link.lastgroup is None and leader in {"=", ",", "/"}
        is_end = leader == "/" and link.lastgroup == "tag"
        is_digest = kind.startswith("sha") and link[0] == ":"  # of a picture of a container, or of a key
        return None if is_value_itself or is_end or is_digest else cls(low, bare, kind, before, leader, link)

    @property
    def is_element(self) -> bool:
        """Whether the value is the content of an XML element."""
        return self.link.lastgroup == "tag" or (self.leader == "<" and self.link.lastgroup is None)

    @property
    def is_assigned(self) -> bool:
        """Whether a sign, not just blanks, says that a value follows."""
        return self.link.lastgroup is not None

    @property
    def takes_words(self) -> bool:
        """Whether a value without quotes may have blanks within: as in "key = two words"."""
        begins_line = not self.before.rstrip(_WORD).strip()
        return bool(self.link["wide"] or (self.link["assigned"] and begins_line))


def caught(text: str) -> Iterator[tuple[int, int]]:
    """Where in ``text`` secrets stand as far as words tell: beginnings and ends, in order, none within another."""
    low = text.replace("\u0130", "I").lower()  # the one letter whose small form is two
    bare = BareValues(low)
    done = 0
    for beginning in _BEGINNING.finditer(low):
        if beginning.start() < done or not (found := _TELLING.match(low, beginning.start())):
            continue
        if found["kind"] and (below := spread(low, found["kind"], found.start(), found.end())) is not None:
            yield from below
            done = below[-1][1] if below else found.end()
            continue
        start, end = _place(low, bare, found)
        if start < end:
            yield start, end
            done = end


def _place(low: str, bare: BareValues, found: re.Match[str]) -> tuple[int, int]:
    """Where the secret stands that ``found`` tells of; an empty place: there is none."""
    if found.lastgroup == "kind":
        telling = _Telling.at(low, bare, found)
        return _value(telling) if telling else (0, 0)
    if found.lastgroup == "url":
        address = _ADDRESS.match(low, found.end())
        return address.span(1) if address else (0, 0)
    if found.lastgroup == "hash":
        hashed = _HASH.match(low, found.end())
        return (found.start(), hashed.end()) if hashed else (0, 0)
    return _block(low, found.start())


def _value(telling: _Telling) -> tuple[int, int]:
    low, start = telling.low, telling.link.end()
    if telling.is_element:
        opened = _OPENED.match(low, start) if telling.link.lastgroup is None else None
        content = _CONTENT.match(low, opened.end() if opened else start)
        return _stripped(low, *content.span(content.lastgroup or 0)) if content else (0, 0)
    manner = None if telling.is_assigned else _MANNER.match(low, start)
    start = manner.end() if manner else start
    first = low[start : start + 1]
    if _HEADER.match(low, start + (first in _QUOTES)):
        return 0, 0  # a block in PEM begins here
    quoted = _QUOTED.match(low, start) if first in _OPENING else None
    if quoted is None:
        return _bare(telling, manner, start)
    within = quoted.span(quoted.lastindex or 0)
    return (0, 0) if _is_readable(telling, *within, quoted.end(), certain=True) else within


def _bare(telling: _Telling, manner: re.Match[str] | None, start: int) -> tuple[int, int]:
    """A value without quotes, or whose quotes are not closed on its line."""
    low = telling.low
    end, trimmed = telling.bare.ends(start)
    certain = telling.is_assigned or bool(manner and manner["typed"])
    if _is_readable(telling, start, trimmed, end, certain=certain):
        return 0, 0
    whole = end
    if low.startswith(_QUOTES, start) or (telling.kind == "psk" and manner and manner["words"]):
        whole = _span(_LINE, low, end)[1]
    elif telling.takes_words:
        whole = _span(_MORE_WORDS, low, end)[1]
    if telling.before.count('"') % 2 and (quote := low.find('"', start, whole)) >= 0:  # all of it stands in quotes
        whole = quote
    return start, trimmed if whole == end else _trimmed(low, start, whole)


def _is_readable(telling: _Telling, start: int, end: int, behind: int, *, certain: bool) -> bool:
    """Whether the value from ``start`` to ``end`` is no secret; what follows it begins ``behind`` its quotes."""
    low = telling.low
    after = low[behind : behind + _BEFORE].partition("\n")[0]
    head = low[start : min(end, start + _READABLE)]  # a readable value is looked at for each word within it
    return is_readable(telling.kind, head, telling.before, after, certain=certain)


def _trimmed(low: str, start: int, end: int) -> int:
    return start + len(low[start:end].rstrip(TAIL))


def _block(low: str, start: int) -> tuple[int, int]:
    """What is between the lines that begin and end a private key; without an end, as far as it looks like one."""
    header = _HEADER.match(low, start)
    if header is None or header["what"].endswith(_PUBLIC_BLOCKS):
        return 0, 0
    begin = header.end()
    edge = _EDGE.search(low, begin)
    if edge and edge[0].endswith("end "):
        return _stripped(low, begin, edge.start())
    end = begin
    while (line := _BLOCK_LINE.match(low, end)) and line.end() > end:
        end = line.end()
    return _stripped(low, begin, end)


def _stripped(low: str, start: int, end: int) -> tuple[int, int]:
    inner = low[start:end]
    return start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())


def _span(pattern: re.Pattern[str], low: str, start: int) -> tuple[int, int]:
    found = pattern.match(low, start)
    return found.span() if found else (start, start)
