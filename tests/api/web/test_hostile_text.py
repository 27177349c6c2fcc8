"""Whatever stands in an article is shown as text, and stays in its place."""

from __future__ import annotations

import pytest

from .conftest import follow


@pytest.mark.parametrize(
    "path", ["/search?q=zebra&mode=keyword", "/article?name=..%2Fodd%3Fid%3D1%23top&q=zebra", "/"]
)
@pytest.mark.parametrize("width", [390, 1280])
def test_markup_in_an_article_is_text(page, site, path, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.at(path))
    assert "Byline" in page.title()
    assert page.title() != "taken"
    assert page.locator("main script, main img, main [onmouseover], main [onload]").count() == 0
    assert page.locator("[href^='javascript:']").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_can_be_read_from_the_results(page, site):
    page.goto(site.at("/search?q=zebra&mode=keyword"))
    follow(page, page.locator(".hit h2 a"))
    assert "<script>document.title='taken'</script>" in page.locator("h1").inner_text()
    assert "</p></article><h1>is no heading</h1>" in page.locator(".body").inner_text()
    assert "leads to no web page" in page.locator(".read").inner_text()
    assert page.locator(".body").get_attribute("lang") is None


def test_a_reversed_title_reverses_nothing_beside_it(page, site):
    page.goto(site.at("/search?q=zebra&mode=keyword"))
    boxes = page.locator(".hit .by").locator(".who, time").all()
    author, date = (box.bounding_box() for box in boxes)
    assert author["x"] < date["x"] or author["y"] < date["y"]


def test_right_to_left_text_runs_so(page, site):
    page.goto(site.at("/article/he/1"))
    paragraph = page.locator(".body p").first
    assert paragraph.evaluate("p => getComputedStyle(p).direction") == "rtl"
    assert page.locator(".body").get_attribute("lang") == "he"
