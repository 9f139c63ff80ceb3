"""Platform files: the built-in ones stand, the user's own add to them, and a mistake is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.configs.structure.kinds import Structure
from domain.errors import SettingsError
from runners.platforms.reading import BUILT_IN, load_platforms

if TYPE_CHECKING:
    from pathlib import Path

HOLES = yaml.safe_load((BUILT_IN / "common.yaml").read_text())["holes"]
VYOS = load_platforms()["vyos"]
GOOD = "title: Acme\nprompt: '^acme[>#] ?$'\nconfig: [show all]\n"


def test_every_platform_of_the_first_hour_is_there() -> None:
    assert set(load_platforms()) == {
        *("cisco_ios", "cisco_nxos", "arista_eos", "juniper_junos", "mikrotik_routeros", "fortinet_fortios"),
        *("vyos", "frr", "linux"),
    }


def test_own_folder_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "acme_os.yaml").write_text(GOOD)
    (tmp_path / "vyos.yaml").write_text(GOOD)

    platforms = load_platforms(tmp_path)

    assert platforms["acme_os"].config == ("show all",)
    assert platforms["vyos"].title == "Acme"
    assert platforms["acme_os"].pager is not None  # from what all platforms share


@pytest.mark.parametrize("structure", Structure)
def test_own_file_says_how_its_texts_are_built(tmp_path: Path, structure: Structure) -> None:
    (tmp_path / "acme_os.yaml").write_text(f"{GOOD}structure: {structure.value}\n")
    (tmp_path / "silent_os.yaml").write_text(GOOD)

    platforms = load_platforms(tmp_path)

    assert platforms["acme_os"].structure is structure
    assert platforms["silent_os"].structure is Structure.INDENT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(GOOD + "colour: red\n", "colour: unknown key", id="unknown key"),
        pytest.param(GOOD + "volatile: ['(']\n", "volatile.0: not a regular expression", id="bad expression"),
        pytest.param(GOOD + "secrets: ['^password .*']\n", "secrets.0: needs one group", id="secret without a group"),
        pytest.param(GOOD + "author: 'by (.*)'\n", "author: needs a group (?P<who>...)", id="author without a name"),
        pytest.param(GOOD + "must: ['^(']\n", "must.0: not a regular expression", id="bad proof"),
        pytest.param(GOOD + "shortest: 0\n", "shortest: Input should be greater", id="nothing is enough"),
        pytest.param(GOOD + "enter: crlf\n", "enter: Input should be 'lf' or 'cr'", id="unknown key to press"),
        pytest.param(GOOD + "structure: tabs\n", "structure: Input should be 'indent', 'b", id="no such structure"),
        pytest.param(GOOD + "limits: {silence: 5}\n", "limits.silence: ", id="span without a unit"),
        pytest.param(GOOD + "limits: {silence: 0s}\n", "limits.silence: Input should be greater", id="no patience"),
        pytest.param(GOOD + "exec: maybe\n", "exec: Input should be a valid boolean", id="wrong type"),
        pytest.param(GOOD + "enable: {when: x}\n", "enable.send: Field required", id="part missing"),
        pytest.param(GOOD + 'paging_off: ["a\\nb"]\n', "paging_off.0: ", id="two lines in a command"),
        pytest.param("title: Acme\nprompt: x\n", "config: name the command", id="no command"),
        pytest.param("title: [", "not YAML", id="broken YAML"),
        pytest.param("- a\n", "must be a list of keys with values", id="no keys"),
        pytest.param("", "must be a list of keys with values", id="empty"),
    ],
)  # fmt: skip
def test_mistake_is_refused_with_file_key_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "acme_os.yaml").write_text(text)

    with pytest.raises(SettingsError) as caught:
        load_platforms(tmp_path)

    assert caught.value.problems[0].startswith(f"{tmp_path / 'acme_os.yaml'}: {reason}")


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "acme_os.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SettingsError, match="cannot be read"):
        load_platforms(tmp_path)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such folder"):
        load_platforms(tmp_path / "nowhere")


@pytest.mark.parametrize("hole", HOLES)
@given(st.data())
def test_each_common_hole_is_found_whatever_it_begins_with(hole: str, data: st.DataObject) -> None:
    pattern = re.compile(hole, re.MULTILINE)
    line = data.draw(st.from_regex(pattern, alphabet=st.characters(codec="ascii")))

    assert any(one.search("\n" + line) for one in VYOS.holes)
