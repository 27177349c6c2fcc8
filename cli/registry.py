"""The commands by name, each imported when it is used or listed, not before."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, MutableMapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cli.conversion import convert_here, convert_param

#: In the order in which help lists them.
NAMES = (
    "index",
    "search",
    "show",
    "authors",
    "stats",
    "remove",
    "reembed",
    "rebuild",
    "copy",
    "check",
    "serve",
    "keys",
    "evaluate",
    "demo",
    "config",
    "version",
)

#: Wide enough for an option and its help side by side, narrow enough to read.
_HELP_WIDTH = {"max_content_width": 96}


class HelpfulCommand(TyperCommand):
    """A command whose help lists its options under the headings they were given."""

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        convert_param(option)
        return option

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        pieces = [self.options_metavar] if self.options_metavar else []
        for param in self.get_params(ctx):
            if param.param_type_name == "argument":
                name = param.metavar or param.name.upper()
                dots = "..." if param.nargs != 1 else ""
                pieces.append(f"{name}{dots}" if param.required else f"[{name}]{dots}")
        return pieces

    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None:
                continue
            name, text = record
            if param.param_type_name == "argument":
                heading, name = "Arguments", param.metavar or param.name.upper()
            else:
                heading = getattr(param, "rich_help_panel", None) or "Options"
            sections.setdefault(heading, []).append((name, text.replace("  [required]", "")))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows, col_max=28)


def command(name: str) -> Any:
    """The command ``name``. Raises KeyError where there is none."""
    if name not in NAMES:
        raise KeyError(name)
    module = importlib.import_module(f"cli.commands.{name}")
    examples = getattr(module, "EXAMPLES", None)
    inner: dict[str, Any] | None = getattr(module, "COMMANDS", None)
    if inner is None:
        return _single(name, module.run, examples)
    group = typer.Typer(
        name=name,
        cls=Group,
        add_completion=False,
        rich_markup_mode=None,
        epilog=examples,
        context_settings=_HELP_WIDTH,
    )
    group.callback(invoke_without_command=True)(module.run)
    made: Any = get_command(group)
    convert_here(made)
    made.commands = {each: _single(each, function) for each, function in inner.items()}
    return made


def _single(name: str, function: Any, examples: str | None = None) -> Any:
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, cls=HelpfulCommand, epilog=examples, context_settings=_HELP_WIDTH)(
        function
    )
    made = get_command(single)
    convert_here(made)
    return made


class _Loaded(MutableMapping[str, Any]):
    """Name → command. Reading one imports its module."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = command(name)
        return self._made[name]

    def __setitem__(self, name: str, made: Any) -> None:
        self._made[name] = made

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


class Group(TyperGroup):
    """Commands under one name, listed as all commands are."""

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        convert_param(option)
        return option

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Each with the whole first paragraph of its help."""
        rows = []
        for name in self.list_commands(ctx):
            text = self.commands[name].help or ""
            rows.append((name, " ".join(text.split("\n\n")[0].split())))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Commands(Group):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Loaded()
