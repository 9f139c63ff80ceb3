"""The catalogue: on every platform each line's secrets are masked, and everything beside them stays readable."""

from __future__ import annotations

import itertools
import re
import string
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.configs.leaks import Secrets, stands_out
from domain.configs.masking import mask, secret_change
from runners.platforms.reading import load_platforms
from tests.domain.configs.secrets.secret_lines import CatalogueLine, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

PLATFORMS = load_platforms()
SALT = b"of this installation"
ENTRIES = read_catalogue()
WITH_SECRETS = [entry for entry in ENTRIES if entry.has_secrets]
USER_MADE = replace(PLATFORMS["cisco_ios"], name="acme_switch", secrets=())  # a platform file without a rule

ANY_VALUE = st.text(string.ascii_letters + string.digits, min_size=10, max_size=24).filter(stands_out)
WORDS = """
    password passwd passphrase secret key psk community token md5 sha sha256 auth admin-password db_password
    privateKey PRESHARED_KEY wpa-psk api-token hmac-sha-256
"""
TELLING = st.sampled_from(WORDS.split())
FORMS = st.sampled_from(
    [
        "{word} {value}",
        " {word} 7 {value}",
        "set thing {word} 0 {value} and more",
        '{word} "{value}"',
        "{word} '{value}'",
        "{word}={value}",
        "more {word}={value} and={word}",
        "{word} = {value}",
        "{word}: {value}",
        '  "{word}": "{value}",',
        "{{'{word}': '{value}'}}",
        "<{word}>{value}</{word}>",
        '<thing {word}="{value}"/>',
        "\t{word} encrypted {value};",
        "  {word}: |\n    {value}\n  next: line",
        "- {word}: >-\n    {value}\n\n  next: line",
        "<{word}>\n  {value}\n</{word}>",
        "<{word}><![CDATA[{value}]]></{word}>",
    ]
)
LATER_FORMS = st.sampled_from(
    [
        "{word}:\n  {value}\nnext: line",
        '"{word}":\n"{value}",\n"next": 1',
        "{word}:\n  - {value}\n  - '{value}'\nnext: line",
        '"{word}": ["{value}", "{value}"], "next": 1',
        "{word}: [\n  {value},\n  '{value}' # the second\n]",
    ]
)


def values(form: str) -> Callable[[], str]:
    """Makes up one value after the other, each longer than those before it."""
    numbers = itertools.count(1000)
    return lambda: form.format(next(numbers))


def shown(text: str, platform: str) -> str:
    """``text`` within a configuration as it is shown, tags without their digits."""
    masked = mask(f"hostname a\n{text}\nend\n", PLATFORMS[platform], SALT).text
    return re.sub("<secret [0-9a-f]{4}>", "<secret>", masked).removeprefix("hostname a\n").removesuffix("\nend\n")


def test_the_catalogue_holds_hundreds_of_lines_of_every_platform() -> None:
    held = Counter(entry.platform for entry in WITH_SECRETS)
    readable = Counter(entry.platform for entry in ENTRIES if not entry.has_secrets)

    assert sum(held.values()) >= 300
    assert set(held) == set(readable) == set(PLATFORMS)


@pytest.mark.parametrize("form", ["Inv{}Zq7x", "orchid{}", "{}4711"], ids=["odd", "a word", "a number"])
@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_every_secret_of_the_catalogue_is_masked_and_nothing_beside_it(platform: str, form: str) -> None:
    value = values(form)
    entries = [entry for entry in ENTRIES if entry.platform == platform]

    found = {entry.marked: shown(entry.filled(value)[0], platform) for entry in entries}

    assert {line: text for line, text in found.items() if text != expected(line)} == {}


def expected(marked: str) -> str:
    """What is shown of a marked line."""
    return CatalogueLine("", marked).expected


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_masked_text_holds_no_secret_keeps_its_lines_and_is_masked_already(platform: str, data: st.DataObject) -> None:
    entries = data.draw(st.lists(st.sampled_from(WITH_SECRETS), min_size=1, max_size=8))
    filled = [entry.filled(lambda: data.draw(ANY_VALUE)) for entry in entries if entry.platform == platform]
    text = "\n".join(["hostname a", *(line for line, _ in filled), "end"])

    masked = mask(text, PLATFORMS[platform], SALT)

    assert [secret for _, secrets in filled for secret in secrets if secret in masked.text] == []
    assert masked.text.count("\n") == text.count("\n")
    assert mask(masked.text, PLATFORMS[platform], SALT).text == masked.text


@settings(max_examples=200, deadline=None)
@given(word=TELLING, value=ANY_VALUE, form=FORMS)
def test_a_platform_of_the_users_own_is_under_the_net_without_any_rule(word: str, value: str, form: str) -> None:
    text = f"first line\n{form.format(word=word, value=value)}\nlast line\n"

    masked = mask(text, USER_MADE, SALT)

    assert value not in masked.text
    assert masked.text.startswith("first line\n")
    assert masked.text.endswith("\nlast line\n")
    assert mask(masked.text, USER_MADE, SALT).text == masked.text


