"""The table of Slack's codes: each of the few that decide most, and what is not there."""

from __future__ import annotations

import pytest

from domain.messages.refusals import CODES, About, about, may_be_of_one_method


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("msg_blocks_too_long", About.MESSAGE),
        ("file_uploads_disabled", About.MESSAGE),
        ("is_inactive", About.PLACE),
        ("cannot_dm_bot", About.PLACE),
        ("messages_tab_disabled", About.PLACE),
        ("used_url", About.PLACE),
        ("http_404", About.PLACE),
        ("token_revoked", About.APP),
        ("two_factor_setup_required", About.APP),
        ("message_limit_exceeded", About.APP),
        ("http_407", About.APP),
        ("internal_error", About.PASSING),
        ("request_timeout", About.PASSING),
        ("a_code_of_next_year", About.APP),
        ("", About.APP),
    ],
)
def test_a_code_is_about(code: str, kind: About) -> None:
    assert about(code) is kind


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive", "team_added_to_org"])
def test_a_token_that_is_not_good_concerns_every_method(code: str) -> None:
    assert not may_be_of_one_method(code)


@pytest.mark.parametrize("code", ["missing_scope", "unknown_method", "http_403", "a_code_of_next_year"])
def test_what_may_concern_one_method_alone(code: str) -> None:
    assert may_be_of_one_method(code)


def test_every_code_is_a_word_as_slack_writes_it() -> None:
    assert [code for code in CODES if not code.replace("_", "").isalnum() or code != code.lower()] == []
