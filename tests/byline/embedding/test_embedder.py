"""The default model and a second one: exported once, equal to sentence-transformers."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byline.chunking import Sizes
from byline.embedding import DEFAULT_MODEL, Embedder, calibration, export, open_embedder
from byline.embedding import embedder as embedding
from byline.embedding.backends import OnnxBackend
from byline.embedding.failures import room_for_export
from byline.embedding.models import find_model
from byline.embedding.whitening import whitened
from byline.errors import ModelMismatch, ModelNotFound, ModelUnreadable, StorageFull
from byline.highlight import nearest_sentence

TEXTS = [*calibration.QUESTIONS[:4], *calibration.STATEMENTS[:4], "日本語 ﬁne 😀", "x" * 3000, ""]


@pytest.fixture(scope="module")
def default():
    return open_embedder()


@pytest.fixture(scope="module", params=["default", "bge-small-en-v1.5"])
def either(request, default):
    if request.param == "default":
        return default
    return open_embedder(str(request.getfixturevalue("shared") / "models" / request.param))


def reference(name: str, texts: list[str]) -> np.ndarray:
    """By sentence-transformers itself, in a process of its own."""
    folder = find_model(name).folder
    code = (
        "import json, sys, warnings; warnings.simplefilter('ignore');"
        "from sentence_transformers import SentenceTransformer;"
        "model = SentenceTransformer(sys.argv[1]);"
        "texts = json.loads(sys.stdin.read());"
        "print('VECTORS' + json.dumps(model.encode(texts, prompt='', normalize_embeddings=True,"
        "show_progress_bar=False).tolist()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    return np.array(json.loads(done.stdout.partition("VECTORS")[2]), np.float32)


def folder_of(embedder: Embedder, cache: Path | None = None) -> Path:
    """Where its export lies."""
    return export.cache_folder(cache) / f"{embedder.identity.weights[:16]}-{export.VERSION}"


def test_queries_and_passages_are_what_sentence_transformers_makes_of_them(either):
    identity = either.identity
    prompted = [identity.query_prompt + text for text in TEXTS]
    body = calibration.STATEMENTS[0]
    with_title = f"{identity.document_prompt}A title\n{body}"
    exact = reference(identity.name, [*prompted, with_title])
    queries = np.array([either.embed_query(text) for text in TEXTS])
    wanted = whitened(exact[:-1], export.exported(folder_of(either)).whitening)
    assert np.all((queries * wanted).sum(axis=1) >= 0.9999)
    (encoded,) = either.encode([either.cut("A title", body)])
    assert encoded.vectors.shape == (1, identity.dimension)
    assert float(encoded.vectors[0].astype(np.float32) @ exact[-1]) >= 0.999


def test_identity_says_what_makes_vectors_comparable(default, shared):
    assert default.identity.name == DEFAULT_MODEL
    assert default.identity.weights.startswith("53aa5117")
    assert (default.identity.pooling, default.identity.dimension) == ("mean", 384)
    bge = find_model(str(shared / "models" / "bge-small-en-v1.5"))
    assert bge.pooling == "cls"
    assert bge.query_prompt.startswith("Represent this sentence")
    assert bge.weights_hash().startswith("a9367a51")


def test_another_model_than_expected_is_refused_with_the_remedy(default):
    expected = replace(default.identity, weights="0" * 64)
    with pytest.raises(ModelMismatch) as caught:
        open_embedder(expected=expected)
    assert "weights" in caught.value.message
    assert f"byline reembed --model {DEFAULT_MODEL}" in caught.value.remedy


def test_a_folder_is_known_by_a_name_that_holds_everywhere(tmp_path, monkeypatch):
    (tmp_path / "mine").symlink_to(find_model(DEFAULT_MODEL).folder)
    monkeypatch.chdir(tmp_path)
    assert find_model("mine").name == str(tmp_path / "mine")


def test_a_model_that_cannot_be_exported_is_given_tokens_where_it_is(monkeypatch):
    """sentence-transformers loads onto a GPU by itself; here a device that every machine has."""
    torch = pytest.importorskip("torch")
    given = []

    class Model:
        device = torch.device("meta")

        def __call__(self, features):
            given.extend(tensor.device.type for tensor in features.values())
            return {"sentence_embedding": torch.ones(2, 4)}

    monkeypatch.setattr(embedding.export, "load_sentence_transformer", lambda _: Model())
    ids = np.ones((2, 3), np.int64)
    states = embedding.SentenceTransformersBackend(find_model(DEFAULT_MODEL)).states(ids, ids)
    assert states.shape == (2, 3, 4)
    assert set(given) == {"meta"}


@pytest.mark.parametrize("name", ["./no-such-folder", "no-such/model", "all-MiniLM-L6-v3"])
def test_a_model_that_is_not_there_is_named(name):
    with pytest.raises(ModelNotFound) as caught:
        open_embedder(name)
    assert name.removeprefix("./") in caught.value.message


def test_a_folder_that_holds_no_model_is_refused(tmp_path):
    (tmp_path / "modules.json").write_text("[]")
    with pytest.raises(ModelNotFound):
        open_embedder(str(tmp_path))


@pytest.fixture
def copied(tmp_path):
    """The default model's folder, its weights as links, and a cache that is empty."""
    folder = tmp_path / "model"
    weights = find_model(DEFAULT_MODEL).folder / "model.safetensors"
    shutil.copytree(
        weights.parent,
        folder,
        ignore=lambda _, names: [name for name in names if name == weights.name],
    )
    (folder / weights.name).symlink_to(weights)
    return folder


