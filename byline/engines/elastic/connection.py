"""Talking to the server: one client, tries with pauses, errors in Byline's words."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from byline.engines.elastic.address import Address, Options
from byline.engines.elastic.failures import (
    Said,
    from_answer,
    server_errors,
    wrong_version,
)
from byline.errors import EngineUnavailable

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

Result = TypeVar("Result")

MAJOR, LEAST_MINOR = 9, 3
#: A search fails soon, for somebody waits for it; a bulk request has hours of work behind it, and
#: outlives a server that is away for two minutes, as while it is started again: the pauses between
#: so many tries come to two to four minutes.
READ_TRIES = 3
WRITE_TRIES = 20
#: Seconds after the first failure from which nothing is tried again: where each try takes long.
_PATIENCE = 250.0
#: Times the usual timeout that a request may take which nobody waits for.
SLOW = 4
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 20.0
_TRANSIENT_CODES = frozenset(
    {"engine-overloaded", "engine-not-ready", "engine-disconnected", "engine-unreachable"}
)


def pause(attempt: int, *, first: float = _FIRST_PAUSE) -> float:
    """Seconds before try number ``attempt`` + 1: half to all of what doubles each time.

    "Equal jitter": clients that failed together do not come back together, and the sum of the
    pauses has a least value.
    """
    longest = min(_LONGEST_PAUSE, first * 2.0**attempt)
    return random.uniform(longest / 2, longest)  # noqa: S311 - no secret


def as_json(answer: Any) -> dict[str, Any]:
    """The body of an answer; a page that a portal or a proxy slipped in is none.

    Raises:
        SerializationError: as the client does for what it cannot read.
    """
    from elastic_transport import SerializationError

    if not isinstance(answer.body, dict):
        raise SerializationError("The answer is not JSON")
    return answer.body


class Connection:
    """Safe for use by several threads, as the client is."""

    def __init__(self, address: Address, options: Options) -> None:
        self.address = address
        self.options = options
        self._client: Elasticsearch | None = None
        self._lock = threading.Lock()

    @property
    def client(self) -> Elasticsearch:
        with self._lock:
            if self._client is None:
                self._client = self._make()
            return self._client

    def _make(self) -> Elasticsearch:
        # Imported late: a local archive does not pay for it.
        from elasticsearch import Elasticsearch

        from byline.engines.elastic.serializers import serializers
        from byline.errors import BadSetting

        tls: dict[str, Any] = (
            {"ca_certs": self.options.ca} if self.address.tls and self.options.ca else {}
        )
        try:
            return Elasticsearch(
                self.address.urls,
                request_timeout=self.options.timeout,
                # Tries and pauses are this class's own: the client's know no jitter.
                max_retries=0,
                meta_header=False,
                serializers=serializers(),
                **self.options.credentials(),
                **tls,
            )
        except (ValueError, OSError) as error:
            raise BadSetting(
                f"No client for {self.address}: {error}.",
                remedy="Check the settings that begin with elasticsearch_.",
            ) from error

    def check_server(self) -> None:
        """Raises EngineUnavailable where it is not a server that Byline knows."""
        answer = self.ask(lambda client: as_json(client.info()))
        version = str(answer.get("version", {}).get("number", ""))
        found = re.match(r"(\d+)\.(\d+)", version)
        if not found or int(found[1]) != MAJOR or int(found[2]) < LEAST_MINOR:
            raise wrong_version(self.address, version)

    def ask(
        self,
        call: Callable[[Elasticsearch], Result],
        *,
        tries: int = READ_TRIES,
        slow: bool = False,
        stop: threading.Event | None = None,
    ) -> Result:
        """What ``call`` returns; it must do no harm when it is done twice.

        Args:
            slow: nobody waits for it: allow each try :data:`SLOW` times as long, and try again
                after a timeout too.
            stop: once it is set, what fails is not tried again.

        Raises:
            ArchiveError: whatever the client raised, in Byline's words.
        """
        client = self.client
        transient = _TRANSIENT_CODES
        if slow:
            client = client.options(request_timeout=self.options.timeout * SLOW)
            transient = _TRANSIENT_CODES | {"engine-timeout"}
        give_up = float("inf")
        for attempt in range(tries):
            try:
                with server_errors(self.address):
                    return call(client)
            except EngineUnavailable as error:
                if attempt + 1 == tries or error.error_code not in transient:
                    raise
                if stop is not None and stop.is_set():
                    raise
                now = time.monotonic()
                give_up = min(give_up, now + _PATIENCE)
                if now >= give_up:
                    raise
            self.wait(attempt, stop)
        raise AssertionError("the last try returns or raises")

    def wait(self, attempt: int, stop: threading.Event | None = None) -> None:
        """Pause before the next try, unless ``stop`` is set."""
        if stop is None:
            time.sleep(pause(attempt))
        else:
            stop.wait(pause(attempt))

    def fail(self, status: int, error: object) -> None:
        """Raise for an error inside an answer that is itself in order."""
        raise from_answer(Said.of(status, {"error": error}), self.address)

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None
