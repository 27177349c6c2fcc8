"""The scan of the vector index finds what exact arithmetic over the stored vectors finds."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from byline.engines.embedded import codes
from byline.engines.embedded.first_look import LOOKS_BEFORE_PACKING
from byline.engines.embedded.vector_files import FOLDER, VectorFiles, read_state, write_state

PASSAGES = 3


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def passages(articles, dimension, seed=1, narrowest=0.03):
    """float32 ``[articles, passages, dimension]`` of half precision, as vectors are stored.

    Some directions are wider than others; so they are in the vectors of sentences.
    """
    rng = np.random.default_rng(seed)
    widths = np.geomspace(1, narrowest, dimension)
    vectors = rng.standard_normal((articles, PASSAGES, dimension)) * widths
    return unit(vectors).astype(np.float16).astype(np.float32)


def append(folder, vectors, state=None, first=0):
    """Articles numbered 0, 2, 4, … by their place, into new files or after those of ``state``."""
    dimension = vectors.shape[2]
    writer = (
        codes.CodesWriter(folder, state)
        if state
        else codes.start_generation(folder, 1, dimension, "key")
    )
    writer.append((2 * (first + n), rows.astype(np.float16)) for n, rows in enumerate(vectors))
    return writer.state


def exact(vectors, query, places):
    """Numbers and scores of the articles at ``places``, best first."""
    scores = (vectors[places] @ query).max(axis=1)
    order = np.argsort(-scores, kind="stable")
    return [2 * places[place] for place in order], scores[order]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """More rows than one thread is given, fewer than are looked at coarsely."""
    folder = tmp_path_factory.mktemp("small")
    vectors = passages(8_000, 16)
    append(folder, vectors)
    return VectorFiles(folder).snapshot, vectors


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """More rows than are read in full. They came in three commits, the last after learning."""
    folder = tmp_path_factory.mktemp("large")
    vectors = passages(24_000, 192)
    state = append(folder, vectors[:1_000])
    assert not state.learnt
    state = append(folder, vectors[1_000:20_000], state, 1_000)
    assert state.learnt == 60_000
    append(folder, vectors[20_000:], state, 20_000)
    return folder, vectors


@pytest.fixture
def copied(large, tmp_path):
    """A copy of the large one's folder, to be written to, and its coarse rows."""
    folder = tmp_path / "copy"
    shutil.copytree(large[0], folder)
    (rows,) = (folder / FOLDER).glob("coarse-*.i8")
    return folder, rows


@pytest.mark.parametrize("chosen", [range(8_000), range(0, 8_000, 2), [0, 17, 7_999], []])
def test_every_chosen_article_gets_the_score_of_its_best_passage(small, chosen):
    snapshot, vectors = small
    query = vectors[17, 1]
    places = np.array(chosen, np.intp)
    nums, scores = snapshot.scan(query, places, 10_000).best()
    wanted, best = exact(vectors, query, list(chosen)) if len(chosen) else ([], [])
    assert sorted(nums.tolist()) == sorted(wanted)
    np.testing.assert_allclose(scores, best, atol=0.03)


def test_one_article_of_very_many_passages_is_found_by_itself(tmp_path):
    vectors = unit(np.random.default_rng(7).standard_normal((9_000, 16))).astype(np.float16)
    writer = codes.start_generation(tmp_path, 1, 16, "key")
    short = [(num, vectors[num : num + 1]) for num in range(1, 40)]
    writer.append(iter([(0, vectors), *short]))
    query = vectors[8_000].astype(np.float32)
    nums, scores = VectorFiles(tmp_path).snapshot.scan(query, np.array([0]), 10).best()
    assert nums.tolist() == [0]
    assert scores[0] == pytest.approx(1, abs=0.02)


def test_the_nearest_come_first_and_as_many_as_are_asked_for(small):
    snapshot, vectors = small
    nums, scores = snapshot.scan(vectors[17, 1], np.arange(8_000), 25).best()
    assert (len(nums), nums[0]) == (25, 34)
    assert np.all(np.diff(scores) <= 0)


@pytest.mark.parametrize("keep", [1, 2, 10, 100, 3_000])
def test_a_coarse_look_leaves_out_none_of_the_nearest_under_any_filter(large, keep):
    folder, vectors = large
    snapshot = VectorFiles(folder).snapshot
    places = np.arange(5, 24_000, keep)
    found = []
    for query in passages(20, 192, seed=2)[:, 0]:
        nums, _ = snapshot.scan(query, places, 200).best()
        wanted, _ = exact(vectors, query, places)
        assert len(nums) == min(200, len(places))
        assert set(nums.tolist()) <= {2 * place for place in places}
        found.append(len(set(wanted[:100]) & set(nums.tolist())) / len(wanted[:100]))
    assert np.mean(found) >= 0.98


