"""What an archive holds."""

from __future__ import annotations

from rich.text import Text

from byline.engines.base import Stats
from byline.records import Manifest
from byline.wording.dates import spoken_iso
from byline.wording.excerpt import one_line
from byline.wording.numbers import counted
from cli.render.layout import HEADING, show, write
from cli.render.numbers import size
from cli.terminal import Screen


def stats_for_people(screen: Screen, stats: Stats, manifest: Manifest, address: str) -> None:
    write(screen, Text(one_line(address), HEADING))
    model = manifest.model
    span = " to ".join(dict.fromkeys(spoken_iso(day) for day in (stats.first, stats.last) if day))
    rows = [
        ("Articles", f"{stats.articles:,} in {counted(stats.passages, 'passage')}"),
        ("Authors", f"{stats.authors:,}"),
        ("Publications", f"{stats.publications:,}"),
        ("Dates", span or "none"),
        ("Sources", f"{stats.sources:,}"),
        ("Model", f"{one_line(model.name)}, {model.dimension} dimensions" if model else "none"),
        ("Made", f"{spoken_iso(manifest.created[:10])}, by Byline {manifest.byline}"),
        ("On disk", sizes(stats.bytes)),
    ]
    for name, value in rows:
        show(screen, value, indent=" " * 14, first=f"{name:<14}")


def sizes(parts: dict[str, int]) -> str:
    """``41.2 MB: articles 30.0 MB, vectors 11.2 MB``."""
    total = size(sum(parts.values()))
    by_size = sorted(parts.items(), key=lambda part: -part[1])
    listed = ", ".join(f"{name} {size(count)}" for name, count in by_size if count)
    return f"{total}: {listed}" if len(parts) > 1 else total
