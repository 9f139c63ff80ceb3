"""Pictures of runs can be read on any ground and without colours, whatever devices are called."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from demo.gallery.subjects.graphs import make_graph
from demo.gallery.subjects.hostile import TEXTS
from domain.runs.outcomes import Outcome
from notifications.graphs import drawing
from notifications.graphs.graphs import graph_file, graph_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PERIODS = ("today", "7d", "30d", "90d", "this month")
SIZES = ((118, 2), (4_990, 3), (0, 40), (3, 0))  # good and bad runs
pytestmark = pytest.mark.filterwarnings("ignore:Glyph:UserWarning")  # the worker's own: a character becomes a box


@pytest.mark.parametrize(
    ("typed", "good", "bad"),
    [*((typed, *SIZES[1]) for typed in PERIODS), *((PERIODS[2], *size) for size in SIZES if size != SIZES[1])],
)
def test_r1_every_length_and_size_of_a_period_is_a_picture_as_wide_as_a_phone(typed: str, good: int, bad: int) -> None:
    picture = drawing.draw(make_graph(typed, good=good, bad=bad).as_json())

    image = Image.open(BytesIO(picture))
    assert image.size[0] == 1_200
    assert image.size[1] < 3 * image.size[0]
    assert image.getpixel((0, 0))[:3] == (255, 255, 255)  # type: ignore[index] # a ground of its own
    assert len(picture) < 1_000_000


def test_r1_each_outcome_has_a_hatch_of_its_own_and_its_number_in_words() -> None:
    graph = _every_outcome()
    figure = drawing.figure_of(graph)
    bars = _axes(figure, "Runs per day")

    hatches = {str(bar.get_label()): bar.patches[0].get_hatch() for bar in bars.containers}  # type: ignore[attr-defined]
    assert len(hatches) == 5
    assert len(set(hatches.values())) == 5
    legend = bars.get_legend()
    assert legend
    assert {text.get_text() for text in legend.get_texts()} == set(hatches)
    assert {"Up to Date: 70", "Modified: 35", "Failed: 14", "Timed Out: 7", "Not finished: 42"} == set(hatches)


def test_r1_numbers_stand_in_the_bars_of_a_week_and_over_the_days_with_failures() -> None:
    bars = _axes(drawing.figure_of(_every_outcome()), "Runs per day")

    words = [text.get_text() for text in bars.texts]
    assert words.count("10") == 7
    assert words.count("✗3") == 7


def test_r1_each_line_has_a_shape_and_a_style_of_its_own() -> None:
    times = _axes(drawing.figure_of(_every_outcome()), "Time per run")

    looks = {(line.get_marker(), line.get_linestyle()) for line in times.get_lines()}
    assert len({marker for marker, _ in looks}) == 4


def test_r1_words_stand_out_against_their_ground() -> None:
    figure = drawing.figure_of(_every_outcome())

    for axes in figure.axes:
        for text in axes.texts:
            assert _contrast(str(text.get_color()), "#ffffff") > 4.5


@pytest.mark.parametrize("named", TEXTS)
def test_hostile_names_draw_nothing_but_themselves(named: str) -> None:
    text = TEXTS[named]

    graph = make_graph("7d", good=60, about=text, device=text)

    assert drawing.draw(graph.as_json())
    assert len(graph_file(graph)["alt"]) <= 1_000


def test_names_that_look_like_formulas_are_drawn_as_they_are() -> None:
    graph = make_graph("7d", good=60, device=r"$\frac{1}{0}$")

    assert drawing.draw(graph.as_json())


def test_r1_words_of_a_picture_hold_its_numbers() -> None:
    words = graph_words(make_graph("7d", good=118))

    for part in (
        "826 Up to Date",
        "35 Modified",
        "14 Failed",
        "core-sw1 (12 times)",
        "median 11 s",
        "861 of 875 finished runs succeeded",
    ):
        assert part in words


def _every_outcome() -> dict[str, Any]:
    graph = make_graph("7d", good=10).as_json()
    counts = {"up_to_date": 10, "modified": 5, "failed": 2, "timed_out": 1, "pending": 4, "in_progress": 2}
    assert set(counts) == {outcome.value for outcome in Outcome}
    graph["days"] = [day | {"counts": counts} for day in graph["days"]]
    return graph


def _axes(figure: Figure, title: str) -> Axes:
    return next(axes for axes in figure.axes if axes.get_title().startswith(title))


def _contrast(ink: str, ground: str) -> float:
    """The contrast of WCAG 2.2, 1 to 21."""
    light, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
