"""Answers trimmed to the keys that were asked for (``fields=total,hits.article.title``)."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

from byline.errors import UsageError

#: Key → what to keep below it; nothing: all of it.
Kept: TypeAlias = dict[str, "Kept"]


def read_fields(text: str, schema: Mapping[str, Any]) -> Kept:
    """What to keep, checked against the answer's JSON Schema.

    Raises:
        UsageError: the answer has no such key (``unknown-field``).
    """
    kept: Kept = {}
    whole: list[Kept] = []
    for path in filter(None, (part.strip() for part in text.split(","))):
        place, level = schema, kept
        for name in path.split("."):
            known = _properties(place, schema)
            if name not in known:
                raise _unknown(path, name, list(known))
            place = known[name]
            level = level.setdefault(name, {})
        whole.append(level)
    for level in whole:
        # A key that was asked for as a whole stays whole, whatever was asked for below it.
        level.clear()
    return kept


def trimmed(document: Any, kept: Kept) -> Any:
    """``document`` without what is not in ``kept``; ``schema`` always stays."""
    if not kept:
        return document
    if isinstance(document, list):
        return [trimmed(item, kept) for item in document]
    if isinstance(document, dict):
        return {
            name: trimmed(value, kept.get(name, {}))
            for name, value in document.items()
            if name in kept or name == "schema"
        }
    return document


def _properties(place: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keys of an object, of a list's items, or of what a reference or a choice leads to."""
    if "$ref" in place:
        return _properties(schema["$defs"][place["$ref"].rpartition("/")[2]], schema)
    if "properties" in place:
        properties: Mapping[str, Any] = place["properties"]
        return properties
    if "items" in place:
        return _properties(place["items"], schema)
    for choice in place.get("oneOf", ()):
        found = _properties(choice, schema)
        if found:
            return found
    return {}


def _unknown(path: str, name: str, known: list[str]) -> UsageError:
    near = get_close_matches(name, known, n=1)
    stands = f" in {path!r}" if path != name else ""
    hint = f" Did you mean {near[0]}?" if near else ""
    remedy = f"There are {', '.join(sorted(known))}." if known else "It has nothing below it."
    return UsageError(
        f"The answer has no key {name!r}{stands}.{hint}", remedy=remedy, code="unknown-field"
    )
