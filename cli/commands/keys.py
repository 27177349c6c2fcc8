"""``byline keys``."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

import typer

from api.keys import Key, KeyStore, Scope, described, keys_file
from byline.errors import BadDate, UsageError
from cli.options import JsonOption

EXAMPLES = """\
Examples:

\b
  byline keys create --name newsroom
  byline keys create --name cms --scope search --scope write --filter 'publication:"The Courier"'
  byline keys create --name widget --origin https://example.org --rate 300/minute
  byline keys list
  byline keys revoke 1f2e3d4c

Keys are kept in the file that the setting api_keys names, without what their holders show; a
running server heeds every change at once.
"""

_DAYS = re.compile(r"([1-9][0-9]{0,4})d")


def run(context: typer.Context) -> None:
    """Keys for the web API: make, list, revoke."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def create(
    name: Annotated[str, typer.Option(metavar="NAME", help="What to call it.")] = "",
    scope: Annotated[
        list[Scope] | None,
        typer.Option(
            metavar="SCOPE",
            help="What it is for: search (unless said), write or admin; may be repeated.",
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="The last day it is good for, 2027-01-31, or 90d."),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="A web site whose pages may use it, https://example.org, and nobody else; may "
            "be repeated.",
        ),
    ] = None,
    filter: Annotated[
        str | None,
        typer.Option(
            metavar="QUERY",
            help="Conditions in the query language; whoever has the key sees and writes nothing "
            "else.",
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(metavar="RATE", help="Requests it allows: 600/minute; else api_key_rate."),
    ] = None,
    json_output: JsonOption = False,
) -> None:
    """Make a key, and show it, once."""
    from api.rates import Rate

    scopes = frozenset(scope or [Scope.SEARCH])
    said = _meaning(filter)
    if filter is not None and Scope.ADMIN in scopes:
        raise UsageError(
            "A key of the scope admin tells of the whole archive, so it takes no filter.",
            remedy="Make two keys.",
        )
    if rate is not None:
        Rate.parse(rate)
    key, shown = _store().create(
        name,
        scopes,
        expires=_end(expires) if expires else None,
        origins=[_origin(one) for one in origin or ()],
        filter=filter,
        rate=rate,
    )
    if json_output:
        typer.echo(json.dumps({"schema": 1, "key": shown, **_object(key)}, ensure_ascii=False))
        return
    from cli.terminal import complain

    complain(f"The key {key.id}, which is shown this once:")
    typer.echo(shown)
    if said:
        complain(f"It sees: {said}")


def list_(json_output: JsonOption = False) -> None:
    """List every key ever made, without what its holder shows."""
    keys = _store().all()
    if json_output:
        document = {"schema": 1, "keys": [_object(key) for key in keys]}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    from cli.terminal import complain

    if not keys:
        complain("No key has been made. `byline keys create` makes one.")
    for key in keys:
        typer.echo("\n".join(_lines(key)))


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as list shows it.")],
) -> None:
    """Let a key's holder in no more."""
    from cli.terminal import complain

    key = _store().revoke(key_id)
    complain(f"The key {key.id} lets nobody in any more.")


#: In the order in which help lists them.
COMMANDS = {"create": create, "list": list_, "revoke": revoke}


def _store() -> KeyStore:
    from byline.settings import Settings

    return KeyStore(keys_file(Settings.load()))


def _meaning(filter: str | None) -> str:
    """The filter as a sentence. Raises BadQuery."""
    if filter is None:
        return ""
    from byline.query import describe, parse
    from byline.restriction import read_filter

    read_filter(filter)
    return describe(parse(filter))


def _end(text: str) -> str:
    """The first moment after a day, or so many days from now, in UTC."""
    from byline.records import DatePrecision, PartialDate

    days = _DAYS.fullmatch(text)
    if days is not None:
        return _written(datetime.now(UTC) + timedelta(days=int(days[1])))
    day = PartialDate.parse(text)
    if day.precision is not DatePrecision.DAY:
        raise BadDate(f"--expires {text}: name a day.", remedy="Write 2027-01-31, or 90d.")
    end = datetime(day.year, day.month or 1, day.day or 1, tzinfo=UTC) + timedelta(days=1)
    if end <= datetime.now(UTC):
        raise BadDate(f"--expires {text}: that day is over.", remedy="Name one to come.")
    return _written(end)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _origin(text: str) -> str:
    """As browsers send it: scheme, host, and a port that is not the usual one."""
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise UsageError(
            f"--origin {text}: that is no web site's origin.",
            remedy="Write scheme and host, without a path: https://example.org",
        )
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = f":{parts.port}" if parts.port not in (None, usual) else ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _object(key: Key) -> dict[str, object]:
    return {**described(key), "usable": key.refused() is None}


def _lines(key: Key) -> list[str]:
    refused = key.refused()
    facts = [", ".join(sorted(key.scopes)), f"made {key.created[:10]}"]
    if key.expires:
        facts.append(f"good until {key.expires[:16].replace('T', ' ')} UTC")
    if key.rate:
        facts.append(key.rate)
    lines = [f"{key.id}  {key.name}" + (f"  ({refused})" if refused else "")]
    lines.append("          " + " · ".join(facts))
    if key.origins:
        lines.append("          for pages of " + ", ".join(key.origins))
    if key.filter:
        lines.append("          sees " + key.filter)
    return lines
