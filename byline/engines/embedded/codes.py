"""The files of the vector index: every passage's vector in 8 bits a number. Derived.

Rows of one article stand together, articles by rising number. ``state.json`` says how many rows
are valid; what lies beyond it in the files was not committed and is overwritten. Where the rows
are many, each is there a second time in fewer numbers (:mod:`~byline.engines.embedded.coarse`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from byline.engines.embedded import coarse

FOLDER = "vectors-1"
_STATE = "state.json"
#: Rows that are widened to 32 bits at once.
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class State:
    """``last_num``: the highest article number that has been taken in. ``key``: the model's.

    ``learnt``: of how many rows the components of the coarse rows were learnt, ``width``: how many
    numbers a coarse row has; 0 where there are none.
    """

    generation: int
    rows: int
    last_num: int
    dimension: int
    key: str
    learnt: int = 0
    width: int = 0


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
        self._state = self._with_coarse(replace(state, rows=rows, last_num=last), state.rows)
        write_state(self._folder, self._state)
        if self._state.learnt != state.learnt:
            remove_others(self._folder, self._state)

    def _with_coarse(self, state: State, before: int) -> State:
        """``state`` once the rows beyond ``before`` have coarse ones, where rows have them."""
        codes, _, scales = map_rows(self._folder, state)
        if coarse.is_due(state.rows, state.learnt):
            before = 0
            some = coarse.sample(state.rows)
            components = coarse.components(codes[some] * scales[some][:, None])
            state = replace(state, learnt=state.rows, width=components.shape[1])
            if state.width:
                np.save(coarse_files(self._folder, state)[1], components)
                coarse_files(self._folder, state)[0].write_bytes(b"")
        if not state.width:
            return state
        path, learnt = coarse_files(self._folder, state)
        components = np.load(learnt)
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


def read_state(folder: Path) -> State:
    """Raises OSError or ValueError where there is none that can be read."""
    content = json.loads((folder / FOLDER / _STATE).read_text("utf-8"))
    try:
        state = State(**content)
    except TypeError as error:
        raise ValueError(f"{_STATE} has other keys than expected") from error
    widths = (state.dimension, 4, 4)
    wanted = dict(zip(_files(folder, state.generation), widths, strict=True))
    if state.width:
        rows, components = coarse_files(folder, state)
        wanted |= {rows: state.width, components: 0}
    for path, width in wanted.items():
        if not path.exists() or path.stat().st_size < state.rows * width:
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


def remove_others(folder: Path, state: State) -> None:
    """Remove the files that ``state`` does not name."""
    keep = {path.name for path in _files(folder, state.generation)} | {_STATE}
    if state.width:
        keep |= {path.name for path in coarse_files(folder, state)}
    for path in (folder / FOLDER).iterdir():
        if path.name not in keep:
            path.unlink()


def map_rows(
    folder: Path, state: State
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Codes int8 ``[rows, dimension]``, article numbers and scales ``[rows]``; not copied."""
    codes, nums, scales = _files(folder, state.generation)
    rows = state.rows
    if not rows:
        nothing = np.zeros(0, np.int8).reshape(0, state.dimension)
        return nothing, np.zeros(0, np.int32), np.zeros(0, np.float32)
    return (
        np.memmap(codes, np.int8, "r", shape=(rows, state.dimension)),
        np.memmap(nums, "<i4", "r", shape=(rows,)),
        np.memmap(scales, "<f4", "r", shape=(rows,)),
    )


def map_coarse(
    folder: Path, state: State
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]] | None:
    """Coarse rows int8 ``[rows, width]``, not copied, and their components."""
    if not state.width:
        return None
    rows, components = coarse_files(folder, state)
    shape = (state.rows, state.width)
    return np.memmap(rows, np.int8, "r", shape=shape), np.load(components)


def coarse_files(folder: Path, state: State) -> tuple[Path, Path]:
    """Of the coarse rows and of their components, by what they were learnt of."""
    base, name = folder / FOLDER, f"{state.generation}-{state.learnt}"
    return base / f"coarse-{name}.i8", base / f"components-{name}.npy"


def _files(folder: Path, generation: int) -> tuple[Path, Path, Path]:
    base = folder / FOLDER
    return (
        base / f"codes-{generation}.i8",
        base / f"articles-{generation}.i32",
        base / f"scales-{generation}.f32",
    )
