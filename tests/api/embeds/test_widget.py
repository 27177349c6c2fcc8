"""The custom elements, in Chromium, on a page of another origin than the archive's."""

from __future__ import annotations

import re

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

LISTENING = """
<script>
window.told = [];
for (const type of ["byline:results", "byline:select", "byline:error"])
  document.addEventListener(type, (event) => told.push({ type, detail: event.detail, from: event.target.localName }));
</script>
"""


@pytest.fixture
def show(closed, site, key, open_page):
    """A page of the other site with the script and this markup; ``KEY`` stands for the key."""

    def shown(
        body: str,
        *,
        head: str = "",
        policy: str | None = None,
        where=site,
        archive=closed,
        **options,
    ):
        script = f'<script src="{archive.address}/widget/byline.js" defer></script>'
        body = body.replace("KEY", key)
        address = where.show(body, head=script + LISTENING * (policy is None) + head, policy=policy)
        return open_page(address, **options)

    return shown


def search(page, text: str):
    page.get_by_role("searchbox").fill(text)
    page.keyboard.press("Enter")
    return page.locator("byline-search .item")


def test_a_page_of_another_origin_searches_with_its_key(show):
    page = show('<byline-search key="KEY"></byline-search>')
    items = search(page, "rent")
    expect(items).to_have_count(2)
    expect(page.get_by_role("status")).to_have_text(
        "1 article contains your words, 1 more is close in meaning."
    )
    first = items.first
    expect(first.get_by_role("link", name="A cap on rent")).to_have_attribute(
        "href", "https://courier.example/cap"
    )
    expect(first).to_contain_text("Ann Fenn, Bo Quill · The Courier · 4 March 2019")
    expect(items.last).to_contain_text("May 2020")
    [told] = page.evaluate("told")
    assert (told["type"], told["from"], told["detail"]["query"]) == (
        "byline:results",
        "byline-search",
        "rent",
    )
    assert told["detail"]["total"]["articles"] == 2
    assert [hit["article"]["id"] for hit in told["detail"]["hits"]] == ["cap", "ceiling"]


def test_a_page_of_another_site_is_not_served_by_that_key(show, other_site):
    page = show('<byline-search key="KEY"></byline-search>', where=other_site, complains=True)
    search(page, "rent")
    expect(page.get_by_role("alert")).to_have_text(
        "The archive cannot be reached just now. Try again in a moment."
    )
    expect(page.locator(".item")).to_have_count(0)
    assert page.evaluate("told.map((one) => one.detail.code)") == ["unreachable"]


