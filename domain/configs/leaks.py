"""Finding a secret in what is about to leave: the last look, which trusts no rule and no template before it.

Texts are compared as words (letters and digits), so that quoting, escaping and wrapping hide nothing. What cannot be
told from ordinary language is looked for only where text of a device stands: a password that is "version" would
otherwise hold back every message that says which version it shows. What is shorter than four characters is not looked
for at all, nor are names that everybody knows, such as those of devices.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MIN_SECRET_LENGTH: Final = 4  # letters and digits: less is found by chance everywhere
_TELLING: Final = 6
_LONG: Final = 12
MAX_SECRETS: Final = 20_000  # secrets of one text that are looked for: more is no configuration
_WORD = re.compile(r"[^\W_]+")
_LOOKALIKES = str.maketrans({"\u02cb": " ", "\u02cd": " "})  # letters by their class; ours stand for ` and _


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of a text in the form in which they are looked for.

    ``telling`` ones are looked for in the whole message, ``plain`` ones only where text of a device stands.
    """

    telling: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()

    @classmethod
    def of(cls, secrets: Iterable[str], *, shown: str, names: Iterable[str] = ()) -> Secrets:
        """Those of ``secrets`` worth looking for.

        Args:
            secrets: as they were taken out.
            shown: the text that is left: what it shows by the rules is no secret.
            names: known to everybody.
        """
        visible, known = f" {' '.join(pieces(shown))} ", {" ".join(pieces(name)) for name in names}
        telling: set[str] = set()
        plain: set[str] = set()
        for part in (part for secret in secrets for part in parts(secret)):
            words = " ".join(pieces(part))
            if (
                len(words.replace(" ", "")) < MIN_SECRET_LENGTH
                or words in known
                or len(telling) + len(plain) >= MAX_SECRETS
            ):
                continue
            (telling if stands_out(part) else plain).add(words)
        seen = _standing(telling | plain, visible)
        return cls(frozenset(telling - seen), frozenset(plain - seen))

    def __or__(self, other: Secrets) -> Secrets:
        """Those of both."""
        return Secrets(self.telling | other.telling, self.plain | other.plain)

    def are_in(self, content: Mapping[str, Any]) -> bool:
        """Whether the finished content of a message holds one of them, in whichever part of it."""
        everything = _in_words(_texts(content))
        from_devices = _in_words(_device_texts(content))
        return bool(_standing(self.telling, everything) or _standing(self.plain, from_devices))


def pieces(text: str) -> list[str]:
    """The words of ``text``: runs of letters and digits."""
    return _WORD.findall(text)


def stands_out(secret: str) -> bool:
    """Whether ``secret`` cannot be mistaken for an ordinary word: it has digits among letters, or capitals within."""
    if len(secret) < _TELLING:
        return False
    words = pieces(secret)
    bare = "".join(words)
    if len(bare) < _TELLING or not any(map(str.isalpha, bare)):
        return False
    if any(map(str.isdigit, bare)) or (len(bare) >= _LONG and len(words) > 1):
        return True
    return any(map(str.islower, bare)) and any(letter.isupper() for word in words for letter in word[1:])


def parts(secret: str) -> Iterator[str]:
    """A secret's lines, and the words of a line that stand out: a key of many lines, a value with a remark behind."""
    for line in secret.splitlines():
        yield line
        words = line.split()
        if len(words) > 1:
            yield from (word for word in words if stands_out(word))


def _in_words(texts: Iterable[str]) -> str:
    joined = html.unescape("\n".join(texts)).translate(_LOOKALIKES)
    return f" {' '.join(pieces(joined))} "


def _standing(secrets: Iterable[str], text: str) -> set[str]:
    """Those of ``secrets`` that stand in ``text``, whole words each; both are in words."""
    present = set(text.split())
    likely = (one for one in secrets if present.issuperset(one.split()))
    return {one for one in likely if " " not in one or f" {one} " in text}


def _texts(part: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for one in part.values():
            yield from _texts(one)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _texts(one)


def _device_texts(content: Mapping[str, Any]) -> Iterator[str]:
    """What stands in preformatted parts and in a file: nothing of ours is there."""
    if "snippet_type" in content:
        yield str(content.get("text", ""))
    for block in content.get("blocks", ()):
        for part in block.get("elements", ()) if block.get("type") == "rich_text" else ():
            if part.get("type") == "rich_text_preformatted":
                yield from _texts(part)
