"""What runs a model: onnxruntime for queries and small batches, torch for large ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from byline.embedding.failures import loading
from byline.embedding.models import ModelFiles
from byline.embedding.quiet import quiet_transformers

if TYPE_CHECKING:
    import torch


class Backend(Protocol):
    """Token ids in, token vectors out.

    Attributes:
        batch_tokens: how many tokens at once it is fastest with.
        at_once: how many batches it is to be given at the same time.
    """

    batch_tokens: int
    at_once: int

    def states(
        self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        """float32 ``[texts, tokens, dimension]`` for int64 ``[texts, tokens]`` each."""
        ...


class OnnxBackend:
    """The exported model. Starts in a fraction of a second.

    Each batch is one thread's. Two threads that share a query's few words take half as much of the
    processors again, from the search that goes on beside it; several batches at once are encoded as
    fast as one after the other by all.
    """

    #: What lies between layers stays in a core's cache so: a third faster than 6,000.
    batch_tokens = 500

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        self.at_once = threads
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {given.name for given in self._session.get_inputs()}

    @classmethod
    def opened(cls, path: Path, threads: int) -> Self | None:
        """``None`` where the export is not there, or was cut short or damaged since it was made."""
        from onnxruntime.capi import onnxruntime_pybind11_state as failures

        try:
            return cls(path, threads) if path.is_file() else None
        except (
            *(failures.Fail, failures.InvalidProtobuf, failures.InvalidGraph),
            *(failures.NoSuchFile, failures.RuntimeException),
        ):
            return None

    def states(
        self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {name: feeds[name] for name in self._inputs}
        states: npt.NDArray[np.float32] = self._session.run(None, wanted)[0]
        return states


class TorchBackend:
    """The model itself, on a GPU, or on a processor that computes in bfloat16."""

    batch_tokens = 6_000
    at_once = 1

    def __init__(self, model: ModelFiles, threads: int) -> None:
        import torch

        self._torch = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        if threads:
            torch.set_num_threads(threads)
        self._model = load_transformer(model).to(self._device, torch.bfloat16)

    def states(
        self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        torch = self._torch
        with torch.inference_mode():
            output = self._model(
                input_ids=torch.from_numpy(ids).to(self._device),
                attention_mask=torch.from_numpy(mask).to(self._device),
            )
            states: npt.NDArray[np.float32] = output.last_hidden_state.float().cpu().numpy()
            return states


def torch_is_worth_it() -> bool:
    """Whether torch would encode much faster than onnxruntime here.

    With a GPU, or where the processor multiplies in bfloat16: there torch is about 1.8 times
    as fast (docs/passages.md), which pays for its import after some hundred passages.
    """
    import torch

    if torch.cuda.is_available():
        return True
    flags = Path("/proc/cpuinfo")
    return flags.is_file() and "avx512_bf16" in flags.read_text("utf-8", "replace")


def load_transformer(model: ModelFiles, *, eager: bool = False) -> torch.nn.Module:
    """The transformer in single precision, without a pooler, which nothing here uses.

    Args:
        eager: with attention spelled out, as graph optimizers know it.

    Raises:
        ModelUnreadable: its files are not whole.
    """
    import torch
    import transformers

    with quiet_transformers(), loading(model):
        loaded: torch.nn.Module = transformers.AutoModel.from_pretrained(
            model.folder,
            dtype=torch.float32,
            attn_implementation="eager" if eager else None,
        ).eval()
    return loaded
