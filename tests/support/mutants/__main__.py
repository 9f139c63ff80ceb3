"""``make mutants [ARGS="--room domain --size 60 --seed 2"]``: how many small faults the tests of each room notice."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich import print as say
from rich.markup import escape

from tests.support.mutants.drawing import draw
from tests.support.mutants.equal import set_aside
from tests.support.mutants.rooms import ROOMS
from tests.support.mutants.trying import copy_checkout, unnoticed

if TYPE_CHECKING:
    from tests.support.mutants.faults import Place
    from tests.support.mutants.rooms import Room

_ROOT = Path(__file__).parents[3]


def main(
    room: Annotated[list[str] | None, typer.Option(help="domain, rendering or storage; may be given again")] = None,
    size: Annotated[int, typer.Option(help="mutants of each room; 0: all, which takes hours")] = 60,
    seed: Annotated[int, typer.Option(help="another seed draws other mutants")] = 1,
    least: Annotated[float, typer.Option(help="the share to be noticed, in percent, or it ends with 1")] = 90,
) -> None:
    """Put small faults into the code, one at a time, and count those that the room's own tests notice."""
    shares = [_try(one, size=size or None, seed=seed) for one in ROOMS if not room or one.name in room]
    raise typer.Exit(any(share < least for share in shares))


def _try(room: Room, *, size: int | None, seed: int) -> float:
    sample = draw(room.sources(_ROOT), seed=seed, size=size, equal=set_aside(room.name))
    with TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        copy_checkout(_ROOT, checkout)
        left = unnoticed(room, sample.tried, checkout)
    noticed = len(sample.tried) - len(left)
    share = 100 * noticed / len(sample.tried) if sample.tried else 100.0
    for place in left:
        say(_shown(place))
    say(
        f"[bold]{room.name}[/]: {len(sample.tried) + len(sample.aside)} mutants, {noticed} noticed, "
        f"{len(sample.aside)} set aside, {share:.0f}%"
    )
    return share


def _shown(place: Place) -> str:
    where = f"{place.source.path}:{place.start[0]} {place.name.where}".rstrip()
    return escape(f"not noticed: {where}\n  - {place.name.line}\n  + {place.name.becomes}")


if __name__ == "__main__":
    typer.run(main)
