"""An archive served on one origin, and another site's pages on another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from byline.records import Article, PartialDate

# Machines that do much else beside take long to open a page.
expect.set_options(timeout=20_000)
LONG = "x" * 400
COLUMNS = (
    Article(
        "cap",
        "A cap on rent",
        "\U0001f600\U0001f9d1‍\U0001f33e The rent is too high, said the mayor. Nobody can pay it in this town.",
        ("Ann Fenn", "Bo Quill"),
        "The Courier",
        PartialDate(2019, 3, 4),
        "https://courier.example/cap",
    ),
    Article(
        "ceiling",
        "What a ceiling does",
        "A landlord may ask what he likes. The tenant has no say in it at all.",
        ("Ann Fenn",),
        "The Courier",
        PartialDate(2020, 5),
        "https://courier.example/ceiling?from=feed",
    ),
    Article(
        "river",
        "The river came in",
        "The river came in at night. The flood took the bridge and two of the mills.",
        ("Cy Marsh",),
        "The Lantern",
        PartialDate(1908),
    ),
    Article(
        "hostile",
        "<img src=x onerror=alert(1)> Zither \u202etxet",
        f"The zither </p><script>alert(2)</script> &amp; <b onclick=alert(3)>more</b> {LONG} zither.",
        ("<script>alert(4)</script>",),
        '"><svg onload=alert(5)>',
        PartialDate(2021, 1, 2),
        "javascript:alert(6)",
    ),
    *(
        Article(
            f"tram-{n}",
            f"Tram number {n}",
            f"The tram {n} is late again.",
            date=PartialDate(2000 + n),
        )
        for n in range(7)
    ),
)


@pytest.fixture(scope="session")
def closed(serve_columns):
    """Wants a key of whoever asks."""
    with serve_columns(COLUMNS, public=False) as served:
        served.key("admin")
        yield served


@pytest.fixture(scope="session")
def public(serve_columns, site):
    """Everybody may search, and ``site``'s pages may read the answers."""
    with serve_columns(COLUMNS, BYLINE_API_ORIGINS=site.origin) as served:
        yield served


@dataclass
class Site:
    """Another site: ``show`` gives the address of a page with this in its body."""

    origin: str
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def show(self, body: str, *, head: str = "", policy: str | None = None) -> str:
        html = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The Courier</title>'
            '<link rel="icon" href="data:,">'
            f"{head}</head><body><main><h1>The Courier</h1>{body}</main></body></html>"
        )
        path = f"/page-{len(self.pages)}"
        self.pages[path] = (html, {"Content-Security-Policy": policy} if policy else {})
        return self.origin + path


def _site(serving) -> Iterator[Site]:
    site = Site("")

    def answer(request: Request) -> Response:
        html, headers = site.pages[request.url.path]
        return HTMLResponse(html, headers=headers)

    with serving(Starlette(routes=[Route("/{page}", answer)])) as address:
        # Another name of this machine: another origin, and another site, than the archive's.
        site.origin = address.replace("127.0.0.1", "localhost")
        yield site


@pytest.fixture(scope="session")
def site(serving):
    yield from _site(serving)


@pytest.fixture(scope="session")
def other_site(serving):
    yield from _site(serving)


@pytest.fixture(scope="session")
def key(closed, site):
    """A search key that only pages of ``site`` may use."""
    return closed.key(origins=[site.origin])


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address; at the end no page has complained or started a dialog unforeseen."""
    complaints: list[str] = []
    contexts = []

    def opened(address: str, *, complains: bool = False, **options) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        if not complains:
            page.on(
                "console",
                lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None,
            )
            page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
