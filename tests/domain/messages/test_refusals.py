"""The table of Slack's codes: each of the few that decide most, and what is not there."""

from __future__ import annotations

import pytest

from domain.messages.refusals import CODES, RefusalKind, about, may_be_of_one_method


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("msg_blocks_too_long", RefusalKind.MESSAGE),
        ("file_uploads_disabled", RefusalKind.MESSAGE),
        ("is_inactive", RefusalKind.PLACE),
        ("cannot_dm_bot", RefusalKind.PLACE),
        ("messages_tab_disabled", RefusalKind.PLACE),
        ("used_url", RefusalKind.PLACE),
        ("http_404", RefusalKind.PLACE),
        ("token_revoked", RefusalKind.APP),
        ("two_factor_setup_required", RefusalKind.APP),
        ("message_limit_exceeded", RefusalKind.APP),
        ("http_407", RefusalKind.APP),
        ("internal_error", RefusalKind.PASSING),
        ("request_timeout", RefusalKind.PASSING),
        ("a_code_of_next_year", RefusalKind.APP),
        ("", RefusalKind.APP),
    ],
)
def test_a_code_is_about(code: str, kind: RefusalKind) -> None:
    assert about(code) is kind


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive", "team_added_to_org"])
def test_a_token_that_is_not_good_concerns_every_method(code: str) -> None:
    assert not may_be_of_one_method(code)


@pytest.mark.parametrize("code", ["missing_scope", "unknown_method", "http_403", "a_code_of_next_year"])
def test_what_may_concern_one_method_alone(code: str) -> None:
    assert may_be_of_one_method(code)


def test_every_code_is_a_word_as_slack_writes_it() -> None:
    assert [code for code in CODES if not code.replace("_", "").isalnum() or code != code.lower()] == []
