"""The one document beside the articles: the archive's version, and who is writing.

It changes by compare-and-set alone (the server's sequence numbers), so two writers cannot both
hold the archive, and each commit gets a number that no other has. A writer holds a *lease*
that it renews while it lives; one that died is waited out, or, on the same machine, seen to be
dead at once. Should a writer that lost its lease wake up, its next commit is refused here, and
requests of it still under way are refused by the documents' versions, or, once the archive was
built anew, for want of the alias that they were sent to.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byline.engines.elastic.connection import READ_TRIES, WRITE_TRIES, Connection, as_json
from byline.engines.elastic.layout import STATE_ID, state_index
from byline.errors import ArchiveBusy, ArchiveDamaged, BylineError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

#: The document of whoever builds the index anew; it has a lease of its own, because writing
#: goes on meanwhile.
BUILDER = "builder"
#: Seconds after which a writer that said nothing is taken for dead.
LEASE = 60.0
_RENEW_EVERY = LEASE / 4


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes. ``boot``: when its process began, so that a number used again is told apart."""

    token: str
    host: str
    process: int
    boot: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class State:
    """``reserved`` is the number of the latest commit begun, ``version`` of the latest done."""

    version: int
    reserved: int
    writer: Holder | None
    seq_no: int
    primary_term: int

    @property
    def content(self) -> tuple[int, int, Holder | None]:
        return self.version, self.reserved, self.writer


class StateStore:
    """Reads and changes the document."""

    def __init__(self, connection: Connection, which: str = STATE_ID) -> None:
        self._connection = connection
        self._which = which
        self._index = state_index(connection.address.name)

    def read(self) -> State:
        """The present one, whatever searches can see."""

        def get(client: Elasticsearch) -> dict[str, Any]:
            from elasticsearch import NotFoundError

            try:
                return as_json(client.get(index=self._index, id=self._which))
            except NotFoundError:
                return {}

        found = self._connection.ask(get)
        try:
            source = found["_source"]
            writer = source.get("writer")
            return State(
                source["version"],
                source["reserved"],
                None if writer is None else Holder(**writer),
                found["_seq_no"],
                found["_primary_term"],
            )
        except (KeyError, TypeError) as error:
            raise ArchiveDamaged(
                f"The index {self._index} does not hold the state of the archive "
                f"{self._connection.address}.",
                remedy="Run `byline rebuild`; it makes the state anew.",
            ) from error

    def change(
        self, old: State, new: State, *, visible: bool = False, tries: int = WRITE_TRIES
    ) -> State | None:
        """Set it to ``new`` if it still is ``old``; ``None`` where it no longer is.

        ``visible``: searches see it when this returns.
        """

        def put(client: Elasticsearch) -> State | None:
            from elasticsearch import ConflictError

            try:
                said = client.index(
                    index=self._index,
                    id=self._which,
                    document=_document(new),
                    if_seq_no=old.seq_no,
                    if_primary_term=old.primary_term,
                    refresh=visible,
                )
                answer = as_json(said)
            except ConflictError:
                return None
            return replace(new, seq_no=answer["_seq_no"], primary_term=answer["_primary_term"])

        changed = self._connection.ask(put, tries=tries)
        if changed is not None:
            return changed
        # An earlier try may have arrived although its answer did not.
        present = self.read()
        return present if present.content == new.content else None

    def begin(self, version: int = 0, *, anew: bool = False) -> None:
        """Write the first one; ``anew``: over whatever is there."""
        document = _document(State(version, version, None, 0, 0))

        def put(client: Elasticsearch) -> None:
            from elasticsearch import ConflictError

            op_type = "index" if anew else "create"
            try:
                client.index(
                    index=self._index,
                    id=self._which,
                    document=document,
                    op_type=op_type,
                    refresh=True,
                )
            except ConflictError:
                # Somebody else's, who may hold it by now.
                return

        self._connection.ask(put)


def _document(state: State) -> dict[str, Any]:
    document: dict[str, Any] = {"version": state.version, "reserved": state.reserved}
    if state.writer is not None:
        document["writer"] = asdict(state.writer)
    return document