@settings(max_examples=150, deadline=None)
@given(
    word=TELLING.filter(lambda word: word not in {"md5", "sha", "sha256", "auth", "hmac-sha-256"}),
    value=ANY_VALUE,
    form=LATER_FORMS,
)
def test_values_on_later_lines_and_in_lists_are_under_the_net_and_what_is_behind_them_is_not(
    word: str, value: str, form: str
) -> None:
    text = f"first: line\n{form.format(word=word, value=value)}\nlast: line\n"

    masked = mask(text, USER_MADE, SALT).text

    assert value not in masked
    assert masked.startswith("first: line\n")
    assert ("next: line" in masked) == ("next: line" in text)
    assert masked.endswith("\nlast: line\n")
    assert masked.count("\n") == text.count("\n")
    assert mask(masked, USER_MADE, SALT).text == masked


@pytest.mark.parametrize(
    "entry", [one for one in WITH_SECRETS if "…" in one.marked][::4], ids=lambda one: one.marked[:40]
)
def test_another_value_in_a_line_is_counted_as_one_changed_secret_for_each_place(entry: CatalogueLine) -> None:
    before, _ = entry.filled(values("Inv{}Zq7x"))
    after, changed = entry.filled(values("Inv{}Yw8k"))

    found = secret_change(f"a\n{before}\nb\n", f"a\n{after}\nb\n", PLATFORMS[entry.platform])

    assert (found.count, found.is_all) == (entry.marked.count("…"), True), changed


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_the_last_look_knows_every_secret_of_the_catalogue(platform: str) -> None:
    value = values("Inv{}Zq7x")
    filled = [entry.filled(value) for entry in WITH_SECRETS if entry.platform == platform]
    masked = mask("\n".join(text for text, _ in filled), PLATFORMS[platform], SALT)

    looked_for = Secrets.of(masked.secrets, shown=masked.text)

    made_up = [secret for _, secrets in filled for secret in secrets if "Zq7x" in secret]
    assert [secret for secret in made_up if not looked_for.are_in({"text": f"it is {secret}."})] == []
    assert not looked_for.are_in({"text": masked.text})


def test_a_private_key_leaves_as_many_lines_as_it_had_and_a_certificate_stays() -> None:
    body = "bWFkZVVwTm90UmVhbAAAAAAAAAAA\n" * 5
    text = f"-----BEGIN EC PRIVATE KEY-----\n{body}-----END EC PRIVATE KEY-----\n"
    public = f"-----BEGIN CERTIFICATE-----\n{body.replace('WFk', 'XFj')}-----END CERTIFICATE-----\n"

    masked = mask(public + text, USER_MADE, SALT).text

    assert masked.startswith(public)
    assert "bWFk" not in masked.removeprefix(public)
    assert masked.count("\n") == (public + text).count("\n")


def test_a_private_key_that_was_cut_off_is_masked_as_far_as_it_goes() -> None:
    body = "bWFkZVVwTm90UmVhbAAAAAAAAAAA\n" * 5

    masked = mask(f"-----BEGIN RSA PRIVATE KEY-----\n{body}interface Vlan1\n", USER_MADE, SALT).text

    assert "bWFk" not in masked
    assert masked.endswith("\ninterface Vlan1\n")


def test_a_tag_is_one_word_to_every_rule_and_never_masked_again() -> None:
    text = "set service snmp community Zq7x9Kw authorization ro\n"

    once = mask(text, PLATFORMS["vyos"], SALT).text

    assert re.fullmatch("set service snmp community <secret [0-9a-f]{4}> authorization ro\n", once)
    for platform in PLATFORMS.values():
        assert mask(once, platform, SALT).text == once


def test_letters_whose_small_form_is_longer_shift_nothing() -> None:
    masked = mask("description İİİİ\n password 7 Zq7x9Kw\n", PLATFORMS["cisco_ios"], SALT).text

    assert re.fullmatch("description İİİİ\n password 7 <secret [0-9a-f]{4}>\n", masked)


@pytest.mark.parametrize(
    "piece",
    [
        "key = ",
        "<key ",
        '\\"key\\": \\"',
        "://a:b@c",
        "a:1:b:c:",
        "key \\\n    a",
        "-----BEGIN A KEY-----\n",
        "key:\n",
        "key: |\n x\n",
        "key: |\n -----begin \n",
        'keys: ["a", ',
        "key=[yes, ",
        "key=[",
        "key:\n- yes\n",
        "key:\n yes\n",
        'key = """\n',
        "password\nlogin a ",
        "<key>\n a",
        "key> ",
        "<key><![cdata[ ",
    ],
)
def test_what_begins_like_a_secret_a_hundred_thousand_times_costs_no_more_than_its_length(piece: str) -> None:
    text = piece * 100_000  # a walk for each of them would take hours, and pytest's own limit ends it

    assert mask(text, USER_MADE, SALT).text.count("\n") == text.count("\n")


@pytest.mark.parametrize("piece", ["/snmp community\n", "/snmp community\nadd name=", "name=\\\n    x", 'name="a\\'])
def test_menu_of_secrets_is_walked_through_once(piece: str) -> None:
    text = "/snmp community\n" + piece * 50_000

    assert mask(text, PLATFORMS["mikrotik_routeros"], SALT).text.count("\n") == text.count("\n")
