"""The vector index: every passage's vector in 8 bits a number, scanned as a whole. Derived.

An exhaustive scan of 500,000 vectors of 384 dimensions takes 10 to 25 ms on one core, as
fast as memory is read. So there is no graph to build, to update or to lose neighbours in; filters
cost nothing. The 8-bit scores only choose candidates: the caller scores those again with the
stored vectors.

Rows of one article stand together, articles by rising number. ``state.json`` says how many rows
are valid; what lies beyond it in the files was not committed and is overwritten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from byline.engines.base import Matching
from byline.engines.embedded.words import WordsSnapshot
from byline.query.tree import Node

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

FOLDER = "vectors-1"
_STATE = "state.json"
#: Rows under which a second thread costs more than it brings.
_WORTH_THREADS = 20_000
#: Rows of less than one in so many articles are taken out to be scored.
_FEW = 20
#: Conditions whose articles are remembered.
_CONDITIONS_KEPT = 32


@dataclass(frozen=True, slots=True)
class State:
    """``last_num``: the highest article number that has been taken in. ``key``: the model's."""

    generation: int
    rows: int
    last_num: int
    dimension: int
    key: str


class Scan:
    """A scan under way. It lets go of the interpreter, so that other work goes on beside it.

    Attributes:
        nums: int64 ``[articles]``, whose scores are wanted; rising.
    """

    def __init__(
        self,
        nums: npt.NDArray[np.int64],
        parts: Sequence[Future[npt.NDArray[np.float32]]],
        chosen: npt.NDArray[np.intp] | None,
    ) -> None:
        self.nums = nums
        self._parts = parts
        self._chosen = chosen

    def scores(self) -> npt.NDArray[np.float32]:
        """float32 ``[articles]``: each one's best passage, by 8 bits. Waits for the scan."""
        if not len(self.nums):
            return np.zeros(0, np.float32)
        best = np.concatenate([part.result() for part in self._parts])
        return best if self._chosen is None else best[self._chosen]


@cache
def _pool() -> ThreadPoolExecutor:
    """The threads of all scans of this process."""
    # Imported here, as numkong below: a keyword search does without.
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(_threads(), "byline-scan")


def _threads() -> int:
    return min(4, os.cpu_count() or 1)


