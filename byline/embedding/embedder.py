"""A model ready to use: cuts bodies into passages, turns passages and queries into vectors."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from byline.chunking import VERSION as CHUNKER_VERSION
from byline.chunking import Sizes, cut
from byline.embedding import export
from byline.embedding.backends import Backend, OnnxBackend, TorchBackend, torch_is_worth_it
from byline.embedding.failures import read_tokenizer
from byline.embedding.models import DEFAULT_MODEL, ModelFiles, find_model
from byline.embedding.pooling import pooled, signs
from byline.embedding.whitening import whitened
from byline.errors import ModelMismatch
from byline.records import ModelIdentity, Passage, Sentence, Span

#: Tokens of the title that go before each passage.
_TITLE_TOKENS = 32
#: Passages after which loading torch pays, where it is the faster.
_WORTH_TORCH = 600
_QUERIES_KEPT = 256


@dataclass(frozen=True, slots=True)
class Cut:
    """An article's text as it is encoded."""

    title: str
    body: str
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """``vectors`` float16 ``[passages, dimension]``, unit length; ``codes`` uint8
    ``[sentences, ceil(dimension / 8)]`` (:attr:`byline.records.StoredArticle.sentence_codes`)."""

    vectors: npt.NDArray[np.float16]
    codes: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Text:
    """One passage as the model gets it: its tokens, and where these lie in the body."""

    item: int
    place: int
    ids: list[int]
    starts: npt.NDArray[np.int64]


