"""Settings: one table, read from the environment and from ``byline.toml``.

The order is: the command line, the environment (``BYLINE_…``), ``byline.toml`` in the current
folder, the user's ``byline/byline.toml`` in the configuration folder (``$XDG_CONFIG_HOME``,
else ``~/.config``), the default. Each row of :data:`TABLE` carries its own help; the
documentation and ``byline config`` are made from it.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from byline.errors import BadSetting

FILE_NAME = "byline.toml"

#: ``600/minute``.
RATE = re.compile(r"([1-9][0-9]{0,8})/(second|minute|hour|day)")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: ``name`` in the file, ``BYLINE_NAME`` in the environment."""

    name: str
    default: Any
    help: str
    read: Callable[[str], Any] = str
    check: Callable[[Any], bool] = lambda _: True
    allowed: str = "any text"
    secret: bool = False

    @property
    def variable(self) -> str:
        return "BYLINE_" + self.name.upper()


def _whole_number(low: int, high: int) -> dict[str, Any]:
    return {
        "read": int,
        "check": lambda value: type(value) is int and low <= value <= high,
        "allowed": f"a whole number from {low} to {high}",
    }


def _fraction() -> dict[str, Any]:
    return {
        "read": float,
        "check": lambda value: type(value) in (int, float) and 0 <= value <= 1,
        "allowed": "a number from 0 to 1",
    }


def _one_of(*values: str) -> dict[str, Any]:
    return {"check": lambda value: value in values, "allowed": " or ".join(values)}


def _rate() -> dict[str, Any]:
    return {
        "check": lambda value: value == "" or RATE.fullmatch(value) is not None,
        "allowed": "a number and a span of time, such as 600/minute (second, minute, hour, day)",
    }


def _yes_or_no() -> dict[str, Any]:
    return {
        "read": lambda text: {"yes": True, "true": True, "no": False, "false": False}.get(
            text.casefold(), text
        ),
        "check": lambda value: type(value) is bool,
        "allowed": "true or false",
    }


TABLE: tuple[Setting, ...] = (
    Setting(
        "archive",
        "byline-archive",
        "The archive to use: a folder, made by `byline index`, or an address on a server, "
        "`elasticsearch://host:9200/name` (`elasticsearchs://` with TLS).",
    ),
    Setting(
        "model",
        "all-MiniLM-L6-v2",
        "The embedding model for a new archive: the default's name, a folder that holds a "
        "sentence-transformers model, a name on the hub, or `none` for keywords only.",
    ),
    Setting(
        "cache",
        "",
        "Where exported models are kept; empty: `byline` in the user's cache folder.",
    ),
    Setting(
        "mode",
        "hybrid",
        "How to search where nothing is said.",
        **_one_of("keyword", "semantic", "hybrid"),
    ),
    Setting(
        "fusion",
        "scaled",
        "How hybrid search joins its two rankings: `scaled`, both rescaled to 0–1 within the "
        "query and words weighed by how far their best stands out; `average` of both, each "
        "rescaled to 0–1; or `rrf`, reciprocal ranks.",
        **_one_of("scaled", "average", "rrf"),
    ),
    Setting(
        "meaning_weight",
        0.5,
        "The weight of meaning against words in hybrid search: 0 is words alone.",
        **_fraction(),
    ),
    Setting(
        "depth",
        1000,
        "How many articles of each ranking a search considers.",
        **_whole_number(10, 10_000),
    ),
    Setting(
        "passages",
        2,
        "How many passages are shown of each article found.",
        **_whole_number(0, 20),
    ),
    Setting(
        "limit",
        10,
        "How many articles one answer holds.",
        **_whole_number(0, 1000),
    ),
    Setting(
        "threads",
        0,
        "Threads that encode articles; a query takes one. 0: as many as there are cores.",
        **_whole_number(0, 1024),
    ),
    Setting(
        "elasticsearch_api_key",
        "",
        "The API key for archives on Elasticsearch, as the server gave it (encoded); it goes "
        "before a user and a password.",
        secret=True,
    ),
    Setting(
        "elasticsearch_user",
        "",
        "The user for archives on Elasticsearch, where there is no API key.",
    ),
    Setting(
        "elasticsearch_password",
        "",
        "The password of that user.",
        secret=True,
    ),
    Setting(
        "elasticsearch_ca",
        "",
        "A file of certificates (PEM) to trust for Elasticsearch; empty: those of the system.",
    ),
    Setting(
        "elasticsearch_timeout",
        30.0,
        "Seconds that one request to Elasticsearch may take.",
        read=float,
        check=lambda value: type(value) in (int, float) and 0 < value <= 3600,
        allowed="a number of seconds up to 3600",
    ),
    Setting(
        "elasticsearch_shards",
        1,
        "Shards of an archive that is made on Elasticsearch, or rebuilt there.",
        **_whole_number(1, 1024),
    ),
    Setting(
        "elasticsearch_replicas",
        "auto",
        "Copies of each shard beside the first; `auto`: one where there is a second node.",
        check=lambda value: value == "auto" or (value.isdecimal() and int(value) <= 100),
        allowed="auto or a number up to 100",
    ),
    Setting(
        "elasticsearch_vectors",
        "int8",
        "How Elasticsearch indexes vectors: `int8` (a byte a number), `hnsw` (unreduced) or "
        "`bbq` (a bit a number); for an archive that is made or rebuilt.",
        **_one_of("int8", "hnsw", "bbq"),
    ),
    Setting(
        "elasticsearch_oversample",
        3.0,
        "How many times more neighbours than wanted are scored anew by unreduced vectors; 1: "
        "just those wanted.",
        read=float,
        check=lambda value: type(value) in (int, float) and 1 <= value <= 10,
        allowed="a number from 1 to 10",
    ),
    Setting(
        "api_keys",
        "",
        "The file with the keys of the web API (`byline keys`); empty: `byline/keys.json` in "
        "the user's configuration folder.",
    ),
    Setting(
        "api_origins",
        "",
        "Web sites, as `https://example.org`, comma between, whose pages may read the API from "
        "the browser without a key of their own; empty: none.",
    ),
    Setting(
        "api_hosts",
        "",
        "Further names, comma between, under which a server that asks for no keys answers, for "
        "instance behind a proxy. `localhost` and the address it listens on always count.",
    ),
    Setting(
        "api_proxies",
        "",
        "Addresses, comma between, of proxies whose word on who asks is taken "
        "(`X-Forwarded-For`); empty: none.",
    ),
    Setting(
        "api_root_path",
        "",
        "Where a proxy has the site lie, such as `/archive`, if it takes that part off the "
        "addresses that it hands on; empty: at the top.",
        check=lambda value: (
            isinstance(value, str)
            and (not value or (value.startswith("/") and not value.endswith("/")))
        ),
        allowed="a path such as /archive, which begins with a slash and ends without",
    ),
    Setting(
        "api_rate",
        "600/minute",
        "How many requests one address may make without a key; empty: as many as it likes.",
        **_rate(),
    ),
    Setting(
        "api_key_rate",
        "3000/minute",
        "How many requests a key may make that has no rate of its own; empty: as many as it likes.",
        **_rate(),
    ),
    Setting(
        "api_query_length",
        4000,
        "How many characters a query sent to the API may have.",
        **_whole_number(1, 100_000),
    ),
    Setting(
        "api_page_size",
        100,
        "How many articles one answer of the API may hold.",
        **_whole_number(1, 1000),
    ),
    Setting(
        "api_body_size",
        10_000_000,
        "How many bytes a request's body may have.",
        **_whole_number(1_000, 1_000_000_000),
    ),
    Setting(
        "api_seconds",
        30.0,
        "Seconds after which a request that has no answer yet is told so. An answer that has "
        "begun, such as an export, goes on.",
        read=float,
        check=lambda value: type(value) in (int, float) and 0 < value <= 3600,
        allowed="a number of seconds up to 3600",
    ),
    Setting(
        "api_concurrency",
        64,
        "How many requests are worked on at once; those beyond are told to come back.",
        **_whole_number(1, 10_000),
    ),
    Setting(
        "api_log_queries",
        False,
        "Whether the server's log holds what was searched for.",
        **_yes_or_no(),
    ),
)

