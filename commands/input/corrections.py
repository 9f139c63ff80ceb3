"""The commands that somebody probably meant who mistyped a name, each as a button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from commands.input.catalogue import GUESSES, cut
from commands.input.quoting import quote
from domain.errors import UnknownName
from notifications.rendering.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_VALUE: Final = 2_000  # characters of a button's value, which Slack limits
_AGREEMENTS: Final = frozenset({"yes", "accept-smaller"})  # given for another name: what needs one asks again


def corrections(error: Exception, words: Sequence[str], *, slash: str) -> tuple[Button, ...]:
    """A button for each name that is like the unknown one: it runs ``words`` again with that name in its place.

    The names are those that the person may see; whether the command is allowed is asked when it is pressed.

    Args:
        error: why the command was refused; only an ``UnknownName`` has anything to offer.
        words: of the command, its own name first.
        slash: the slash command's name in this workspace.
    """
    if not isinstance(error, UnknownName) or not error.words:
        return ()
    return tuple(_buttons(error, words, slash))


def _buttons(error: UnknownName, words: Sequence[str], slash: str) -> Iterator[Button]:
    for number, name in enumerate(error.similar[:GUESSES], start=1):
        command, *rest = _with_name(words, error.words, name)
        value = " ".join(map(quote, rest))
        if len(value) <= MAX_VALUE:
            whole = f"{slash} {command} {value}"
            yield Button(text=cut(whole), action=f"do:{command}#meant-{number}", value=value, label=cut(f"Run {whole}"))


def _with_name(words: Sequence[str], unknown: Sequence[str], name: str) -> Sequence[str]:
    """``words`` with ``name`` in the place of those that named nothing; only the name if they are not found."""
    count = len(unknown)
    places = (at for at in range(1, len(words)) if tuple(words[at : at + count]) == tuple(unknown))
    place = next(places, None)
    if place is None:
        return (words[0], name)
    after = (word for word in words[place + count :] if word.casefold() not in _AGREEMENTS)
    return (*words[:place], name, *after)
