"""Drawing a graph as a picture, in a process of its own: ``python -m notifications.graphs.drawing``.

It reads one graph a line as JSON and writes each picture after its length, until its input ends. The drawing takes
half a second during which nothing else could run beside it, and it is the only part that has matplotlib in memory.

A picture has to be read on a phone, on light and dark screens, and without colours: it brings its own ground, its
words are big, and every kind of bar and line has a hatch or a shape of its own.
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    Graph = dict[str, Any]

_WIDTH, _DPI = 8.0, 150  # inches: 1,200 pixels, a phone's own
_HEAD, _OUTCOMES, _RATE, _TIMES, _DEVICE = 0.5, 3.0, 2.2, 2.6, 0.62  # inches; the last for each device
_GROUND, _INK, _FAINT = "#ffffff", "#1d1c1d", "#c9c9c9"
_KINDS: Final = (  # from the ground up: outcomes, words, colour (told apart by those who confuse red and green), hatch
    (("up_to_date",), "Up to Date", "#8fd0b4", ""),
    (("modified",), "Modified", "#f0b429", "//"),
    (("failed",), "Failed", "#c8401f", "xx"),
    (("timed_out",), "Timed Out", "#7a4fa3", ".."),
    (("pending", "in_progress"), "Not finished", "#e4e4e4", "--"),
)
_BAD: Final = ("failed", "timed_out")
_LINES: Final = (  # which numbers of a day, words, colour, style, shape
    (0, "Duration: median", "#1264a3", "-", "o"),
    (1, "Duration: p95", "#1264a3", "--", "s"),
    (2, "Waiting: median", "#c8401f", "-", "^"),
    (3, "Waiting: p95", "#c8401f", "--", "D"),
)
_FEW_DAYS: Final = 10  # up to so many, every number stands in its bar
_MARKED: Final = 5  # days with failures that get their number when there are more
_ROOM: Final = 14  # such numbers side by side
_MANY_DAYS: Final = 45  # from here on bars have no edges, and a line has a shape once a week
_LOW: Final = 15  # percent: below it the words stand above the line
_TICKS: Final = 5  # dates below
_STYLE: Final[Any] = {
    "font.size": 16,
    "axes.titlesize": 18,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "text.parse_math": False,  # a device may be called $x$
    "xtick.color": _INK,
    "ytick.color": _INK,
    "hatch.linewidth": 1.2,
    "legend.frameon": False,
    "legend.fontsize": 14,
    "grid.color": _FAINT,
}


def draw(graph: Graph) -> bytes:
    """The picture of ``graph`` (``notifications.graphs.graphs.Graph.as_json``), as PNG."""
    picture = io.BytesIO()
    with mpl.rc_context(_STYLE):
        figure_of(graph).savefig(picture, format="png", facecolor=_GROUND, pil_kwargs={"optimize": True})
    return picture.getvalue()


def figure_of(graph: Graph) -> Figure:
    """The picture before it is made of pixels."""
    panels = _panels(graph)
    heights = [height for height, _ in panels]
    figure = Figure(figsize=(_WIDTH, sum(heights) + len(heights) * 0.7), dpi=_DPI, facecolor=_GROUND)
    figure.set_layout_engine("constrained", h_pad=0.14, w_pad=0.14)
    places = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights})
    for place, (_, paint) in zip(places[:, 0], panels, strict=True):
        paint(place, graph)
    return figure


def _panels(graph: Graph) -> list[tuple[float, Callable[[Axes, Graph], None]]]:
    """The parts that have something to show, with their heights."""
    panels: list[tuple[float, Callable[[Axes, Graph], None]]] = [(_HEAD, _head), (_OUTCOMES, _outcomes)]
    several = len(graph["days"]) > 1  # a line of one point says less than the message does
    if several and any(_rate(day["counts"]) is not None for day in graph["days"]):
        panels.append((_RATE, _success))
    if several and any(value is not None for day in graph["days"] for value in day["seconds"]):
        panels.append((_TIMES, _times))
    if graph["changed"]:
        panels.append((_DEVICE * len(graph["changed"]), _changed))
    return panels


def _head(axes: Axes, graph: Graph) -> None:
    axes.set_axis_off()
    axes.text(0, 1, graph["title"], fontsize=21, weight="bold", va="bottom", transform=axes.transAxes)
    axes.text(0, 0.75, graph["subtitle"], va="top", transform=axes.transAxes)


def _outcomes(axes: Axes, graph: Graph) -> None:
    days = graph["days"]
    places, below = range(len(days)), [0] * len(days)
    for outcomes, words, colour, hatch in _KINDS:
        heights = [sum(day["counts"][one] for one in outcomes) for day in days]
        if not any(heights):
            continue
        label = f"{words}: {sum(heights):,}"
        edge = 0.6 if len(days) < _MANY_DAYS else 0
        bars = axes.bar(
            places, heights, 0.8, below, label=label, color=colour, hatch=hatch, edgecolor=_INK, linewidth=edge
        )
        if len(days) <= _FEW_DAYS:
            _number_bars(axes, bars, heights, max(_total(day["counts"]) for day in days))
        below = [one + height for one, height in zip(below, heights, strict=True)]
    _explain(axes, "Runs per day (✗ failed or timed out)" if any(_bad(day) for day in days) else "Runs per day")
    axes.set_ylim(0, max(below) * 1.15)
    _mark_worst(axes, days)
    _count_upwards(axes)
    _name_days(axes, days)


def _number_bars(axes: Axes, bars: Any, heights: Sequence[int], highest: int) -> None:  # noqa: ANN401 - matplotlib's own
    """Write each number into its bar, where the bar is high enough to hold it."""
    words = [f"{height:,}" if height >= highest / 12 else "" for height in heights]
    box = {"facecolor": _GROUND, "edgecolor": "none", "pad": 1.5}
    for text in axes.bar_label(bars, words, label_type="center", fontsize=14):
        if text.get_text():
            text.set_bbox(box)


def _mark_worst(axes: Axes, days: Sequence[Graph]) -> None:
    """Say above the bars how many failed on the worst days: few of very many cannot be seen in a bar."""
    bad = [(_bad(day), place) for place, day in enumerate(days)]
    marked: list[int] = []
    for count, place in sorted(bad, reverse=True):
        near = any(abs(place - other) < len(days) / _ROOM for other in marked)
        if not count or near or (len(days) > _FEW_DAYS and len(marked) == _MARKED):
            continue
        marked.append(place)
        at = (place, _total(days[place]["counts"]))
        axes.annotate(f"✗{count:,}", at, (0, 3), textcoords="offset points", ha="center", va="bottom", fontsize=14)


def _success(axes: Axes, graph: Graph) -> None:
    days = graph["days"]
    rates = [_rate(day["counts"]) for day in days]
    known = [(place, rate * 100) for place, rate in enumerate(rates) if rate is not None]
    size = 6 if len(days) < _MANY_DAYS else 3
    axes.plot(*zip(*known, strict=True), color="#1264a3", marker="o", markersize=size, linewidth=2)
    worst_at, worst = min(known, key=lambda one: (one[1], one[0]))
    lowest = min(worst, 99.0)
    axes.set_ylim(max(lowest - (100 - lowest) * 0.55, -12), 100 + (100 - lowest) * 0.12)
    axes.annotate(
        f"{_percent(worst / 100)} on {_day_words(days[worst_at])}",
        (worst_at, worst),
        (0, -8 if worst > _LOW else 8),
        textcoords="offset points",
        ha=_side(worst_at, len(days)),
        va="top" if worst > _LOW else "bottom",
        fontsize=14,
    )
    axes.set_title("Success rate of finished runs")
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}%" if 0 <= value <= 100 else ""))  # noqa: PLR2004 - percent
    axes.grid(axis="y")
    _name_days(axes, days)


def _times(axes: Axes, graph: Graph) -> None:
    days = graph["days"]
    for number, words, colour, style, shape in _LINES:
        known = [(place, day["seconds"][number]) for place, day in enumerate(days)]
        known = [(place, seconds) for place, seconds in known if seconds is not None]
        if known:
            filled = colour if style == "-" else _GROUND
            axes.plot(
                *zip(*known, strict=True),
                label=words,
                color=colour,
                linestyle=style,
                marker=shape,
                markersize=7,
                markerfacecolor=filled,
                markevery=7 if len(days) >= _MANY_DAYS else 1,
                linewidth=2,
            )
    _explain(axes, "Time per run")
    highest = max(value for day in days for value in day["seconds"] if value is not None)
    axes.set_ylim(0, max(highest * 1.1, 1))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _span(value)))
    axes.grid(axis="y")
    _name_days(axes, days)


def _changed(axes: Axes, graph: Graph) -> None:
    changed = graph["changed"]
    most = max(times for _, times in changed)
    places = range(len(changed))
    axes.barh(places, [times for _, times in changed], 0.36, color="#f0b429", hatch="//", edgecolor=_INK)
    for place, (name, times) in enumerate(changed):
        axes.text(most * 0.004, place - 0.24, f"{name}: {_times_words(times)}", va="bottom", fontsize=15)
    axes.set_ylim(len(changed) - 0.7, -0.85)
    axes.set_xlim(0, most * 1.02)
    axes.set_axis_off()
    axes.set_title("Changed most often")


def _explain(axes: Axes, title: str) -> None:
    """The title, and below it what each hatch or shape means."""
    kinds = len(axes.get_legend_handles_labels()[0])
    axes.set_title(title, pad=14 + 21 * -(-kinds // 2))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.02), ncols=2, borderpad=0, borderaxespad=0, handlelength=2.2)


def _count_upwards(axes: Axes) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.grid(axis="y")
    axes.set_axisbelow(True)


def _name_days(axes: Axes, days: Sequence[Graph]) -> None:
    step = -(-len(days) // _TICKS)
    places = range(len(days) - 1, -1, -step)  # counted from the end: the last day is the one asked for
    axes.set_xticks(list(places), [_day_words(days[place]) for place in places])
    room = max(0.6, (4 - len(days)) / 2)  # a single bar is no wall
    axes.set_xlim(-room, len(days) - 1 + room)


def _day_words(day: Graph) -> str:
    return str(day["day"])


def _side(place: int, days: int) -> str:
    """On which side of a point its words stand, so that they stay within the picture."""
    if place < days / 4:
        return "left"
    return "right" if place > days * 3 / 4 else "center"


def _bad(day: Graph) -> int:
    return sum(day["counts"][one] for one in _BAD)


def _total(counts: dict[str, int]) -> int:
    return sum(counts.values())


def _rate(counts: dict[str, int]) -> float | None:
    good = counts["up_to_date"] + counts["modified"]
    ended = good + counts["failed"] + counts["timed_out"]
    return good / ended if ended else None


def _percent(rate: float) -> str:
    """A share in percent that says 100 only when nothing is missing, and 0 only when there is nothing."""
    if rate in {0, 1}:
        return f"{rate * 100:.0f}%"
    return f"{min(max(rate * 100, 0.1), 99.9):.1f}%"


def _times_words(times: int) -> str:
    return "once" if times == 1 else f"{times:,} times"


def _span(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004 - below two minutes seconds say more
        return f"{seconds:g} s"
    if seconds < 7_200:  # noqa: PLR2004 - and below two hours minutes do
        return f"{seconds / 60:g} min"
    return f"{seconds / 3600:.1f} h"


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """Draw each line of ``source`` until it ends."""
    warnings.simplefilter("ignore", UserWarning)  # a character that the font has not becomes a box
    mpl.rcParams.update(_STYLE)
    for line in source:
        picture = draw(json.loads(line))
        sink.write(f"{len(picture)}\n".encode())
        sink.write(picture)
        sink.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
