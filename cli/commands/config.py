"""``byline config``."""

from __future__ import annotations

from typing import Any

from byline.settings import TABLE, Setting, Settings
from cli.archives import without_secrets
from cli.options import JsonOption

EXAMPLES = """\
Settings come, in this order, from the command line, from the environment (BYLINE_MODE=keyword),
from byline.toml in the current folder (mode = "keyword"), from byline/byline.toml in the user's
configuration folder, and from the defaults.
"""


def run(json: JsonOption = False) -> None:
    """List the settings: what each is, where that was said, and what it means."""
    settings = Settings.load()
    rows = [
        {
            "name": row.name,
            "value": shown(row, getattr(settings, row.name)),
            "from": settings.where(row.name),
            "default": row.default,
            "variable": row.variable,
            "allowed": row.allowed,
            "help": row.help,
        }
        for row in TABLE
    ]
    if json:
        from byline.wire import SCHEMA
        from cli.render.programs import print_json

        print_json({"schema": SCHEMA, "settings": rows})
        return
    from rich.text import Text

    from cli.render.layout import FAINT, TITLE, show
    from cli.terminal import screen

    page = screen()
    for row in rows:
        value = f'"{row["value"]}"' if isinstance(row["value"], str) else str(row["value"])
        line = Text(str(row["name"]), TITLE)
        line.append(f" = {value}")
        if row["from"] != "default":
            line.append(f"  (from {row['from']})", FAINT)
        show(page, line)
        show(page, Text(str(row["help"]), FAINT), indent="    ")


def shown(row: Setting, value: Any) -> Any:
    """A value as it may be printed."""
    if row.secret and value:
        return "(set)"
    return without_secrets(value) if isinstance(value, str) else value