def test_what_the_archive_is_not_about_is_looked_for_in_all_of_each_row(large):
    """Such a query goes mostly along directions that the coarse rows leave out."""
    folder, vectors = large
    snapshot = VectorFiles(folder).snapshot
    places = np.arange(24_000)
    found = []
    for query in unit(np.random.default_rng(8).standard_normal((10, 192)).astype(np.float32)):
        nums, _ = snapshot.scan(query, places, 200).best()
        wanted, _ = exact(vectors, query, places)
        found.append(len(set(wanted[:100]) & set(nums.tolist())))
    assert min(found) >= 98


def test_the_same_is_found_once_the_coarse_rows_are_kept_in_memory(large):
    snapshot = VectorFiles(large[0]).snapshot
    query = passages(1, 192, seed=9)[0, 0]
    answers = [
        snapshot.scan(query, np.arange(0, 24_000, 2), 200).best()
        for _ in range(LOOKS_BEFORE_PACKING + 2)
    ]
    for nums, scores in answers[1:]:
        assert nums.tolist() == answers[0][0].tolist()
        assert scores.tolist() == answers[0][1].tolist()


def test_a_thorough_scan_finds_what_it_would_if_nothing_else_were_there(large, tmp_path):
    """Others have no part in it, not even in the components of a coarse look."""
    folder, vectors = large
    places = np.arange(0, 24_000, 2)
    append(tmp_path, vectors[places])
    alone, among = VectorFiles(tmp_path).snapshot, VectorFiles(folder).snapshot
    for query in passages(5, 192, seed=3)[:, 0]:
        nums, scores = among.scan(query, places, 200, thorough=True).best()
        others, same = alone.scan(query, np.arange(len(places)), 200, thorough=True).best()
        assert nums.tolist() == (2 * others).tolist()
        assert scores.tolist() == same.tolist()


def test_as_many_neighbours_are_found_as_there_are(large):
    folder, vectors = large
    nums, _ = VectorFiles(folder).snapshot.scan(vectors[0, 0], np.arange(24_000), 30_000).best()
    assert sorted(nums.tolist()) == list(range(0, 48_000, 2))


def stored(vectors):
    return [(2 * n, rows.astype(np.float16).tobytes()) for n, rows in enumerate(vectors)]


def test_rows_that_came_before_and_after_learning_are_those_of_the_stored_vectors(large):
    folder, vectors = large
    assert VectorFiles(folder).snapshot.mismatches(stored(vectors)) == 0


def test_a_damaged_coarse_row_is_a_mismatch(large, copied):
    (_, vectors), (damaged, rows) = large, copied
    with rows.open("r+b") as file:
        file.seek(64 * PASSAGES * 7)
        file.write(bytes(64))
    assert VectorFiles(damaged).snapshot.mismatches(stored(vectors)) == 1


def test_a_coarse_file_that_is_too_short_is_refused_before_it_is_read(copied):
    damaged, rows = copied
    with rows.open("r+b") as file:
        file.truncate(1_000)
    with pytest.raises(ValueError, match=r"coarse-.* is shorter"):
        VectorFiles(damaged)


def test_what_was_written_and_not_committed_is_overwritten(large, copied):
    (_, vectors), (again, _) = large, copied
    state = read_state(again)
    interrupted = codes.CodesWriter(again, state)
    interrupted.append([(48_000, passages(1, 192, seed=3)[0].astype(np.float16))])
    write_state(again, state)
    append(again, passages(2, 192, seed=4), state, 24_000)
    whole = np.concatenate([vectors, passages(2, 192, seed=4)])
    assert VectorFiles(again).snapshot.mismatches(stored(whole)) == 0


def test_components_are_learnt_again_once_an_archive_has_grown(tmp_path):
    state = append(tmp_path, passages(17_000, 192))
    assert state.learnt == 51_000
    grown = append(tmp_path, passages(51_000, 192, seed=5), state, 17_000)
    assert grown.learnt == grown.rows == 204_000
    files = sorted(path.name for path in (tmp_path / FOLDER).glob("co*-1-*"))
    assert files == ["coarse-1-204000.i8", "components-1-204000.f32"]


def test_vectors_as_wide_in_every_direction_are_read_in_full(tmp_path):
    vectors = passages(17_000, 192, narrowest=1)
    state = append(tmp_path, vectors)
    assert (state.learnt, state.width) == (51_000, 0)
    query = unit(np.random.default_rng(6).standard_normal(192)).astype(np.float32)
    nums, _ = VectorFiles(tmp_path).snapshot.scan(query, np.arange(17_000), 200).best()
    wanted, _ = exact(vectors, query, range(17_000))
    assert set(wanted[:100]) <= set(nums.tolist())
