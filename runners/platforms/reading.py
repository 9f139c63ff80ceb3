"""Platforms as data: one YAML file each, read and checked before anything else starts.

Beside the built-in files stands a folder of the user's own: a file there adds a platform or replaces the
built-in one of the same name. ``common.yaml`` holds what is true of many vendors and is added to each.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from domain.configs.closing import Syntax
from domain.configs.patterns import Below
from domain.configs.platforms import Enable, Interrupt, Platform
from domain.configs.structure.kinds import Structure
from domain.errors import SettingsError
from domain.inventory.spans import parse_span

BUILT_IN = Path(__file__).parent

_COMMON = "common.yaml"
MAX_PLATFORM_BYTES = 256 * 1024  # bytes: a platform file is a page of text
# With these begins what stands in the place of a part, by common.yaml: lines of a configuration mostly do not.
_FIRST_OF_HOLES = r"(?=[-*=#\[(<%cCdDeEfFlLoOrRtTuU])"
_ENTER = {"lf": "\n", "cr": "\r"}


def _expression(text: str) -> str:
    try:
        re.compile(text, re.MULTILINE)
    except re.error as error:
        problem = f"not a regular expression: {error}"
        raise ValueError(problem) from error
    return text


def _keeping_one_group(text: str) -> str:
    if re.compile(_expression(text), re.MULTILINE).groups != 1:
        problem = "needs one group (...) around the part that may be shown; write any other group as (?:...)"
        raise ValueError(problem)
    return text


def _naming_who(text: str) -> str:
    if "who" not in re.compile(_expression(text), re.MULTILINE).groupindex:
        problem = "needs a group (?P<who>...) around the person's name"
        raise ValueError(problem)
    return text


def _span(value: object) -> object:
    return parse_span(value) if isinstance(value, str) else value


Line = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\r\n]+$")]  # sent as one line
Expression = Annotated[str, Field(min_length=1), AfterValidator(_expression)]
Masking = Annotated[str, Field(min_length=1), AfterValidator(_keeping_one_group)]
Author = Annotated[str, Field(min_length=1), AfterValidator(_naming_who)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


P = TypeVar("P", bound=_Part)


class _Enable(_Part):
    when: Expression
    send: Line
    ask: Expression


class _Interrupt(_Part):
    see: Expression
    send: str | None = None


class _Below(_Part):
    heading: Expression
    until: Expression
    secrets: Annotated[list[Masking], Field(min_length=1)]


class _Limits(_Part):
    silence: Annotated[timedelta, BeforeValidator(_span), Field(gt=timedelta(0))] | None = None


class _Common(_Part):
    errors: list[Expression] = []
    holes: list[Expression] = []
    free_text: list[Expression] = []
    pager: Expression | None = None
    interrupts: list[_Interrupt] = []
    noise: list[Expression] = []
    secrets: list[Masking] = []


class _PlatformFile(_Common):
    title: Annotated[str, Field(min_length=1, max_length=100)]
    prompt: Expression
    config: list[Line] = []
    exec: bool = False
    files: bool = False
    paging_off: list[Line] = []
    enable: _Enable | None = None
    end: Expression | None = None
    must: list[Expression] = []
    foreign: list[Expression] = []
    shortest: Annotated[int, Field(ge=1, le=1000)] = 4
    syntax: Annotated[Syntax | None, Field(strict=False)] = None
    unfinished: list[Expression] = []
    volatile: list[Expression] = []
    salted: list[Masking] = []
    structure: Annotated[Structure, Field(strict=False)] = Structure.INDENT
    joins: Expression | None = None
    secrets_below: list[_Below] = []
    author: Author | None = None
    ignore_secret_changes: bool = False
    logout: Line = "exit"
    enter: Literal["lf", "cr"] = "lf"
    limits: _Limits = _Limits()
    login_suffix: str = ""


def load_platforms(folder: Path | None = None) -> dict[str, Platform]:
    """Read the built-in platforms, then those of ``folder``, which add to them or replace them.

    Raises:
        SettingsError: a file is wrong; every mistake is named with its file, key and reason.
    """
    problems: list[str] = []
    common = _read(BUILT_IN / _COMMON, _Common, problems) or _Common()
    platforms: dict[str, Platform] = {}
    for path in [*_files(BUILT_IN, problems), *(_files(folder, problems) if folder else [])]:
        if definition := _read(path, _PlatformFile, problems):
            platforms[path.stem] = _to_platform(path.stem, definition, common)
    if problems:
        raise SettingsError(problems)
    return platforms


def load_platform(path: Path) -> Platform:
    """The platform of one file, as ``load_platforms`` would take it from a folder.

    Raises:
        SettingsError: the file is wrong; every mistake is named.
    """
    problems: list[str] = []
    common = _read(BUILT_IN / _COMMON, _Common, problems) or _Common()
    definition = _read(path, _PlatformFile, problems)
    if definition is None or problems:
        raise SettingsError(problems)
    return _to_platform(path.stem, definition, common)


def _files(folder: Path, problems: list[str]) -> list[Path]:
    if not folder.is_dir():
        problems.append(f"{folder}: no such folder of platform files")
        return []
    found = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    return [path for path in found if path.name != _COMMON]


def _read(path: Path, form: type[P], problems: list[str]) -> P | None:
    content = _content(path, problems)
    if content is None:
        return None
    try:
        part = form.model_validate(content)
    except ValidationError as error:
        problems.extend(f"{path}: {_key(one['loc'])}: {_reason(one)}" for one in error.errors())
        return None
    if isinstance(part, _PlatformFile) and not part.config and not part.files:
        problems.append(f"{path}: config: name the command whose output is the configuration")
        return None
    return part


def _content(path: Path, problems: list[str]) -> dict[str, Any] | None:
    try:
        text = path.read_bytes()[:MAX_PLATFORM_BYTES].decode()
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path}: cannot be read: {error}")
    except yaml.YAMLError as error:
        problems.append(f"{path}: not YAML: {' '.join(str(error).split())}")
    else:
        if isinstance(content, dict):
            return content
        problems.append(f"{path}: must be a list of keys with values")
    return None


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _reason(error: Any) -> str:  # noqa: ANN401 - pydantic_core's own type has no public name here
    if error["type"] == "extra_forbidden":
        return "unknown key"
    return str(error["msg"]).removeprefix("Value error, ")


def _to_platform(name: str, file: _PlatformFile, common: _Common) -> Platform:
    return Platform(
        name=name,
        title=file.title,
        prompt=re.compile(file.prompt),
        config=tuple(file.config),
        use_exec=file.exec,
        paging_off=tuple(file.paging_off),
        pager=_one_of([pattern for pattern in (file.pager, common.pager) if pattern]),
        enable=_to_enable(file.enable),
        interrupts=tuple(Interrupt(re.compile(one.see), one.send) for one in [*file.interrupts, *common.interrupts]),
        end=re.compile(file.end) if file.end else None,
        must=_each(file.must),
        foreign=_whole_text(file.foreign),
        holes=(*_whole_text(file.holes), *_whole_text(common.holes, first=_FIRST_OF_HOLES)),
        free_text=_each([*file.free_text, *common.free_text]),
        shortest=file.shortest,
        syntax=file.syntax,
        unfinished=_each(file.unfinished),
        errors=_each([*file.errors, *common.errors]),
        noise=_one_of([*file.noise, *common.noise]),
        volatile=_one_of(file.volatile),
        salted=_one_of(file.salted),
        joins=_one_of([file.joins] if file.joins else []),
        secrets=(*_masking([*file.secrets, *common.secrets]), *_below(file.secrets_below)),
        author=re.compile(file.author, re.MULTILINE) if file.author else None,
        ignore_secret_changes=file.ignore_secret_changes,
        logout=file.logout,
        enter=_ENTER[file.enter],
        silence=file.limits.silence,
        login_suffix=file.login_suffix,
        structure=file.structure,
        files=file.files,
    )


def _each(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.MULTILINE) for pattern in patterns)


def _whole_text(patterns: list[str], *, first: str = "") -> tuple[re.Pattern[str], ...]:
    """What is searched through a whole text at each backup: behind a line's end it is found several times as fast.

    ``first``: looks ahead at the character with which such a line must begin.
    """
    at_start = [_scoped(pattern[1:]) for pattern in patterns if pattern.startswith("^")]
    anywhere = [pattern for pattern in patterns if not pattern.startswith("^")]
    behind = [re.compile(rf"\n{first}(?:{'|'.join(at_start)})", re.MULTILINE)] if at_start else []
    return (*behind, *_each(anywhere))


def _to_enable(enable: _Enable | None) -> Enable | None:
    if enable is None:
        return None
    return Enable(re.compile(enable.when), enable.send, re.compile(enable.ask))


def _masking(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
    """At most two expressions: what begins a line is tried there alone, which is most of the saving."""
    at_start = [pattern for pattern in patterns if pattern.startswith("^")]
    anywhere = [pattern for pattern in patterns if not pattern.startswith("^")]
    return tuple(found for found in (_one_of(at_start), _one_of(anywhere)) if found)


def _below(parts: list[_Below]) -> tuple[Below, ...]:
    """What is a secret only under a heading, such as the menu of an export."""
    return tuple(
        Below(re.compile(part.heading, re.MULTILINE), re.compile(part.until, re.MULTILINE), found)
        for part in parts
        if (found := _one_of(part.secrets))
    )


def _one_of(patterns: list[str]) -> re.Pattern[str] | None:
    """One alternation over many lines; the flags written at a pattern's start hold for that pattern alone."""
    if not patterns:
        return None
    if all(pattern.startswith("^") for pattern in patterns):
        return re.compile("^(?:" + "|".join(_scoped(pattern[1:]) for pattern in patterns) + ")", re.MULTILINE)
    return re.compile("|".join(_scoped(pattern) for pattern in patterns), re.MULTILINE)


def _scoped(pattern: str) -> str:
    flags = re.match(r"\(\?([aimsx]+)\)", pattern)
    if flags is None:
        return f"(?:{pattern})"
    return f"(?{flags[1].replace('m', '')}:{pattern[flags.end() :]})" if flags[1] != "m" else f"(?:{pattern})"
