"""Where an archive on a server is, and how to get in."""

from __future__ import annotations

import base64
from urllib.parse import unquote

import pytest

from byline.engines.elastic.address import Address, Options
from byline.engines.open import open_engine
from byline.errors import BadArchiveAddress, BadSetting
from byline.settings import Settings


@pytest.mark.parametrize(
    ("text", "urls", "again"),
    [
        (
            "elasticsearch://search/columns",
            ["http://search:9200"],
            "elasticsearch://search:9200/columns",
        ),
        (
            "elasticsearchs://one:9243,two/a_b-2",
            ["https://one:9243", "https://two:9200"],
            "elasticsearchs://one:9243,two:9200/a_b-2",
        ),
        (
            "https://search.example:443/columns/",
            ["https://search.example:443"],
            "elasticsearchs://search.example:443/columns",
        ),
        (
            "elasticsearch://[::1]:9201/x",
            ["http://[::1]:9201"],
            "elasticsearch://[::1]:9201/x",
        ),
        (
            "Elasticsearch://Bücher.example./x",
            ["http://Bücher.example.:9200"],
            "elasticsearch://Bücher.example.:9200/x",
        ),
    ],
)
def test_an_address_opens_the_same_archive_again(text: str, urls: list[str], again: str) -> None:
    address = Address.parse(text)
    assert address.urls == urls
    assert str(address) == again
    assert Address.parse(again).urls == urls


@pytest.mark.parametrize(
    "text",
    [
        "elasticsearch://search",
        "elasticsearch://search/",
        "elasticsearch:///columns",
        "elasticsearch://search:0/columns",
        "elasticsearch://search:99999/columns",
        "elasticsearch://search/Columns",
        "elasticsearch://search/a.b",
        "elasticsearch://search/a/b",
        "elasticsearch://search/columns?x=1",
        "elasticsearch://search/columns#x",
        "elasticsearch://[::1/columns",
        "elasticsearch://[:::]/columns",
        "elasticsearch://ho℀st/columns",
        "elasticsearch://one..two/columns",
        f"elasticsearch://search:{'9' * 5000}/columns",
        "elasticsearch://u:secret@search:x/columns",
        "elasticsearch://u:secret/secret@search:x/columns",
        "elasticsearch://u:secret?secret@search:x/columns",
        "elasticsearch://u:secret#secret@search/Columns",
        "elasticsearch://u:secret@secret@search/columns?x",
        "redis://search/columns",
        "u:secret@search://columns",
    ],
)
def test_what_is_no_address_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(BadArchiveAddress) as raised:
        Address.parse(text)
    assert "secret" not in str(raised.value)
    assert raised.value.remedy


def test_an_unknown_scheme_is_refused_when_it_is_opened() -> None:
    with pytest.raises(BadArchiveAddress, match="redis"):
        open_engine("redis://search/columns")


def basic(user_and_password: str) -> dict[str, dict[str, str]]:
    """RFC 7617, in UTF-8."""
    encoded = base64.b64encode(user_and_password.encode("utf-8")).decode("ascii")
    return {"headers": {"authorization": f"Basic {encoded}"}}


@pytest.mark.parametrize("written", ["p%40ss", "p@ss", "pa/ss", "pa?ss", "pa#ss", "pä:ss"])
def test_credentials_in_the_address_go_first_and_are_never_shown(written: str) -> None:
    address = Address.parse(f"elasticsearch://ann:{written}@search/columns")
    settings = Settings.load({"BYLINE_ELASTICSEARCH_API_KEY": "key"})
    options = Options.of(settings, address)
    assert options.credentials() == basic(f"ann:{unquote(written)}")
    for shown in (str(address), repr(address), repr(options)):
        assert "p@ss" not in shown
        assert written not in shown


def test_the_password_of_a_user_in_the_address_may_be_in_the_settings() -> None:
    address = Address.parse("elasticsearch://ann@search/columns")
    name, password = "BYLINE_ELASTICSEARCH_USER", "BYLINE_ELASTICSEARCH_PASSWORD"
    for given in ({password: "p"}, {name: "ann", password: "p"}):
        assert Options.of(Settings.load(given), address).credentials() == basic("ann:p")
    # Somebody else's is not sent.
    for given, remedy in (
        ({name: "bob", password: "p"}, "bob's"),
        ({"BYLINE_ELASTICSEARCH_API_KEY": "key"}, "leave the user out"),
        ({}, password),
    ):
        with pytest.raises(BadSetting, match="no password") as raised:
            Options.of(Settings.load(given), address)
        assert remedy in raised.value.remedy


@pytest.mark.parametrize("key", ["k\u20acy", "key\n", "a key"])
def test_a_key_that_is_none_is_refused_before_it_is_sent(key: str) -> None:
    address = Address.parse("elasticsearch://search/columns")
    with pytest.raises(BadSetting) as raised:
        Options.of(Settings.load({"BYLINE_ELASTICSEARCH_API_KEY": key}), address)
    assert key not in str(raised.value)


def test_credentials_from_the_environment() -> None:
    address = Address.parse("elasticsearch://search/columns")
    by_key = Settings.load(
        {"BYLINE_ELASTICSEARCH_API_KEY": "key", "BYLINE_ELASTICSEARCH_USER": "ann"}
    )
    by_user = Settings.load(
        {"BYLINE_ELASTICSEARCH_USER": "ann", "BYLINE_ELASTICSEARCH_PASSWORD": "p"}
    )
    with pytest.raises(BadSetting, match="no password"):
        Options.of(by_key, address)
    assert Options.of(by_user, address).credentials() == basic("ann:p")
    key_alone = Settings.load({"BYLINE_ELASTICSEARCH_API_KEY": "key"})
    assert Options.of(key_alone, address).credentials() == {"api_key": "key"}
    assert Options.of(Settings.load({}), address).credentials() == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHARDS", "0"),
        ("REPLICAS", "-1"),
        ("REPLICAS", "many"),
        ("VECTORS", "int4"),
        ("OVERSAMPLE", "0.5"),
        ("TIMEOUT", "0"),
    ],
)
def test_settings_out_of_range_are_refused(name: str, value: str) -> None:
    with pytest.raises(BadSetting):
        Settings.load({f"BYLINE_ELASTICSEARCH_{name}": value})
