"""Exporting a model to ONNX, once, so that queries need no torch.

The export lies in the cache folder under the hash of the weights, with what was found out about
the model: its floors, what queries are multiplied by, and why it could not be exported where
it could not.
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from byline.embedding import calibration
from byline.embedding.backends import Backend, OnnxBackend, load_transformer
from byline.embedding.failures import loading, room_for_export
from byline.embedding.models import ModelFiles
from byline.embedding.quiet import quiet_transformers
from byline.embedding.whitening import sentences, whitened, whitening
from byline.records import Nearness

#: Raised when an export made by an older Byline should be made anew.
VERSION = 4
_LEAST_COSINE = 0.9999
_OPSET = 18
MODEL_FILE = "model.onnx"
#: Beside it, so that it is mapped: read with the rest it took a command's search 0.2 s longer.
_WEIGHTS_FILE = "weights.bin"
#: Bytes from which a tensor is one of the weights.
_WEIGHTY = 1024
_FACTS_FILE = "export.json"
#: Of :func:`byline.embedding.whitening.whitening`.
_WHITENING_FILE = "whitening.npy"

Encode = Callable[[Backend, list[str]], npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found out about a model.

    Attributes:
        texts: how near is near between two texts.
        queries: the same between a whitened query and a text.
        reason: why there is no export; empty where there is one.
        whitening: float32 ``[dimension, dimension]``, in a file of its own.
    """

    texts: Nearness
    queries: Nearness
    reason: str
    whitening: npt.NDArray[np.float32] = field(compare=False)


def cache_folder(chosen: Path | None) -> Path:
    if chosen is not None:
        return chosen
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "byline"


