"""Judging in the terminal, or from whatever is sent to standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.text import Text

from byline.archive import Archive
from byline.engines.base import PageArticle, Reader
from byline.evaluation.judged import Topics, read_topics
from byline.evaluation.judging import Judgments, Pair, pooled, to_judge
from byline.evaluation.runs import modes_of, run_queries
from byline.highlight import Highlighter
from byline.passages import PassageChooser
from byline.query import parse
from byline.query.tree import TextField
from byline.wording.excerpt import one_line
from byline.wording.numbers import counted
from cli.archives import open_archive
from cli.progress import counting
from cli.render.answer import article_heading, passages_for_people, shown_id
from cli.render.article import article_for_people
from cli.render.layout import FAINT, HEADING, show, write
from cli.terminal import paged, screen
from cli.writing import check_writable

_ASK = "Does it answer the query? 0 no, 1 yes, 2 fully; r read it, s skip, b back, q stop: "
_GRADES = {"0": 0, "n": 0, "1": 1, "y": 1, "2": 2}
#: Passages shown of each article.
_PASSAGES = 2


def judge_in_terminal(archive: str | None, topics: Path, qrels: Path, depth: int) -> None:
    """Walk through what the modes find for each query; each answer is kept at once.

    Answers are read from standard input, a line each. Where that ends, so does the judging.

    Raises:
        BadJudgments, ArchiveError, ModelError.
    """
    queries, judgments = read_topics(topics), Judgments(qrels)
    check_writable(qrels, "--qrels")
    with open_archive(archive) as opened:
        with counting("Searching", "queries") as watch:
            runs = run_queries(opened, queries, modes_of(opened.manifest), depth=depth, watch=watch)
        pools = pooled(runs, depth)
        with opened.engine.reader() as reader:
            given = _Session(opened, reader, queries, judgments).ask(pools)
    left = sum(1 for _ in to_judge(queries, pools, judgments))
    page = screen()
    write(page, Text())
    said = f"{counted(given, 'judgment')} made, {left:,} to go; they are in {qrels}."
    show(page, said if left else f"{said} Evaluate by them: leave out --judge.")


class _Session:
    """One sitting over one commit of the archive."""

    def __init__(
        self, archive: Archive, reader: Reader, queries: Topics, judgments: Judgments
    ) -> None:
        self._archive = archive
        self._reader = reader
        self._queries = queries
        self._judgments = judgments
        self._screen = screen()
        self._shown = ""

    def ask(self, pools: dict[str, tuple[str, ...]]) -> int:
        """How many judgments were made."""
        pairs = list(to_judge(self._queries, pools, self._judgments))
        place, made = 0, 0
        while place < len(pairs):
            pair = pairs[place]
            self._show(pair, place + 1, len(pairs))
            match _answer():
                case None | "q":
                    break
                case "r":
                    self._read(pair)
                case "s":
                    place += 1
                case "b":
                    before = self._judgments.take_back()
                    if before is None:
                        write(self._screen, Text("Nothing has been judged here yet."))
                        continue
                    made -= 1
                    place = pairs.index(before)
                case grade:
                    self._judgments.judge(pair, _GRADES[grade])
                    made += 1
                    place += 1
        return made

    def _show(self, pair: Pair, number: int, total: int) -> None:
        page = self._screen
        write(page, Text())
        text = self._queries[pair.query]
        if pair.query != self._shown:
            self._shown = pair.query
            show(page, Text(one_line(text), HEADING), first=f"{pair.query}  ", indent="    ")
            write(page, Text())
        stored = self._reader.fetch([pair.article])[pair.article]
        query, vector, floor = parse(text), None, 1.0
        if self._reader.manifest.model is not None and query.meaning:
            embedder = self._archive.embedder()
            vector, floor = embedder.embed_query(query.meaning), embedder.nearness.floor
        cosines = None
        if vector is not None and stored.vectors is not None and len(stored.vectors):
            cosines = stored.vectors.astype("f4") @ vector
        chooser = PassageChooser(query, vector, floor)
        shown = chooser.choose(PageArticle(pair.article, stored, cosines), _PASSAGES)
        show(page, Text(f"{number} of {total}", FAINT))
        article_heading(page, stored.article, chooser.title_highlights(stored.article.title))
        passages_for_people(page, shown)
        show(page, Text(f"id {shown_id(pair.article)}", FAINT))

    def _read(self, pair: Pair) -> None:
        """The whole text, with the query's words marked."""
        article = self._reader.fetch([pair.article])[pair.article].article
        highlighter = Highlighter(parse(self._queries[pair.query]))
        with paged(self._screen):
            article_for_people(
                self._screen,
                article,
                list(highlighter.word_spans(article.body, TextField.BODY)),
                list(highlighter.word_spans(article.title, TextField.TITLE)),
            )


def _answer() -> str | None:
    """One of the answers that :data:`_ASK` names, or ``None`` at the end of the input."""
    while True:
        sys.stdout.write(_ASK)
        sys.stdout.flush()
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            sys.stdout.write("\n")
            return None
        said = line.strip().lower()
        if said in _GRADES or said in ("r", "s", "b", "q"):
            return said
        sys.stdout.write(f"{one_line(said)!r} is no answer.\n")
