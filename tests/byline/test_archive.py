"""An archive that stays open while others change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from byline import embedding
from byline.archive import Archive
from byline.derivation import derive
from byline.engines.open import create_engine, open_engine
from byline.errors import NoVectors
from byline.records import Article, ModelIdentity, StoredArticle
from byline.request import Mode
from byline.settings import Settings
from byline.testing.columns import MODEL, FewWords

OTHER = replace(MODEL, name="other-words", weights="d" * 64, dimension=24)


class Wider(FewWords):
    """The same in more dimensions."""

    identity = OTHER

    def embed_query(self, text: str) -> np.ndarray:
        return np.pad(super().embed_query(text), (0, 8))


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    models = {MODEL.name: FewWords, OTHER.name: Wider}

    def opened(name: str, *, expected: ModelIdentity, **_: object) -> FewWords:
        assert models[name].identity == expected
        return models[name]()

    monkeypatch.setattr(embedding, "open_embedder", opened)
    place = str(tmp_path / "archive")
    with create_engine(place, MODEL).writer() as writer:
        articles = [
            Article(id="flood", title="The flood", body="The river came into every house."),
            Article(id="rent", title="The rent", body="What the landlord asks of a tenant."),
        ]
        writer.put(derive(articles, FewWords()))
        writer.commit()
    return place


def test_it_searches_with_the_model_that_the_archive_has_now(address: str) -> None:
    """A server goes on answering while `byline reembed` gives the archive another model."""

    def widened(articles: Iterator[StoredArticle]) -> Iterator[StoredArticle]:
        for one in articles:
            assert one.vectors is not None
            assert one.sentence_codes is not None
            codes = np.pad(one.sentence_codes, ((0, 0), (0, 1)))
            vectors = np.pad(one.vectors, ((0, 0), (0, 8)))
            yield replace(one, vectors=vectors, sentence_codes=codes)

    with Archive(open_engine(address), Settings.load({})) as archive:
        before = archive.search("landlord", mode=Mode.SEMANTIC)
        first = archive.embedder()
        assert archive.embedder() is first
        open_engine(address).replace_model(OTHER, widened)
        after = archive.search("landlord", mode=Mode.SEMANTIC)
        assert archive.embedder().identity == OTHER
        open_engine(address).replace_model(
            None, lambda old: (replace(one, vectors=None, sentence_codes=None) for one in old)
        )
        without = archive.search("landlord")
        with pytest.raises(NoVectors):
            archive.embedder()
    assert [hit.article.id for hit in before.hits] == ["rent"]
    assert [hit.article.id for hit in after.hits] == ["rent"]
    assert without.mode is Mode.KEYWORD