_ROWS = {row.name: row for row in TABLE}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A setting's value and where it was found: ``default``, a variable's name or a file."""

    value: Any
    where: str


class Settings:
    """The values in force. Attribute access by the names in :data:`TABLE`.

    Raises:
        BadSetting: a value out of range, a name that no setting has, a file that is no TOML.
    """

    def __init__(self, chosen: Mapping[str, Chosen]) -> None:
        self._chosen = dict(chosen)

    @classmethod
    def load(
        cls, environment: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> Settings:
        env = os.environ if environment is None else environment
        chosen = {row.name: Chosen(row.default, "default") for row in TABLE}
        for path in (user_file(env), (folder or Path.cwd()) / FILE_NAME):
            chosen.update(_from_file(path))
        for row in TABLE:
            text = env.get(row.variable)
            if text:
                chosen[row.name] = Chosen(_read(row, text, row.variable), row.variable)
        return cls(chosen)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._chosen[name].value
        except KeyError:
            raise AttributeError(name) from None

    def where(self, name: str) -> str:
        return self._chosen[name].where


def listed(text: str) -> tuple[str, ...]:
    """The parts of a setting that is a list with commas between."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def user_file(environment: Mapping[str, str]) -> Path:
    """The user's own settings file, whether it exists or not."""
    base = environment.get("XDG_CONFIG_HOME")
    folder = Path(base) if base else Path.home() / ".config"
    return folder / "byline" / FILE_NAME


def _from_file(path: Path) -> dict[str, Chosen]:
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{path} is not TOML: {error}.", remedy="Mend the file there.") from error
    except UnicodeDecodeError as error:
        raise BadSetting(f"{path} is not UTF-8.", remedy="Save it as UTF-8.") from error
    except OSError as error:
        raise BadSetting(f"{path} cannot be read: {error.strerror}.") from error
    found = {}
    for name, value in content.items():
        if name not in _ROWS:
            near = get_close_matches(name, _ROWS, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise BadSetting(f"{path}: no setting is called {name}{hint}")
        found[name] = Chosen(_checked(_ROWS[name], value, str(path)), str(path))
    return found


def _read(row: Setting, text: str, where: str) -> Any:
    try:
        value = row.read(text)
    except ValueError as error:
        raise BadSetting(f"{where}={text!r} is not {row.allowed}.") from error
    return _checked(row, value, where)


def _checked(row: Setting, value: Any, where: str) -> Any:
    fits = isinstance(value, str) if row.read is str else True
    if not fits or not row.check(value):
        shown = "what it is set to" if row.secret else f"{value!r}"
        raise BadSetting(f"{where}: {row.name} = {shown} is not {row.allowed}.")
    return value
