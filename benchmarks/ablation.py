"""Ways to join the legs, and to change each: nDCG@10 and cost of every variant.

``python -m benchmarks.ablation --set FOLDER ARCHIVE …`` takes judged sets in BEIR's layout, each
with an archive of its corpus (several of one set for several models), on either engine. Both
legs come from the archive's own reader, as a search gets them. A variant is chosen by the mean
over the sets' train and dev queries; test queries are measured and decide nothing.

``--write`` puts the tables between the marks in docs/quality.md; --out keeps the figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from heapq import nsmallest
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import Asked, Corpus, Floats, Scores, load
from byline.embedding.whitening import SHRINKAGE, whitening
from byline.engines.base import DEFAULT_DEPTH
from byline.evaluation.measures import MAIN, measured
from byline.feedback import FIRST, WEIGHT, asked_again
from byline.fusion import Fusion
from byline.joining import WORDS_SHARE, Joined, fuse, min_max, renewed, standing_out, values

CHOOSING = ("train", "dev")
PAGE = Path(__file__).parent.parent / "docs" / "quality.md"
_BEGIN, _END = "<!-- ablation: begin -->", "<!-- ablation: end -->"


@dataclass(frozen=True, slots=True)
class Variant:
    """``legs`` whether it is of one leg alone; ``cost``: beside the present search."""

    name: str
    cost: str
    rank: Callable[[Asked, Corpus], Scores]


def joined(method: Fusion, weight: float = 0.5) -> Callable[[Asked, Corpus], Scores]:
    def rank(one: Asked, _: Corpus) -> Scores:
        return by_name(fuse(one.words, one.meaning, method=method, meaning_weight=weight))

    return rank


def by_name(found: Joined) -> Scores:
    return dict(zip(map(str, found.places), found.scores.tolist(), strict=True))


def shares(scores: Scores) -> Scores:
    return dict(zip(scores, min_max(values(scores)).tolist(), strict=True))


def in_order(scores: Scores) -> list[str]:
    """By falling score, those that tie by name."""
    return sorted(scores, key=lambda name: (-scores[name], name))


def standing(share: float, *, part: bool, absent: bool) -> Callable[[Asked, Corpus], Scores]:
    """``part``: of the best instead of min-max; ``absent``: articles without the words are 0."""

    def rank(one: Asked, _: Corpus) -> Scores:
        found = shares(one.meaning)
        if not one.words:
            return found
        among = len(one.words.keys() | one.meaning.keys()) if absent else len(one.words)
        by_meaning = standing_out(values(one.meaning), len(one.meaning))
        ratio = standing_out(values(one.words), among) / by_meaning if by_meaning else 1.0
        highest = max(one.words.values())
        words = times(1 / highest, one.words) if part else shares(one.words)
        for name, score in words.items():
            found[name] = found.get(name, 0.0) + share * min(ratio, 4.0) * score
        return found

    return rank


def summed(
    words: Callable[[Asked], Scores], meaning: Callable[[Asked, Corpus], Scores]
) -> Callable[[Asked, Corpus], Scores]:
    def rank(one: Asked, corpus: Corpus) -> Scores:
        first, second = words(one), meaning(one, corpus)
        return {n: first.get(n, 0.0) + second.get(n, 0.0) for n in first.keys() | second.keys()}

    return rank


def times(factor: float, scores: Scores) -> Scores:
    return {name: factor * score for name, score in scores.items()}


def z_scores(scores: Scores) -> Scores:
    values = np.array(list(scores.values()))
    if not len(values):
        return {}
    width = values.std() or 1.0
    return {name: float((score - values.mean()) / width) for name, score in scores.items()}


def quantiles(scores: Scores) -> Scores:
    return {n: 1 - rank / len(scores) for rank, n in enumerate(in_order(scores))}


def cut(scores: Scores, depth: int) -> Scores:
    return {name: scores[name] for name in in_order(scores)[:depth]}


def floored(one: Asked, corpus: Corpus) -> Scores:
    """Theoretical min-max: 0 is the model's floor, not the least that was retrieved."""
    highest = max(one.meaning.values(), default=1.0)
    width = max(highest - corpus.floor, 0.05)
    return {n: max(0.0, (s - corpus.floor) / width) for n, s in one.meaning.items()}


def nearest(corpus: Corpus, vector: Floats) -> Scores:
    """The meaning leg of another query vector, by all vectors."""
    found: Scores = {}
    cosines = corpus.vectors @ (vector / np.linalg.norm(vector))
    few = min(2 * DEFAULT_DEPTH, len(cosines))
    best = np.argpartition(-cosines, few - 1)[:few]
    for place in best[np.argsort(-cosines[best])]:
        found.setdefault(corpus.owners[place], float(cosines[place]))
    return cut(found, DEFAULT_DEPTH)


def rocchio(best: int, weight: float) -> Callable[[Asked, Corpus], Scores]:
    def rank(one: Asked, corpus: Corpus) -> Scores:
        cosines = corpus.vectors @ one.vector
        centre = corpus.vectors[np.argpartition(-cosines, best)[:best]].mean(axis=0)
        return nearest(corpus, one.vector + weight * centre / np.linalg.norm(centre))

    return rank


