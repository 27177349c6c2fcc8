"""How often somebody may ask.

The generic cell rate algorithm (ITU-T I.371): a caller has one number, the moment at which all
it has asked so far would have been used up at an even pace. It may run ahead of that by a whole
quota, so that a burst is allowed and a stream is held to the rate, and nothing needs a timer.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from byline.errors import BadSetting
from byline.settings import RATE

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
#: Callers remembered before those that have used nothing lately are forgotten.
_MANY = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """``quota`` requests in ``window`` seconds."""

    quota: int
    window: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """``600/minute``; ``""`` is no limit.

        Raises:
            BadSetting: it is something else.
        """
        if not text:
            return None
        found = RATE.fullmatch(text)
        if found is None:
            raise BadSetting(
                f"{text!r} is no rate.",
                remedy="Write a number and second, minute, hour or day: 600/minute.",
            )
        return cls(int(found[1]), _SECONDS[found[2]])

    def __str__(self) -> str:
        return f"{self.quota}/{next(name for name, n in _SECONDS.items() if n == self.window)}"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a caller after this request.

    Attributes:
        wait: whole seconds after which the request would be let through; 0: it is now.
        remaining: requests that would be let through at once.
        reset: whole seconds until the whole quota is there again.
    """

    rate: Rate
    wait: int
    remaining: int
    reset: int

    def headers(self, policy: str) -> dict[str, str]:
        """``RateLimit`` and its kin (draft-ietf-httpapi-ratelimit-headers-10)."""
        headers = {
            "RateLimit-Policy": f'"{policy}";q={self.rate.quota};w={self.rate.window}',
            "RateLimit": f'"{policy}";r={self.remaining};t={self.reset}',
        }
        if self.wait:
            headers["Retry-After"] = str(self.wait)
        return headers


class Meter:
    """Counts for many callers; safe from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used_up: dict[str, float] = {}
        self._lock = threading.Lock()

    def count(self, caller: str, rate: Rate) -> Allowance:
        """Count one request of ``caller``, unless it has to wait."""
        step = rate.window / rate.quota
        with self._lock:
            now = self._clock()
            used_up = max(now, self._used_up.get(caller, now))
            ahead = used_up + step - now
            over = ahead - rate.window
            if over > 1e-6:
                return Allowance(rate, math.ceil(over), 0, math.ceil(used_up - now))
            self._used_up[caller] = used_up + step
            if len(self._used_up) > _MANY:
                self._forget(now)
        remaining = int((rate.window - ahead) / step + 1e-6)
        return Allowance(rate, 0, remaining, math.ceil(ahead))

    def _forget(self, now: float) -> None:
        self._used_up = {who: at for who, at in self._used_up.items() if at > now}