class Embedder:
    """Use :func:`open_embedder`. Encoding is called by one thread at a time, queries by any."""

    def __init__(self, model: ModelFiles, cache: Path, threads: int, sizes: Sizes) -> None:
        self._model = model
        self._threads = threads or os.cpu_count() or 1
        self._tokenizer = read_tokenizer(model)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        room = model.window - _TITLE_TOKENS - self._count(model.document_prompt) - 4
        self._sizes = replace(sizes, size=max(8, min(sizes.size, room)))
        weights = export.weights_hash(model, cache)
        folder = cache / f"{weights[:16]}-{export.VERSION}"
        facts = export.exported(folder)
        session = facts and OnnxBackend.opened(folder / export.MODEL_FILE, self._threads)
        if facts is None or not (session or facts.reason):
            facts = export.export(model, folder, self._plain_vectors, self._threads)
        self._backend: Backend
        self._note: str | None = None
        if session:
            self._backend = session
        elif facts.reason:
            self._backend = SentenceTransformersBackend(model)
            self._note = (
                f"The model {model.name} could not be exported, since {facts.reason}; "
                "sentence-transformers runs it, and searches start more slowly."
            )
        else:
            self._backend = OnnxBackend(folder / export.MODEL_FILE, self._threads)
        self._for_queries = self._backend
        self._encoded = 0
        self._may_turn_to_torch = True
        self.identity = ModelIdentity(
            name=model.name,
            weights=weights,
            dimension=model.dimension,
            pooling=model.pooling,
            query_prompt=model.query_prompt,
            document_prompt=model.document_prompt,
            chunker=_chunker(self._sizes),
            floor=facts.texts.floor,
            spread=facts.texts.spread,
        )
        self.nearness = facts.queries
        self.whitening = facts.whitening
        self._query_vector = lru_cache(_QUERIES_KEPT)(self._embed_query)

    @property
    def note(self) -> str | None:
        """Why the model starts slowly, where it does."""
        return self._note

    @property
    def dimension(self) -> int:
        return self._model.dimension

    def embed_query(self, text: str) -> npt.NDArray[np.float32]:
        """float32 ``[dimension]``, unit length, whitened (:mod:`byline.embedding.whitening`).
        What is past the model's window is not read."""
        return self._query_vector(text)

    def _embed_query(self, text: str) -> npt.NDArray[np.float32]:
        prompted = self._model.query_prompt + text
        plain = self._plain_vectors(self._for_queries, [prompted])
        vector: npt.NDArray[np.float32] = whitened(plain, self.whitening)[0]
        vector.setflags(write=False)
        return vector

    def _plain_vectors(self, backend: Backend, texts: list[str]) -> npt.NDArray[np.float32]:
        """Of texts as they are, each by itself."""
        vectors = []
        for text in texts:
            ids = np.array([self._ids(text)], np.int64)
            mask = np.ones_like(ids)
            vectors.append(pooled(backend.states(ids, mask), mask, self._model.pooling)[0])
        return np.stack(vectors)

    def _ids(self, text: str) -> list[int]:
        """Within the window, the special tokens included."""
        encoding = self._tokenizer.encode(text)
        encoding.truncate(self._model.window)
        ids: list[int] = encoding.ids
        if len(ids) == self._model.window:
            # The last special token was cut off with the rest.
            ids[-1] = self._tokenizer.encode("").ids[-1]
        return ids

    def _count(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def cut(self, title: str, body: str) -> Cut:
        """Passages that fit the window with the title before each."""
        passages, found = cut(body, self._token_starts, self._sizes)
        return Cut(title, body, passages, found)

    def _token_starts(self, text: str) -> Sequence[int]:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [start for start, end in encoding.offsets if end > start]

    def encode(
        self, items: Sequence[Cut], watch: Callable[[int, int], None] | None = None
    ) -> list[Encoded]:
        """Vectors of every passage, encoded together in batches of like length.

        Args:
            watch: called after each batch with its passages and their characters.
        """
        # Imported here: a search does without.
        from concurrent.futures import ThreadPoolExecutor

        texts = [text for number, item in enumerate(items) for text in self._texts(number, item)]
        texts.sort(key=lambda text: len(text.ids))
        results = [
            Encoded(
                np.zeros((len(item.passages), self.dimension), np.float16),
                np.zeros((len(item.sentences), (self.dimension + 7) // 8), np.uint8),
            )
            for item in items
        ]
        best: list[dict[int, int]] = [_holders(item) for item in items]
        self._choose_backend(len(texts))
        batches = _batches(texts, self._backend.batch_tokens)
        pool = ThreadPoolExecutor(self._backend.at_once, "byline-encode")
        try:
            done = pool.map(lambda batch: self._encode_batch(items, batch, results, best), batches)
            for batch, _ in zip(batches, done, strict=True):
                if watch is not None:
                    watch(len(batch), sum(_length(items, text) for text in batch))
        finally:
            # Whatever ends it, Ctrl-C too, does not wait for what was still to come.
            pool.shutdown(cancel_futures=True)
        return results

    def stay_light(self) -> None:
        """Never turn to torch, however much is encoded: a server would keep it in memory."""
        self._may_turn_to_torch = False

    def _choose_backend(self, more: int) -> None:
        """Turn to torch once that pays (see :data:`_WORTH_TORCH`)."""
        if self._may_turn_to_torch and isinstance(self._backend, OnnxBackend):
            before, self._encoded = self._encoded, self._encoded + more
            if before <= _WORTH_TORCH < self._encoded and torch_is_worth_it():
                self._backend = TorchBackend(self._model, self._threads)

    def _texts(self, number: int, item: Cut) -> list[_Text]:
        prefix = self._model.document_prompt + self._heading(item.title)
        texts = [prefix + item.body[span.start : span.end] for span in item.passages]
        encodings = self._tokenizer.encode_batch(texts)
        found = []
        for place, (span, encoding) in enumerate(zip(item.passages, encodings, strict=True)):
            encoding.truncate(self._model.window)
            offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
            starts = offsets[:, 0] - len(prefix) + span.start
            starts[(offsets[:, 0] < len(prefix)) | (offsets[:, 1] <= offsets[:, 0])] = -1
            found.append(_Text(number, place, encoding.ids, starts))
        return found

    def _heading(self, title: str) -> str:
        if not title.strip() or not self._sizes.title:
            return ""
        encoding = self._tokenizer.encode(title, add_special_tokens=False)
        if len(encoding.offsets) > _TITLE_TOKENS:
            title = title[: encoding.offsets[_TITLE_TOKENS - 1][1]]
        return title.strip() + "\n"

    def _encode_batch(
        self,
        items: Sequence[Cut],
        texts: Sequence[_Text],
        results: Sequence[Encoded],
        best: Sequence[dict[int, int]],
    ) -> None:
        width = max(len(text.ids) for text in texts)
        ids = np.full((len(texts), width), self._padding(), np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(texts):
            ids[row, : len(text.ids)] = text.ids
            mask[row, : len(text.ids)] = 1
        states = self._backend.states(ids, mask)
        vectors = pooled(states, mask, self._model.pooling)
        for row, text in enumerate(texts):
            results[text.item].vectors[text.place] = vectors[row]
            held = [n for n, place in best[text.item].items() if place == text.place]
            runs = {n: _run(text.starts, items[text.item].sentences[n]) for n in held}
            filled = [n for n, run in runs.items() if run.stop > run.start]
            if filled:
                codes = signs(states[row], [runs[n] for n in filled])
                results[text.item].codes[filled] = codes

    def _padding(self) -> int:
        known = self._tokenizer.token_to_id("[PAD]")
        return known if known is not None else self._tokenizer.token_to_id("<pad>") or 0


class SentenceTransformersBackend:
    """For models that cannot be exported: their own layers, each text by itself."""

    batch_tokens = 6_000
    at_once = 1

    def __init__(self, model: ModelFiles) -> None:
        self._model = export.load_sentence_transformer(model)

    def states(
        self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        import torch

        # sentence-transformers puts a model on a GPU where there is one.
        features = {
            "input_ids": torch.from_numpy(ids).to(self._model.device),
            "attention_mask": torch.from_numpy(mask).to(self._model.device),
        }
        with torch.inference_mode():
            output = self._model(features)
        # The model has pooled already; every token stands for the whole text.
        vectors: npt.NDArray[np.float32] = output["sentence_embedding"].float().cpu().numpy()
        return np.repeat(vectors[:, None, :], ids.shape[1], axis=1)


def _chunker(sizes: Sizes) -> str:
    title = "title" if sizes.title else "bare"
    return f"sentences-{CHUNKER_VERSION}/{sizes.size}/{sizes.overlap}/{title}"


def _batches(texts: Sequence[_Text], most: int) -> list[Sequence[_Text]]:
    """``texts``, which are by their length, in batches of no more than ``most`` tokens with what
    fills up the shorter ones; one that has more is alone."""
    batches = []
    start = 0
    while start < len(texts):
        end = start + 1
        while end < len(texts) and (end + 1 - start) * len(texts[end].ids) <= most:
            end += 1
        batches.append(texts[start:end])
        start = end
    return batches


def _length(items: Sequence[Cut], text: _Text) -> int:
    span = items[text.item].passages[text.place]
    return span.end - span.start


def _holders(item: Cut) -> dict[int, int]:
    """For each sentence, the passage that holds most of it."""
    best: dict[int, int] = {}
    amount: dict[int, int] = {}
    first = 0
    for place, passage in enumerate(item.passages):
        while first < len(item.sentences) and item.sentences[first].end <= passage.start:
            first += 1
        for number in range(first, len(item.sentences)):
            sentence = item.sentences[number]
            if sentence.start >= passage.end:
                break
            shared = min(sentence.end, passage.end) - max(sentence.start, passage.start)
            if shared > amount.get(number, 0):
                amount[number], best[number] = shared, place
    return best


def _run(starts: npt.NDArray[np.int64], sentence: Span) -> slice:
    """The tokens that begin in the sentence; they stand side by side."""
    inside = np.flatnonzero((starts >= sentence.start) & (starts < sentence.end))
    return slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0)


def open_embedder(
    name: str = DEFAULT_MODEL,
    *,
    threads: int = 0,
    cache: Path | None = None,
    expected: ModelIdentity | None = None,
    sizes: Sizes | None = None,
) -> Embedder:
    """Open a model: the default's name, a folder, or a name on the hub.

    The first time on a machine it is exported, which takes some seconds and torch.

    Args:
        threads: 0 for as many as there are cores.
        cache: where exports are kept; ``None``: ``byline`` in the user's cache folder.
        expected: what the archive was made with.

    Raises:
        ModelNotFound: there is no such model.
        ModelUnreadable: its files are not whole.
        StorageFull: there is no room for its export.
        ModelMismatch: it is not the expected one.
    """
    embedder = Embedder(find_model(name), export.cache_folder(cache), threads, sizes or Sizes())
    if expected is not None:
        differences = embedder.identity.differences(expected)
        if differences:
            said = "; ".join(
                f"{what} {found!r} instead of {wanted!r}"
                for what, (found, wanted) in differences.items()
            )
            raise ModelMismatch(
                f"The model {name} is not the archive's: {said}.",
                remedy=f"Use the archive's own model, {expected.name}, or encode the archive anew "
                f"with `byline reembed --model {name}`.",
            )
    return embedder
