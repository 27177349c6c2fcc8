"""Searching as whole: what is found in each mode, totals, pages, passages and highlights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from byline.chunking import Sizes, cut, estimated_starts
from byline.engines.base import FacetWanted, Period
from byline.engines.embedded import EmbeddedEngine
from byline.errors import ModelMismatch, NoVectors
from byline.fingerprint import fingerprint
from byline.fusion import Fusion
from byline.passages import HighlightKind
from byline.query import parse
from byline.query.tree import ValueField
from byline.records import Article, ModelIdentity, Origin, PartialDate, StoredArticle
from byline.request import Mode, SearchRequest, Sort
from byline.search import search

DIMENSION = 16
MODEL = ModelIdentity("fake", "f" * 64, DIMENSION, "mean", "", "", "test/1", 0.5)
#: A fake model's notion of meaning: each of these words turns a text one way.
AXES = {
    "rent": 0,
    "landlord": 0,
    "ceiling": 0,
    "river": 1,
    "flood": 1,
    "bus": 2,
    "tram": 2,
    "beans": 3,
}


class Encoder:
    identity = MODEL
    nearness = MODEL.nearness
    note = None

    def embed_query(self, text: str) -> np.ndarray:
        return vector_of(text)


def vector_of(text: str) -> np.ndarray:
    vector = np.zeros(DIMENSION, np.float32)
    for word, axis in AXES.items():
        vector[axis] += text.lower().count(word)
    # What the model knows nothing of lies apart from all else.
    vector[-1] = not vector.any()
    return vector / np.linalg.norm(vector)


def column(number: int, title: str, body: str, author: str, date: str) -> StoredArticle:
    passages, sentences = cut(body, estimated_starts, Sizes(24, 0))
    vectors = np.array([vector_of(body[p.start : p.end]) for p in passages])
    signs = np.array([vector_of(body[s.start : s.end]) > 0.1 for s in sentences])
    article = Article(
        id=f"c{number}",
        title=title,
        body=body,
        authors=(author,),
        date=PartialDate.parse(date),
        origins=(Origin("/s", str(number), "0", ""),),
    )
    return StoredArticle(
        article,
        fingerprint(article),
        passages,
        vectors.astype(np.float16),
        sentences,
        np.packbits(signs, axis=1),
    )


COLUMNS = [
    column(1, "A cap", "The rent is too high. Nobody can pay such a rent in town.", "Ann", "2019"),
    column(2, "A ceiling", "What a landlord may ask should have a ceiling.", "Bo", "2020-03"),
    column(
        3,
        "The river",
        "The river came in at night. The flood took the bridge.",
        "Ann",
        "2021-05-01",
    ),
    column(
        4, "Cooking", "Boil the beans for an hour. Salt them late and serve them.", "Cy", "2022"
    ),
    column(5, "The bus", "The bus is late. The tram is later. My rent is due today.", "Bo", "2018"),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    made = EmbeddedEngine.create(str(tmp_path_factory.mktemp("a") / "archive"), MODEL)
    with made.writer() as writer:
        writer.put(COLUMNS)
        writer.commit()
    return made


def ask(engine, text: str, mode: Mode = Mode.HYBRID, **options):
    with engine.reader() as reader:
        return search(reader, SearchRequest(parse(text), mode=mode, **options), lambda _: Encoder())


def ids(answer) -> list[str]:
    return [hit.article.id for hit in answer.hits]


def test_keyword_finds_words_semantic_finds_meaning_and_hybrid_both(engine):
    assert set(ids(ask(engine, "rent", Mode.KEYWORD))) == {"c1", "c5"}
    assert set(ids(ask(engine, "rent", Mode.SEMANTIC))) == {"c1", "c2"}
    both = ask(engine, "rent")
    assert ids(both)[0] == "c1"
    assert set(ids(both)) == {"c1", "c2", "c5"}
    assert (both.total.articles, both.total.by_words, both.total.by_meaning_only) == (3, 2, 1)
    by_id = {hit.article.id: hit for hit in both.hits}
    assert by_id["c2"].words is None
    assert by_id["c2"].meaning is not None
    assert by_id["c1"].words is not None
    assert by_id["c1"].shares is not None
    assert by_id["c1"].score == pytest.approx(by_id["c1"].shares.score)


def test_what_is_near_to_nothing_fills_no_page(engine):
    answer = ask(engine, "asdf qwer")
    assert (answer.hits, answer.total.articles) == ((), 0)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("rent author:ann", {"c1", "c3"}),
        ("rent -landlord", {"c1", "c3", "c4", "c5"}),
        ("rent after:2020", {"c2", "c3", "c4"}),
        ('rent "my rent"', {"c5"}),
        ("rent +tram", {"c5"}),
        ("rent title:ceiling", {"c2"}),
    ],
)
def test_conditions_hold_in_every_mode(engine, mode, text, allowed):
    answer = ask(engine, text, mode)
    assert set(ids(answer)) <= allowed
    if mode is Mode.HYBRID:
        assert answer.hits


def test_only_conditions_list_newest_first(engine):
    answer = ask(engine, "author:ann")
    assert (ids(answer), answer.sort) == (["c3", "c1"], Sort.NEWEST)
    everything = ask(engine, "*")
    assert ids(everything) == ["c4", "c3", "c2", "c1", "c5"]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_query_that_cannot_be_read_finds_nothing(engine, mode):
    answer = ask(engine, '"', mode)
    assert (answer.hits, answer.total.articles) == ((), 0)


def test_sorting_keeps_the_set_and_changes_the_order(engine):
    assert ids(ask(engine, "rent", sort=Sort.NEWEST)) == ["c2", "c1", "c5"]
    assert ids(ask(engine, "rent", sort=Sort.OLDEST)) == ["c5", "c1", "c2"]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("depth", [1, 2, 1000])
def test_pages_facets_and_timeline_are_of_the_same_set(engine, mode, sort, depth):
    options = {"sort": sort, "depth": depth}
    whole = ask(engine, "rent bus", mode, limit=100, **options,
                facets=(FacetWanted(ValueField.AUTHOR),), timeline=Period.YEAR)  # fmt: skip
    walked = [
        name
        for offset in range(whole.total.articles + 1)
        for name in ids(ask(engine, "rent bus", mode, limit=1, offset=offset, **options))
    ]
    assert walked == ids(whole)
    assert len(walked) == len(set(walked)) == whole.total.articles
    assert [hit.rank for hit in whole.hits] == list(range(1, len(walked) + 1))
    counted = sum(row.count for row in whole.facets[ValueField.AUTHOR].values)
    assert counted == len(walked)
    assert whole.timeline is not None
    assert sum(row.count for row in whole.timeline.bins) == len(walked)
    assert whole.total.by_words + whole.total.by_meaning_only == whole.total.articles


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("text", ["rent bus", "rent bus after:2018", "rent river +in"])
def test_an_article_that_has_the_words_has_their_score_below_the_depth_too(engine, text, sort):
    for mode in (Mode.HYBRID, Mode.KEYWORD):
        full = {h.article.id: h for h in ask(engine, text, mode, sort=sort).hits}
        shallow = ask(engine, text, mode, sort=sort, depth=1)
        with_words = [hit for hit in shallow.hits if hit.words is not None]
        assert len(with_words) == shallow.total.by_words > 1
        for hit in with_words:
            expected = full[hit.article.id].words
            assert hit.words.score == pytest.approx(expected.score)
            assert hit.words.rank == (1 if expected.rank == 1 else None)
            if mode is Mode.KEYWORD and sort is Sort.RELEVANCE:
                assert hit.score == pytest.approx(hit.words.score)


def test_only_a_page_with_articles_below_the_depth_asks_the_engine_again(engine):
    class Counting:
        asked = 0

        def __init__(self, reader):
            self._reader = reader

        def __getattr__(self, name):
            return getattr(self._reader, name)

        def retrieve(self, wanted):
            self.asked += 1
            return self._reader.retrieve(wanted)

    with engine.reader() as reader:
        for depth, times in ((1000, 1), (1, 2)):
            counting = Counting(reader)
            request = SearchRequest(parse("rent bus"), sort=Sort.NEWEST, depth=depth)
            search(counting, request, lambda _: Encoder())
            assert counting.asked == times


def test_what_is_like_the_first_by_words_ranks_above_what_is_as_near(tmp_path):
    """Of two articles that are as near to the query, the one that is like the first is put first,
    and the second question makes none of them nearer."""
    texts = ("rent bus, said Quill", "rent bus flood", "rent bus beans")
    columns = [column(n, "", text, "Ann", "2020") for n, text in enumerate(texts)]
    for like, wanted in (("flood", ["c0", "c1", "c2"]), ("beans", ["c0", "c2", "c1"])):
        made = EmbeddedEngine.create(str(tmp_path / like), MODEL)
        first = column(0, "", f"rent bus {like}, said Quill", "Ann", "2020")
        with made.writer() as writer:
            writer.put([first, *columns[1:]])
            writer.commit()
        answer = ask(made, "rent bus Quill")
        assert ids(answer) == wanted
        cosines = {hit.article.id: hit.meaning.score for hit in answer.hits}
        assert cosines["c1"] == pytest.approx(cosines["c2"], abs=1e-3)
        assert answer.total == ask(made, "rent bus Quill", limit=0).total


def test_highlights_lie_on_the_body_and_tell_words_from_meaning(engine):
    (hit,) = ask(engine, "tram +bus", limit=1, passages=1).hits
    (passage,) = hit.passages
    body = hit.article.body
    assert passage.text == body[passage.start : passage.end]
    marks = [(body[m.start : m.end], m.kind) for m in passage.highlights]
    assert ("tram", HighlightKind.WORDS) in marks
    assert ("bus", HighlightKind.WORDS) in marks
    (near,) = [text for text, kind in marks if kind is HighlightKind.MEANING]
    assert near in ("The bus is late.", "The tram is later.")


def test_words_in_the_title_are_highlighted(engine):
    (hit,) = ask(engine, "title:ceiling").hits
    (span,) = hit.title_highlights
    assert hit.article.title[span.start : span.end] == "ceiling"


def test_no_more_passages_than_wanted(engine):
    for wanted in (0, 1, 2, 9):
        for hit in ask(engine, "rent bus river", passages=wanted).hits:
            assert len(hit.passages) <= wanted


def test_reciprocal_ranks_find_the_same_set(engine):
    assert set(ids(ask(engine, "rent", fusion=Fusion.RRF))) == set(ids(ask(engine, "rent")))


def test_weight_zero_ranks_by_words_alone(engine):
    words = ids(ask(engine, "rent bus", Mode.KEYWORD))
    hybrid = [n for n in ids(ask(engine, "rent bus", meaning_weight=0.0)) if n in words]
    assert hybrid == words


def test_an_archive_without_vectors_searches_words_and_says_so(tmp_path):
    bare = EmbeddedEngine.create(str(tmp_path / "bare"), None)
    with bare.writer() as writer:
        writer.put(replace(c, vectors=None, sentence_codes=None) for c in COLUMNS)
        writer.commit()
    answer = ask(bare, "rent")
    assert answer.mode is Mode.KEYWORD
    assert [note.code for note in answer.notes] == ["no-vectors"]
    with pytest.raises(NoVectors) as caught:
        ask(bare, "rent", Mode.SEMANTIC)
    assert "reembed" in caught.value.remedy


def test_a_model_that_runs_slowly_is_noted(engine):
    class Slow(Encoder):
        note = "It runs slowly."

    with engine.reader() as reader:
        answer = search(reader, SearchRequest(parse("rent")), lambda _: Slow())
        unasked = search(reader, SearchRequest(parse("rent"), mode=Mode.KEYWORD), lambda _: Slow())
    assert [(note.code, note.message) for note in answer.notes] == [
        ("slow-model", "It runs slowly.")
    ]
    assert unasked.notes == ()


def test_every_answer_says_the_query_back(engine):
    assert ask(engine, "rent author:ann").description == (
        "Articles that contain “rent” or are close in meaning to “rent”, with “ann” in an "
        "author’s name."
    )
    assert [note.code for note in ask(engine, 'rent "open').notes] == ["unclosed-quote"]


def test_a_model_that_is_not_the_archives_is_refused(engine):
    class Other(Encoder):
        identity = replace(MODEL, weights="of another")

    with engine.reader() as reader, pytest.raises(ModelMismatch):
        search(reader, SearchRequest(parse("rent")), lambda _: Other())
