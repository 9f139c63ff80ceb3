"""The chart inside a ``data_visualization`` block: line, bar, area or pie.

Slack's own reference is terse here; the bounds are those that client libraries agree on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo.slack.blocks import limits
from demo.slack.blocks.rules import Shape, anything, array, by_type, number, string

if TYPE_CHECKING:
    from demo.slack.blocks.rules import Rule, Sheet

_LABEL: Final = string(limits.CHART_LABEL, counted=True)
_AXIS_LABEL: Final = string(limits.CHART_TITLE, counted=True)


def _positive(value: object, at: str, sheet: Sheet) -> None:
    number(value, at, sheet)
    if isinstance(value, int | float) and value <= 0:
        sheet.note("must be greater than 0", at)


def _points_match_categories(chart: dict[str, Any], at: str, sheet: Sheet) -> None:
    axis, series = chart.get("axis_config"), chart.get("series")
    if not isinstance(axis, dict) or not isinstance(series, list):
        return
    categories = axis.get("categories")
    lines = [one for one in series if isinstance(one, dict)]
    if len({str(one.get("name")) for one in lines}) < len(lines):
        sheet.note("series names must be unique", f"{at}/series")
    for place, one in enumerate(lines):
        data = one.get("data")
        points = [point for point in data if isinstance(point, dict)] if isinstance(data, list) else []
        if [point.get("label") for point in points] != categories:
            sheet.note("needs one point for each category, in order", f"{at}/series/{place}/data")


_POINT: Final = Shape({"label": _LABEL, "value": number})
_SERIES: Final = Shape({"name": _LABEL, "data": array(_POINT, most=limits.CHART_POINTS)})
_AXIS: Final = Shape(
    {"categories": array(_LABEL, most=limits.CHART_POINTS)}, {"x_label": _AXIS_LABEL, "y_label": _AXIS_LABEL}
)
_LINES: Final = Shape(
    {"type": anything, "series": array(_SERIES, most=limits.CHART_SERIES), "axis_config": _AXIS},
    {},
    (_points_match_categories,),
)
_SEGMENT: Final = Shape({"label": _LABEL, "value": _positive})
_PIE: Final = Shape({"type": anything, "segments": array(_SEGMENT, most=limits.CHART_SERIES)})

CHART: Final[Rule] = by_type({"line": _LINES, "bar": _LINES, "area": _LINES, "pie": _PIE}, what="chart")
