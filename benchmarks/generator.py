"""Sends a server requests, so many at once, and tells how long each took. A process of its own.

``python -m benchmarks.generator ADDRESS CLIENTS < PATHS > JSON``: a path a line, asked in their
order, each by whichever client is free; connections are kept.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter

import httpx2


async def _ask(address: str, clients: int, paths: list[str]) -> dict[str, object]:
    waiting = iter(paths)
    times: list[float] = []
    answers: Counter[str] = Counter()
    limits = httpx2.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx2.AsyncClient(base_url=address, limits=limits, timeout=60) as http:

        async def client() -> None:
            for path in waiting:
                started = time.perf_counter()
                try:
                    answer = await http.get(path)
                    answers[str(answer.status_code)] += 1
                except httpx2.HTTPError as error:
                    answers[type(error).__name__] += 1
                times.append((time.perf_counter() - started) * 1000)

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "ms": times, "answers": answers}


if __name__ == "__main__":
    told = asyncio.run(_ask(sys.argv[1], int(sys.argv[2]), sys.stdin.read().splitlines()))
    json.dump(told, sys.stdout)
