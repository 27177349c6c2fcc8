"""What is wrong with a request's parameters or its body, said in Byline's words.

pydantic finds the faults; each kind has its sentence here, so that nobody is told of models,
attributes and parsing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.parameter_names import UNKNOWN, listed, meant, names_of, unknown
from api.sent import HALF_A_CHARACTER

#: Faults that are told in sentences.
_TOLD = 5
#: How faults are told by pydantic: ``type``, ``loc``, ``msg`` and ``ctx``.
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        place: a parameter's name, or where it stands in the body: ``items.3.article.title``; of
            the body as a whole ``body``.
        unknown: whether it is a name that nothing has.
    """

    place: str
    sentence: str
    remedy: str
    unknown: bool = False


def faults_of(given: Sequence[Given], route: object) -> list[Fault]:
    """Each fault of a request to ``route``."""
    return [_fault(one, route) for one in given]


def told(faults: Sequence[Fault]) -> str:
    """The first few of them, and how many more there are."""
    said = [fault.sentence for fault in faults[:_TOLD]]
    if len(faults) > _TOLD:
        said.append(f"And {len(faults) - _TOLD:,} more.")
    return " ".join(said)


def _fault(given: Given, route: object) -> Fault:
    kind, (source, *steps) = given["type"], given["loc"]
    if kind == "json_invalid":
        # What follows is where in its text.
        steps = []
    if source == "body":
        tag = [_named(given["ctx"])] if kind.startswith("union_tag") else []
        place, known = _followed(_body(route), [*steps, *tag])
    else:
        place, known = ".".join(map(str, steps)), names_of(route)
    if kind == UNKNOWN:
        name = str(steps[-1])
        within = place.removesuffix(name).rstrip(".")
        return Fault(place, unknown(name, known, within), listed(known, within), unknown=True)
    say = _SENTENCES.get(kind)
    subject = place or "The body"
    sentence = f"{subject}: {given['msg']}" if say is None else f"{subject} {say(given)}"
    ended = sentence if sentence.endswith((".", "?")) else f"{sentence}."
    return Fault(place or "body", ended, _REMEDY)


_REMEDY = "The parameters and what they allow are in /api/v1/openapi.json."


def _must_be(what: str) -> Callable[[Given], str]:
    return lambda _: f"must be {what}"


def _object(given: Given) -> str:
    whole = len(given["loc"]) == 1
    return "must be an object" + (", sent as application/json" if whole else "")


def _not_json(given: Given) -> str:
    _, place = given["loc"]
    return f"is not JSON: {given['ctx']['error']}, at character {place:,}"


def _at_least(given: Given) -> str:
    least = given["ctx"]["min_length"]
    what = "characters" if given["type"].startswith("string") else "items"
    return "is empty" if least == 1 else f"has fewer than {least:,} {what}"


def _at_most(given: Given) -> str:
    what = "characters" if given["type"].startswith("string") else "items"
    return f"has more than {given['ctx']['max_length']:,} {what}"


def _one_of(given: Given) -> str:
    """pydantic writes what is expected as ``'keyword', 'semantic' or 'hybrid'``, or all commas."""
    told = given["ctx"]
    got = told.get("tag", given["input"])
    *most, last = re.findall(r"'([^']*)'", told.get("expected") or told["expected_tags"])
    allowed = f"{', '.join(most)} or {last}" if most else last
    return f"must be {allowed}.{meant(str(got), [*most, last])}"


def _named(told: Given) -> str:
    """The key that says which of several models an object is of."""
    return str(told["discriminator"]).strip("'")


_HALF = "holds half a character (a surrogate by itself), which no text can"
#: By pydantic's name for the kind; what follows the name of the place.
_SENTENCES: dict[str, Callable[[Given], str]] = {
    "missing": lambda _: "is missing",
    "string_type": _must_be("a string"),
    HALF_A_CHARACTER: lambda _: _HALF,
    "string_unicode": lambda _: _HALF,
    "string_too_short": _at_least,
    "string_too_long": _at_most,
    "string_pattern_mismatch": lambda given: f"is not of the form {given['ctx']['pattern']}",
    "list_type": _must_be("a list"),
    "too_short": _at_least,
    "too_long": _at_most,
    "bool_type": _must_be("true or false"),
    "bool_parsing": _must_be("true or false"),
    "int_type": _must_be("a whole number"),
    "int_parsing": _must_be("a whole number"),
    "int_parsing_size": _must_be("a whole number of fewer digits"),
    "int_from_float": _must_be("a whole number"),
    "finite_number": _must_be("a whole number"),
    "greater_than_equal": lambda given: f"must be at least {given['ctx']['ge']:,}",
    "less_than_equal": lambda given: f"must be at most {given['ctx']['le']:,}",
    "enum": _one_of,
    "literal_error": _one_of,
    "model_attributes_type": _object,
    "model_type": _must_be("an object"),
    "dict_type": _must_be("an object"),
    "union_tag_not_found": lambda _: "is missing",
    "union_tag_invalid": _one_of,
    "json_invalid": _not_json,
}


# Where in the body: its models say what each step is.


def _body(route: object) -> Any:
    field = route.body_field if isinstance(route, APIRoute) else None
    return None if field is None else field.field_info.annotation


def _followed(kind: Any, steps: Sequence[str | int]) -> tuple[str, list[str]]:
    """The place as a program would name it, and the names of the object that it is in.

    pydantic also names which of several models it took; that is no part of the place.
    """
    names, known = [], []
    for step in steps:
        kinds = list(_each(kind))
        models = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
        tagged = [one for one in models if len(models) > 1 and step in _tags(one)]
        if tagged:
            kind = tagged[0]
            continue
        names.append(str(step))
        known = _keys(models[0]) if models else []
        kind = _below(kinds, step)
    return ".".join(names), known


def _each(kind: Any) -> Iterator[Any]:
    """What a type stands for: all that it may be."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _each(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for one in get_args(kind):
            yield from _each(one)
    else:
        yield kind


def _keys(model: type[BaseModel]) -> list[str]:
    return sorted(info.alias or name for name, info in model.model_fields.items())


def _tags(model: type[BaseModel]) -> set[Any]:
    return {
        tag
        for info in model.model_fields.values()
        if get_origin(info.annotation) is Literal
        for tag in get_args(info.annotation)
    }


def _below(kinds: Sequence[Any], step: str | int) -> Any:
    for kind in kinds:
        if isinstance(step, int) and get_origin(kind) is list:
            return get_args(kind)[0]
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for name, info in kind.model_fields.items():
                if step == (info.alias or name):
                    return info.annotation
    return None
