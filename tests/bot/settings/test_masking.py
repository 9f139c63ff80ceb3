"""Masking rules of one's own are checked at the start, and none of them can hold the bot up."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from bot.settings.loading import Settings
from domain.configs.masking import mask, without_secrets
from domain.errors import SettingsError
from runners.platforms.reading import load_platforms

if TYPE_CHECKING:
    from pathlib import Path

IOS = load_platforms()["cisco_ios"]


def load(folder: Path, *rules: dict[str, Any]) -> Settings:
    """The settings of a file that holds these rules."""
    file = folder / "app.yaml"
    sites = {"plant-a": {"name": "Plant A"}}
    file.write_text(yaml.safe_dump({"sites": sites, "masking": list(rules)}), encoding="utf-8")
    return Settings.load(file, {}, need_slack=False)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"pattern": "(key )["}, "is not a valid RE2 expression: missing ]"),
        ({"pattern": "(?<=key )(x)y"}, "no look-ahead, look-behind or back-references"),
        ({"pattern": r"(key )\1"}, "is not a valid RE2 expression"),
        ({"pattern": r"key \S+"}, "needs one group (...) around the part that may be shown"),
        ({"pattern": r"(key) (\S+)"}, "needs one group"),
        ({"pattern": r"^key (\S+)"}, "masks nothing: only what follows the group is masked"),
        ({"pattern": r"^key (?P<secret>[^)]+)$"}, "masks nothing"),
        ({"pattern": r"(k )(?:x{900}){900}"}, "is not a valid RE2 expression"),
        ({"pattern": r"(k )" + "x" * 600}, "500"),
        ({"pattern": r"(key )\S+", "sites": "plant-b"}, "plant-b"),
        ({"pattern": r"(key )\S+", "platforms": ["cisco_iso"]}, "cisco_ios"),
        ({"patern": r"(key )\S+"}, "did you mean pattern?"),
    ],
    ids=str,
)
def test_wrong_rule_stops_the_start_and_is_named_c4(tmp_path: Path, rule: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, {"pattern": r"(good )\S+"}, rule)

    assert all("masking.1" in problem for problem in refused.value.problems)
    assert any(words in problem for problem in refused.value.problems)


def test_right_rule_masks_what_follows_its_group_c4(tmp_path: Path) -> None:
    [rule] = load(tmp_path, {"pattern": r"^(license (?:key|code\)) )\S+"}).masking

    masked = without_secrets("ä\nlicense code) äöü x\n", [rule.expression], lambda secret: secret.upper())

    assert masked == "ä\nlicense code) <secret ÄÖÜ> x\n"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "pattern",
    [r"^(a)(?:a+)+$", r"(a)(?:a|a)*b", r"(a)(?:.*a){12}", r"(\s)\s*\s*\s*x"],
    ids=["nested", "twin", "12", "blanks"],
)
def test_evil_rule_takes_no_longer_than_its_text_is_c4(tmp_path: Path, pattern: str) -> None:
    [rule] = load(tmp_path, {"pattern": pattern}).masking

    for text in ("a" * 50_000 + "!", "a " * 25_000, " " * 50_000):
        assert without_secrets(text, [rule.expression], lambda _: "").count("\n") == 0


def test_own_rule_and_those_of_the_platform_make_one_tag_of_what_both_find_c4(tmp_path: Path) -> None:
    [rule] = load(tmp_path, {"pattern": r"^(enable )\S+ \S+ \S+"}).masking
    both = replace(IOS, secrets=(*IOS.secrets, rule.expression))

    masked = mask("enable secret 5 Zq7x9Kw\nenable secret 9 Yw8k3Pq\n", both, b"salt").text

    assert re.fullmatch("(enable <secret [0-9a-f]{4}>\n){2}", masked)