def cut_short(path: Path) -> None:
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("harm", "kind", "said"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), ModelUnreadable, "tokenizer.json"),
        (lambda folder: cut_short(folder / "tokenizer.json"), ModelUnreadable, "tokenizer.json"),
        (
            lambda folder: cut_short(folder / "model.safetensors"),
            ModelUnreadable,
            "model.safetensors of 45,434,188 bytes",
        ),
        (
            lambda folder: (folder / "config.json").write_text("no JSON"),
            ModelNotFound,
            "config.json is not JSON",
        ),
        (
            lambda folder: (folder / "modules.json").unlink(),
            ModelNotFound,
            "there is no modules.json in it",
        ),
        (
            lambda folder: (folder / "model.safetensors").unlink(),
            ModelNotFound,
            "there is no model.safetensors",
        ),
        (
            lambda folder: (folder / "modules.json").write_text("[1]"),
            ModelNotFound,
            "in another form",
        ),
    ],
    ids=[
        "no tokenizer",
        "half a tokenizer",
        "half the weights",
        "config is no JSON",
        "no modules",
        "no weights",
        "odd modules",
    ],
)
def test_a_model_that_is_not_whole_is_named_with_the_remedy(copied, tmp_path, harm, kind, said):
    harm(copied)
    with pytest.raises(kind) as caught:
        open_embedder(str(copied), cache=tmp_path / "cache")
    assert str(copied) in caught.value.message
    assert said in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("part", ["weights.bin", "model.onnx"])
def test_an_export_that_was_cut_short_is_not_used(default, tmp_path, part):
    """As a disk that fails leaves one; what opens is used, what does not is made anew."""
    there = export.cache_folder(None) / f"{default.identity.weights[:16]}-{export.VERSION}"
    shutil.copytree(there, tmp_path / "export")
    path = tmp_path / "export" / export.MODEL_FILE
    assert OnnxBackend.opened(path, 1)
    cut_short(tmp_path / "export" / part)
    assert OnnxBackend.opened(path, 1) is None


