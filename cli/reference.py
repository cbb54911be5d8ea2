"""The commands as data, and as the page `docs/commands.md`. Pure: read from the declarations, nothing is run."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

HEAD = """# Commands 命令

This page is made from the commands themselves; a test keeps it so. Results go to stdout, everything else to stderr.
Exit code 0: done. 1: done, with findings (a broken source, rows in doubt, a gap). 2: wrong use or settings.
本页由命令本身生成，并由测试保证一致。结果输出到标准输出，其余输出到标准错误。
退出码：0 完成；1 完成但有问题（信息源故障、存疑行、缺口）；2 用法或设置有误。

To write it anew 重新生成: `python -c "from cli.app import app; from cli.reference import page; print(page(app), end='')"`
"""


@dataclass(frozen=True)
class Parameter:
    """One argument or option.

    Attributes:
        flags: how it is written, such as `--alert`; empty for an argument.
        shown: the word that stands for its value; empty for a switch.
        choices: the values it takes; empty if any.
        default: what holds if it is left out, as text; empty if nothing does.
    """

    name: str
    flags: tuple[str, ...]
    shown: str
    required: bool
    many: bool
    choices: tuple[str, ...]
    default: str
    help: str


@dataclass(frozen=True)
class Command:
    """One command: its words after `lingbao` (none for `lingbao` itself), what it does, and what it takes."""

    words: tuple[str, ...]
    help: str
    parameters: tuple[Parameter, ...]

    @property
    def line(self) -> str:
        """Return the usage line."""
        parts = [" ".join(("lingbao", *self.words))]
        for one in sorted(self.parameters, key=lambda each: bool(each.flags)):
            text = " ".join(part for part in (one.flags[0] if one.flags else "", one.shown) if part)
            parts.append((text if one.required else f"[{text}]") + ("…" if one.many else ""))
        return " ".join(parts)


def commands(app: typer.Typer) -> tuple[Command, ...]:
    """Return every command of an application, `lingbao` itself first."""
    return tuple(_walk(app, ()))


def page(app: typer.Typer) -> str:
    """Return `docs/commands.md`."""
    return "\n".join((HEAD, *(_section(command) for command in commands(app))))


def _walk(app: typer.Typer, words: tuple[str, ...]) -> Iterator[Command]:
    if app.registered_callback is not None and app.registered_callback.callback is not None:
        yield _command(words, app.registered_callback.callback)
    for one in app.registered_commands:
        if one.callback is not None:
            yield _command((*words, one.name or one.callback.__name__), one.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            yield from _walk(group.typer_instance, (*words, group.name or ""))


def _command(words: tuple[str, ...], callback: Callable[..., Any]) -> Command:
    hints = get_type_hints(callback, include_extras=True)
    found = []
    for name, one in inspect.signature(callback).parameters.items():
        if get_origin(hints[name]) is Annotated:
            kind, info = get_args(hints[name])[:2]
            found.append(_parameter(name, kind, info, one.default))
    return Command(words, inspect.cleandoc(callback.__doc__ or ""), tuple(found))


def _parameter(name: str, kind: Any, info: OptionInfo | ArgumentInfo, default: object) -> Parameter:
    plain, many = _plain(kind)
    is_option = isinstance(info, OptionInfo)
    # In `Annotated`, typer takes the first positional word of Option() as a flag too.
    given = [word for word in (info.default, *(info.param_decls or ())) if isinstance(word, str) and word[:1] == "-"]
    flags = tuple(given) or ((f"--{name.replace('_', '-')}",) if is_option else ())
    choices = tuple(str(one.value) for one in plain) if isinstance(plain, type) and issubclass(plain, Enum) else ()
    shown = "" if plain is bool else info.metavar or "|".join(choices) or (name.upper() if not is_option else "…")
    required = default is inspect.Parameter.empty
    fallback = str(default.value) if isinstance(default, Enum) else str(default)
    hidden = required or default is None or plain is bool
    return Parameter(name, flags, shown, required, many, choices, "" if hidden else fallback, info.help or "")


def _plain(kind: Any) -> tuple[Any, bool]:
    """Return the type of one value, and whether there may be several."""
    if get_origin(kind) in {Union, UnionType}:
        kind = next(one for one in get_args(kind) if one is not type(None))
    if get_origin(kind) is list:
        return get_args(kind)[0], True
    return kind, False


def _section(command: Command) -> str:
    title = " ".join(("lingbao", *command.words))
    lines = [f"## {title}", "", command.help, "", "```", command.line, "```", ""]
    if command.parameters:
        lines += ["| option 选项 | default 默认 | meaning 含义 |", "|---|---|---|"]
        lines += [_row(one) for one in command.parameters] + [""]
    return "\n".join(lines)


def _row(one: Parameter) -> str:
    written = " ".join(part for part in (", ".join(one.flags), one.shown) if part).replace("|", "\\|")
    default = f"`{one.default}`" if one.default else ""
    return f"| `{written}` | {default} | {one.help.replace('|', chr(92) + '|')} |"
