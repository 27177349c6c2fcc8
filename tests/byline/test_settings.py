"""Where settings come from, and what is said of one that cannot be."""

from __future__ import annotations

import pytest

from byline.errors import BadSetting
from byline.settings import TABLE, Settings


@pytest.fixture
def home(tmp_path):
    (tmp_path / "config" / "byline").mkdir(parents=True)
    return tmp_path


def load(home, **environment):
    return Settings.load({"XDG_CONFIG_HOME": str(home / "config"), **environment}, home)


def test_defaults_stand_where_nothing_is_said(home):
    settings = load(home)
    assert {row.name: getattr(settings, row.name) for row in TABLE} == {
        row.name: row.default for row in TABLE
    }
    assert settings.where("limit") == "default"


def test_environment_beats_folder_beats_user(home):
    (home / "config" / "byline" / "byline.toml").write_text("limit = 3\ndepth = 50\npassages = 1")
    (home / "byline.toml").write_text("limit = 4\ndepth = 60")
    settings = load(home, BYLINE_LIMIT="5")
    assert (settings.limit, settings.depth, settings.passages) == (5, 60, 1)
    assert settings.where("limit") == "BYLINE_LIMIT"
    assert settings.where("depth") == str(home / "byline.toml")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_default_is_allowed_and_explained(row):
    assert row.check(row.default)
    assert row.help.endswith(".")


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "many"), ("limit", "-1"), ("mode", "magic"), ("meaning_weight", "1.5")],
)
def test_a_value_out_of_range_is_refused_and_says_what_is_allowed(home, name, value):
    with pytest.raises(BadSetting) as caught:
        load(home, **{f"BYLINE_{name.upper()}": value})
    row = next(row for row in TABLE if row.name == name)
    assert row.allowed in caught.value.message
    assert f"BYLINE_{name.upper()}" in caught.value.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("limt = 3", "did you mean limit?"),
        ("limit = [", "is not TOML"),
        ("limit = '3'", "a whole number"),
        ("mode = 3", "keyword or semantic or hybrid"),
    ],
)
def test_a_file_that_cannot_be_is_refused_by_name(home, content, said):
    (home / "byline.toml").write_text(content)
    with pytest.raises(BadSetting) as caught:
        load(home)
    assert said in caught.value.message
    assert str(home / "byline.toml") in caught.value.message


def test_a_file_in_another_encoding_is_refused(home):
    (home / "byline.toml").write_bytes("archive = 'Ö'".encode("utf-16"))
    with pytest.raises(BadSetting, match=r"byline\.toml"):
        load(home)