def test_a_cache_without_room_is_named_with_what_is_wanted(tmp_path):
    model = find_model(DEFAULT_MODEL)
    with pytest.raises(StorageFull) as caught, room_for_export(model, tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(tmp_path) in caught.value.message
    assert "BYLINE_CACHE" in caught.value.remedy
    assert "MB" in caught.value.remedy


def test_batches_do_not_change_vectors(default):
    bodies = [" ".join(calibration.STATEMENTS[n : n + 7]) for n in range(6)]
    cuts = [default.cut("T", body) for body in bodies]
    together = default.encode(cuts)
    for item, encoded in zip(cuts, together, strict=True):
        (alone,) = default.encode([item])
        assert np.allclose(encoded.vectors, alone.vectors, atol=2e-3)
        assert np.allclose(np.linalg.norm(encoded.vectors.astype(np.float32), axis=1), 1, atol=2e-3)
        assert encoded.codes.shape == (len(item.sentences), 48)


def test_the_nearest_sentence_is_the_one_on_the_matter(default):
    body = " ".join(calibration.STATEMENTS[:6])
    item = default.cut("", body)
    (encoded,) = default.encode([item])
    for question, statement in zip(calibration.QUESTIONS, calibration.STATEMENTS[:6], strict=False):
        vector = default.embed_query(question)
        best = item.passages[int(np.argmax(encoded.vectors.astype(np.float32) @ vector))]
        found = nearest_sentence(vector, best, item.sentences, encoded.codes)
        assert found is not None
        if best.start <= body.index(statement) < best.end:
            assert body[found.start : found.end] in statement or statement in body


@settings(max_examples=30, deadline=None)
@given(
    body=st.lists(st.sampled_from(["word ", "x" * 400, "😀", "日本 ", "A. ", "שלום\n\n"]), max_size=60).map("".join),
    title=st.text(max_size=300),
    size=st.integers(8, 600),
)  # fmt: skip
def test_nothing_given_to_the_model_is_past_its_window(default_sized, body, title, size):
    embedder = default_sized(size)
    item = embedder.cut(title, body)
    for text in embedder._texts(0, item):
        assert len(text.ids) < embedder._model.window
    covered = set()
    for passage in item.passages:
        covered.update(range(passage.start, passage.end))
    assert all(body[n].isspace() for n in range(len(body)) if n not in covered)


@pytest.fixture(scope="module")
def default_sized():
    made: dict[int, embedding.Embedder] = {}

    def make(size: int) -> embedding.Embedder:
        rounded = size // 100 * 100 + 8
        if rounded not in made:
            made[rounded] = open_embedder(sizes=Sizes(rounded, 16))
        return made[rounded]

    return make


def test_opening_an_exported_model_imports_no_torch(default):
    code = (
        "import sys; from byline.embedding import open_embedder;"
        "open_embedder().embed_query('rivers');"
        "print([m for m in ('torch', 'transformers', 'scipy', 'sentence_transformers')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_export_that_lost_a_file_is_no_export(tmp_path, default):
    folder = folder_of(default)
    names = [path.name for path in folder.iterdir()]
    for name in names:
        (tmp_path / name).symlink_to(folder / name)
    assert export.exported(tmp_path) == export.exported(folder) is not None
    for name in names:
        (tmp_path / name).unlink()
        assert export.exported(tmp_path) is None
        (tmp_path / name).symlink_to(folder / name)


@pytest.mark.parametrize("held", [b"", b"no numbers", None])
def test_an_export_whose_whitening_is_damaged_is_no_export(tmp_path, default, held):
    folder = folder_of(default)
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    damaged = tmp_path / "whitening.npy"
    whole = damaged.read_bytes()
    damaged.unlink()
    damaged.write_bytes(whole)
    assert export.exported(tmp_path) is not None
    damaged.write_bytes(whole[: len(whole) // 2] if held is None else held)
    assert export.exported(tmp_path) is None


def test_a_model_with_further_layers_runs_by_sentence_transformers_and_says_so(tmp_path, default):
    """The default's files, with a pooling that Byline does not do itself."""
    source = find_model(DEFAULT_MODEL).folder
    for path in source.rglob("*"):
        target = tmp_path / "model" / path.relative_to(source)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif path.name != "README.md":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path)
    config = tmp_path / "model" / "1_Pooling" / "config.json"
    settings_now = json.loads(config.read_text())
    config.unlink()
    settings_now |= {"pooling_mode_mean_tokens": False, "pooling_mode_max_tokens": True}
    config.write_text(json.dumps(settings_now))
    embedder = open_embedder(str(tmp_path / "model"), cache=Path(tmp_path / "cache"))
    assert embedder.note is not None
    assert "max" in embedder.note
    exact = reference(str(tmp_path / "model"), ["rivers and floods"])
    matrix = export.exported(folder_of(embedder, tmp_path / "cache")).whitening
    wanted = whitened(exact, matrix)[0]
    assert float(embedder.embed_query("rivers and floods") @ wanted) >= 0.9999
