"""What the messages say, and that nothing written by people or devices can break them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from demo.slack.blocks.contents import check_message_blocks
from demo.slack.client.mrkdwn import mentions
from domain.errors import UnknownName
from domain.failures import FailureKind, advice_for
from domain.runs.batches import BatchFailures
from domain.runs.causes import TimeoutCause
from domain.runs.evidence import Evidence, Step
from domain.runs.outcomes import Outcome
from domain.runs.run import CANCELLED_BY
from notifications.pages import answers, batches, configs, runs
from notifications.previews import ConfigDiff
from notifications.rendering import limits
from notifications.rendering.escaping import code, cut, length, mrkdwn, plain
from notifications.rendering.evidence import how_far
from notifications.rendering.renderer import Content, Renderer
from notifications.rendering.units import duration
from tests.notifications.values import ended_run, every_message, make_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.runs.run import Run

RENDERER = Renderer()
TEMPLATES = Path(__file__).parents[3] / "templates"
HOSTILE = st.one_of(
    st.text(max_size=4_000),
    st.lists(
        st.sampled_from(
            [
                *("<!channel>", "<@U02ANNA>", "<!subteam^S01>", "@here", "`", "*", "_", "~", "&", "<", ">", "&amp;"),
                *('"', "\\", "\n", "\r\n", "\x00", "\u202e", "\ud800", "\U0001f469\u200d\U0001f467", "e\u0301"),
                *("{{ 7 }}", "{% raw %}", "http://x.example", " can grant it.", "x" * 500, "🟢" * 100, "&<>" * 400),
            ]
        ),
        max_size=60,
    ).map("".join),
)


def shown(run: Run, facts: str = "") -> str:
    return "\n".join(texts_in(RENDERER.render("run", runs.run_message(run, "Plant A", facts=facts)).blocks))


def texts_in(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from texts_in(one)
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts_in(value)


def marked_up(part: object) -> Iterator[str]:
    """Every text that Slack reads as mrkdwn."""
    if isinstance(part, list):
        for one in part:
            yield from marked_up(one)
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for value in part.values():
            yield from marked_up(value)


def assert_harmless(content: Content) -> None:
    check_message_blocks(json.loads(json.dumps(content.blocks)))
    assert content.text.strip()
    assert length(content.text) <= limits.TEXT
    for text in (content.text, *marked_up(content.blocks)):
        assert mentions(text) == ()


@pytest.mark.parametrize(
    "mark",
    ["\u202e", "\u2067", "\u200e", "\u200f", "\u061c", "\u00ad", "\u206a", "\U000e0041"],
    ids=["override", "isolate", "left-to-right", "right-to-left", "arabic-letter", "soft-hyphen", "old-mark", "tag"],
)
def test_marks_that_are_not_seen_are_taken_out_of_names(mark: str) -> None:
    name = f"core{mark}-sw1"

    assert {plain(name), mrkdwn(name), code(name).strip("`")} == {"core-sw1"}


@given(text=HOSTILE)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_text_gives_valid_messages_that_mention_nobody(text: str) -> None:
    rendered = {name: RENDERER.render(name, context) for name, context in every_message(text).items()}

    for content in rendered.values():
        assert_harmless(content)


@given(text=st.text(alphabet="ab&<>;\u0301\u200d👍`", max_size=80), most=st.integers(4, 60))
@settings(max_examples=300, deadline=None)
def test_cutting_keeps_within_the_limit_and_leaves_entities_whole(text: str, most: int) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    done = cut(escaped, most)

    assert length(done) <= most
    rest = done.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in rest


@pytest.mark.parametrize("template", sorted(str(one.relative_to(TEMPLATES)) for one in TEMPLATES.rglob("*.j2")))
def test_template_declares_its_context_in_its_first_comment(template: str) -> None:
    source = (TEMPLATES / template).read_text("utf-8")

    comment = source.partition("-#}")[0]

    assert comment.startswith("{#-")
    assert "Context:" in comment


def test_missing_context_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(UndefinedError):
        RENDERER.render("refusal", {})


@pytest.mark.parametrize("outcome", Outcome)
def test_h1_chip_is_emoji_and_word(outcome: Outcome) -> None:
    assert outcome.chip in shown(ended_run(outcome) if outcome.is_final else make_run(outcome=outcome))


def test_h1_first_capture_says_baseline_and_shows_no_changed_lines() -> None:
    run = ended_run(Outcome.UP_TO_DATE, version=1)

    content = RENDERER.render("run", runs.run_message(run, "Plant A", lines=412))

    assert "baseline stored, 412 lines" in "\n".join(texts_in(content.blocks))
    assert "+" not in content.text


def test_modified_run_says_lines_version_time_and_who() -> None:
    run = ended_run(Outcome.MODIFIED, base_version=4, version=5, added=3, removed=1, attempts=2)

    text = shown(run)

    for part in ("+3 \N{MINUS SIGN}1 lines", "version 5", "4 s", "2 attempts", "<@U02ANNA>", "run 123"):
        assert part in text


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        pytest.param(make_run(), ["do:cancel"], id="unfinished"),
        pytest.param(ended_run(Outcome.UP_TO_DATE, version=1), ["do:run", "do:now"], id="good"),
        pytest.param(
            ended_run(Outcome.FAILED, reason=FailureKind.HOST_KEY_CHANGED),
            ["do:run", "do:now", "do:trust"],
            id="host key changed",
        ),
    ],
)
def test_buttons_fit_the_state_of_the_run(run: Run, expected: list[str]) -> None:
    blocks = RENDERER.render("run", runs.run_message(run, "Plant A")).blocks

    buttons = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]

    assert [button["action_id"] for button in buttons] == expected
    assert all("core-sw1" in button["accessibility_label"] for button in buttons)


def test_failed_run_says_what_helps_and_shows_the_devices_words_harmlessly() -> None:
    run = ended_run(Outcome.FAILED, reason=FailureKind.AUTHENTICATION)

    text = shown(run, facts="<!channel> denied `now`")

    assert "The device refused the log-in." in text
    assert "&lt;!channel&gt;" in text


def test_cancelled_run_names_who_cancelled() -> None:
    run = ended_run(Outcome.FAILED, reason=FailureKind.CANCELLED, facts=f"{CANCELLED_BY}U09BOB", asked_by=None)

    assert "Cancelled by <@U09BOB>." in shown(run)


def test_refusal_mentions_who_can_grant_and_nobody_whom_somebody_typed() -> None:
    error = UnknownName("device", "<@U0VICTIM>` <!channel>")
    granted = "You may not run backups at Plant A. <@U01OWNER>, <!subteam^S03TEAM> can grant it."

    refused, denied = (RENDERER.render("refusal", answers.refusal(text)) for text in (error.advice, granted))

    assert "<@" not in refused.blocks[0]["text"]["text"]
    assert "<!" not in refused.blocks[0]["text"]["text"]
    assert "<@U01OWNER>, <!subteam^S03TEAM> can grant it." in denied.blocks[0]["text"]["text"]


def test_d6_long_diff_shows_its_first_hunks_and_points_to_the_file() -> None:
    diff = ConfigDiff("".join(f"@@ -{n} +{n} @@\n-old {n}\n+new {n}\n" for n in range(2_000)), 2_000, 2_000)

    content = RENDERER.render("diff", configs.diff("core-sw1", diff, before=4, after=5))

    text = "\n".join(texts_in(content.blocks))
    assert "+2,000 \N{MINUS SIGN}2,000 lines" in text
    assert "+new 0" in text
    assert "the file has the whole diff" in text
    assert not configs.is_short(diff.text)


def test_a4_runs_of_a_batch_that_timed_out_say_why_cause_by_cause() -> None:
    late = ended_run(Outcome.TIMED_OUT, reason=FailureKind.NEVER_STARTED)
    queued = replace(late, cause=TimeoutCause.QUEUE, facts="It waited 30 min behind 9 runs on agent local.")
    lonely = replace(late, device="fw1", cause=TimeoutCause.NO_AGENT, facts="No agent serves the site plant-b.")

    failures = [BatchFailures(first=(queued,), count=2_000), BatchFailures(first=(lonely,), count=1)]
    shown = batches.batch_troubles(failures, failed=2_001)

    text = "\n".join(texts_in(RENDERER.render("batch_troubles", shown).blocks))
    assert "*2,000 devices*: core-sw1 and 1,999 more" in text
    assert "For example core-sw1: It waited 30 min behind 9 runs on agent local." in text
    assert "No agent started it in time. Check `/backup agents`. No agent serves the site plant-b." in text


@pytest.mark.parametrize("kind", [FailureKind.WRONG_SITE, FailureKind.NOT_DECLARED])
def test_facts_that_repeat_the_advice_are_left_out(kind: FailureKind) -> None:
    run = ended_run(Outcome.FAILED, reason=kind, facts="agent west does not serve plant-b")

    shown = "\n".join(texts_in(RENDERER.render("run", runs.run_message(run, "Plant B")).blocks))

    assert advice_for(kind).split("`")[0] in shown
    assert "agent west" not in shown


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (Evidence(step=Step.CONNECTING), "Stopped while connecting and logging in."),
        (
            Evidence(step=Step.FIRST_PROMPT, received=1, awaited="a prompt such as ^x#$"),
            (
                "Stopped after logging in, before the first prompt: received 1 byte, "
                "was waiting for a prompt such as `^x#$`."
            ),
        ),
        (
            Evidence(step=Step.ENABLE, command="<secret>", received=31),
            "Entering privileged mode: sent `<secret>`, received 31 bytes.",
        ),
        (
            Evidence(step=Step.PREPARING, command="no page", received=9, awaited="the prompt fw9>"),
            (
                "Stopped before reading the configuration: sent `no page`, received 9 bytes, "
                "was waiting for the prompt `fw9>`."
            ),
        ),
        (
            Evidence(step=Step.CONFIG, command="show conf", received=18_231, awaited="*the* end"),
            "Reading the configuration: sent `show conf`, received 18,231 bytes, was waiting for `*the* end`.",
        ),
    ],
)
def test_how_far_a_run_came_is_said_in_words(evidence: Evidence, said: str) -> None:
    assert how_far(evidence) == said


def test_d6_an_endless_line_leaves_room_for_the_lines_beside_it() -> None:
    diff = ConfigDiff("@@ -1,3 +1,3 @@\n before\n-" + "x" * 9_000 + "\n+new\n after\n", 1, 1)

    shown = str(configs.diff("core-sw1", diff, before=1, after=2)["text"])

    assert shown.startswith("@@ -1,3 +1,3 @@\n before\n-xxx")
    assert shown.endswith("…\n+new\n after")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        pytest.param(timedelta(milliseconds=300), "under 1 s", id="next to nothing"),
        pytest.param(timedelta(seconds=4, milliseconds=900), "4 s", id="seconds"),
        pytest.param(timedelta(seconds=130), "2 min 10 s", id="minutes"),
        pytest.param(timedelta(hours=2), "2 h", id="hours"),
        pytest.param(timedelta(days=1, hours=3, minutes=9), "1 d 3 h", id="days"),
        pytest.param(None, "-", id="none"),
    ],
)
def test_duration_is_told_in_words(span: timedelta | None, words: str) -> None:
    assert duration(span) == words
