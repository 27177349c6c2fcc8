"""``byline``: the entry point, and what becomes of every way in which it can end.

Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C, 141 when whoever read the
output stopped reading.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer
from typer.main import get_command

from cli.conversion import convert_here
from cli.failures import explain
from cli.registry import Commands
from cli.terminal import complain, prepare_streams

PROGRAM = "byline"

app = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    # Commands inherit the names of help.
    context_settings={"max_content_width": 96, "help_option_names": ["-h", "--help"]},
    epilog="Begin with `byline demo`. Help for one command: byline COMMAND --help.",
)


@app.callback(invoke_without_command=True)
def byline(
    context: typer.Context,
    _debug: Annotated[  # main() reads it, wherever on the line it stands
        bool, typer.Option("--debug", help="Show the traceback of whatever goes wrong.")
    ] = False,
    _version: Annotated[  # main() too
        bool, typer.Option("--version", help="Say which Byline this is; `byline version`: more.")
    ] = False,
) -> None:
    """Search an archive of commentary (columns, op-eds, editorials, essays) by words and by
    meaning.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command line and exit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # What is imported lives as long as the process: collecting it on the way is time lost.
    gc.set_threshold(100_000)
    prepare_streams()
    if "_BYLINE_COMPLETE" in os.environ:
        get_command(app).main(given, prog_name=PROGRAM)
    status = run(given)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = _reader_gone()
    sys.exit(status)


def run(given: Sequence[str]) -> int:
    """The exit status of one command line; what went wrong stands on standard error."""
    debug, rest = _without("--debug", given)
    version, rest = _without("--version", rest)
    try:
        if version:
            _say_version()
        else:
            _invoke(rest)
    except typer.Exit as ending:
        return ending.exit_code
    except BrokenPipeError:
        return _reader_gone()
    except (KeyboardInterrupt, EOFError, typer.Abort) as stop:
        complain(" ".join(["\nStopped.", *getattr(stop, "__notes__", [])]))
        return 130
    except Exception as error:
        if debug:
            raise
        explained = explain(error, rest)
        complain(explained.text)
        return explained.status
    return 0


def _invoke(arguments: list[str]) -> None:
    group: Any = get_command(app)
    convert_here(group)
    with group.make_context(PROGRAM, arguments) as context:
        group.invoke(context)


def _say_version() -> None:
    from importlib.metadata import version

    typer.echo(f"Byline {version('byline')}")


def _without(option: str, given: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether ``option`` is there, and the rest: it counts wherever it stands, up to ``--``."""
    end = given.index("--") if "--" in given else len(given)
    head = [argument for argument in given[:end] if argument != option]
    return len(head) < end, [*head, *given[end:]]


def _reader_gone() -> int:
    """As after SIGPIPE; what Python still holds for the pipe goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return 141


if __name__ == "__main__":
    main()