def test_a_refusal_is_told_as_the_archive_words_it(show):
    page = show('<byline-search key="KEY" filter="autor=Ann+Fenn"></byline-search>', complains=True)
    search(page, "rent")
    expect(page.get_by_role("alert")).to_contain_text(
        "No parameter is called autor. Did you mean author?"
    )
    assert page.evaluate("told[0].detail.code") == "unknown-parameter"
    page.locator("byline-search").evaluate(
        "element => element.setAttribute('filter', 'author=Ann Fenn')"
    )
    expect(page.locator(".item")).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_attributes_narrow_and_shape_the_search(show):
    page = show(
        '<byline-search key="KEY" mode="keyword" filter="publication=The+Courier&after=2018&before=2020" '
        'limit="1" placeholder="Search our columns" query="rent river"></byline-search>'
    )
    expect(page.get_by_label("Search our columns")).to_have_value("rent river")
    expect(page.locator(".item")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("1 article contains your words.")


def test_words_and_meaning_are_marked_apart_whatever_stands_before_them(show):
    page = show('<byline-search key="KEY"></byline-search>')
    first = search(page, "rent").first
    expect(first.locator(".passage mark.words")).to_have_text("rent")
    said = first.locator(".passage mark.meaning").inner_text()
    assert "The rent is too high, said the mayor." in said
    look = "element => [getComputedStyle(element).fontWeight, getComputedStyle(element).textDecorationLine]"
    words = first.locator(".passage mark.words").evaluate(look)
    meaning = first.locator(".passage mark.meaning").evaluate(look)
    assert words[0] != meaning[0]
    assert (words[1], meaning[1]) == ("none", "underline")
    expect(page.get_by_text("Marked:")).to_be_visible()


def test_what_was_found_at_the_end_of_a_long_passage_is_shown(show):
    page = show('<byline-search key="KEY" mode="keyword"></byline-search>')
    marks = search(page, '"zither."').locator(".passage mark.words")
    expect(marks.last).to_be_visible()
    assert "zither" in marks.last.inner_text()


def test_the_keyboard_goes_through_the_results_and_back(show):
    page = show('<byline-search key="KEY"></byline-search>')
    expect(search(page, "tram")).to_have_count(7)
    focused = "document.querySelector('byline-search').shadowRoot.activeElement"

    def on() -> str:
        return page.evaluate(f"{focused}.textContent || {focused}.localName")

    titles = page.locator(".title").all_inner_texts()
    seen = []
    for pressed in (
        "ArrowDown",
        "ArrowDown",
        "End",
        "ArrowDown",
        "Home",
        "ArrowUp",
        "ArrowDown",
        "Escape",
    ):
        page.keyboard.press(pressed)
        seen.append(on())
    assert seen == [
        titles[0],
        titles[1],
        titles[-1],
        titles[-1],
        titles[0],
        "input",
        titles[0],
        "input",
    ]
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.locator(".item")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("")


def test_more_can_be_shown_and_the_focus_goes_there(show):
    page = show('<byline-search key="KEY" limit="3"></byline-search>')
    items = search(page, "tram")
    expect(items).to_have_count(3)
    more = page.get_by_role("button", name="Show more")
    more.press("Enter")
    expect(items).to_have_count(6)
    focused = "document.querySelector('byline-search').shadowRoot.activeElement.textContent"
    assert page.evaluate(focused) == page.locator(".title").nth(3).inner_text()
    more.click()
    expect(items).to_have_count(7)
    expect(more).to_be_hidden()
    assert len(set(page.locator(".title").all_inner_texts())) == 7
    assert [len(one["detail"]["hits"]) for one in page.evaluate("told")] == [3, 6, 7]


def test_another_spelling_is_offered(show):
    page = show('<byline-search key="KEY" mode="keyword"></byline-search>')
    page.get_by_role("searchbox").fill("landlrod")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="landlord").click()
    expect(page.get_by_role("searchbox")).to_have_value("landlord")
    expect(page.locator(".title")).to_have_text(["What a ceiling does"])


def test_a_choice_is_told_and_can_be_taken_over(show):
    page = show('<byline-search key="KEY"></byline-search>')
    page.evaluate("addEventListener('byline:select', (event) => event.preventDefault())")
    search(page, "rent").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    told = page.evaluate("told.at(-1)")
    assert told["type"] == "byline:select"
    assert told["detail"]["url"] == "https://courier.example/cap"
    assert told["detail"]["hit"]["article"]["id"] == "cap"
    assert page.url.endswith(tuple("0123456789"))


def test_an_article_without_an_address_leads_to_the_archives_own_page_where_all_may_read_it(
    show, public
):
    page = show("<byline-search></byline-search>", archive=public)
    link = search(page, "river").first.get_by_role("link")
    expect(link).to_have_attribute("href", f"{public.address}/article?name=river&q=river")
    link.click()
    expect(page.get_by_role("heading", name="The river came in")).to_be_visible()


