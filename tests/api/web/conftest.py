"""A small archive behind a real server, and a real browser that looks at it.

The archive's model is a stand-in that knows a few words, so that meaning can be told apart from
words without loading anything.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn

from api.app import create_app
from byline.archive import Archive
from byline.chunking import Sizes, cut, estimated_starts
from byline.engines.open import create_engine
from byline.fingerprint import fingerprint
from byline.records import Article, ModelIdentity, PartialDate, StoredArticle
from byline.settings import Settings

MODEL = ModelIdentity("stand-in", "f" * 64, 16, "mean", "", "", "test/1", 0.5)
_DIRECTIONS = {"rent": 0, "tenancy": 0, "landlord": 0, "river": 1, "flood": 1, "bus": 2, "phone": 3}


def _vector(text: str) -> np.ndarray:
    vector = np.zeros(MODEL.dimension, np.float32)
    for word, direction in _DIRECTIONS.items():
        vector[direction] += text.lower().count(word)
    vector[-1] = not vector.any()
    return vector / np.linalg.norm(vector)


class StandIn:
    identity = MODEL
    nearness = MODEL.nearness
    note = None

    def embed_query(self, text: str) -> np.ndarray:
        return _vector(text)


def stored(article: Article) -> StoredArticle:
    passages, sentences = cut(article.body, estimated_starts, Sizes(48, 0))
    vectors = np.array([_vector(article.body[p.start : p.end]) for p in passages])
    signs = np.array([_vector(article.body[s.start : s.end]) > 0.1 for s in sentences])
    return StoredArticle(
        article,
        fingerprint(article),
        passages,
        vectors.astype(np.float16),
        sentences,
        np.packbits(signs, axis=1),
    )


HOSTILE = Article(
    id="../odd?id=1#top",
    title="<script>document.title='taken'</script> & “quoted” \u202eesrever",
    body=(
        "The zebra came <script>document.title='taken'</script> in. "
        "<img src=x onerror=\"document.title='taken'\"> It said \u202enothing\u202c at all."
        "\n\n" + "unbroken" * 400 + "\n\nA second zebra </p></article><h1>is no heading</h1>."
    ),
    authors=("<b onmouseover=\"document.title='taken'\">Mallory</b>",),
    publication='"><svg onload="document.title=\'taken\'">',
    date=PartialDate(2011, 4, 1),
    url="javascript:document.title='taken'",
    summary=("<i>zebra</i>",),
    topics=("'><script>document.title='taken'</script>",),
    language='en" onclick="x',
)
HEBREW = Article(
    id="he/1",
    title="שלום לעיר",
    body="העיר ישנה. \u2067איש לא ראה\u2069 את הנהר.\n\nסוף.",
    authors=("דנה לוי",),
    date=PartialDate(2014),
    language="he",
)


#: Its first points stand above the text, the others are folded. "Sluice" is in it alone.
LONG_SUMMARY = (
    "Caldeira's night at the sluice, hour by hour.",
    *(f"Point {number}: " + "the water was measured and the watch was told. " * 3
      for number in range(5)),
    "Who shut the sluice is not known.",
)  # fmt: skip


def articles() -> list[Article]:
    """Twelve that speak of rent, three that mean it, and others."""
    made = []
    for number in range(12):
        year = 2009 + number
        made.append(
            Article(
                id=f"rent/{year}",
                title=f"What the rent was in {year}",
                body=(
                    f"In {year} nobody spoke of it. The town had other worries, and so had I.\n\n"
                    "The rent rose again. A landlord is a neighbour who is asked too seldom what "
                    "he needs, and the rent is what he says instead.\n\n"
                    "Nothing else was decided, and the lamps went out at nine."
                ),
                authors=("Ada Quill", "Tomás Reyé") if number % 3 == 0 else ("Ada Quill",),
                publication="The Harbour Ledger" if number % 2 else "The Evening Lamp",
                date=PartialDate(year, 1 + number, 3),
                url=f"https://ledger.example/{year}/rent",
                summary=("Who pays, and for what.",),
                topics=("housing", "town life") if number % 2 else ("housing",),
                section="Opinion",
                language="en",
            )
        )
    for number, year in enumerate((2012, 2015, 2018)):
        made.append(
            Article(
                id=f"tenancy-{number}",
                title="The key under the mat",
                body="A tenancy is a promise between strangers. It ends badly when one forgets.",
                authors=("Bo Lindqvist",),
                publication="The Evening Lamp",
                date=PartialDate(year),
                topics=("housing",),
            )
        )
    floods = [
        Article(
            id=f"river-{number}",
            title=f"High water, part {number}",
            body=f"The river came in at night. Flood number {number} took the bridge.",
            authors=("Ines Caldeira",),
            publication="The Harbour Ledger",
            date=PartialDate(2016, 5, 1 + number),
            topics=("rivers",),
            summary=LONG_SUMMARY if number == 3 else (),
        )
        for number in range(6)
    ]
    return [*made, *floods, HOSTILE, HEBREW]


@dataclass(frozen=True)
class Site:
    """A running server."""

    url: str

    def at(self, path: str) -> str:
        return self.url + path


def serve(archive: Archive) -> Iterator[Site]:
    server = uvicorn.Server(
        uvicorn.Config(create_app(archive), host="127.0.0.1", port=0, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(timeout=20)


def make_archive(
    folder: Path, content: list[Article], *, vectors: bool = True, address: str | None = None
) -> Archive:
    """In ``folder``, or at ``address`` on a server."""
    engine = create_engine(address or str(folder / "archive"), MODEL if vectors else None)
    if content:
        with engine.writer() as writer:
            writer.put([stored(article) for article in content])
            writer.commit()
    settings = Settings.load(
        {
            "XDG_CONFIG_HOME": str(folder),
            "BYLINE_API_RATE": "100000/minute",
            "BYLINE_API_KEYS": str(folder / "keys.json"),
        },
        folder,
    )
    archive = Archive(engine, settings)
    archive._embedder = StandIn()
    return archive


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serve(make_archive(tmp_path_factory.mktemp("page"), articles()))


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serve(make_archive(tmp_path_factory.mktemp("empty"), []))


@dataclass
class Watched:
    """What a page did that none of ours may do."""

    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self._console)
        page.on("request", lambda request: self._request(request.url))

    def _console(self, said: Any) -> None:
        # Chromium logs that a page was answered with 404; that is no error of the page.
        if said.type in ("error", "warning") and "status of 4" not in said.text:
            self.complaints.append(f"console: {said.text}")

    def _request(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:")):
            self.complaints.append(f"left the origin: {url}")


DESKTOP = {"width": 1280, "height": 900}
#: Machines that do much else beside take long to open a page.
TIMEOUT_MS = 30_000


def _context(browser: Any, **options: Any) -> Iterator[Any]:
    watched = Watched()
    context = browser.new_context(viewport=DESKTOP, **options)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    watched.watch(page)
    yield page
    context.close()
    assert watched.complaints == []


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page with scripts; it fails the test by an error in its console or by leaving us."""
    yield from _context(browser, permissions=["clipboard-read", "clipboard-write"])


@pytest.fixture(scope="session")
def _plain(browser: Any) -> Iterator[tuple[Any, Watched]]:
    context = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    page = context.new_page()
    watched = Watched()
    watched.watch(page)
    yield page, watched
    context.close()


@pytest.fixture
def plain_page(_plain: tuple[Any, Watched]) -> Iterator[Any]:
    """The same with scripts off, so that pages keep nothing: one is made for all tests, as making
    one takes longer than most of them do. Each begins with it empty, and of its usual size."""
    page, watched = _plain
    watched.complaints.clear()
    page.context.clear_cookies()
    page.set_default_timeout(TIMEOUT_MS)
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light", reduced_motion="no-preference", media="screen")
    page.goto("about:blank")
    yield page
    assert watched.complaints == []


def follow(page, link) -> None:
    """Click and wait for the page it leads to: counting what is there does not wait."""
    with page.expect_navigation():
        link.click()
