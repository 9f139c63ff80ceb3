"""Texts that people and devices may write to break a message, in every template and every place that takes text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from demo.gallery.entries import Entry
from demo.gallery.samples import NIGHT, make_batch, make_run
from domain.errors import UnknownName
from domain.failures import FailureKind
from domain.outcomes import Outcome
from notifications import changes, pages, views
from notifications.previewing import ConfigDiff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEXTS: Final = {
    "mentions": "<!channel> <!here> <@U02ANNA> <!subteam^S03TEAM> @everyone @here #general",
    "markup": "``` `code` *bold* _it_ ~no~ > quote :tada: <https://evil.example|core-sw1> &lt;b&gt;",
    "script": "</script><script>window.hostile = 1</script><img src=x onerror='window.hostile = 1'>",
    "template": "{{ 7 * 7 }} {% include 'x' %} {# gone? #} ${7*7} \\u003c \"quoted\", \\",
    "right to left": "\u202egnorw\u202c مرحبا \u2066core\u2069 שלום ws-1\u200f",
    "zalgo": "".join(letter + "\u0300\u0301\u0316\u0335\u0336\u0489" * 4 for letter in "core-sw1"),
    "emoji and halves": "👩\u200d👧\u200d👦 🇩🇪 e\u0301 \ud800 \x00\x07\x1b[31mred\x1b[0m \ufeff",
    "one long word": "x" * 4_000,
    "many words": "switch behind the third cabinet " * 125,
    "many lines": "first\nsecond\r\n\n\n" + "line\n" * 300,
}


def entries() -> Iterator[Entry]:
    """Every template with every text."""
    for named, text in TEXTS.items():
        for template, context in every_template(text).items():
            yield Entry(group=f"Hostile: {named}", state=template, template=template, context=context)


def every_template(text: str) -> Mapping[str, views.Context]:
    """Each template with ``text`` wherever people or devices may have written something."""
    run = make_run(Outcome.MODIFIED, device=text, site=text, facts=text, base_version=1, version=2, asked_by=None)
    failed = replace(run, outcome=Outcome.FAILED, reason=FailureKind.COMMAND_REJECTED)
    facts: views.Context = {"captured_at": NIGHT, "last_checked_at": NIGHT, "author": text}
    button = views.Button(text=text, action="do:now", value=text, label=text)
    agent = pages.AgentLine(name=text, connected=True, since=NIGHT, running=1, waiting=0, concurrency=5)
    batch = make_batch(3, {Outcome.MODIFIED: 3}, site=text, asked_by=text)
    return {
        "run": views.run_message(failed, text, facts=text),
        "run_details": views.run_details(run, text, facts=text, command=text),
        "batch": pages.batch_message(batch, text, [run] * 3),
        "batch_troubles": pages.batch_troubles([failed] * 3, failed=1_000, more_diffs=True),
        "refusal": views.refusal(UnknownName("device", text, similar=(text,)).advice, command=text),
        "help": views.help_page([(text, text)] * 3, remark=text),
        "picker": views.picker("now", question=text, placeholder=text, full=text),
        "history": pages.history([run] * 3, {}, about=text, command=text, older=text),
        "devices": pages.devices([(text, text, None, run)] * 3, total=3, command=text, older=text),
        "agents": pages.agents([agent] * 3, command=text),
        "diff": changes.diff(text, ConfigDiff(f"@@ -1 +1 @@\n-{text}\n+{text}\n", 1, 1), before=1, after=2, command=text),
        "show": changes.show(text, text, version=1, facts=facts, command=text),
        "trust": views.trust(text, old=text, new=text, command=text),
        "started": views.started(text, sentence=text),
        "cancelled": views.cancelled(run, command=text),
        "notice": views.notice(text, command=text, buttons=[button] * 3),
        "moved_to_dm": views.moved_to_dm(text, text, command=text),
    }