def with_second(weight: float) -> Callable[[Asked, Corpus], Scores]:
    """An article by its best passage and, if it has one, its second best too."""

    def rank(one: Asked, corpus: Corpus) -> Scores:
        cosines = corpus.vectors @ one.vector
        starts = np.flatnonzero(np.diff(corpus.numbers, prepend=-1))
        best = np.maximum.reduceat(cosines, starts)
        rest = np.where(cosines < best[corpus.numbers], cosines, -1.0)
        second = np.maximum.reduceat(rest, starts)
        both = np.where(second > -1.0, (1 - weight) * best + weight * second, best)
        few = np.argpartition(-both, min(DEFAULT_DEPTH, len(both)) - 1)[:DEFAULT_DEPTH]
        return {corpus.owners[starts[n]]: float(both[n]) for n in few}

    return rank


def by_archive(corpus: Corpus) -> Floats:
    return corpus.vectors[:: max(1, len(corpus.vectors) // 4000)]


def by_sentences(corpus: Corpus) -> Floats:
    return corpus.sentences


def whitened_by(
    texts: Callable[[Corpus], Floats], shrinkage: float
) -> Callable[[Asked, Corpus], Scores]:
    """The meaning leg of the plain query, whitened by the covariance of ``texts``."""
    known: dict[int, Floats] = {}

    def rank(one: Asked, corpus: Corpus) -> Scores:
        if id(corpus) not in known:
            known[id(corpus)] = whitening(texts(corpus), shrinkage)
        return nearest(corpus, known[id(corpus)] @ one.plain)

    return rank


def again(first: int, weight: float) -> Callable[[Asked, Corpus], Scores]:
    """Hybrid search, meaning asked once more with what came first."""

    def rank(one: Asked, corpus: Corpus) -> Scores:
        fused = fuse(one.words, one.meaning, method=Fusion.SCALED, meaning_weight=0.5)
        so_far = fused.scores[: len(one.meaning)]
        meaning = asked_again(
            one.vector, one.meaning, so_far, corpus.of, first=first, weight=weight
        )
        return by_name(renewed(fused, meaning, Fusion.SCALED, 0.5))

    return rank


def again_by_meaning(first: int, weight: float) -> Callable[[Asked, Corpus], Scores]:
    """Semantic search likewise."""
    hybrid = again(first, weight)
    return lambda one, corpus: hybrid(replace(one, words={}), corpus)


def whitened_hybrid(shrinkage: float) -> Callable[[Asked, Corpus], Scores]:
    meaning, join = whitened_by(by_sentences, shrinkage), joined(Fusion.SCALED)
    return lambda one, corpus: join(replace(one, meaning=meaning(one, corpus)), corpus)


def variants() -> Iterator[Variant]:
    yield Variant("keyword alone", "–", lambda one, _: one.words)
    yield Variant("semantic alone", "–", lambda one, _: one.meaning)
    for weight in (0.1, 0.3, 0.5):
        name = f"semantic, best passage × {1 - weight:g} + second × {weight}"
        yield Variant(name, "none", with_second(weight))
    for best, weight in ((3, 0.2), (3, 0.4), (10, 0.4)):
        name = f"semantic, feedback from {best} passages, weight {weight}"
        yield Variant(name, "a second scan, a second round trip", rocchio(best, weight))
    for first, weight in ((1, 0.3), (3, 0.25), (FIRST, WEIGHT), (10, 0.5)):
        kept = " (kept)" if (first, weight) == (FIRST, WEIGHT) else ""
        name = f"with the first {first} asked along, weight {weight}{kept}"
        cost = "a second look at 100, a round trip"
        yield Variant(f"semantic, {name}", cost, again_by_meaning(first, weight))
        yield Variant(f"hybrid, {name}", cost, again(first, weight))
    yield Variant("semantic, query not whitened", "none", lambda one, c: nearest(c, one.plain))
    for shrink in (0.5, 0.6, 0.7, 0.8, 0.9):
        kept = " (kept)" if shrink == SHRINKAGE else ""
        name = f"semantic, query whitened by Byline's sentences, shrinkage {shrink}{kept}"
        yield Variant(name, "a matrix a model", whitened_by(by_sentences, shrink))
    for shrink in (0.3, 0.7):
        name = f"semantic, query whitened by the archive, shrinkage {shrink}"
        yield Variant(name, "a matrix an archive", whitened_by(by_archive, shrink))
    for shrink in (0.6, 0.7, 0.8, 0.9, 1.0):
        name = f"hybrid, asked once, query whitened by Byline's sentences, shrinkage {shrink}"
        yield Variant(name, "a matrix a model", whitened_hybrid(shrink))
    for weight in (0.5, 0.6, 0.7, 0.8):
        yield Variant(
            f"average of min-max, weight {weight}", "none", joined(Fusion.AVERAGE, weight)
        )
    yield Variant("reciprocal ranks", "none", joined(Fusion.RRF))
    for name, rescale in (("z-scores", z_scores), ("quantiles", quantiles)):
        for weight in (0.5, 0.7):
            yield Variant(
                f"{name}, weight {weight}",
                "none",
                summed(
                    lambda one, r=rescale, w=weight: times(1 - w, r(one.words)),  # type: ignore[misc]
                    lambda one, _, r=rescale, w=weight: times(w, r(one.meaning)),  # type: ignore[misc]
                ),
            )
    for depth in (50, 200):
        yield Variant(
            f"average of min-max, weight 0.7, depth {depth}",
            "none",
            summed(
                lambda one, d=depth: times(0.3, shares(cut(one.words, d))),  # type: ignore[misc]
                lambda one, _, d=depth: times(0.7, shares(cut(one.meaning, d))),  # type: ignore[misc]
            ),
        )
    for scale in (0.015, 0.02, 0.03):
        yield Variant(
            f"BM25 × {scale} + min-max",
            "none",
            summed(
                lambda one, k=scale: times(k, one.words),  # type: ignore[misc]
                lambda one, _: shares(one.meaning),
            ),
        )
    for scale in (0.1, 0.15, 0.2):
        yield Variant(
            f"BM25 a word × {scale} + min-max",
            "none",
            summed(
                lambda one, k=scale: times(k / max(1, one.count), one.words),  # type: ignore[misc]
                lambda one, _: shares(one.meaning),
            ),
        )
    for scale in (0.03, 0.04, 0.05, 0.06, 0.07, 0.1):
        root = lambda one, k=scale: times(k / max(1, one.count) ** 0.5, one.words)  # noqa: E731
        yield Variant(
            f"BM25 / √words × {scale} + min-max",
            "none",
            summed(root, lambda one, _: shares(one.meaning)),
        )
    yield Variant(
        "BM25 / √words × 0.05 + theoretical min-max",
        "none",
        summed(lambda one: times(0.05 / max(1, one.count) ** 0.5, one.words), floored),
    )
    for share in (0.3, 0.4, 0.5, 0.6, 0.7):
        kept = " (kept)" if share == WORDS_SHARE else ""
        yield Variant(
            f"words by how far their best stands out × {share} + min-max{kept}",
            "none",
            standing(share, part=True, absent=True),
        )
    yield Variant(
        f"the same × {WORDS_SHARE}, words by min-max",
        "none",
        standing(WORDS_SHARE, part=False, absent=True),
    )
    yield Variant(
        f"the same × {WORDS_SHARE}, articles without the words not counted",
        "none",
        standing(WORDS_SHARE, part=True, absent=False),
    )


def score(variant: Variant, corpus: Corpus) -> dict[str, float]:
    """Split → mean nDCG@10."""
    means = {}
    for split, qrels in corpus.qrels.items():
        run = {}
        for query, one in corpus.asked.items():
            if one.split == split:
                scores = variant.rank(one, corpus)
                best = nsmallest(10, scores, key=lambda name: (-scores[name], name))
                run[query] = [(name, scores[name]) for name in best]
        figures = measured(run, qrels)[MAIN]
        means[split] = sum(figures.values()) / len(figures)
    return means


def measure(corpora: list[Corpus]) -> list[dict[str, Any]]:
    rows = []
    for variant in variants():
        started = time.perf_counter()
        figures = {f"{c.name}, {c.model}": score(variant, c) for c in corpora}
        chosen = []
        for corpus in corpora:
            held = {s: len(corpus.qrels[s]) for s in CHOOSING if s in corpus.qrels}
            means = figures[f"{corpus.name}, {corpus.model}"]
            if held:
                chosen.append(sum(means[s] * n for s, n in held.items()) / sum(held.values()))
        by = sum(chosen) / len(chosen) if chosen else 0.0
        rows.append({"variant": variant.name, "cost": variant.cost, "by": by, "ndcg": figures})
        print(f"{variant.name:<58} {by:.4f}  {time.perf_counter() - started:.0f} s", flush=True)
    return rows


def page(rows: list[dict[str, Any]]) -> str:
    """The rows as a table; the column that chose comes first."""
    sets = list(rows[0]["ndcg"])
    heads = ["variant", "**train + dev**", *(f"{s}, test" for s in sets), "cost"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in rows:
        cells = [row["variant"], f"{row['by']:.4f}"]
        cells += [f"{row['ndcg'][s]['test']:.4f}" for s in sets]
        lines.append("| " + " | ".join([*cells, row["cost"]]) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", nargs=2, action="append", required=True, metavar=("SET", "DIR"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/ablation.json"))
    parser.add_argument("--write", action="store_true", help="into docs/quality.md")
    given = parser.parse_args()
    rows = measure([load(Path(folder), address) for folder, address in given.set])
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    if given.write:
        text = PAGE.read_text("utf-8")
        head, tail = text.split(_BEGIN)[0], text.split(_END)[1]
        PAGE.write_text(f"{head}{_BEGIN}\n\n{page(rows)}\n\n{_END}{tail}", "utf-8")


if __name__ == "__main__":
    main()
