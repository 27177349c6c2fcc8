"""Writing the vector index: every passage's vector in 8 bits a number."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from byline.engines.embedded import coarse, vector_files
from byline.engines.embedded.vector_files import FOLDER, State, VectorFiles

#: Rows that are widened to 32 bits at once.
_CHUNK = 20_000


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
        there = vector_files.row_files(self._folder, state)
        files = [path.open("r+b" if path.exists() else "w+b") for path, _ in there]
        rows, last = state.rows, state.last_num
        try:
            for file, (_, width) in zip(files, there, strict=True):
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
        self._state = self._with_coarse(replace(state, rows=rows, last_num=last), state.rows)
        vector_files.write_state(self._folder, self._state)
        if self._state.learnt != state.learnt:
            vector_files.remove_others(self._folder, self._state)

    def _with_coarse(self, state: State, before: int) -> State:
        """``state`` once the rows beyond ``before`` have coarse ones, where rows have them."""
        due = coarse.is_due(state.rows, state.learnt)
        if not (due or state.width):
            return state
        # Without the coarse rows, which are yet to be written.
        codes, _, scales = VectorFiles(self._folder, replace(state, width=0)).rows()
        if due:
            before = 0
            some = coarse.sample(state.rows)
            components = coarse.components(codes[some] * scales[some][:, None])
            state = replace(state, learnt=state.rows, width=components.shape[1])
            if state.width:
                path, learnt = vector_files.coarse_files(self._folder, state)
                with learnt.open("wb") as file:
                    file.write(components.astype("<f4").tobytes())
                    file.flush()
                    os.fsync(file.fileno())
                path.write_bytes(b"")
        if not state.width:
            return state
        path, learnt = vector_files.coarse_files(self._folder, state)
        components = np.frombuffer(learnt.read_bytes(), "<f4").reshape(-1, state.width)
        with path.open("r+b") as file:
            file.truncate(before * state.width)
            file.seek(0, os.SEEK_END)
            for start in range(before, state.rows, _CHUNK):
                some = slice(start, start + _CHUNK)
                rows = coarse.coarse_rows(codes[some] * scales[some][:, None], components)
                file.write(rows.tobytes())
            file.flush()
            os.fsync(file.fileno())
        return state


def quantise(
    vectors: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """int8 ``[n, dimension]`` and float32 ``[n]``: ``vectors ≈ codes * scales[:, None]``."""
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    scales = np.where(largest > 0, largest / 127, 1.0).astype(np.float32)
    return np.rint(vectors / scales[:, None]).astype(np.int8), scales


def start_generation(folder: Path, generation: int, dimension: int, key: str) -> CodesWriter:
    """An empty set of files beside the ones in use; they come into use by the state."""
    (folder / FOLDER).mkdir(exist_ok=True)
    state = State(generation, 0, 0, dimension, key)
    for path, _ in vector_files.row_files(folder, state):
        path.unlink(missing_ok=True)
    return CodesWriter(folder, state)
