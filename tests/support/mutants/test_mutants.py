"""The tool that counts noticed faults: what it calls a fault, which it draws, and what it says of a test's eyes."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.mutants.drawing import draw
from tests.support.mutants.equal import set_aside
from tests.support.mutants.faults import Name, Source, places_in
from tests.support.mutants.rooms import ROOMS, Room
from tests.support.mutants.trying import CannotTry, command_for, unnoticed

ROOT = Path(__file__).parents[3]
CODE = dedent("""
    from __future__ import annotations
    from dataclasses import dataclass
    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from datetime import date

    LEAST: int | None = 5

    @dataclass(frozen=True)
    class Basket:
        count: int | str = 0  # things

        @property
        def is_full(self) -> bool:
            return self.count >= LEAST and self.count != 99
    """)


def source(text: str = CODE, *, path: str = "shop.py") -> Source:
    return Source(Path(path), text)


def drawn(*, seed: int = 1, size: int | None = None, equal: tuple[Name, ...] = ()) -> list[Name]:
    return [place.name for place in draw([source()], seed=seed, size=size, equal=equal).tried]


def test_constants_defaults_and_properties_are_changed_and_types_and_decorators_are_not() -> None:
    condition = "return self.count >= LEAST and self.count != 99"

    names = drawn()

    assert Name("", "LEAST: int | None = 5", "LEAST: int | None = 6") in names
    assert Name("Basket", "count: int | str = 0", "count: int | str = -1") in names
    assert Name("Basket.is_full", condition, condition.replace(" and ", " or ")) in names
    assert {name.line for name in names} == {"LEAST: int | None = 5", "count: int | str = 0", condition}


def test_a_program_that_two_operators_make_is_tried_once() -> None:
    text = "def f(x):\n    if x == 1:\n        return 2\n    return 3\n"

    every = [place.program for place in places_in(source(text)) if place.program]
    once = [place.program or "" for place in draw([source(text)], seed=1, size=None, equal=()).tried]

    assert sorted(once) == sorted(set(every))


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    assert drawn(size=4) == drawn(size=4)
    assert any(drawn(seed=seed, size=4) != drawn(size=4) for seed in range(2, 9))
    assert set(drawn(size=4)) < set(drawn())


def test_a_draw_stays_when_other_files_come() -> None:
    alone = draw([source()], seed=1, size=None, equal=()).tried
    beside = draw([source(path="other.py"), source()], seed=1, size=None, equal=()).tried

    assert [one.name for one in beside if one.source.path.name == "shop.py"] == [one.name for one in alone]


def test_what_is_set_aside_is_counted_and_not_tried() -> None:
    first = drawn()[0]

    sample = draw([source()], seed=1, size=None, equal=[first])

    assert [place.name for place in sample.aside] == [first]
    assert first not in {place.name for place in sample.tried}


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_room_has_code_and_tests_and_what_it_sets_aside_still_stands_in_the_code(room: Room) -> None:
    lines = {" ".join(line.split("  #")[0].split()) for one in room.sources(ROOT) for line in one.text.splitlines()}

    assert lines
    assert all(any(ROOT.glob(pattern)) for pattern in room.code)
    assert any(file for pattern in room.tests for file in ROOT.glob(pattern))
    for name, why in set_aside(room.name).items():
        assert name.line in lines, f"{name.line} is no longer there"
        assert len(why) > 20


SHOP = Room("shop", ("shop.py",), ("test_shop.py",))


def shop(folder: Path, test: str) -> Path:
    (folder / "shop.py").write_text("def price(count):\n    return 5 if count > 10 else 7\n")
    (folder / "test_shop.py").write_text(f"from shop import price\n\n\ndef test_price():\n    {test}\n")
    return folder


def test_faults_that_leave_the_tests_passing_are_named_and_the_code_is_left_as_it_was(tmp_path: Path) -> None:
    checkout = shop(tmp_path, "assert price(11) == 5 and price(1) == 7")
    before = (checkout / "shop.py").read_text()
    noticed, edge, constant = (f"return 5 if count {at} else 7" for at in ("> 11", ">= 10", "> 9"))
    every = draw(SHOP.sources(checkout), seed=1, size=None, equal=()).tried

    left = unnoticed(SHOP, [one for one in every if one.name.becomes in {noticed, edge, constant}], checkout)

    assert {place.name.becomes for place in left} == {edge, constant}
    assert (checkout / "shop.py").read_text() == before


def test_nothing_is_tried_where_the_tests_fail_anyway(tmp_path: Path) -> None:
    with pytest.raises(CannotTry):
        unnoticed(SHOP, (), shop(tmp_path, "assert price(1) == 5"))


def test_tests_that_speak_of_a_file_come_first(tmp_path: Path) -> None:
    room = Room("shop", ("shop.py",), ("test_*.py",))
    (shop(tmp_path, "pass") / "test_a.py").write_text("")

    alike, first = command_for(room, tmp_path), command_for(room, tmp_path, first=Path("shop.py"))

    assert _order(alike) == ["test_a.py", "test_shop.py"]
    assert _order(first) == ["test_shop.py", "test_a.py"]


def _order(command: str) -> list[str]:
    return [word for word in command.replace("'", " ").split() if word.startswith("test_")]
