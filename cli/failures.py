"""Whatever went wrong, as a sentence and a remedy."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import typer
from typer.exceptions import TyperException

from byline.errors import BylineError
from cli.registry import NAMES
from cli.terminal import bold_red


@dataclass(frozen=True, slots=True)
class Explained:
    text: str
    status: int


def explain(error: Exception, arguments: Sequence[str]) -> Explained:
    """What to print, and the exit status."""
    if isinstance(error, BylineError):
        below = getattr(error, "__notes__", [])
        return Explained("\n".join([_headed(str(error)), *below]), error.exit_status)
    if isinstance(error, TyperException):
        return Explained(_headed(_usage(error, arguments)), error.exit_code)
    if isinstance(error, OSError):
        return Explained(_headed(_os_error(error)), 1)
    if isinstance(error, MemoryError):
        return Explained(_headed("Memory ran out. Close other programs and try again."), 1)
    return internal(error)


def internal(error: Exception) -> Explained:
    """What nobody foresaw."""
    kind = type(error).__name__
    first = next(iter(str(error).splitlines()), "")
    what = f"{kind}: {first}" if first else kind
    return Explained(
        _headed(
            f"Internal error ({what}). The archive keeps what was committed. "
            "Run the same command with --debug and report what it prints."
        ),
        1,
    )


def _headed(text: str) -> str:
    return f"{bold_red('Error:', sys.stderr)} {text}"


def _os_error(error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.filename is None:
        return f"{reason}."
    return f"{os.fspath(error.filename)!r}: {reason}. Check the path and its permissions."


def _usage(error: TyperException, arguments: Sequence[str]) -> str:
    """A usage error, with the nearest right usage where there is one."""
    option = getattr(error, "option_name", None)
    command = _command(error, arguments)
    message = _plain(error).rstrip(".")
    near = getattr(error, "possibilities", None)
    if near:
        return f"{message}. Did you mean {' or '.join(near)}? `{command} --help` lists all."
    unknown = message.startswith("No such option")
    if option and unknown and command == "byline search" and not option.startswith("--"):
        # Of -heat it is -e that is unknown.
        groups = (word for word in arguments if word[:1] == "-" != word[1:2])
        word = next((word for word in groups if option[1:] in word), option)
        return (
            f"{message}. A query's own minus stands after two dashes: "
            f"`byline search -- words {word}`."
        )
    if option and unknown and command == "byline":
        return f"{message}. Options stand after the command: `byline search QUERY {option} …`."
    if "id you mean" in message:
        return f"{message} `{command} --help` lists all."
    return f"{message}. `{command} --help` shows how it is used."


def _command(error: TyperException, arguments: Sequence[str]) -> str:
    context: Any = getattr(error, "ctx", None)
    if context is not None:
        return str(context.command_path)
    first = next((argument for argument in arguments if not argument.startswith("-")), "")
    return f"byline {first}" if first in NAMES else "byline"


def _plain(error: TyperException) -> str:
    """The message, without Typer's own way of listing what is possible."""
    param = getattr(error, "param", None)
    if isinstance(error, typer.BadParameter) and error.message and param is not None:
        name = param.opts[0] if param.param_type_name == "option" else param.metavar
        return f"{name}: {error.message}"
    return error.format_message().split(" (Possible options:")[0]
