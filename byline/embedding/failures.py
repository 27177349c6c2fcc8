"""What goes wrong while a model is read or exported, as Byline's own errors."""

from __future__ import annotations

import errno
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from byline.embedding.models import ModelFiles
from byline.errors import ModelUnreadable, StorageFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
#: What an export takes on the disk while it is made: the graph, fused, and parted.
_TIMES_ITS_SIZE = 3


@contextmanager
def loading(model: ModelFiles) -> Iterator[None]:
    """Raises ModelUnreadable for what torch and transformers say of files that are not whole."""
    # Imported here: only an export and torch's own encoding load a model.
    from safetensors import SafetensorError

    try:
        yield
    except (
        *(OSError, RuntimeError, ValueError, TypeError, KeyError, AttributeError),
        *(ImportError, EOFError, pickle.UnpicklingError, SafetensorError),
    ) as error:
        weights = ", ".join(
            f"{path.name} of {path.stat().st_size:,} bytes" for path in model.weights
        )
        where = "" if model.name == str(model.folder) else f" from {model.folder}"
        raise ModelUnreadable(
            f"The model {model.name} cannot be loaded{where} ({_first_sentence(error)}; its "
            f"weights are {weights})."
        ) from error


def read_tokenizer(model: ModelFiles) -> Any:
    """Its ``tokenizers.Tokenizer``; raises ModelUnreadable."""
    from tokenizers import Tokenizer

    path = model.folder / "tokenizer.json"
    if not path.is_file():
        raise ModelUnreadable(
            f"The model {model.name} has no {path}.",
            remedy="Copy or download the whole model again; one that never had that file gets it "
            "by `transformers.AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)`.",
        )
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing narrower
        raise ModelUnreadable(
            f"The tokenizer {path} cannot be read ({_first_sentence(error)})."
        ) from error


@contextmanager
def room_for_export(model: ModelFiles, cache: Path) -> Iterator[None]:
    """Raises StorageFull where an export does not fit into the cache folder."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        size = sum(path.stat().st_size for path in model.weights) * _TIMES_ITS_SIZE
        raise StorageFull(
            f"There is no room left for the export of the model {model.name} in {cache}.",
            remedy=f"Make room there, about {size / 1e6:,.0f} MB, or name another folder with "
            "BYLINE_CACHE, and run the same command again; what was committed is safe.",
        ) from error


def _first_sentence(error: Exception) -> str:
    first = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return first.split(". ")[0].rstrip(".")
