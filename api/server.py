"""Serving the API from this process."""

from __future__ import annotations

import ipaddress

import uvicorn

from api.app import create_app
from byline.archive import Archive
from byline.errors import UsageError


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(archive: Archive, host: str, port: int, *, public_read: bool) -> None:
    """Answer until Ctrl-C or SIGTERM; requests in work are finished.

    Raises:
        UsageError: others could reach the host, and ``public_read`` does not allow it.
    """
    if not public_read and not is_loopback(host):
        raise UsageError(
            f"On {host} anybody who reaches this machine could read the archive.",
            remedy="Listen on 127.0.0.1, or add --public-read if the archive is for everybody.",
        )
    uvicorn.run(create_app(archive), host=host, port=port, log_level="warning")
