"""What runs :mod:`byline.client.steps`: over blocking sockets, or over ``await``."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

import httpx2

from byline.client.failures import check, unreachable
from byline.client.steps import Call, Chunks, Emit, Reply, Steps, Stream

P = ParamSpec("P")
T = TypeVar("T")

_NOTHING = Reply(0, {}, None)


def _options(address: str, key: str | None, timeout: float) -> dict[str, Any]:
    headers = {"Accept": "application/json"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    base = f"{address.rstrip('/')}/api/v1/"
    return {"base_url": base, "headers": headers, "timeout": timeout}


def _request(call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "url": call.path,
        "params": list(call.parameters),
        "json": call.json,
        "headers": dict(call.headers),
    }


def _reply(response: httpx2.Response) -> Reply:
    """The reply to a request, if it was not refused. Raises BylineError."""
    try:
        document = response.json() if response.content else None
    except json.JSONDecodeError:
        document = None
    reply = Reply(response.status_code, response.headers, document)
    check(reply, str(response.url.copy_with(query=None)))
    return reply


class SyncDriver:
    """One server, asked over blocking sockets. Use as a context manager, or :meth:`close`.

    Args:
        address: of the server, such as ``http://127.0.0.1:8000``.
        key: sent with each request, where the server wants one.
        timeout: seconds that each step of a request may take.
    """

    def __init__(self, address: str, key: str | None = None, *, timeout: float = 30.0) -> None:
        self.address = address
        self._http = httpx2.Client(**_options(address, key, timeout))

    def run(self, steps: Steps[T]) -> T:
        try:
            call = next(steps)
            while True:
                call = steps.send(self._send(call))
        except StopIteration as done:
            result: T = done.value
            return result

    def iterate(self, steps: Stream[T]) -> Iterator[T]:
        step, reply = next(steps, None), _NOTHING
        while step is not None:
            match step:
                case Call():
                    reply = self._send(step)
                case Emit():
                    yield step.value
                case Chunks():
                    yield from self._chunks(step.call)
            try:
                step = steps.send(reply)
            except StopIteration:
                return

    def _send(self, call: Call) -> Reply:
        with unreachable(self.address):
            return _reply(self._http.request(**_request(call)))

    def _chunks(self, call: Call) -> Iterator[Any]:
        with unreachable(self.address), self._http.stream(**_request(call)) as response:
            if response.is_error:
                response.read()
                _reply(response)
            yield from response.iter_bytes()

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncDriver:
    """The same over ``await``. Use as an asynchronous context manager, or :meth:`aclose`."""

    def __init__(self, address: str, key: str | None = None, *, timeout: float = 30.0) -> None:
        self.address = address
        self._http = httpx2.AsyncClient(**_options(address, key, timeout))

    async def run(self, steps: Steps[T]) -> T:
        try:
            call = next(steps)
            while True:
                call = steps.send(await self._send(call))
        except StopIteration as done:
            result: T = done.value
            return result

    async def iterate(self, steps: Stream[T]) -> AsyncIterator[T]:
        step, reply = next(steps, None), _NOTHING
        while step is not None:
            match step:
                case Call():
                    reply = await self._send(step)
                case Emit():
                    yield step.value
                case Chunks():
                    async for chunk in self._chunks(step.call):
                        yield chunk
            try:
                step = steps.send(reply)
            except StopIteration:
                return

    async def _send(self, call: Call) -> Reply:
        with unreachable(self.address):
            return _reply(await self._http.request(**_request(call)))

    async def _chunks(self, call: Call) -> AsyncIterator[Any]:
        with unreachable(self.address):
            async with self._http.stream(**_request(call)) as response:
                if response.is_error:
                    await response.aread()
                    _reply(response)
                async for chunk in response.aiter_bytes():
                    yield chunk

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


class _Method(Generic[P, T]):
    """Steps under a name of the client's; bound to a driver, they are run by it."""

    def __init__(self, steps: Callable[P, Any]) -> None:
        self._steps = steps
        self.__doc__ = steps.__doc__

    def _bound(self, run: Callable[[Any], Any]) -> Callable[P, Any]:
        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return run(self._steps(*args, **kwargs))

        method.__doc__ = self.__doc__
        return method


class Operation(_Method[P, T]):
    """One that returns, on a :class:`SyncDriver`; one to be awaited, on an :class:`AsyncDriver`."""

    def __init__(self, steps: Callable[P, Steps[T]]) -> None:
        super().__init__(steps)

    @overload
    def __get__(self, driver: None, owner: type) -> Self: ...
    @overload
    def __get__(self, driver: SyncDriver, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, driver: AsyncDriver, owner: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, driver: SyncDriver | AsyncDriver | None, owner: type) -> Any:
        return self if driver is None else self._bound(driver.run)


class Iteration(_Method[P, T]):
    """One that gives an iterator, or an asynchronous one."""

    def __init__(self, steps: Callable[P, Stream[T]]) -> None:
        super().__init__(steps)

    @overload
    def __get__(self, driver: None, owner: type) -> Self: ...
    @overload
    def __get__(self, driver: SyncDriver, owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, driver: AsyncDriver, owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, driver: SyncDriver | AsyncDriver | None, owner: type) -> Any:
        return self if driver is None else self._bound(driver.iterate)
