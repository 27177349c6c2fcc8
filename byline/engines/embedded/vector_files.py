"""The files of the vector index: which there are, and how much of them is valid. Derived.

Rows of one article stand together, articles by rising number. ``state.json`` says how many rows
are valid; what lies beyond it in the files was not committed and is overwritten. Where the rows
are many, each is there a second time in fewer numbers (:mod:`~byline.engines.embedded.coarse`).

Every reader looks here, a search by words alone too, so that numpy is imported only when rows are
wanted.
"""

from __future__ import annotations

import json
import mmap
import os
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from byline.records import Manifest

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from byline.engines.embedded.scan import CodesSnapshot

FOLDER = "vectors-1"
_STATE = "state.json"


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


class VectorFiles:
    """Those that one state names, mapped: they can be read though a later state replaces them."""

    def __init__(self, folder: Path, state: State | None = None) -> None:
        self.state = state = state or read_state(folder)
        files = _all_row_files(folder, state)
        self._maps = [_mapped(path, state.rows * width) for path, width in files]
        self._learnt = coarse_files(folder, state)[1].read_bytes() if state.width else b""

    @cached_property
    def snapshot(self) -> CodesSnapshot:
        """What a search by meaning asks."""
        from byline.engines.embedded.scan import CodesSnapshot

        return CodesSnapshot(self)

    def rows(
        self,
    ) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Codes int8 ``[rows, dimension]``, article numbers and scales ``[rows]``; not copied."""
        import numpy as np

        codes, nums, scales = self._maps[:3]
        return (
            np.frombuffer(codes, np.int8).reshape(-1, self.state.dimension),
            np.frombuffer(nums, "<i4"),
            np.frombuffer(scales, "<f4"),
        )

    def coarse(self) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]] | None:
        """Coarse rows int8 ``[rows, width]``, not copied, and their components float32
        ``[dimension, width]``; ``None`` where rows are read in full."""
        import numpy as np

        if not self.state.width:
            return None
        rows = np.frombuffer(self._maps[3], np.int8).reshape(-1, self.state.width)
        return rows, np.frombuffer(self._learnt, "<f4").reshape(-1, self.state.width)


def vectors_key(manifest: Manifest) -> str:
    """Which vectors the vector index holds; another key means that it must be made anew."""
    model = manifest.model
    return f"{model.weights}/{model.chunker}/{model.document_prompt}" if model else ""


def _mapped(path: Path, size: int) -> mmap.mmap | bytes:
    if not size:
        return b""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)


def read_state(folder: Path) -> State:
    """Raises OSError or ValueError where there is none that can be read."""
    content = json.loads((folder / FOLDER / _STATE).read_text("utf-8"))
    try:
        state = State(**content)
        least = min(state.generation, state.rows, state.last_num, state.learnt, state.width)
    except TypeError as error:
        raise ValueError(f"{_STATE} has other keys than expected") from error
    if least < 0 or state.dimension < 1:
        raise ValueError(f"{_STATE} holds what is no count")
    wanted = [(path, state.rows * width) for path, width in _all_row_files(folder, state)]
    if state.width:
        wanted.append((coarse_files(folder, state)[1], 4 * state.dimension * state.width))
    for path, size in wanted:
        if not path.exists() or path.stat().st_size < size:
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


def remove_others(folder: Path, state: State) -> None:
    """Remove the files that ``state`` does not name."""
    keep = {path.name for path, _ in row_files(folder, state)} | {_STATE}
    if state.width:
        keep |= {path.name for path in coarse_files(folder, state)}
    for path in (folder / FOLDER).iterdir():
        if path.name not in keep:
            path.unlink()


def coarse_files(folder: Path, state: State) -> tuple[Path, Path]:
    """Of the coarse rows and of their components, by what they were learnt of."""
    base, name = folder / FOLDER, f"{state.generation}-{state.learnt}"
    return base / f"coarse-{name}.i8", base / f"components-{name}.f32"


def row_files(folder: Path, state: State) -> list[tuple[Path, int]]:
    """Of codes, article numbers and scales, each with the bytes of a row."""
    base, generation = folder / FOLDER, state.generation
    return [
        (base / f"codes-{generation}.i8", state.dimension),
        (base / f"articles-{generation}.i32", 4),
        (base / f"scales-{generation}.f32", 4),
    ]


def _all_row_files(folder: Path, state: State) -> list[tuple[Path, int]]:
    """With the coarse rows', where there are some."""
    files = row_files(folder, state)
    return [*files, (coarse_files(folder, state)[0], state.width)] if state.width else files
