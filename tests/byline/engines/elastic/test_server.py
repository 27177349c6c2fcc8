"""What the engine does with a real server that the conformance suite does not ask of all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byline.engines.base import (
    ByKeys,
    Collection,
    FacetWanted,
    Listed,
    Matching,
    Order,
    Period,
    ResultSet,
    Retrieval,
    Severity,
)
from byline.engines.elastic import rebuilding, state, walks
from byline.engines.elastic.address import Address, Options
from byline.engines.elastic.engine import ElasticEngine
from byline.engines.open import create_engine, open_engine
from byline.errors import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveNotFound,
    ArchiveTooNew,
    BylineError,
    EngineUnavailable,
    NotAnArchive,
)
from byline.exporting import all_hits
from byline.query import parse
from byline.query.tree import ValueField, Word
from byline.records import ModelIdentity, StoredArticle
from byline.request import Mode, SearchRequest, Sort
from byline.search import Answer, search

from .conftest import MODEL, make_article

Make = Callable[..., StoredArticle]
EVERYTHING = ResultSet(Matching())


def fill(engine: ElasticEngine, articles: list[StoredArticle]) -> int:
    with engine.writer() as writer:
        writer.put(articles)
        return writer.commit()


def ids(engine: ElasticEngine) -> list[str]:
    with engine.reader() as reader:
        return [stored.article.id for stored in reader.scan()]


def raw(engine: ElasticEngine) -> Any:
    """The official client, to do by hand what others might."""
    return engine._connection.client


# Reading and writing.


def test_a_reader_stays_at_its_commit(engine: ElasticEngine, article: Make) -> None:
    fill(engine, [article(1)])
    with engine.reader() as before:
        assert before.stats().articles == 1
        version = fill(engine, [article(2)])
        assert before.stats().articles == 1
        assert before.version < version
        with engine.reader() as after:
            assert after.stats().articles == 2
            assert after.version == version


def test_another_process_sees_a_commit_at_once(engine: ElasticEngine, article: Make) -> None:
    other = open_engine(engine.address)
    with other.reader() as reader:
        assert reader.retrieve(Retrieval(Matching())).words_total == 0
    for number in range(3):
        version = fill(engine, [article(number)])
        with other.reader() as reader:
            assert reader.retrieve(Retrieval(Matching())).words_total == number + 1
            assert reader.version == version
    other.close()


def test_a_batch_is_not_seen_before_it_is_committed(engine: ElasticEngine, article: Make) -> None:
    with engine.writer() as writer:
        writer.put([article(1)])
        assert ids(engine) == []
        writer.commit()
        writer.put([article(2)])
    assert ids(engine) == ["article-00001"]


def test_a_batch_larger_than_memory_goes_through_the_disk(
    engine: ElasticEngine, article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("byline.engines.elastic.writer._IN_MEMORY", 10_000)
    monkeypatch.setattr("byline.engines.elastic.bulk.REQUEST_BYTES", 20_000)
    monkeypatch.setattr("byline.engines.elastic.bulk.REQUEST_DOCUMENTS", 7)
    fill(engine, [article(number) for number in range(60)])
    with engine.reader() as reader:
        found = {stored.article.id: stored for stored in reader.scan()}
    assert list(found) == [f"article-{number:05d}" for number in range(60)]
    wanted = article(59)
    assert found["article-00059"].article == wanted.article
    assert wanted.vectors is not None
    assert np.array_equal(found["article-00059"].vectors, wanted.vectors)  # type: ignore[arg-type]


class Constant:
    """The same vector for every query."""

    def __init__(self, model: ModelIdentity) -> None:
        self.identity = model
        self.nearness = model.nearness
        self.note = None

    def embed_query(self, text: str) -> np.ndarray:
        return np.ones(self.identity.dimension, np.float32) / np.sqrt(self.identity.dimension)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("mode", Mode)
def test_a_search_takes_few_round_trips_however_much_it_shows(
    engine: ElasticEngine, proxy: Any, article: Make, model: ModelIdentity, mode: Mode, sort: Sort
) -> None:
    """Both legs in one, what came first for the second question in one, and all that the page
    shows in another."""
    fill(engine, [article(number) for number in range(30)])
    through = open_engine(proxy.address(engine._connection.address.name))
    facets = tuple(FacetWanted(field) for field in ValueField)
    request = SearchRequest(
        parse("whales topic:politics"), mode, sort, facets=facets, timeline=Period.YEAR, limit=25
    )
    for again in range(2):
        with through.reader() as reader:
            proxy.asked.clear()
            answer = search(reader, request, lambda _: Constant(model))
        assert answer.hits
        assert answer.timeline is not None
        if again:
            # The first search of an engine also looks where the archive is.
            trips = 3 if mode is not Mode.KEYWORD and sort is Sort.RELEVANCE else 2
            assert [path.partition("?")[0] for _, path in proxy.asked] == ["/_msearch"] * trips
    through.close()


def test_vectors_come_with_a_page_that_is_compared_with_one(
    engine: ElasticEngine, article: Make
) -> None:
    """They are most of a document, and a page of words alone has no use for them."""
    fill(engine, [article(number) for number in range(3)])
    vector = np.ones(8, np.float32) / np.sqrt(8)
    with engine.reader() as reader:
        (first, *_) = reader.retrieve(Retrieval(Matching())).words
        for page in (ByKeys((first,)), Listed(Order.NEWEST, 0, 1)):
            (plain,) = reader.collect(Collection(EVERYTHING, page)).articles
            (near,) = reader.collect(Collection(EVERYTHING, page, vector=vector)).articles
            assert plain.stored.vectors is None
            assert plain.stored.article == near.stored.article
            assert near.stored.vectors is not None
            assert near.cosines is not None


def test_very_long_ids_and_endless_words(engine: ElasticEngine, article: Make) -> None:
    long = article(1, "x" * 40_000 + " word " + "é" * 300)
    long = replace(long, article=replace(long.article, id="https://example.org/" + "a" * 900))
    fill(engine, [long])
    with engine.reader() as reader:
        found = reader.retrieve(Retrieval(Matching(words=(Word("word"),)), depth=10))
        (key,) = found.words
        assert reader.fetch([long.article.id])[long.article.id].article == long.article
        page = reader.collect(
            Collection(ResultSet(Matching()), Listed(Order.SCORE, 0, 5, skip=(key,)))
        )
        assert page.articles == ()
        assert page.total == 1


def test_a_listing_is_walked_to_its_end_past_the_window(
    engine: ElasticEngine, article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's own window is 10,000; a smaller one takes the same way."""
    monkeypatch.setattr(walks, "WINDOW", 20)
    monkeypatch.setattr(walks, "_AT_ONCE", 8)
    fill(engine, [article(number) for number in range(75)])
    for order in Order:
        seen: list[str] = []
        while True:
            with engine.reader() as reader:
                listed = Listed(order, len(seen), 10)
                page = reader.collect(Collection(EVERYTHING, listed)).articles
            if not page:
                break
            seen += [one.stored.article.id for one in page]
        assert sorted(seen) == [f"article-{number:05d}" for number in range(75)]
    with engine.reader() as reader:
        assert reader.collect(Collection(EVERYTHING, Listed(Order.NEWEST, 500, 10))).articles == ()