class CodesSnapshot:
    """The rows that one state names, mapped into memory."""

    def __init__(self, folder: Path) -> None:
        self.state = read_state(folder)
        self._allowed: dict[Node | None, npt.NDArray[np.intp]] = {}
        rows, dimension = self.state.rows, self.state.dimension
        codes, nums, scales = _files(folder, self.state.generation)
        if rows:
            self._codes = np.memmap(codes, np.int8, "r", shape=(rows, dimension))
            all_nums = np.memmap(nums, "<i4", "r", shape=(rows,))
            self._scales = np.memmap(scales, "<f4", "r", shape=(rows,))
            self._starts = np.flatnonzero(np.diff(all_nums, prepend=-1))
            self._ends = np.append(self._starts[1:], rows)
            self.nums = all_nums[self._starts].astype(np.int64)
        else:
            self.nums = np.zeros(0, np.int64)

    def scan(self, vector: npt.NDArray[np.float32], places: npt.NDArray[np.intp]) -> Scan:
        """Begin to score the articles at ``places``.

        Few have their rows taken out and scored; for many it costs less to score every row.
        """
        nums = self.nums if len(places) == len(self.nums) else self.nums[places]
        if not len(nums):
            return Scan(nums, (), None)
        codes, scale = quantise(vector[None, :])
        if len(places) * _FEW <= len(self.nums):
            lengths = self._ends[places] - self._starts[places]
            starts = np.cumsum(lengths) - lengths
            rows = np.arange(lengths.sum()) + np.repeat(self._starts[places] - starts, lengths)
            return Scan(nums, [_pool().submit(self._best, codes[0], scale[0], rows, starts)], None)
        count = _threads() if self.state.rows >= _WORTH_THREADS else 1
        edges = [len(self.nums) * part // count for part in range(count + 1)]
        parts = [
            _pool().submit(
                self._best,
                codes[0],
                scale[0],
                slice(self._starts[first], self._ends[last - 1]),
                self._starts[first:last] - self._starts[first],
            )
            for first, last in pairwise(edges)
        ]
        return Scan(nums, parts, None if nums is self.nums else places)

    def _best(
        self,
        codes: npt.NDArray[np.int8],
        scale: np.float32,
        rows: slice | npt.NDArray[np.intp],
        starts: npt.NDArray[np.intp],
    ) -> npt.NDArray[np.float32]:
        """Of each run of ``rows`` that begins at one of ``starts``, the greatest score."""
        # Imported here: a keyword search does without.
        import numkong

        dots = np.asarray(numkong.dot(codes, self._codes[rows]), dtype=np.float32)
        dots *= self._scales[rows]
        dots *= scale
        best: npt.NDArray[np.float32] = np.maximum.reduceat(dots, starts)
        return best

    def places(self, condition: Node | None, words: WordsSnapshot) -> npt.NDArray[np.intp]:
        """Where in ``nums`` the live articles that satisfy ``condition`` are, rising.

        People narrow by the same condition again and again, so the last ones are remembered.
        """
        known = self._allowed.get(condition)
        if known is None:
            query = words.compiler.matching(Matching(condition))
            allowed = words.nums(query)
            known = np.flatnonzero(np.isin(self.nums, allowed, assume_unique=True))
            while len(self._allowed) >= _CONDITIONS_KEPT:
                self._allowed.pop(next(iter(self._allowed)), None)
            self._allowed[condition] = known
        return known

    def mismatches(self, stored: Iterable[tuple[int, bytes]]) -> int:
        """How many articles have other rows here than their stored vectors make."""
        wrong = 0
        for num, data in stored:
            place = int(np.searchsorted(self.nums, num))
            vectors = np.frombuffer(data, "<f2").reshape(-1, self.state.dimension)
            rows = self._codes[self._starts[place] : self._ends[place]]
            wanted, _ = quantise(vectors.astype(np.float32))
            wrong += not np.array_equal(rows, wanted)
        return wrong


class CodesWriter:
    """Appends rows. The caller holds the archive's writer lock."""

    def __init__(self, folder: Path, state: State) -> None:
        self._folder = folder
        self._state = state

    @property
    def state(self) -> State:
        return self._state

    def append(self, articles: Iterator[tuple[int, npt.NDArray[np.float16]]]) -> None:
        """Articles by rising number, each with float16 ``[passages, dimension]``; durable."""
        state = self._state
        paths = _files(self._folder, state.generation)
        widths = (state.dimension, 4, 4)
        files = [path.open("r+b" if path.exists() else "w+b") for path in paths]
        rows, last = state.rows, state.last_num
        try:
            for file, width in zip(files, widths, strict=True):
                file.truncate(rows * width)
                file.seek(rows * width)
            for num, vectors in articles:
                last = num
                codes, scales = quantise(vectors.astype(np.float32))
                files[0].write(codes.tobytes())
                files[1].write(np.full(len(vectors), num, "<i4").tobytes())
                files[2].write(scales.astype("<f4").tobytes())
                rows += len(vectors)
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        finally:
            for file in files:
                file.close()
        self._state = State(state.generation, rows, last, state.dimension, state.key)
        write_state(self._folder, self._state)


def quantise(
    vectors: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """int8 ``[n, dimension]`` and float32 ``[n]``: ``vectors ≈ codes * scales[:, None]``."""
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    scales = np.where(largest > 0, largest / 127, 1.0).astype(np.float32)
    return np.rint(vectors / scales[:, None]).astype(np.int8), scales


def read_state(folder: Path) -> State:
    """Raises OSError or ValueError where there is none that can be read."""
    content = json.loads((folder / FOLDER / _STATE).read_text("utf-8"))
    try:
        state = State(**content)
    except TypeError as error:
        raise ValueError(f"{_STATE} has other keys than expected") from error
    widths = (state.dimension, 4, 4)
    for path, width in zip(_files(folder, state.generation), widths, strict=True):
        size = path.stat().st_size if path.exists() else 0
        if size < state.rows * width:
            raise ValueError(f"{path.name} is shorter than its state says")
    return state


def write_state(folder: Path, state: State) -> None:
    """Replace the state as one step."""
    path = folder / FOLDER / _STATE
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def start_generation(folder: Path, generation: int, dimension: int, key: str) -> CodesWriter:
    """An empty set of files beside the ones in use; they come into use by the state."""
    (folder / FOLDER).mkdir(exist_ok=True)
    for path in _files(folder, generation):
        path.unlink(missing_ok=True)
    return CodesWriter(folder, State(generation, 0, 0, dimension, key))


def remove_other_generations(folder: Path, generation: int) -> None:
    keep = {path.name for path in _files(folder, generation)} | {_STATE}
    for path in (folder / FOLDER).iterdir():
        if path.name not in keep:
            path.unlink()


def _files(folder: Path, generation: int) -> tuple[Path, Path, Path]:
    base = folder / FOLDER
    return (
        base / f"codes-{generation}.i8",
        base / f"articles-{generation}.i32",
        base / f"scales-{generation}.f32",
    )
