"""What stands in the path of an address: the site's root, and articles' ids.

An id may hold a slash. Written in full (``%2F``) it is a part of the id; ``/similar`` after an id
is what it looks like. A server decodes the path before it is routed, so what was written is read
from ``raw_path``.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Path
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

#: No control characters, which no address can name.
ID_PATTERN = r"^[^\x00-\x1f\x7f]+$"
ID_LENGTH = 1000

_EXAMPLE = "goods-yard-at-last"
ArticleId: TypeAlias = Annotated[
    str, Path(description="The article's id, percent-encoded.", examples=[_EXAMPLE])
]
NewArticleId: TypeAlias = Annotated[
    str,
    Path(
        min_length=1,
        max_length=ID_LENGTH,
        pattern=ID_PATTERN,
        description="The article's id, percent-encoded.",
        examples=[_EXAMPLE],
    ),
]
_SIMILAR = "/similar"


def inner_path(scope: Scope) -> str:
    """The path without what a proxy put before it (ASGI's ``root_path``)."""
    path: str = scope["path"]
    root = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


class ArticleRoute(APIRoute):
    """A route below ``/articles`` that tells an article from those similar to it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if "{article_id" in self.path:
            written = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
            if written.endswith(_SIMILAR.encode("ascii")) != self.path.endswith(_SIMILAR):
                return Match.NONE, {}
        return super().matches(scope)
