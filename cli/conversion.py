"""From what was typed to what a command is given.

Typer converts by way of Pydantic, which takes a tenth of a second to import: a good part of
what a search takes. Commands here need only words, whole numbers and choices.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import Enum
from functools import partial
from typing import Any, get_args

import typer


def convert_here(command: Any) -> None:
    """Let ``command``'s parameters convert their values by :func:`converted`."""
    for param in command.params:
        convert_param(param)


def convert_param(param: Any) -> None:
    param.process_value = partial(_process, param)


def _process(param: Any, context: Any, value: Any) -> Any:
    if param.required and param.value_is_missing(value):
        return type(param).process_value(param, context, value)
    many = param.multiple or param.nargs == -1
    kind = param.type_descriptor.annotation
    if value is None:
        made: Any = () if many else None
    elif many:
        (kind,) = get_args(kind)
        made = [converted(param, context, kind, item) for item in value]
    else:
        made = converted(param, context, kind, value)
    return made if param.callback is None else param.callback(context, param, made)


def converted(param: Any, context: Any, kind: type, value: Any) -> Any:
    """``value`` as a ``kind``: a string, a truth value, a whole number or an Enum's member.

    Raises:
        typer.BadParameter: it is none.
    """
    if isinstance(value, kind):
        return value
    if issubclass(kind, Enum):
        choices = {str(member.value): member for member in kind}
        found = choices.get(str(value).casefold())
        if found is not None:
            return found
        near = get_close_matches(str(value).casefold(), choices, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it can be {_listed(list(choices))}."
        raise typer.BadParameter(f"{value!r} is not known; {hint}", ctx=context, param=param)
    if kind is not int:
        raise TypeError(f"{param.name}: nothing here makes a {kind} of a word")
    try:
        number = int(value)
    except ValueError:
        raise typer.BadParameter(
            f"{value!r} is no whole number.", ctx=context, param=param
        ) from None
    if param.min is not None and number < param.min:
        raise typer.BadParameter(f"{number} is less than {param.min}.", ctx=context, param=param)
    if param.max is not None and number > param.max:
        raise typer.BadParameter(f"{number} is more than {param.max}.", ctx=context, param=param)
    return number


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
