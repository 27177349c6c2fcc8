"""What may be asked of each route, for tests that ask whatever there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from hypothesis import strategies as st

from api.envelope import ROOT

from .conftest import COURIER

#: What the other paper wrote in the one archive, and instead in the other.
OTHERWISE = {
    "Lantern": "Gazette", "lantern": "gazette", "Weekly": "Nightly", "weekly": "nightly",
    "Zora": "Mina", "Xanthippe": "Okonedo", "Orla": "Petra", "Vantongeren": "Ruizdael",
    "quicksilver": "antimony", "mines": "wells", "zeppelins": "balloons", "jacarandas": "magnolias",
}  # fmt: skip
SECRETS = [*OTHERWISE, *OTHERWISE.values()]
WORDS = st.sampled_from(
    [*SECRETS, "river", "rents", "walls", "tram", "Ada", "Pell", "council", "town", "*"]
)
OPERATORS = st.sampled_from(
    ["{}", "{}", "{}", "+{}", "-{}", '"{}"', "{}*", "{}~", "author:{}", "publication:{}", "topic:{}",
     "title:{}", "NOT {}", "({} OR river)", "after:2020", "date:2021..2022"]
)  # fmt: skip
QUERIES = st.lists(st.tuples(OPERATORS, WORDS), min_size=0, max_size=3).map(
    lambda parts: " ".join(shape.format(word) for shape, word in parts)
)
NAMES = st.sampled_from(
    ["Ada Quill", "Ivor Pell", "Zora Xanthippe", "Mina Okonedo", "Orla Vantongeren", "nobody"]
)
PAPERS = st.sampled_from(["The Courier", "Lantern Weekly", "Gazette Nightly", "The Post"])
OWN_IDS = [one.id for one in COURIER]
IDS = st.sampled_from([*OWN_IDS, "lantern-weekly-1", "lantern-weekly-4", "gazette-nightly-1"])
PREFIXES = st.sampled_from(
    ["", "r", "qu", "quick", "an", "z", "m", "la", "ga", "x", "ad", "mina", "on q"]
)
NEW_IDS = ["new-1", "new-2"]
#: No article beyond the filter has one of these: that one has is all that a key for writing is
#: told of it (docs/serving.md).
WRITTEN = st.sampled_from([*OWN_IDS, *NEW_IDS])
ARTICLES = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["", "On trams"]),
        "body": st.sampled_from(["The tram is late.", "Quicksilver and rents.", "A river."]),
        "publication": st.one_of(st.none(), st.just("The Courier"), PAPERS),
    }
)
FIELDS = st.sampled_from(["author", "publication", "topic", "section", "language"])
MODES = st.sampled_from(["keyword", "semantic", "hybrid"])
#: More than the key's holder can find, so that an order decides nothing of what is shown.
PLENTY = 50
#: Of an article, and of what a search answers.
_KEYS = ("total", "hits", "hits.rank", "hits.score", "hits.words", "hits.article.title", "next")

Asked: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]


def _some(draw: Draw, **may: st.SearchStrategy[Any]) -> Asked:
    """Some of these parameters."""
    return {name: draw(values) for name, values in may.items() if draw(st.booleans())}


def _searching(draw: Draw) -> Asked:
    """A set of articles, as the API takes it."""
    more = _some(
        draw,
        publication=PAPERS.map(lambda name: [name]),
        author=NAMES.map(lambda name: [name]),
        after=st.sampled_from(["2020", "2021-03"]),
        strict=st.booleans(),
        mode=MODES,
    )
    return {"q": draw(QUERIES), **more}


def _shown(draw: Draw) -> Asked:
    more = _some(
        draw,
        facet=st.lists(FIELDS, max_size=3, unique=True),
        sort=st.sampled_from(["relevance", "newest", "oldest"]),
        timeline=st.sampled_from(["year", "month", "day"]),
        highlight=st.sampled_from(["html", "offsets"]),
        passages=st.integers(0, 3),
        offset=st.integers(0, 2),
        fields=st.lists(st.sampled_from(_KEYS), min_size=1, max_size=3).map(",".join),
    )
    return {**_searching(draw), **more, "limit": draw(st.sampled_from([0, 1, 2, PLENTY, PLENTY]))}


def _listed(draw: Draw) -> Asked:
    more = _some(
        draw,
        sort=st.sampled_from(["newest", "oldest"]),
        publication=PAPERS.map(lambda name: [name]),
        limit=st.sampled_from([0, 1, 2, PLENTY]),
    )
    return {"q": draw(QUERIES), **more}


def _read(draw: Draw) -> Asked:
    return _some(draw, q=QUERIES, mode=MODES, highlight=st.sampled_from(["html", "offsets"]))


def _alike(draw: Draw) -> Asked:
    return _some(draw, publication=PAPERS.map(lambda name: [name]), limit=st.just(PLENTY))


def _page(draw: Draw) -> Asked:
    """A set of articles, as the page takes it."""
    more = _some(
        draw,
        publication=PAPERS,
        author=NAMES,
        mode=MODES,
        sort=st.sampled_from(["newest", "oldest"]),
    )
    return {"q": draw(QUERIES), **more}


def _embed(draw: Draw) -> Asked:
    if draw(st.booleans()):
        return {"article": draw(IDS)}
    return {**_page(draw), "limit": PLENTY}


def _oembed(draw: Draw) -> Asked:
    page = draw(
        st.one_of(
            st.tuples(st.sampled_from(["search", "embed"]), st.fixed_dictionaries({"q": QUERIES})).map(
                lambda found: f"{found[0]}?{urlencode(found[1])}"
            ),
            IDS.map(lambda name: f"article/{quote(name)}"),
            IDS.map(lambda name: f"article?{urlencode({'name': name})}"),
            NAMES.map(lambda name: f"author/{quote(name)}"),
        )
    )  # fmt: skip
    return {"url": f"http://testserver/{page}"}


def _reading(draw: Draw) -> Asked:
    return {"q": draw(QUERIES), **_some(draw, mode=MODES, p=st.just("0-20"), at=st.just("1"))}


def _batch(draw: Draw) -> Asked:
    changes = st.one_of(
        st.fixed_dictionaries({"action": st.just("put"), "id": WRITTEN, "article": ARTICLES}),
        st.fixed_dictionaries({"action": st.just("delete"), "id": IDS}),
    )
    return {"items": draw(st.lists(changes, min_size=1, max_size=3))}


def _nothing(_: Draw) -> Asked:
    return {}


#: (method, path) → what may be asked. ``{…}`` in a path is filled by what PARTS draws.
CASES: dict[tuple[str, str], Callable[[Draw], Asked]] = {
    ("GET", f"{ROOT}/openapi.json"): _nothing,
    ("GET", f"{ROOT}/docs"): _nothing,
    ("GET", f"{ROOT}/docs/{{name}}"): _nothing,
    ("GET", f"{ROOT}/health/live"): _nothing,
    ("GET", f"{ROOT}/health/ready"): _nothing,
    ("GET", f"{ROOT}/metrics"): _nothing,
    ("GET", f"{ROOT}/search"): _shown,
    ("POST", f"{ROOT}/search"): _shown,
    ("GET", f"{ROOT}/articles"): _listed,
    ("GET", f"{ROOT}/articles/{{article_id:path}}"): _read,
    ("GET", f"{ROOT}/articles/{{article_id:path}}/similar"): _alike,
    ("GET", f"{ROOT}/facets"): lambda draw: {**_searching(draw), "facet": [draw(FIELDS)]},
    ("GET", f"{ROOT}/timeline"): lambda draw: {
        **_searching(draw),
        "period": draw(st.sampled_from(["year", "month"])),
    },
    ("GET", f"{ROOT}/authors"): lambda draw: {"prefix": draw(PREFIXES)},
    ("GET", f"{ROOT}/authors/{{name:path}}"): _nothing,
    ("GET", f"{ROOT}/suggest"): lambda draw: {"prefix": draw(PREFIXES)},
    ("GET", f"{ROOT}/feed.atom"): _searching,
    ("GET", f"{ROOT}/feed.json"): _searching,
    ("GET", f"{ROOT}/export"): lambda draw: {
        **_searching(draw),
        "format": draw(st.sampled_from(["csv", "jsonl", "ris", "bibtex", "csl-json"])),
        **_some(draw, sort=st.sampled_from(["relevance", "newest", "oldest"])),
    },
    ("PUT", f"{ROOT}/articles/{{article_id:path}}"): lambda draw: draw(ARTICLES),
    ("DELETE", f"{ROOT}/articles/{{article_id:path}}"): _nothing,
    ("POST", f"{ROOT}/articles:batch"): _batch,
    ("GET", "/"): _nothing,
    ("GET", "/search"): _page,
    ("GET", "/article"): lambda draw: {"name": draw(IDS), **_reading(draw)},
    ("GET", "/article/{name:path}"): _reading,
    ("GET", "/similar"): lambda draw: {"name": draw(IDS)},
    ("GET", "/similar/{name:path}"): _nothing,
    ("GET", "/author"): lambda draw: {"name": draw(NAMES)},
    ("GET", "/author/{name:path}"): _nothing,
    ("GET", "/cite"): lambda draw: {"name": draw(IDS), "format": "ris"},
    ("GET", "/cite/{name:path}"): lambda draw: {"format": draw(st.sampled_from(["ris", "bibtex"]))},
    ("GET", "/help"): _nothing,
    ("GET", "/opensearch.xml"): _nothing,
    ("GET", "/robots.txt"): _nothing,
    ("GET", "/favicon.ico"): _nothing,
    ("GET", "/static/{version}/{name}"): _nothing,
    ("GET", "/widget/byline.js"): _nothing,
    ("GET", "/widget/byline.css"): _nothing,
    ("GET", "/embed"): _embed,
    ("GET", "/oembed"): _oembed,
}
#: What stands for a part of a path; of one route alone where that means something else there.
_PARTS = {"article_id": IDS, "version": st.just("x"), "name": IDS}
_PARTS_OF = {
    ("PUT", f"{ROOT}/articles/{{article_id:path}}"): {"article_id": WRITTEN},
    ("GET", f"{ROOT}/authors/{{name:path}}"): {"name": NAMES},
    ("GET", "/author/{name:path}"): {"name": NAMES},
}
_PART = re.compile(r"\{(\w+)(?::path)?\}")
#: Searches, of which there is most to ask.
RANKED = {f"{ROOT}/search", f"{ROOT}/export", "/search", "/embed"}
#: Where a page names the next.
WALKED = {f"{ROOT}/search", f"{ROOT}/articles"}


def filled(draw: Draw, method: str, path: str) -> str:
    """The path with its parts drawn."""
    parts = {**_PARTS, **_PARTS_OF.get((method, path), {})}
    return _PART.sub(lambda part: quote(draw(parts[part[1]])), path)


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every method and path of the application, however deep it was included."""

    def walk(routes: Any, prefix: str) -> Iterator[tuple[str, str]]:
        for route in routes:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                yield from walk(inner.routes, prefix + route.include_context.prefix)
            else:
                for method in route.methods - {"HEAD"}:
                    yield method, prefix + route.path

    return set(walk(app.routes, ""))
