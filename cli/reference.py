"""The reference pages of the documentation, made from what they describe.

``python -m cli.reference --write`` writes ``docs/cli.md`` and ``docs/settings.md``; a test
fails where they are not fresh. Without ``--write`` both are printed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from byline.settings import TABLE, Setting
from cli.main import PROGRAM, app
from cli.registry import NAMES, command

_WIDTH = 92

_CLI_HEAD = """\
# The command line

Made from `--help` by `python -m cli.reference --write`; change the commands, not this page.

Output for people is laid out for the terminal's width (`COLUMNS` sets another; tables too: what
is too long for its column goes on below it), in colour
where the terminal shows it: not into a pipe and not with `NO_COLOR`; `FORCE_COLOR=1` keeps it,
as for `byline search … | less -R`. What contains your words is bold, what is nearest in meaning
is underlined.

Output for programs (`--json`, `--jsonl`, `--csv`) goes to standard output, alone; progress,
errors, and the notes on a query for which the output has no place go to standard error. All
offsets are Unicode code points, from 0, end exclusive. The documents carry `"schema": 1` and are
described by JSON Schemas:

{schemas}

Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C, 141 when whoever read the
output stopped reading. Errors are a sentence and a remedy; `--debug`, anywhere on the line,
shows the traceback instead.

`byline --install-completion` completes commands, options, and the archive's authors,
publications, topics, sections and languages in bash, zsh, fish and PowerShell.
"""

_SETTINGS_HEAD = """\
# Settings

Made from `byline.settings.TABLE` by `python -m cli.reference --write`.

The order is: the command line; the environment; `byline.toml` in the current folder;
`byline/byline.toml` in the user's configuration folder (`$XDG_CONFIG_HOME`, else `~/.config`);
the default. `byline config` shows the values in force and where each comes from.

In the file, `mode = "keyword"`; in the environment, `BYLINE_MODE=keyword`.
"""


def cli_page(schemas: list[str]) -> str:
    """``docs/cli.md``: help of every command."""
    listed = "\n".join(f"- [{name}]({name})" for name in schemas)
    parts = [_CLI_HEAD.format(schemas=listed), _section(PROGRAM, help_of(()))]
    parts += [_section(" ".join((PROGRAM, *path)), help_of(path)) for path in paths()]
    return "\n".join(parts)


def paths() -> Iterator[tuple[str, ...]]:
    """Every command as it is typed, groups and what is in them."""
    for name in NAMES:
        yield (name,)
        for inner in getattr(command(name), "commands", ()):
            yield (name, inner)


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n```text\n{text}\n```\n"


def help_of(path: tuple[str, ...], width: int = _WIDTH) -> str:
    """What ``--help`` prints, at a fixed width."""
    made: Any = get_command(app)
    context = made.make_context(
        PROGRAM, [], resilient_parsing=True, terminal_width=width, max_content_width=width
    )
    for name in path:
        inner = made.get_command(context, name)
        context = inner.make_context(
            name,
            [],
            parent=context,
            resilient_parsing=True,
            terminal_width=width,
            max_content_width=width,
        )
        made = inner
    lines = context.get_help().splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def settings_page() -> str:
    """``docs/settings.md``: each row of the table."""
    return "\n".join([_SETTINGS_HEAD, *map(_setting, TABLE)])


def _setting(row: Setting) -> str:
    default = f'`"{row.default}"`' if isinstance(row.default, str) else f"`{row.default}`"
    return (
        f"## {row.name}\n\n{row.help}\n\n"
        f"- In the environment: `{row.variable}`\n- Default: {default}\n- Allowed: {row.allowed}\n"
    )


def pages(docs: Path) -> dict[Path, str]:
    """Each page's path and what it should hold."""
    schemas = sorted(path.name for path in docs.glob("*.schema.json"))
    return {docs / "cli.md": cli_page(schemas), docs / "settings.md": settings_page()}


def main() -> None:
    made = pages(Path(__file__).resolve().parent.parent / "docs")
    for path, text in made.items():
        if "--write" in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        else:
            typer.echo(text)


if __name__ == "__main__":
    main()
