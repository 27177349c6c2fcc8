"""``/embed`` in frames of other sites, with scripts off, and ``/oembed``."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import pytest
from lxml import html
from playwright.sync_api import expect

HTML = {"Accept": "text/html"}


def framed(site, open_page, address: str, **options):
    """What a page of ``site`` shows in a frame of ``address``."""
    page = open_page(
        site.show(f'<iframe title="t" src="{address}" width="600" height="500"></iframe>'),
        java_script_enabled=False,
        **options,
    )
    return page.frame_locator("iframe")


def test_a_frame_shows_results_without_scripts(public, site, open_page):
    frame = framed(site, open_page, f"{public.address}/embed?q=rent")
    expect(frame.locator(".item")).to_have_count(2)
    expect(frame.locator(".status")).to_have_text(
        "1 article contains your words, 1 more is close in meaning."
    )
    link = frame.get_by_role("link", name="A cap on rent")
    expect(link).to_have_attribute("href", "https://courier.example/cap")
    expect(link).to_have_attribute("target", "_blank")
    expect(frame.locator(".passage mark.words").first).to_have_text("rent")
    look = "element => getComputedStyle(element).textDecorationLine"
    assert frame.locator(".passage mark.meaning").first.evaluate(look) == "underline"


def test_a_frame_can_be_searched_where_everybody_may(public, site, open_page):
    frame = framed(site, open_page, f"{public.address}/embed?theme=dark")
    frame.get_by_role("searchbox").fill("river")
    frame.get_by_role("button").click()
    expect(frame.get_by_role("link", name="The river came in")).to_be_visible()
    assert frame.locator("html").evaluate("e => getComputedStyle(e).colorScheme") == "dark"


def test_a_key_opens_the_frame_on_its_own_site_alone(closed, key, site, other_site, open_page):
    address = f"{closed.address}/embed?q=rent&key={key}"
    expect(framed(site, open_page, address).locator(".item")).to_have_count(2)
    elsewhere = framed(other_site, open_page, address, complains=True)
    # The browser's own page, where it has one to show.
    assert elsewhere.locator("html").evaluate("() => location.protocol") == "chrome-error:"
    assert elsewhere.locator(".item").count() == 0
    expect(
        framed(site, open_page, f"{closed.address}/embed?q=rent", complains=True).locator(".error")
    ).to_contain_text("needs a key")


def test_a_frames_parameters_are_those_of_the_page_of_results(public):
    def titles(query: str) -> list[str]:
        answer = httpx2.get(f"{public.address}/embed?{query}", headers=HTML)
        assert answer.status_code == 200, answer.text
        return [
            row.text_content().strip() for row in html.fromstring(answer.text).find_class("title")
        ]

    assert titles("q=rent&mode=keyword") == ["A cap on rent"]
    assert titles("author=Ann+Fenn&sort=oldest") == ["A cap on rent", "What a ceiling does"]
    assert titles("q=tram&limit=2&sort=newest") == ["Tram number 6", "Tram number 5"]
    assert titles("q=tram&from=2003&to=2004&sort=newest") == ["Tram number 4", "Tram number 3"]
    assert titles("article=river") == ["The river came in"]


def test_hostile_text_in_a_frame_is_text(public, site, open_page):
    frame = framed(site, open_page, f"{public.address}/embed?q=zither&mode=keyword")
    expect(frame.locator(".title").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert frame.locator("img, script, svg, b").count() == 0
    assert frame.locator(".list a").first.get_attribute("href").startswith("/article/hostile")


def test_a_frame_asks_no_reader_of_another_site_for_a_key(closed):
    address = f"{closed.address}/embed?q=rent"
    in_frame = httpx2.get(address, headers={**HTML, "Sec-Fetch-Dest": "iframe"})
    by_itself = httpx2.get(address, headers={**HTML, "Sec-Fetch-Dest": "document"})
    assert "Basic" not in in_frame.headers["www-authenticate"]
    assert "Basic" in by_itself.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("limit=1000&q=x", 400, "limit"),
        ("article=nowhere", 404, "nowhere"),
        ("q=" + "x" * 5000, 400, "characters"),
    ],
)
def test_what_goes_wrong_is_said_in_the_frame(public, query, status, said):
    answer = httpx2.get(f"{public.address}/embed?{query}", headers=HTML)
    assert answer.status_code == status
    assert said in html.fromstring(answer.text).find_class("error")[0].text_content()
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]


def oembed(served, page: str, **more):
    return httpx2.get(f"{served.address}/oembed", params={"url": page, **more})


@pytest.mark.parametrize(
    ("path", "title", "shows"),
    [
        ("/search?q=rent&mode=keyword", "Articles on “rent”", "A cap on rent"),
        ("/article/river", "The river came in", "The river came in"),
        ("/article?name=river", "The river came in", "The river came in"),
        ("/author/Cy%20Marsh", "Articles: Cy Marsh", "The river came in"),
    ],
)
def test_a_page_names_the_frame_that_other_sites_may_show_of_it(public, path, title, shows):
    page = httpx2.get(public.address + path, headers=HTML)
    [discovered] = html.fromstring(page.text).xpath("//link[@type='application/json+oembed']/@href")
    answer = httpx2.get(discovered)
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert (said["version"], said["type"], said["title"]) == ("1.0", "rich", title)
    frame = html.fromstring(said["html"])
    assert (frame.tag, frame.get("width"), frame.get("height")) == (
        "iframe",
        str(said["width"]),
        str(said["height"]),
    )
    inside = httpx2.get(frame.get("src"), headers=HTML)
    assert shows in html.fromstring(inside.text).find_class("list")[0].text_content()


def test_oembed_keeps_within_the_size_that_is_asked_for(public):
    said = oembed(public, f"{public.address}/search?q=rent", maxwidth=320, maxheight=200).json()
    assert (said["width"], said["height"]) == (320, 200)


def test_oembed_passes_on_the_key_of_the_address(closed, key):
    page = f"{closed.address}/search?q=rent&key={key}"
    assert oembed(closed, page).status_code == 401
    said = oembed(closed, page, key=key).json()
    src = html.fromstring(said["html"]).get("src")
    assert parse_qs(urlsplit(src).query)["key"] == [key]
    assert httpx2.get(src, headers=HTML).status_code == 200


def test_oembed_escapes_what_it_is_given(public):
    query = quote('"><script>alert(1)</script>')
    page = f"{public.address}/search?q={query}"
    written = oembed(public, page).json()["html"]
    assert re.fullmatch(r"<iframe [^<>]*></iframe>", written)


@pytest.mark.parametrize(
    ("page", "more", "status", "code"),
    [
        ("https://elsewhere.example/search?q=rent", {}, 404, "not-our-page"),
        ("HERE/api/v1/search?q=rent", {}, 404, "not-our-page"),
        ("HERE/search/more?q=rent", {}, 404, "not-our-page"),
        ("http://[", {}, 404, "not-our-page"),
        ("HERE/article/nowhere", {}, 404, "article-not-found"),
        ("HERE/search?q=rent", {"format": "xml"}, 501, "no-xml"),
        ("HERE/search?q=rent", {"widht": "3"}, 400, "unknown-parameter"),
    ],
)
def test_oembed_says_what_it_cannot_do(public, page, more, status, code):
    answer = oembed(public, page.replace("HERE", public.address), **more)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
