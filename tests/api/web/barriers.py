"""What keeps people from using a page, as axe-core finds it, in light colours and in dark ones."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

#: The scheme decides what a page's colours are, and nothing else that axe-core looks at: these are
#: those of its rules that look at colours, without what it asks of nobody unless told to.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}


def barriers(page: Any, within: str | None = None, **options: Any) -> list[tuple[str, list[str]]]:
    """What axe-core finds: its rule, and the first elements that break it."""
    options = {"resultTypes": ["violations"], **options}
    found = Axe().run(page, within, options=options).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]][:3]) for rule in found]


def switch(page: Any, scheme: str) -> None:
    """To the other colours, until none of them changes any more."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(
        """Promise.allSettled(document.getAnimations()
            .filter(one => one.effect.getComputedTiming().endTime < Infinity)
            .map(one => one.finished))"""
    )
