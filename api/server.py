"""Serving the API from this process, or from several."""

from __future__ import annotations

import errno
import gc
import logging
import os
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass
from functools import partial

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api import logs, metrics
from api.access import Policy
from api.app import create_app
from api.callers import is_loopback
from api.keys import KeyStore, keys_file
from api.malformed import Protocol
from byline.archive import Archive
from byline.errors import UsageError
from byline.settings import Settings, listed

#: Seconds between requests after which a connection is closed; longer than proxies keep theirs.
_KEEP_ALIVE = 75
_BACKLOG = 2048
#: After so long a thread that works in Python leaves the interpreter to one that waits for it. By
#: default five times as long: of a search's threads one would wait for another's whole turn.
_TURN_SECONDS = 0.001
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Serving:
    """Where to listen, and what callers without a key may do.

    ``archive`` is its address as it was given, by which each worker opens it anew.
    """

    archive: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    public_read: bool = False
    allow_write: bool = False


def serve(archive: Archive, serving: Serving) -> None:
    """Answer until Ctrl-C or SIGTERM; requests in work are finished.

    Raises:
        UsageError: others could reach the host and neither keys nor ``public_read`` say who may
            read; the host or the port cannot be had.
    """
    settings = archive.settings
    policy = _policy(serving, settings)
    listening = _listen(serving.host, serving.port)
    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    logs.to_standard_error()
    if sys.stderr.isatty():
        print(f"Serving {archive.engine.address} at {address}; Ctrl-C stops.", file=sys.stderr)  # noqa: T201
    else:
        logs.say(
            logs.ACCESS, logging.INFO, "listening", address=address, archive=archive.engine.address
        )
    if serving.workers == 1:
        config = _config(_app(archive, settings, policy), settings, factory=False)
        # The server hands on the signal that stopped it; it has done what was asked.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        uvicorn.Server(config).run([listening])
        return
    archive.close()
    with tempfile.TemporaryDirectory(prefix="byline-metrics-") as folder:
        os.environ[metrics.FOLDER] = folder
        made = partial(_app_of_worker, serving.archive, settings, policy)
        config = _config(made, settings, factory=True, workers=serving.workers)
        Multiprocess(config, [listening]).run()


def _app_of_worker(address: str | None, settings: Settings, policy: Policy) -> FastAPI:
    logs.to_standard_error()
    return _app(Archive.open(address, settings), settings, policy)


def _app(archive: Archive, settings: Settings, policy: Policy) -> FastAPI:
    """The application; what it is made of lasts, and is not looked through for garbage again."""
    app = create_app(archive, settings, policy)
    gc.freeze()
    sys.setswitchinterval(_TURN_SECONDS)
    return app


def _config(
    app: FastAPI | partial[FastAPI], settings: Settings, *, factory: bool, workers: int = 1
) -> uvicorn.Config:
    proxies = listed(settings.api_proxies)
    return uvicorn.Config(
        app,
        factory=factory,
        workers=workers,
        http=Protocol,
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        root_path=settings.api_root_path,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=int(settings.api_seconds) + 5,
    )


def _policy(serving: Serving, settings: Settings) -> Policy:
    here = is_loopback(serving.host)
    keyed = any(not key.refused() for key in KeyStore(keys_file(settings)).all())
    if not here and not keyed and not serving.public_read:
        raise UsageError(
            f"On {serving.host} anybody who reaches this machine could read the archive.",
            remedy=(
                "Make keys with `byline keys create`, listen on 127.0.0.1, or add --public-read "
                "if the archive is for everybody."
            ),
        )
    if serving.allow_write and not here:
        raise UsageError(
            f"On {serving.host} anybody who reaches this machine could change the archive.",
            remedy="Leave out --allow-write and make a key: `byline keys create --scope write`.",
        )
    hosts = frozenset((*_HERE, serving.host, *listed(settings.api_hosts)))
    return Policy(
        public_read=serving.public_read,
        keyless=here,
        allow_write=serving.allow_write,
        hosts=hosts,
    )


def _listen(host: str, port: int) -> socket.socket:
    """Raises UsageError, which names what is in the way."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise UsageError(
            f"--host {host}: no address is known by that name.",
            remedy="Give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all.",
        ) from error
    # The older family first: `localhost` is both, and most programs try 127.0.0.1.
    family, _, _, _, place = min(found, key=lambda one: one[0] != socket.AF_INET)
    # The protocol is named, since connections of a socket that names none are sent without
    # TCP_NODELAY by asyncio: each answer on a kept connection then waits for the client's
    # delayed acknowledgement, 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(place)
        # From here on whoever connects is kept waiting, not turned away.
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise _taken(host, port, error) from error
    listening.set_inheritable(True)
    return listening


def _taken(host: str, port: int, error: OSError) -> UsageError:
    match error.errno:
        case errno.EADDRINUSE:
            return UsageError(
                f"Something else listens on {host}, port {port}.",
                remedy="Stop it, or choose another port with --port.",
            )
        case errno.EADDRNOTAVAIL:
            return UsageError(
                f"{host} is no address of this machine.",
                remedy="Give one that is, such as 127.0.0.1, or 0.0.0.0 for all.",
            )
        case errno.EACCES:
            return UsageError(
                f"This user may not listen on port {port}.",
                remedy="Choose a port from 1024 on with --port, behind a web server.",
            )
        case _:
            return UsageError(f"{host}, port {port}: {error.strerror}.", remedy="Choose another.")
