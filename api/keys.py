"""Keys: what a caller shows to be let in, and what it lets them do.

A key is ``byline_ID_SECRET``; the secret has 256 random bits. Of it the file keeps the SHA-256
alone, so that whoever reads the file can let nobody in. A slow password hash would add nothing:
it protects secrets that can be guessed, and these cannot, while it would cost every request.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hmac import compare_digest
from pathlib import Path
from typing import Any

from byline.errors import KeyNotFound, KeysUnreadable
from byline.records import utc_now
from byline.settings import Settings, user_file

_PREFIX = "byline"
_NOBODY = hashlib.sha256(b"").hexdigest()
_FORM = 1


class Scope(StrEnum):
    """What a key is for. ``WRITE`` and ``ADMIN`` do not include ``SEARCH``."""

    SEARCH = "search"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Key:
    """One key, without its secret.

    Attributes:
        id: tells it from others; no secret.
        name: what its maker calls it.
        sha256: of the whole key as it is shown, hex.
        created, expires, revoked: ISO 8601 in UTC; the last two may be ``None``.
        origins: where it is not empty, only browsers on pages of these may use the key.
        filter: a query of conditions that everything the key sees or writes satisfies.
        rate: ``600/minute``; ``None``: the settings' own.
    """

    id: str
    name: str
    sha256: str
    scopes: frozenset[Scope]
    created: str
    expires: str | None = None
    origins: tuple[str, ...] = ()
    filter: str | None = None
    rate: str | None = None
    revoked: str | None = None

    def refused(self, now: datetime | None = None) -> str | None:
        """Why it lets nobody in any more: ``revoked``, ``expired``, or ``None``."""
        if self.revoked is not None:
            return "revoked"
        if self.expires is not None and _moment(self.expires) <= (now or datetime.now(UTC)):
            return "expired"
        return None


def keys_file(settings: Settings, environment: Mapping[str, str] | None = None) -> Path:
    """Where the keys of these settings are kept, whether there are any or not."""
    if settings.api_keys:
        return Path(settings.api_keys).expanduser()
    return user_file(os.environ if environment is None else environment).with_name("keys.json")


class KeyStore:
    """The keys in one file. What others change there counts from the next request on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, Key] = {}

    def all(self) -> tuple[Key, ...]:
        """Every key ever made, the oldest first. Raises KeysUnreadable."""
        with self._lock:
            try:
                state = self.path.stat()
            except (FileNotFoundError, NotADirectoryError):
                self._seen, self._keys = None, {}
            except OSError as error:
                raise KeysUnreadable(f"{self.path} cannot be read: {error.strerror}.") from error
            else:
                seen = (state.st_mtime_ns, state.st_size, state.st_ino)
                if seen != self._seen:
                    self._keys = {key.id: key for key in _read(self.path)}
                    self._seen = seen
            return tuple(self._keys.values())

    def find(self, shown: str) -> Key | None:
        """The key that somebody shows, whether it still lets them in or not.

        It takes as long for a key that is wrong as for one that is not there.
        """
        known = {key.id: key for key in self.all()}
        parts = shown.split("_", 2)
        key = known.get(parts[1]) if len(parts) == 3 else None
        same = compare_digest(_digest(shown), _NOBODY if key is None else key.sha256)
        return key if same else None

    def create(
        self,
        name: str,
        scopes: Iterable[Scope],
        *,
        expires: str | None = None,
        origins: Iterable[str] = (),
        filter: str | None = None,  # noqa: A002 - what it is called everywhere
        rate: str | None = None,
    ) -> tuple[Key, str]:
        """A new key and what its holder shows, which is kept nowhere."""
        with self._exclusive():
            keys = list(self.all())
            key_id = secrets.token_hex(4)
            shown = f"{_PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
            key = Key(
                id=key_id,
                name=name,
                sha256=_digest(shown),
                scopes=frozenset(scopes),
                created=utc_now(),
                expires=expires,
                origins=tuple(origins),
                filter=filter,
                rate=rate,
            )
            self._write([*keys, key])
        return key, shown

    def revoke(self, key_id: str) -> Key:
        """Raises KeyNotFound. A key that was revoked before stays as it is."""
        with self._exclusive():
            keys = {key.id: key for key in self.all()}
            if key_id not in keys:
                raise KeyNotFound(f"No key has the id {key_id!r}.")
            if keys[key_id].revoked is None:
                keys[key_id] = replace(keys[key_id], revoked=utc_now())
                self._write(list(keys.values()))
        return keys[key_id]

    def _exclusive(self) -> Any:
        from filelock import FileLock

        self.path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self.path.with_name(self.path.name + ".lock"), timeout=10)

    def _write(self, keys: list[Key]) -> None:
        """As a whole or not at all; for the owner's eyes alone (mkstemp makes it 0600)."""
        content = {
            "version": _FORM,
            "keys": [{**described(key), "sha256": key.sha256} for key in keys],
        }
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".keys-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2, ensure_ascii=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _digest(shown: str) -> str:
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def described(key: Key) -> dict[str, Any]:
    """What may be told of a key: all but its digest."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created": key.created,
        "expires": key.expires,
        "origins": list(key.origins),
        "filter": key.filter,
        "rate": key.rate,
        "revoked": key.revoked,
    }


def _read(path: Path) -> list[Key]:
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["version"] != _FORM:
            raise KeysUnreadable(
                f"{path} was written by another version of Byline.", remedy="Upgrade Byline."
            )
        return [
            Key(
                id=str(row["id"]),
                name=str(row["name"]),
                sha256=str(row["sha256"]),
                scopes=frozenset(Scope(scope) for scope in row["scopes"]),
                created=str(row["created"]),
                expires=row["expires"],
                origins=tuple(row["origins"]),
                filter=row["filter"],
                rate=row["rate"],
                revoked=row["revoked"],
            )
            for row in content["keys"]
        ]
    except OSError as error:
        raise KeysUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise KeysUnreadable(f"{path} is damaged: it does not hold keys.") from error