class Lease:
    """The right to write, from :meth:`take` to :meth:`give_back`."""

    def __init__(self, store: StateStore, address: str) -> None:
        self._store = store
        self._address = address
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._state: State | None = None
        self._thread: threading.Thread | None = None

    def take(self) -> None:
        """Raises ArchiveBusy naming the holder."""
        for _ in range(5):
            present = self._store.read()
            if present.writer is not None and not _is_over(present.writer):
                raise _busy(self._address, present.writer)
            taken = self._store.change(present, replace(present, writer=_this_process()))
            if taken is not None:
                self._state = taken
                self._thread = threading.Thread(
                    target=self._renew, name="byline-lease", daemon=True
                )
                self._thread.start()
                return
        raise ArchiveBusy(f"Several processes try to write to the archive {self._address}.")

    def reserve(self) -> int:
        """The number of a commit that begins now."""
        return self._change(lambda state: replace(state, reserved=state.reserved + 1)).reserved

    def renew(self, *, tries: int = WRITE_TRIES) -> None:
        """Raises ArchiveBusy where another process took over."""
        self._change(lambda state: state, tries=tries)

    def check(self) -> None:
        """Raises ArchiveBusy where another process took over, without renewing anything."""
        held = self._held().writer
        try:
            present = self._store.read().writer
        except ArchiveDamaged:
            # The archive is gone, and nobody has it.
            return
        if held is None or present is None or present.token != held.token:
            raise _superseded(self._address)

    def finish(self, version: int) -> None:
        """Commit ``version`` is done and can be searched."""
        self._change(lambda state: replace(state, version=version), visible=True)

    @property
    def version(self) -> int:
        """Of the latest commit done."""
        return self._held().version

    def give_back(self) -> None:
        """Does nothing where it was lost."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            if self._state is not None:
                # Where the server is away that was found out before, and the lease ends by itself.
                given = replace(self._state, writer=None)
                self._store.change(self._state, given, tries=READ_TRIES)
                self._state = None

    def _held(self) -> State:
        if self._state is None:
            raise _superseded(self._address)
        return self._state

    def _change(
        self,
        step: Callable[[State], State],
        *,
        visible: bool = False,
        tries: int = WRITE_TRIES,
    ) -> State:
        with self._lock:
            held = self._held()
            assert held.writer is not None  # noqa: S101 - it was taken with one
            renewed = replace(held, writer=replace(held.writer, until=_after(LEASE)))
            self._state = self._store.change(held, step(renewed), visible=visible, tries=tries)
            return self._held()

    def _renew(self) -> None:
        while not self._stop.wait(_RENEW_EVERY):
            try:
                # Not for long: who writes may want to change the state meanwhile.
                self.renew(tries=READ_TRIES)
            except BylineError:
                # The next commit finds out and says so to somebody who listens.
                continue


def _this_process() -> Holder:
    process = os.getpid()
    return Holder(
        token=uuid.uuid4().hex,
        host=socket.gethostname(),
        process=process,
        boot=_boot(process),
        since=_after(0),
        until=_after(LEASE),
    )


def _after(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def _is_over(holder: Holder) -> bool:
    if holder.host == socket.gethostname() and not _lives(holder):
        return True
    return datetime.fromisoformat(holder.until) < datetime.now(UTC)


def _lives(holder: Holder) -> bool:
    try:
        os.kill(holder.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _boot(holder.process) == holder.boot


def _boot(process: int) -> str:
    """When it began, where the system says so (Linux), in the system's own ticks."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The name may hold blanks and brackets; the 20th field after it is the start.
    return stat.rpartition(")")[2].split()[19]


def _superseded(address: str) -> ArchiveBusy:
    return ArchiveBusy(
        f"This process no longer holds the archive {address}; another took over.",
        code="writer-superseded",
        remedy="Run the same command again; what was committed is safe.",
    )


def _busy(address: str, holder: Holder) -> ArchiveBusy:
    return ArchiveBusy(
        f"Another process is writing to the archive {address} (process {holder.process} on "
        f"{holder.host}, since {holder.since}).",
        remedy="Wait until it has finished; searching goes on meanwhile. If it died, its hold "
        f"ends at {holder.until}.",
    )