def test_more_values_than_are_counted_are_said_to_be_estimated(
    engine: ElasticEngine, article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine, [article(number) for number in range(10)])
    with engine.reader() as reader:
        wanted = Collection(EVERYTHING, facets=(FacetWanted(ValueField.AUTHOR, 2),))
        facet = reader.collect(wanted).facets[ValueField.AUTHOR]
        assert (facet.distinct, facet.exact, len(facet.values)) == (5, True, 2)
        monkeypatch.setattr("byline.engines.elastic.bodies.MOST_VALUES", 3)
        facet = reader.collect(wanted).facets[ValueField.AUTHOR]
        assert (facet.distinct, facet.exact) == (5, False)


def test_a_timeline_longer_than_one_answer(
    engine: ElasticEngine, article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from byline.engines.elastic import bodies, reader

    fill(engine, [article(number) for number in range(30)])
    for module in (bodies, reader):
        monkeypatch.setattr(module, "WINDOW", 7)
    with engine.reader() as opened:
        found = opened.collect(Collection(EVERYTHING, timeline=Period.YEAR)).timeline
    assert found is not None
    assert [one.start for one in found.bins] == [str(year) for year in range(1990, 2020)]


def test_several_shards_give_what_one_gives(
    elastic_address: Callable[[], str], article: Make, model: ModelIdentity
) -> None:
    articles = [article(number) for number in range(40)]
    answers = []
    for shards in (1, 3):
        place = Address.parse(elastic_address())
        made = ElasticEngine.create(place, Options(shards=shards), model)
        fill(made, articles)
        vector = np.asarray(articles[3].vectors, np.float32)[0]
        with made.reader() as reader:
            wanted = Retrieval(Matching(words=(Word("whales"),)), vector=vector, depth=20)
            found = reader.retrieve(wanted)
            facets = reader.collect(
                Collection(EVERYTHING, facets=(FacetWanted(ValueField.AUTHOR, 3),))
            )
            words = [(key, round(score, 3)) for key, score in found.words.items()]
            nearest = list(found.meaning.items())[:10]
            near = [(key, round(score, 5), key in found.in_words) for key, score in nearest]
            answers.append(
                (words, found.words_total, near, facets, reader.values(ValueField.AUTHOR))
            )
        made.close()
    assert answers[0] == answers[1]


def test_words_are_counted_exactly_where_each_shard_knows_its_own_best(
    elastic_address: Callable[[], str],
    article: Make,
    model: ModelIdentity,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server's own window is 10,000 words of a shard; a smaller one takes the same way."""
    made = ElasticEngine.create(Address.parse(elastic_address()), Options(shards=3), model)
    texts = [
        " ".join(f"word{place:02d}" for place in range(25) if number % (place + 1) < 2)
        for number in range(60)
    ]
    fill(made, [article(number, f"{text} x.") for number, text in enumerate(texts)])
    counts = {
        word: sum(word in text.split() for text in texts)
        for word in {word for text in texts for word in text.split()}
    }
    wanted = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    with made.reader() as reader:
        assert reader.terms("word", 30) == wanted
        monkeypatch.setattr("byline.engines.elastic.overview.WINDOW", 4)
        for limit in (1, 3, 8):
            assert reader.terms("WORD", limit) == wanted[:limit]
    made.close()


@pytest.mark.parametrize("vectors", ["int8", "hnsw", "bbq"])
def test_each_kind_of_vector_index_finds_the_nearest(
    elastic_address: Callable[[], str], article: Make, model: ModelIdentity, vectors: str
) -> None:
    """Reduced vectors choose candidates; what ranks them is the unreduced ones."""
    wide = replace(model, dimension=64)
    numbers = np.random.default_rng(3).standard_normal((200, 2, 64))
    numbers /= np.linalg.norm(numbers, axis=2, keepdims=True)
    articles = [
        replace(
            article(n),
            vectors=rows.astype(np.float16),
            sentence_codes=np.packbits(rows > 0, axis=1),
        )
        for n, rows in enumerate(numbers)
    ]
    made = ElasticEngine.create(Address.parse(elastic_address()), Options(vectors=vectors), wide)
    fill(made, articles)
    index = made._connection.address.name
    ((said,),) = (list(one.values()) for one in [raw(made).indices.get_mapping(index=index).body])
    field = said["mappings"]["properties"]["passages"]["properties"]["vector"]
    assert field["index_options"]["type"] == f"{vectors}_hnsw".replace("hnsw_hnsw", "hnsw")
    query = numbers[17, 1].astype(np.float32)
    exact = np.max(
        np.stack([np.asarray(one.vectors, np.float32) for one in articles]) @ query, axis=1
    )
    with made.reader() as reader:
        found = reader.retrieve(
            Retrieval(Matching(), want_words=False, vector=query, depth=60)
        ).meaning
    made.close()
    best = np.argsort(-exact)[:10]
    assert list(found)[:10] == [f"article-{number:05d}" for number in best]
    assert list(found.values())[:10] == pytest.approx(exact[best], abs=1e-4)


# Points in time.


def test_an_expired_point_in_time_is_replaced_unseen(engine: ElasticEngine, article: Make) -> None:
    fill(engine, [article(number) for number in range(5)])
    with engine.reader() as reader:
        assert reader.stats().articles == 5
        raw(engine).close_point_in_time(id=reader._searches._at().pit)
        assert reader.stats().articles == 5


def test_a_walk_whose_point_in_time_expired_says_so(engine: ElasticEngine, article: Make) -> None:
    fill(engine, [article(number) for number in range(120)])
    with engine.reader() as reader:
        walk = reader.scan()
        first = next(walk)
        raw(engine).close_point_in_time(id=reader._searches._at().pit)
        with pytest.raises(EngineUnavailable) as raised:
            list(walk)
    assert first.article.id == "article-00000"
    assert raised.value.error_code == "point-in-time-expired"


def exported(engine: ElasticEngine, meanwhile: Callable[[], object]) -> list[tuple[str, int]]:
    """Ids of an export, each with the version that its page came from; between the first two
    pages ``meanwhile`` happens."""
    found: list[tuple[str, int]] = []
    with engine.reader() as reader:

        def page(request: SearchRequest) -> Answer:
            answer = search(reader, request, None)
            found.extend((hit.article.id, answer.version) for hit in answer.hits)
            if not request.offset:
                meanwhile()
            return answer

        request = SearchRequest(parse(""), Mode.KEYWORD, limit=10_000)
        assert len(list(all_hits(page, request))) == len(found)
    return found


def test_an_export_is_of_one_commit_however_many_come_meanwhile(
    engine: ElasticEngine, article: Make
) -> None:
    version = fill(engine, [article(number) for number in range(250)])

    def commits() -> None:
        for number in range(7):
            fill(engine, [article(1000 + number), article(number, "Changed. Anew.")])

    found = exported(engine, commits)
    assert {at for _, at in found} == {version}
    assert sorted(one for one, _ in found) == [f"article-{n:05d}" for n in range(250)]


@pytest.mark.parametrize("lost", ["the index", "the point in time", "the commit after it"])
def test_an_export_that_can_no_longer_be_of_one_commit_says_so(
    engine: ElasticEngine, article: Make, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr(rebuilding, "_GRACE", 0.0)
    fill(engine, [article(number) for number in range(250)])
    other = open_engine(engine.address)

    def meanwhile() -> None:
        with other.writer() as writer:
            writer.put([article(999)])
            if lost != "the commit after it":
                writer.commit()
        if lost == "the index":
            other.rebuild()
        else:
            # The commit that was begun may have left a part that can be seen by now.
            raw(engine).close_point_in_time(id=engine._snapshots.take().pit)

    with pytest.raises(EngineUnavailable) as raised:
        exported(engine, meanwhile)
    other.close()
    assert raised.value.error_code == "point-in-time-expired"


def test_points_in_time_do_not_pile_up(engine: ElasticEngine, article: Make) -> None:
    def contexts() -> int:
        said = raw(engine).indices.stats(index=f"{engine.address.rsplit('/')[-1]}", metric="search")
        return int(said["_all"]["total"]["search"]["open_contexts"])

    for number in range(5):
        fill(engine, [article(number)])
        with ExitStack() as stack:
            for _ in range(4):
                assert stack.enter_context(engine.reader()).stats().articles == number + 1
    assert contexts() == 1
    engine.close()
    assert contexts() == 0


# One writer.


def test_a_second_writer_is_told_who_holds_the_archive(engine: ElasticEngine) -> None:
    other = open_engine(engine.address)
    with engine.writer(), pytest.raises(ArchiveBusy, match=f"process {os.getpid()} on"):
        other.writer().__enter__()
    with other.writer() as writer:
        writer.commit()
    other.close()


def test_a_writer_that_was_killed_is_not_waited_for(engine: ElasticEngine, article: Make) -> None:
    script = (
        "import os, signal, sys\n"
        "from byline.engines.open import open_engine\n"
        "with open_engine(sys.argv[1]).writer() as writer:\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, engine.address], check=False, timeout=60)
    assert done.returncode == -9
    assert fill(engine, [article(1)]) > 0


def test_a_writer_elsewhere_that_says_nothing_loses_the_archive(
    engine: ElasticEngine, article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And when it wakes up it can change nothing any more."""

    class Clock(datetime):
        passed = timedelta(0)

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls.fromtimestamp((datetime.now(tz) + cls.passed).timestamp(), tz)

    monkeypatch.setattr(state, "_RENEW_EVERY", 3600)
    monkeypatch.setattr(state, "datetime", Clock)
    with engine.writer() as late:
        late.put([article(1), article(2)])
        monkeypatch.setattr(state.socket, "gethostname", lambda: "another-machine")
        with pytest.raises(ArchiveBusy):
            engine.writer().__enter__()
        Clock.passed = timedelta(seconds=state.LEASE + 2)
        fill(engine, [article(2, "The newer text. It is in force.")])
        with pytest.raises(ArchiveBusy) as raised:
            late.commit()
    assert raised.value.error_code == "writer-superseded"
    with engine.reader() as reader:
        assert [one.article.body[:9] for one in reader.scan()] == ["The newer"]


def test_requests_of_a_late_writer_undo_nothing(engine: ElasticEngine, article: Make) -> None:
    """One that had checked its lease and was held up on the way."""
    from byline.engines.elastic.bulk import BulkSender, Operation
    from byline.engines.elastic.writer import Batch

    fill(engine, [article(1)])
    version = fill(engine, [article(1, "The newer text. It is in force.")])
    batch = Batch()
    batch.put(article(1, "The older text, held up."), version - 1)
    sender = BulkSender(engine._connection, engine.address.rsplit("/")[-1])
    with pytest.raises(ArchiveBusy, match="article-00001"):
        sender.send(batch.operations(), version - 1)
    with pytest.raises(ArchiveBusy):
        sender.send([Operation("article-00001", "article-00001", None)], version - 1)
    batch.close()
    fill(engine, [article(2)])
    with engine.reader() as reader:
        assert [one.article.body[:9] for one in reader.scan()] == ["The newer", "Article 2"]


COMMITS = """
import sys
sys.path.insert(0, sys.argv[2])
from conftest import make_article
from byline.engines.elastic import bulk
from byline.engines.open import open_engine
from byline.testing.dying import counted_calls
bulk.REQUEST_DOCUMENTS = 10
engine = open_engine(sys.argv[1])
with engine.writer() as writer:
    writer.put(make_article(number) for number in range(200))
    with counted_calls(int(sys.argv[3])) as calls:
        writer.commit()
        writer.commit()
print(calls.made)
"""


def commit_elsewhere(engine: ElasticEngine, fatal: int = 0) -> tuple[int, str]:
    """200 articles, by a process that dies of its ``fatal``-th call: its status, what it prints."""
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", COMMITS, engine.address, here, str(fatal)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, timeout=300)
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def calls_of_commits(elasticsearch: Any) -> int:
    """How many a process makes that is left alone."""
    name = f"byline-test-{uuid.uuid4().hex[:12]}"
    made = create_engine(elasticsearch.address(name), MODEL)
    assert isinstance(made, ElasticEngine)
    fill(made, [make_article(number, seed=1) for number in range(50)])
    status, calls = commit_elsewhere(made)
    made.close()
    elasticsearch.remove(name)
    assert status == 0
    return int(calls)


@pytest.mark.parametrize("sixths", range(1, 6))
def test_a_commit_that_was_killed_is_completed_by_the_same_run_again(
    engine: ElasticEngine, article: Make, calls_of_commits: int, sixths: int
) -> None:
    fill(engine, [article(number, seed=1) for number in range(50)])
    assert commit_elsewhere(engine, calls_of_commits * sixths // 6)[0] == -signal.SIGKILL
    with engine.reader() as reader:
        # Nothing of a batch is seen, or all of it.
        assert reader.stats().articles in (50, 200)
    fill(engine, [article(number) for number in range(200)])
    with engine.reader() as reader:
        found = [(one.article, np.asarray(one.vectors).tobytes()) for one in reader.scan()]
        assert not [one for one in reader.check() if one.severity is not Severity.OK]
    wanted = [article(number) for number in range(200)]
    assert found == [(one.article, np.asarray(one.vectors).tobytes()) for one in wanted]


@pytest.mark.parametrize("together", ["HEAD {0}.state", "PUT {0}.state", "PUT {0}.000001"])
def test_of_several_processes_that_make_an_archive_one_does_and_the_others_are_told(
    elastic_address: Callable[[], str], proxy: Any, article: Make, together: str
) -> None:
    """All see that there is none, and come to the same request at the same moment."""
    name = elastic_address().rsplit("/", 1)[1]
    stage = tuple(together.format(f"/{name}").split())
    gate = threading.Barrier(3)

    def answer(method: str, path: str, sent: bytes) -> None:
        if (method, path.partition("?")[0]) == stage:
            gate.wait(30)

    proxy.answer = answer
    made: list[Any] = []

    def make() -> None:
        try:
            with ExitStack() as stack:
                engine = create_engine(proxy.address(name), None)
                stack.callback(engine.close)
                with engine.writer() as writer:
                    writer.put([replace(article(1), vectors=None, sentence_codes=None)])
                    made.append(writer.commit())
        except BylineError as error:
            made.append(error.error_code)

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made, key=str) == [1, "archive-busy", "archive-busy"]
    with pytest.raises(ArchiveBusy, match="by now"):
        create_engine(proxy.address(name), None)


def test_the_state_of_an_archive_that_is_there_is_left_alone(
    engine: ElasticEngine, article: Make
) -> None:
    with engine.writer() as writer:
        writer.put([article(1)])
        rebuilding.make_state(engine._connection)
        version = writer.commit()
    with engine.reader() as reader:
        assert reader.version == version


def test_a_part_of_a_commit_may_be_seen_and_the_engine_says_so(
    engine: ElasticEngine, proxy: Any, article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the server is started again after a writer died."""
    monkeypatch.setattr("byline.engines.elastic.bulk.REQUEST_DOCUMENTS", 10)
    monkeypatch.setattr("byline.engines.elastic.connection.pause", lambda attempt: 0.001)
    version = fill(engine, [article(number) for number in range(5)])
    through = open_engine(proxy.address(engine._connection.address.name))
    batch = [article(number, seed=1) for number in range(30)]
    proxy.answer = lambda method, path, sent: (
        "cut" if "_bulk" in path and b"article-00025" in sent else None
    )
    with through.writer() as writer:
        writer.put(batch)
        with pytest.raises(EngineUnavailable):
            writer.commit()
    through.close()
    raw(engine).indices.refresh(index=engine._connection.address.name)
    with engine.reader() as reader:
        assert reader.version == version
        assert 5 < reader.stats().articles < 30
    assert not engine.capabilities.whole_commits
    fill(engine, batch)
    with engine.reader() as reader:
        assert reader.stats().articles == 30
        assert not [one for one in reader.check() if one.severity is not Severity.OK]


# Building anew.


def test_searches_go_on_while_an_archive_is_rebuilt(engine: ElasticEngine, article: Make) -> None:
    """None fails, none sees less than all, and what is written meanwhile is not lost."""
    fill(engine, [article(number) for number in range(300)])
    old = engine._connection.address.name + ".000001"
    stop = threading.Event()
    totals: list[int] = []
    failures: list[Exception] = []

    def search() -> None:
        other = open_engine(engine.address)
        while not stop.is_set():
            try:
                with other.reader() as reader:
                    found = reader.retrieve(Retrieval(Matching(), depth=10))
                    page = reader.collect(Collection(EVERYTHING, Listed(Order.NEWEST, 0, 5)))
                    totals.append(found.words_total)
                    totals.append(page.total)
                    assert len(page.articles) == 5
            except Exception as error:  # noqa: BLE001 - the test is that there is none
                failures.append(error)
        other.close()

    def copying(articles: Iterator[StoredArticle]) -> Iterator[StoredArticle]:
        for number, stored in enumerate(articles):
            if number == 150:
                other = open_engine(engine.address)
                with other.writer() as writer:
                    writer.put([article(7, "Changed while it was rebuilt."), article(900)])
                    assert writer.delete(["article-00011", "article-00299"]) == 2
                    writer.commit()
                other.close()
            yield stored

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        with engine.reader() as reader:
            model = reader.manifest.model
        engine.replace_model(model, copying)
        time.sleep(0.5)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert set(totals) <= {300, 299}
    with engine.reader() as reader:
        found = {stored.article.id: stored for stored in reader.scan()}
        assert not [one for one in reader.check() if one.severity is not Severity.OK]
    assert len(found) == 299
    assert found["article-00007"].article.body == "Changed while it was rebuilt."
    assert "article-00900" in found
    assert not {"article-00011", "article-00299"} & set(found)
    assert not raw(engine).indices.exists(index=old)


def test_other_vectors_are_seen_all_at_once(
    engine: ElasticEngine, article: Make, model: ModelIdentity
) -> None:
    fill(engine, [article(number) for number in range(20)])
    other = replace(model, weights="1" * 64, dimension=16)

    def encode(articles: Iterator[StoredArticle]) -> Iterator[StoredArticle]:
        for stored in articles:
            doubled = np.hstack([np.asarray(stored.vectors)] * 2) / np.sqrt(2)
            codes = np.hstack([np.asarray(stored.sentence_codes)] * 2)
            yield replace(stored, vectors=doubled.astype(np.float16), sentence_codes=codes)

    with engine.reader() as before:
        assert before.manifest.model == model
        version = engine.replace_model(other, encode)
        # The reader that told of the old vectors keeps to them or says that they are gone.
        with pytest.raises(EngineUnavailable) as raised:
            before.retrieve(Retrieval(Matching(), vector=np.ones(8, np.float32) / np.sqrt(8)))
        assert raised.value.error_code == "archive-replaced"
    with engine.reader() as after:
        assert after.version == version
        assert after.manifest.model == other
        vector = np.ones(16, np.float32) / 4
        assert len(after.retrieve(Retrieval(Matching(), vector=vector)).meaning) == 20
        assert not [one for one in after.check() if one.severity is not Severity.OK]


def test_a_rebuild_that_fails_leaves_the_archive_as_it_was(
    engine: ElasticEngine, article: Make, model: ModelIdentity
) -> None:
    fill(engine, [article(number) for number in range(10)])

    def breaking(articles: Iterator[StoredArticle]) -> Iterator[StoredArticle]:
        yield next(articles)
        raise RuntimeError("the encoder broke")

    with pytest.raises(RuntimeError):
        engine.replace_model(model, breaking)
    name = engine._connection.address.name
    assert sorted(raw(engine).indices.get(index=f"{name}*")) == [f"{name}.000001", f"{name}.state"]
    with engine.reader() as reader:
        assert reader.stats().articles == 10
    assert fill(engine, [article(11)]) > 0


def test_a_rebuild_removes_what_a_killed_one_left(
    engine: ElasticEngine, article: Make, model: ModelIdentity
) -> None:
    fill(engine, [article(1)])
    name = engine._connection.address.name
    with engine.reader() as reader:
        rebuilding.make_index(engine._connection, f"{name}.000009", reader.manifest)
        assert any("000009" in finding.message for finding in reader.check())
    engine.rebuild()
    assert sorted(raw(engine).indices.get(index=f"{name}*")) == [f"{name}.000002", f"{name}.state"]
    assert ids(engine) == ["article-00001"]


def test_a_rebuild_leaves_alone_what_is_not_the_archives(
    engine: ElasticEngine, article: Make
) -> None:
    """Whatever it is called; a number that is taken is passed over."""
    fill(engine, [article(1)])
    name = engine._connection.address.name
    client = raw(engine)
    described = client.indices.get_mapping(index=name)[f"{name}.000001"]["mappings"]
    foreign = ["0ther", "000001-restored", "000002", "000001.old"]
    for end in foreign:
        client.indices.create(index=f"{name}.{end}")
    client.indices.create(index=f"{name}.000004", mappings={"_meta": described["_meta"]})
    with engine.reader() as reader:
        assert "No other index" in {one.code: one for one in reader.check()}["leftovers"].message
    engine.rebuild()
    kept = {*(f"{name}.{end}" for end in foreign), f"{name}.000004"}
    assert set(client.indices.get(index=f"{name}*")) == kept | {f"{name}.000005", f"{name}.state"}
    assert ids(engine) == ["article-00001"]


def test_a_lost_state_is_made_anew(engine: ElasticEngine, article: Make) -> None:
    version = fill(engine, [article(1)])
    name = engine._connection.address.name
    raw(engine).indices.delete(index=f"{name}.state")
    fresh = open_engine(engine.address)
    with pytest.raises(ArchiveDamaged, match="rebuild"), fresh.reader() as reader:
        reader.stats()
    fresh.rebuild()
    with fresh.reader() as reader:
        assert reader.version > version
        assert reader.stats().articles == 1
    fresh.close()


# What is not ours, or not of our time.


def test_what_something_else_made_is_refused(elastic_address: Callable[[], str]) -> None:
    address = elastic_address()
    place = Address.parse(address)
    with pytest.raises(ArchiveNotFound):
        open_engine(address)
    made = create_engine(elastic_address(), None)
    assert isinstance(made, ElasticEngine)
    client = raw(made)
    client.indices.create(index=place.name)
    for attempt in (open_engine, lambda address: create_engine(address, None)):
        with pytest.raises(NotAnArchive):
            attempt(address)
    client.indices.delete(index=place.name)
    client.indices.create(index=f"{place.name}-x", aliases={place.name: {}})
    with pytest.raises(NotAnArchive, match="something else"):
        open_engine(address)
    client.indices.create(index=f"{place.name}-y", aliases={place.name: {}})
    with pytest.raises(NotAnArchive, match="several"):
        open_engine(address)
    made.close()


@pytest.mark.parametrize(
    ("schema", "kind", "code"),
    [(3, ArchiveTooNew, "archive-too-new"), (0, ArchiveDamaged, "archive-too-old")],
)
def test_an_archive_of_another_stored_form_is_refused(
    engine: ElasticEngine, schema: int, kind: type[Exception], code: str
) -> None:
    name = engine._connection.address.name
    said = raw(engine).indices.get_mapping(index=name)
    ((index, mappings),) = said.items()
    meta = mappings["mappings"]["_meta"]
    meta["byline"]["schema"] = schema
    raw(engine).indices.put_mapping(index=index, meta=meta)
    with pytest.raises(kind) as raised:
        open_engine(engine.address)
    assert raised.value.error_code == code  # type: ignore[attr-defined]


def test_fields_that_are_not_ours_are_refused_by_the_server(engine: ElasticEngine) -> None:
    from elasticsearch import BadRequestError

    with pytest.raises(BadRequestError, match="strict"):
        raw(engine).index(index=engine._connection.address.name, document={"colour": "red"})


def test_check_counts_as_people_do(engine: ElasticEngine, article: Make) -> None:
    fill(engine, [article(1)])
    with engine.reader() as reader:
        said = {one.code: one.message for one in reader.check()}
    assert said["shards"] == "Every shard that is assigned answers (1 shard)."
    assert said["articles"] == "1 article has sound passages and vectors."
    assert said["vector-index"] == "The index holds the 2 passages."
    fill(engine, [article(number) for number in range(1100)])
    with engine.reader() as reader:
        said = {one.code: one.message for one in reader.check()}
    assert said["articles"] == "1,100 articles have sound passages and vectors."


def test_check_finds_what_was_changed_behind_its_back(engine: ElasticEngine, article: Make) -> None:
    fill(engine, [article(number) for number in range(3)])
    name = engine._connection.address.name
    document = raw(engine).get(index=name, id="article-00001")["_source"]
    document["passages"][1]["end"] = 10_000
    raw(engine).index(index=name, id="article-00001", document=document, refresh=True)
    with engine.reader() as reader:
        findings = {one.code: one for one in reader.check() if one.severity is Severity.DAMAGE}
    # The server had put away the passages' vectors, so those were lost as well.
    assert set(findings) == {"articles", "vector-index"}
    assert "article-00001" in findings["articles"].message
    assert "outside the body" in findings["articles"].message
    assert all(finding.remedy for finding in findings.values())
