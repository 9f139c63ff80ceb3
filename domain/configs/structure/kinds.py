"""How the texts of a platform are built: the values of the key ``structure`` in its file."""

from __future__ import annotations

from enum import StrEnum


class Structure(StrEnum):
    """What makes one line of a text the parent of another."""

    INDENT = "indent"  # a line with less blanks before it: IOS, EOS, NX-OS, FRRouting
    BRACES = "braces"  # {, to its }: Junos, VyOS
    CONFIG_EDIT = "config_edit"  # config to end, edit to next: FortiOS
    MENUS = "menus"  # a line that begins with /: RouterOS
    SET_LINES = "set_lines"  # each line holds its whole path: VyOS, Junos "display set"
    FILES = "files"  # files, [sections] in them, indentation: Linux
    FLAT = "flat"  # nothing
