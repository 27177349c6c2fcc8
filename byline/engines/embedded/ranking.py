"""The order of what was found."""

from __future__ import annotations

from operator import itemgetter


def by_score(found: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """(number, score), sorted in place by falling score, ties by number."""
    # Sorting backwards leaves those that tie as they were.
    found.sort()
    found.sort(key=itemgetter(1), reverse=True)
    return found