def test_hostile_text_is_text(show):
    page = show('<byline-search key="KEY" mode="keyword"></byline-search>')
    item = search(page, "zither").first
    expect(item.locator(".link")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(item.locator(".facts")).to_contain_text(
        '<script>alert(4)</script> · "><svg onload=alert(5)>'
    )
    assert item.locator("img, script, svg, b").count() == 0
    assert item.locator("[href]").count() == 0
    assert page.locator("byline-search").evaluate(
        "e => e.getBoundingClientRect().right <= innerWidth"
    )
    item.locator(".link").click()
    assert page.evaluate("told.at(-1).detail.url") is None


def test_the_strictest_policy_of_the_page_around_is_enough(show, closed):
    policy = f"default-src 'none'; script-src {closed.address}; connect-src {closed.address}; img-src data:; require-trusted-types-for 'script'"
    page = show('<byline-search key="KEY" query="rent"></byline-search>', policy=policy)
    expect(page.locator(".item")).to_have_count(2)
    assert page.locator(".list").evaluate("e => getComputedStyle(e).listStyleType") == "none"


def test_the_page_around_styles_parts_and_properties(show):
    page = show(
        '<byline-search key="KEY" query="rent"></byline-search>',
        head="<style>byline-search { --byline-accent: rgb(0, 80, 0); --byline-words: rgb(200, 255, 200) }"
        "byline-search::part(title) { font-style: italic } byline-search::part(meaning) { color: rgb(90, 0, 90) }</style>",
    )
    page.locator(".item").first.wait_for()
    look = "(e, name) => getComputedStyle(e)[name]"
    assert (
        page.get_by_role("button", name="Search").evaluate(look, "backgroundColor")
        == "rgb(0, 80, 0)"
    )
    assert (
        page.locator("mark.words").first.evaluate(look, "backgroundColor") == "rgb(200, 255, 200)"
    )
    assert page.locator(".title").first.evaluate(look, "fontStyle") == "italic"
    assert page.locator(".passage mark.meaning").first.evaluate(look, "color") == "rgb(90, 0, 90)"


def test_dark_follows_the_page_and_not_the_system(show):
    def button(scheme: str) -> str:
        page = show(
            '<byline-search key="KEY"></byline-search>',
            head=f"<style>:root {{ color-scheme: {scheme} }}</style>",
            color_scheme="dark",
        )
        return page.get_by_role("button", name="Search").evaluate(
            "e => getComputedStyle(e).backgroundColor"
        )

    assert button("normal") != button("light dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_is_found(show, scheme):
    page = show(
        '<byline-search key="KEY" query="rent"></byline-search><byline-results key="KEY" query="river"></byline-results>',
        head=f"<style>:root {{ color-scheme: {scheme}; background: Canvas; color: CanvasText }}</style>",
    )
    expect(page.locator(".item")).to_have_count(3)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_more_on_this_shows_what_the_page_asks_for_but_never_itself(show, site):
    page = show(
        '<byline-results key="KEY" query="rent" limit="1"><h2 slot="heading">More on rents</h2></byline-results>',
        head='<link rel="canonical" href="https://courier.example/cap">',
    )
    expect(page.get_by_role("heading", name="More on rents")).to_be_visible()
    expect(page.locator(".title")).to_have_text(["What a ceiling does"])
    assert page.get_by_role("searchbox").count() == 0
    box = page.locator("byline-results")
    box.evaluate("e => e.setAttribute('query', 'quince')")
    expect(box).to_be_hidden()
    box.evaluate("e => e.setAttribute('query', 'river')")
    expect(page.locator(".title")).to_have_text(["The river came in"])
    assert page.evaluate("told.map((one) => one.detail.query)") == ["rent", "quince", "river"]


def test_only_the_last_of_quick_searches_is_shown(show):
    page = show('<byline-search key="KEY"></byline-search>')
    page.locator("byline-search").evaluate("e => { e.search('river'); e.search('rent'); }")
    expect(page.locator(".item")).to_have_count(2)
    assert page.evaluate("told.map((one) => one.detail.query)") == ["rent"]


def test_the_script_is_kept_and_asked_for_again_by_its_tag(closed):
    address = f"{closed.address}/widget/byline.js"
    first = httpx2.get(address)
    assert first.headers["content-type"].startswith("text/javascript")
    assert re.search(r"max-age=\d{4,}", first.headers["cache-control"])
    again = httpx2.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
