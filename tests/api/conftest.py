"""A small archive of two newspapers, an application over it, and keys for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.access import Policy
from api.app import create_app
from api.keys import KeyStore, Scope
from byline.archive import Archive
from byline.derivation import derive
from byline.engines.open import create_engine
from byline.records import Article, Origin, PartialDate
from byline.settings import Settings

HERE = ("127.0.0.1", 50_000)
#: Debian's. The second draws no windows around its pages; where there is no other, it will do.
CHROMIUMS = (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-headless-shell"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
    "--no-first-run",
]


def article(number: int, paper: str, author: str, words: str, **more: Any) -> Article:
    """``words`` stand in the title, in the body and in the topics."""
    first = words.split(maxsplit=1)[0]
    return Article(
        id=f"{paper.lower().replace(' ', '-')}-{number}",
        title=f"On {words}",
        body=f"The council spoke of {words}.\n\nNobody else spoke of {first} that day, number {number}.",
        authors=(author,),
        publication=paper,
        date=PartialDate(2020 + number % 3, 1 + number, 3),
        topics=(first, "town"),
        section="Opinion",
        language="en",
        origins=(
            Origin(f"/{paper}.jsonl", f"line {number}", f"{number:064x}", "2024-01-01T00:00:00Z"),
        ),
        **more,
    )


COURIER = [
    article(1, "The Courier", "Ada Quill", "rivers and floods"),
    article(2, "The Courier", "Ada Quill", "river walls"),
    article(3, "The Courier", "Ivor Pell", "rents in the old quarter"),
]
#: Every one of its words that tells is its own, so that each shows where it should not.
LANTERN = [
    article(1, "Lantern Weekly", "Zora Xanthippe", "quicksilver mines"),
    article(2, "Lantern Weekly", "Zora Xanthippe", "quicksilver and zeppelins"),
    article(4, "Lantern Weekly", "Orla Vantongeren", "jacarandas"),
]
ONLY_LANTERN = (
    "lantern", "zora", "xanthippe", "orla", "vantongeren", "quicksilver", "mines", "zeppelins",
    "jacarandas",
)  # fmt: skip


def make_archive(address: Path | str, articles: list[Article]) -> Path | str:
    """In a folder, or on a server."""
    engine = create_engine(str(address), None)
    with engine.writer() as writer:
        writer.put(derive(articles, None))
        writer.commit()
    engine.close()
    return address


@pytest.fixture(scope="session")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of both papers, without vectors. Not to be opened: to be copied."""
    folder = tmp_path_factory.mktemp("printed") / "papers"
    make_archive(folder, [*COURIER, *LANTERN])
    return folder


@pytest.fixture
def papers(printed: Path, tmp_path: Path) -> Path:
    """A copy of its own for each test: making one takes longer than most tests do."""
    return shutil.copytree(printed, tmp_path / "papers")


@dataclass
class Desk:
    """Applications over one archive, with settings of their own, and the keys they heed."""

    folder: Path
    keys: KeyStore
    stack: ExitStack
    settings: dict[str, str] = field(default_factory=dict)

    def client(
        self, policy: Policy | None = None, client: Any = HERE, **settings: str
    ) -> TestClient:
        """``settings``: by their names, as the environment has them."""
        env = {f"BYLINE_{name.upper()}": value for name, value in settings.items()}
        chosen = Settings.load({"BYLINE_API_KEYS": str(self.keys.path), **env})
        archive = Archive.open(self.folder, chosen)
        app = create_app(archive, chosen, policy)
        return self.stack.enter_context(
            TestClient(app, client=client, raise_server_exceptions=False)
        )

    def key(self, *scopes: Scope, **more: Any) -> dict[str, str]:
        """A new key, as the header that shows it."""
        _, shown = self.keys.create("", scopes or (Scope.SEARCH,), **more)
        return {"X-API-Key": shown}


@pytest.fixture
def desk(papers: Path, tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(papers, KeyStore(tmp_path / "keys.json"), stack)


@pytest.fixture
def problem() -> Callable[[Any], dict[str, Any]]:
    """The problem in an answer, held to what every problem has."""

    def read(answer: Any) -> dict[str, Any]:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        found: dict[str, Any] = answer.json()
        assert found["status"] == answer.status_code
        assert found["type"] == f"urn:byline:error:{found['code']}"
        assert found["title"].endswith((".", "?"))
        assert found["request_id"] == answer.headers["x-request-id"]
        return found

    return read


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for every test that looks at pages."""
    chromium = next((path for path in CHROMIUMS if path.exists()), None)
    if chromium is None:
        names = " or ".join(path.name for path in CHROMIUMS)
        pytest.skip(f"waits for Chromium (Debian's package {names})")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield browser
        browser.close()