def weights_hash(model: ModelFiles, cache: Path) -> str:
    """The hash of the weights, remembered by their size and time of change."""
    index = cache / "hashes.json"
    stats = [path.stat() for path in model.weights]
    key = "|".join(
        f"{path}:{stat.st_size}:{stat.st_mtime_ns}"
        for path, stat in zip(model.weights, stats, strict=True)
    )
    try:
        known: dict[str, str] = json.loads(index.read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    if key not in known:
        known[key] = model.weights_hash()
        with room_for_export(model, cache):
            _replace(index, json.dumps(known).encode())
    return known[key]


def exported(folder: Path) -> Facts | None:
    """What an earlier export left in ``folder``, if it is whole."""
    try:
        read = json.loads((folder / _FACTS_FILE).read_text("utf-8"))
        texts, queries = Nearness(**read["texts"]), Nearness(**read["queries"])
        facts = Facts(texts, queries, read["reason"], _kept_whitening(folder))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    needed = [] if facts.reason else [MODEL_FILE, _WEIGHTS_FILE]
    return facts if all((folder / name).is_file() for name in needed) else None


def _kept_whitening(folder: Path) -> npt.NDArray[np.float32]:
    """Raises OSError, ValueError where the file is missing, cut short or none."""
    with (folder / _WHITENING_FILE).open("rb") as file:
        matrix = np.lib.format.read_array(file, allow_pickle=False)
    if matrix.dtype != np.float32 or matrix.ndim != 2:
        raise ValueError("it is no matrix of single precision")
    return matrix


def export(model: ModelFiles, folder: Path, encode: Encode, threads: int) -> Facts:
    """Export to ``folder``, checked against sentence-transformers on real sentences.

    Args:
        encode: turns texts into vectors by a backend, as the embedder does.

    Raises:
        ModelUnreadable: its files are not whole.
        StorageFull: there is no room in ``folder``.
    """
    questions, statements, others = _reference(
        model, calibration.QUESTIONS, calibration.STATEMENTS, sentences()
    )
    matrix = whitening(others)
    asked = whitened(questions, matrix)
    reason = f"its pooling is {model.pooling} or it has further layers"
    with room_for_export(model, folder.parent):
        folder.mkdir(parents=True, exist_ok=True)
        if model.plain:
            bare = [model.document_prompt + text for text in calibration.STATEMENTS]
            reason = _try_export(model, folder, encode, bare, statements, threads)
        texts, queries = (calibration.nearness(each, statements) for each in (questions, asked))
        facts = Facts(texts, queries, reason, matrix)
        written = {"texts": asdict(texts), "queries": asdict(queries), "reason": reason}
        _replace(folder / _WHITENING_FILE, _as_file(matrix))
        _replace(folder / _FACTS_FILE, json.dumps(written).encode())
    return facts


def _reference(
    model: ModelFiles, queries: Sequence[str], *documents: Sequence[str]
) -> list[npt.NDArray[np.float32]]:
    """By sentence-transformers: float32 ``[texts, dimension]`` each, unit length."""
    transformer = load_sentence_transformer(model)
    prompted = [(model.query_prompt, queries)]
    prompted += [(model.document_prompt, texts) for texts in documents]
    return [
        transformer.encode(
            [prompt + text for text in texts],
            prompt="",
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        for prompt, texts in prompted
    ]


def load_sentence_transformer(model: ModelFiles) -> Any:
    with quiet_transformers(), loading(model):
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(str(model.folder))


def _try_export(
    model: ModelFiles,
    folder: Path,
    encode: Encode,
    texts: list[str],
    truth: npt.NDArray[np.float32],
    threads: int,
) -> str:
    """Why it did not work; empty where it did."""
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        plain = Path(beside) / "plain.onnx"
        try:
            _to_onnx(model, plain)
        except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
            return f"torch cannot export it ({str(error).splitlines()[0]})"
        for path in (_fused(model, plain), plain):
            if path is None:
                continue
            parted = _parted(path)
            found = encode(OnnxBackend(parted / MODEL_FILE, threads), texts)
            if float((found * truth).sum(axis=1).min()) >= _LEAST_COSINE:
                for name in (_WEIGHTS_FILE, MODEL_FILE):
                    (parted / name).replace(folder / name)
                return ""
    return "its export gives other vectors than sentence-transformers"


def _to_onnx(model: ModelFiles, path: Path) -> None:
    import torch

    transformer = load_transformer(model, eager=True)
    names = ["input_ids", "attention_mask"]
    if getattr(transformer.config, "type_vocab_size", 0):
        names.append("token_type_ids")

    class TokenStates(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, *inputs: torch.Tensor) -> Any:
            given = dict(zip(names, inputs, strict=True))
            return self.transformer(**given).last_hidden_state

    shape = torch.ones(2, 16, dtype=torch.long)
    inputs = tuple(shape if name != "token_type_ids" else shape * 0 for name in names)
    axes = {name: {0: "texts", 1: "tokens"} for name in (*names, "states")}
    with warnings.catch_warnings():
        # The tracing exporter warns of its own age; its graphs are the ones that fuse.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            TokenStates(),
            inputs,
            str(path),
            input_names=names,
            output_names=["states"],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )


def _fused(model: ModelFiles, plain: Path) -> Path | None:
    """With attention and normalisation as one operator each, where the model is a BERT."""
    config = json.loads((model.folder / "config.json").read_text("utf-8"))
    if config.get("model_type") != "bert" or not {"num_attention_heads", "hidden_size"} <= {
        *config
    }:
        return None
    import logging

    from onnxruntime.transformers import optimizer

    logging.getLogger("onnxruntime.transformers").setLevel(logging.ERROR)
    logging.getLogger("fusion_base").setLevel(logging.ERROR)
    fused = plain.with_name("fused.onnx")
    optimizer.optimize_model(
        str(plain),
        model_type="bert",
        num_heads=config["num_attention_heads"],
        hidden_size=config["hidden_size"],
        opt_level=0,
    ).save_model_to_file(str(fused))
    return fused


def _parted(path: Path) -> Path:
    """A folder with the model and its weights in files of their own."""
    import onnx

    folder = path.with_suffix("")
    folder.mkdir()
    onnx.save(
        onnx.load(path),
        folder / MODEL_FILE,
        save_as_external_data=True,
        location=_WEIGHTS_FILE,
        size_threshold=_WEIGHTY,
    )
    return folder


def _as_file(matrix: npt.NDArray[np.float32]) -> bytes:
    file = BytesIO()
    np.save(file, matrix)
    return file.getvalue()


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all, also when two processes do it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(beside).replace(path)
