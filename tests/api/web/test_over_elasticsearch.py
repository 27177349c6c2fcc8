"""The page over an archive on Elasticsearch, in a real browser: from a search to a passage."""

from __future__ import annotations

import uuid

import pytest

from .conftest import articles, follow, make_archive, serve


@pytest.fixture(scope="module")
def elastic_site(elasticsearch, tmp_path_factory):
    name = f"byline-test-{uuid.uuid4().hex[:12]}"
    address = elasticsearch.address(name)
    yield from serve(make_archive(tmp_path_factory.mktemp("page"), articles(), address=address))
    elasticsearch.remove(name)


def test_a_search_is_narrowed_and_an_article_read(page, elastic_site):
    page.goto(elastic_site.at("/"))
    page.locator("#q").fill("rent")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hit")
    assert page.locator(".total").inner_text() == (
        "12 articles contain your words, 3 more are close in meaning."
    )
    follow(page, page.locator(".choices a", has_text="Bo Lindqvist"))
    assert page.locator(".hit").count() == 3
    follow(page, page.get_by_role("link", name="Remove the filter Author: Bo Lindqvist"))
    follow(page, page.get_by_role("link", name="Words only"))
    follow(page, page.get_by_role("link", name="Oldest first"))
    follow(page, page.get_by_role("link", name="What the rent was in 2009"))
    page.wait_for_selector(".read")
    page.keyboard.press("n")
    assert page.locator("mark.current").inner_text() == "rent"


def test_an_author_is_offered_and_shown(page, elastic_site):
    page.goto(elastic_site.at("/search?q=rent"))
    page.locator("#q").fill("")
    page.keyboard.insert_text("cald")
    page.wait_for_selector("#q[aria-expanded=true]")
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "Ines Caldeira"
    assert page.locator(".works li").count() == 6


def test_what_an_article_holds_is_text_there_too(page, elastic_site):
    page.goto(elastic_site.at("/search?q=zebra&mode=keyword"))
    assert page.locator(".hit").count() == 1
    follow(page, page.locator(".hit h2 a"))
    page.wait_for_selector(".read")
    assert page.title() != "taken"
