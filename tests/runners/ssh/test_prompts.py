"""Prompts: what may move in one, and what makes two drawings the same."""

from __future__ import annotations

import pytest

from runners.ssh.shell.prompts import Prompt


@pytest.mark.parametrize(
    ("learned", "line"),
    [
        ("core-2#", "core-2#"),
        ("core-2#", "core-2# "),
        ("core-2#", "core-2(config-if)#"),
        ("core-2(config)#", "core-2#"),
        ("core-2#", "*core-2#"),
        ("*A:core-2#", "A:core-2#"),
        ("core-2*>", "core-2>"),
        ("core-2 14:59:58#", "core-2 15:00:00#"),
        ("core-2.9:05#", "core-2.10:00#"),
        ("fw(Primary) $ ", "fw(Secondary) $ "),
        ("[ops@gw] > ", "[ops@gw] >"),
        ("(M) fw #", "(M) fw (global) #"),
        ("ops@vy:~$ ", "ops@vy:~$ "),
        ("core-2#", "+ core-2#"),
        ("!core-2#", "* core-2(cfg)*#"),
        ("**core-2>", "*core-2>"),
        ("core-2", "core-2 [x]~"),
        ("9:05#", "23:59:01.5#"),
    ],
)
def test_prompt_is_found_again_t4(learned: str, line: str) -> None:
    assert Prompt(learned).is_shown(line)


@pytest.mark.parametrize(
    ("learned", "line"),
    [
        ("core-2#", "core-2>"),
        ("core-2#", "core-21#"),
        ("core-2#", "core-2#show version"),
        ("core-2#", " core-2#"),
        ("core-2 14:59:58#", "core-3 14:59:58#"),
        ("[ops@gw] > ", "[ops@gw]"),
        ("core-2#", ""),
        ("core-2#", "*  core-2#"),
        ("core-2#", "**core-2#"),
        ("core-2#", "core-2#core-2#"),
        ("core-2%", "core-2#"),
    ],
)
def test_another_line_is_not_the_prompt_t4(learned: str, line: str) -> None:
    assert not Prompt(learned).is_shown(line)


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("sw:1>", "sw:2>", "sw:173>"),
        ("sw#4#", "sw#5#", "sw#10#"),
        ("<sw-idle>", "<sw-busy>", "<sw-idle>"),
        ("sw 1/7>", "sw 2/7>", "sw 3/8>"),
        ("sw>", "sw backup>", "sw>"),
    ],
)
def test_prompt_that_changes_is_learned_from_two_drawings_t4(first: str, second: str, third: str) -> None:
    prompt = Prompt(first).drawn_again(second)

    assert prompt
    assert prompt.is_shown(third)


@pytest.mark.parametrize(("first", "second"), [("sw1>", "%%%#"), ("a#", "b#"), ("sw>", "x" * 90 + ">")])
def test_two_lines_with_nothing_in_common_are_no_prompt_drawn_twice_t4(first: str, second: str) -> None:
    assert Prompt(first).drawn_again(second) is None
