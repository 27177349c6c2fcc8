"""What the server, the client and the network raise, as Byline's own errors.

One row of :data:`_SAID` a failure that has a name of its own; the tests hold that none of the
client's exceptions is left without one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from byline.errors import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveNotFound,
    ArchiveReadOnly,
    BadQuery,
    BylineError,
    EngineUnavailable,
    StorageFull,
)

if TYPE_CHECKING:
    from elastic_transport import ApiError, TransportError

    from byline.engines.elastic.address import Address


class ContextLost(Exception):
    """A point in time that the server no longer holds; a new one may do."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a server said: an HTTP status, the error's type, its reason in one line.

    ``types`` are those of everything that led to it.
    """

    status: int
    type: str
    reason: str
    types: frozenset[str]

    @classmethod
    def of(cls, status: int, body: Any) -> Said:
        error = body.get("error", body) if isinstance(body, dict) else body
        if not isinstance(error, dict):
            return cls(status, "", _line(str(error or "")), frozenset())
        causes = list(_causes(error))
        deepest = next((c for c in reversed(causes) if c.get("reason")), error)
        return cls(
            status,
            str(error.get("type", "")),
            _line(str(deepest.get("reason") or error.get("reason") or "")),
            frozenset(str(cause.get("type", "")) for cause in causes),
        )


def _causes(error: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield error
    yield from error.get("root_cause") or ()
    for shard in error.get("failed_shards") or ():
        yield from _causes(shard.get("reason") or {})
    if isinstance(error.get("caused_by"), dict):
        yield from _causes(error["caused_by"])


def _line(text: str) -> str:
    return " ".join(text.split())[:300].rstrip(".")


_LOST = frozenset({"search_context_missing_exception", "point_in_time_not_found_exception"})
_MISSING = "index_not_found_exception"
ALREADY_THERE = "resource_already_exists_exception"
_TOO_MANY = frozenset({"too_many_clauses", "too_many_nested_clauses"})


def is_transient(status: int) -> bool:
    """Worth another try after a pause."""
    return status in (429, 502, 503, 504)


def from_answer(said: Said, address: Address) -> BylineError:
    """An error that the server answered with."""
    where = f"the archive {address}"
    for fits, make in _SAID:
        if fits(said):
            return make(said, where)
    return EngineUnavailable(
        f"The server of {where} refused a request ({said.status}"
        f"{f', {said.type}' if said.type else ''}): {said.reason or 'no reason given'}.",
        code="engine-refused",
        remedy="See the server's log; if the request itself is wrong, report it as a bug.",
    )


def is_lost(said: Said) -> bool:
    """Whether a point in time, or the index under it, is gone."""
    return bool(said.types & _LOST) or (said.status == 404 and _MISSING in said.types)


def _flooded(said: Said) -> bool:
    # The flood stage sets a block that allows deletions alone (number 12).
    return "cluster_block_exception" in said.types and (
        "read-only-allow-delete" in said.reason
        or "flood" in said.reason
        or "TOO_MANY_REQUESTS/12" in said.reason
    )


_Row = tuple[Callable[[Said], bool], Callable[[Said, str], BylineError]]
_SAID: tuple[_Row, ...] = (
    (
        lambda s: s.status == 401,
        lambda _, where: EngineUnavailable(
            f"The server of {where} does not know these credentials, or was given none.",
            code="engine-unauthorized",
            remedy="Set BYLINE_ELASTICSEARCH_API_KEY, or BYLINE_ELASTICSEARCH_USER and "
            "BYLINE_ELASTICSEARCH_PASSWORD.",
        ),
    ),
    (
        _flooded,
        lambda _, where: StorageFull(
            f"The server of {where} takes no more: its disk is past the flood stage.",
            code="storage-flooded",
            remedy="Make room on the server's disk; the server lifts the block by itself. Then "
            "run the same command again: what was committed is safe.",
        ),
    ),
    (
        lambda s: "cluster_block_exception" in s.types and s.status == 403,
        lambda said, where: ArchiveReadOnly(
            f"The server blocks writing to {where}: {said.reason}.",
            remedy="Lift the block (index.blocks.write, index.blocks.read_only) and try again.",
        ),
    ),
    (
        lambda s: s.status == 403,
        lambda said, where: EngineUnavailable(
            f"These credentials may not do that with {where}: {said.reason}.",
            code="engine-forbidden",
            remedy="Give their role the privileges that docs/elasticsearch.md lists.",
        ),
    ),
    (
        lambda s: bool(s.types & _LOST),
        lambda _, where: EngineUnavailable(
            f"The point in time at which {where} was being read has expired.",
            code="point-in-time-expired",
            remedy="Begin again; each next step must come within half an hour, and a rebuild ends "
            "what takes long.",
        ),
    ),
    (
        lambda s: s.status == 404 and _MISSING in s.types,
        lambda _, where: ArchiveNotFound(
            f"{where[0].upper()}{where[1:]} is no longer there.",
            remedy="Look whether its alias was removed on the server.",
        ),
    ),
    (
        lambda s: ALREADY_THERE in s.types,
        lambda _, where: ArchiveBusy(
            f"Another process is making or rebuilding {where} just now.",
            remedy="Run the same command again; there is one writer at a time.",
        ),
    ),
    (
        lambda s: s.status == 413,
        lambda _, where: EngineUnavailable(
            f"The server of {where}, or a proxy before it, refuses a request of that size.",
            code="engine-request-too-large",
            remedy="Raise http.max_content_length on the server, or the proxy's limit.",
        ),
    ),
    (
        lambda s: bool(s.types & _TOO_MANY) or "maxClauseCount" in s.reason,
        lambda _, __: BadQuery(
            "The query has more words than the server takes at once.",
            code="query-too-long",
            remedy="Leave out some words; semantic mode takes a text of any length.",
        ),
    ),
    (
        lambda s: s.status == 429,
        lambda _, where: EngineUnavailable(
            f"The server of {where} is too busy to answer (429), after several tries.",
            code="engine-overloaded",
            remedy="Try again later, or give the server more processors and memory.",
        ),
    ),
    (
        lambda s: "strict_dynamic_mapping_exception" in s.types,
        lambda said, where: ArchiveDamaged(
            f"The mapping of {where} is not the one that Byline made: {said.reason}.",
            remedy="Run `byline rebuild` to make the index anew.",
        ),
    ),
    (
        lambda s: (
            s.status == 503
            and bool(
                s.types
                & {"search_phase_execution_exception", "no_shard_available_action_exception"}
            )
        ),
        lambda _, where: EngineUnavailable(
            f"Some shards of {where} are missing, so any answer would be short.",
            code="engine-incomplete",
            remedy="Look at GET _cluster/health on the server and bring its nodes back.",
        ),
    ),
    (
        lambda s: s.status in (502, 503, 504),
        lambda said, where: EngineUnavailable(
            f"The server of {where} cannot answer now ({said.status})"
            f"{f': {said.reason}' if said.reason else ''}.",
            code="engine-not-ready",
            remedy="Wait until it is up, then try again.",
        ),
    ),
)


def from_network(error: TransportError, address: Address) -> BylineError:
    """An error on the way to the server or back."""
    from elastic_transport import ConnectionError as NoConnection
    from elastic_transport import ConnectionTimeout, SerializationError, TlsError
    from elasticsearch import UnsupportedProductError

    where = f"the archive {address}"
    match error:
        case ConnectionTimeout():
            return EngineUnavailable(
                f"The server of {where} did not answer in time.",
                code="engine-timeout",
                remedy="Try again, or allow it more with BYLINE_ELASTICSEARCH_TIMEOUT.",
            )
        case TlsError():
            return EngineUnavailable(
                f"No safe connection to the server of {where}: {_root(error)}.",
                code="engine-tls",
                remedy="Set BYLINE_ELASTICSEARCH_CA to the file of the authority that signed "
                "its certificate, and use elasticsearchs:// only where the server has TLS.",
            )
        case NoConnection() if _was_cut(error):
            return EngineUnavailable(
                f"The server of {where} broke off in the middle of a request: {_root(error)}.",
                code="engine-disconnected",
                remedy="See whether the server is still up, and try again.",
            )
        case NoConnection():
            return EngineUnavailable(
                f"Nothing answers at {_hosts(address)}: {_root(error)}.",
                code="engine-unreachable",
                remedy="Check the address, that the server runs, and that no firewall is between.",
            )
        case SerializationError():
            return EngineUnavailable(
                f"What answers for {where} does not speak as Elasticsearch does.",
                code="engine-unknown-server",
                remedy="Check the address: a proxy or another server may stand there.",
            )
        case _ if isinstance(error, UnsupportedProductError):
            return not_elasticsearch(address)
        case _:
            return EngineUnavailable(
                f"Talking to the server of {where} failed: {_root(error)}.", code="engine-network"
            )


def not_elasticsearch(address: Address) -> BylineError:
    return EngineUnavailable(
        f"What answers at {_hosts(address)} is not Elasticsearch.",
        code="engine-unknown-server",
        remedy="Check the address: a proxy or another server may stand there.",
    )


def wrong_version(address: Address, version: str) -> BylineError:
    return EngineUnavailable(
        f"The server at {_hosts(address)} is Elasticsearch {version or 'of no known version'}.",
        code="engine-version",
        remedy="Byline needs Elasticsearch 9, from 9.3 on; docs/elasticsearch.md says how to "
        "upgrade.",
    )


@contextmanager
def server_errors(address: Address) -> Iterator[None]:
    """Let none of the client's own exceptions out."""
    from elastic_transport import ApiError, TransportError
    from elasticsearch import UnsupportedProductError

    try:
        yield
    except UnsupportedProductError as error:
        raise not_elasticsearch(address) from error
    except ApiError as error:
        raise from_answer(said_by(error), address) from error
    except TransportError as error:
        raise from_network(error, address) from error


def said_by(error: ApiError) -> Said:
    return Said.of(error.meta.status, error.body)


#: What urllib3 says of a connection that had been made.
_CUT = re.compile(r"Connection (aborted|broken)|Read timed out|reset by peer|Broken pipe")


def _was_cut(error: TransportError) -> bool:
    return bool(_CUT.search(f"{error.message} {error.errors}"))


def _root(error: TransportError) -> str:
    text = str(error.message)
    found = re.search(r"\[Errno -?\d+\] ([^'\")]+)|(certificate verify failed: [^(]+)", text)
    if found:
        return (found[1] or found[2]).strip().rstrip(".").lower()
    inner = re.search(r"\w+\((?:\d+, )?['\"]([^'\"]+)['\"]\)", text)
    return _line(inner[1] if inner else text).lower() or "no reason given"


def _hosts(address: Address) -> str:
    return ", ".join(f"{host}:{port}" for host, port in address.hosts)
