"""A passage with its highlights as HTML, everything of the article escaped."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from byline.passages import HighlightKind, ShownPassage


def html(passage: ShownPassage) -> str:
    """``<mark class="words">`` may lie inside ``<mark class="meaning">``, never across its end."""
    edges = sorted(
        {passage.start, passage.end}
        | {edge for mark in passage.highlights for edge in (mark.start, mark.end)}
    )
    parts: list[str] = []
    open_kinds: list[HighlightKind] = []
    for start, end in pairwise(edges):
        kinds = [
            kind
            for kind in (HighlightKind.MEANING, HighlightKind.WORDS)
            if any(m.kind is kind and m.start <= start and end <= m.end for m in passage.highlights)
        ]
        while open_kinds and kinds[: len(open_kinds)] != open_kinds:
            parts.append("</mark>")
            open_kinds.pop()
        for kind in kinds[len(open_kinds) :]:
            parts.append(f'<mark class="{kind.value}">')
            open_kinds.append(kind)
        parts.append(escape(passage.text[start - passage.start : end - passage.start]))
    parts.extend("</mark>" for _ in open_kinds)
    return "".join(parts)
