"""Where an archive on a server is, how to get in, and how it is to be laid out there.

An address is ``elasticsearch://host:9200/name``; ``elasticsearchs://`` or ``https://`` for TLS.
Several hosts of one cluster are separated by commas. Credentials may stand in the address
(``user:password@`` before the host); better in the settings or the environment, because an
address ends up in a shell's history.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from byline.errors import BadArchiveAddress, BadSetting

if TYPE_CHECKING:
    from byline.settings import Settings

#: Scheme → whether it means TLS.
SCHEMES = {"elasticsearch": False, "elasticsearchs": True, "https": True}
DEFAULT_PORT = 9200
#: No dots: what belongs to an archive is named after it with a dot (``columns.state``).
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\[\]/?#@]+))(?::(?P<port>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class Address:
    """``str()`` of it opens the archive again and holds no secret."""

    hosts: tuple[tuple[str, int], ...]
    tls: bool
    name: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises BadArchiveAddress, whose message never holds a password."""
        parts = urlsplit(text)
        if parts.scheme not in SCHEMES:
            raise BadArchiveAddress(f"No engine answers to {parts.scheme}://.")
        credentials, _, hosts_text = parts.netloc.rpartition("@")
        shown = f"{parts.scheme}://{hosts_text}{parts.path}"
        name = unquote(parts.path).strip("/")
        if parts.query or parts.fragment:
            raise BadArchiveAddress(f"{shown} has more than a host and a name.")
        if not _NAME.fullmatch(name):
            what = f"{name!r} cannot name an archive on a server" if name else "names no archive"
            remedy = (
                "Give elasticsearch://host:9200/name, the name of small letters, digits, - and _."
            )
            raise BadArchiveAddress(f"{shown}: {what}.", remedy=remedy)
        user, colon, password = credentials.partition(":")
        return cls(
            hosts=tuple(_host(host, shown) for host in hosts_text.split(",")),
            tls=SCHEMES[parts.scheme],
            name=name,
            user=unquote(user) if user else None,
            password=unquote(password) if colon else None,
        )

    @property
    def urls(self) -> list[str]:
        """One a host, as the client takes them."""
        scheme = "https" if self.tls else "http"
        return [f"{scheme}://{_bracketed(host)}:{port}" for host, port in self.hosts]

    def __str__(self) -> str:
        scheme = "elasticsearchs" if self.tls else "elasticsearch"
        hosts = ",".join(f"{_bracketed(host)}:{port}" for host, port in self.hosts)
        return f"{scheme}://{hosts}/{self.name}"


def _host(text: str, shown: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found["port"] or DEFAULT_PORT) if found else 0
    if not found or not 0 < port < 65536:
        raise BadArchiveAddress(f"{shown}: {text!r} is no host with a port.")
    return found["six"] or found["host"], port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True)
class Options:
    """How to reach the server, and how a new archive is laid out there.

    Attributes:
        api_key: the encoded form that the server gives out; it goes before user and password.
        ca: a file of certificates to trust instead of the system's.
        timeout: seconds that one request may take.
        shards: of a new index.
        replicas: ``auto`` (one where the cluster has a second node, else none) or a number.
        vectors: how neighbours are indexed: ``int8``, ``hnsw`` (unreduced) or ``bbq``.
        oversample: how many times more neighbours than wanted are scored anew with the
            unreduced vectors; of no effect with ``hnsw``.
    """

    api_key: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None
    timeout: float = 30.0
    shards: int = 1
    replicas: str = "auto"
    vectors: str = "int8"
    oversample: float = 3.0

    @classmethod
    def of(cls, settings: Settings, address: Address) -> Options:
        """Credentials in the address go before those in the settings."""
        in_address = address.user is not None
        user = address.user if in_address else settings.elasticsearch_user or None
        password = address.password if in_address else settings.elasticsearch_password or None
        if user and password is None:
            raise BadSetting(
                f"There is a user for {address} ({user}) and no password.",
                remedy="Set BYLINE_ELASTICSEARCH_PASSWORD, or BYLINE_ELASTICSEARCH_API_KEY.",
            )
        return cls(
            api_key=None if in_address else settings.elasticsearch_api_key or None,
            user=user,
            password=password,
            ca=settings.elasticsearch_ca or None,
            timeout=float(settings.elasticsearch_timeout),
            shards=settings.elasticsearch_shards,
            replicas=settings.elasticsearch_replicas,
            vectors=settings.elasticsearch_vectors,
            oversample=float(settings.elasticsearch_oversample),
        )

    def credentials(self) -> dict[str, Any]:
        """As the client takes them."""
        if self.api_key:
            return {"api_key": self.api_key}
        if self.user:
            return {"basic_auth": (self.user, self.password or "")}
        return {}
