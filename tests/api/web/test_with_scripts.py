"""What scripts add: the keyboard, dragging, stepping, copying, the theme."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from .conftest import follow

OPEN = "document.activeElement.closest('[data-hit]') && document.activeElement.textContent"


def test_the_keyboard_walks_through_results(page, site):
    page.goto(site.at("/search?q=rent&mode=keyword"))
    titles = [title.strip() for title in page.locator(".hit h2 a").all_inner_texts()]
    page.keyboard.press("j")
    assert page.evaluate(OPEN) == titles[0]
    page.keyboard.press("j")
    assert page.evaluate(OPEN) == titles[1]
    page.keyboard.press("k")
    assert page.evaluate(OPEN) == titles[0]
    page.keyboard.press("Enter")
    page.wait_for_selector(".read")
    assert page.locator("h1").inner_text() == titles[0]


def test_slash_goes_to_the_search_box_and_escape_leaves_it(page, site):
    page.goto(site.at("/search?q=rent"))
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("j?/")
    assert page.input_value("#q") == "j?/"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") != "q"


def test_the_ring_of_the_search_box_stays_clear_of_the_button(page, site):
    page.goto(site.at("/"))
    page.keyboard.press("/")
    box = page.locator("#q")
    assert box.evaluate("box => getComputedStyle(box).outlineStyle") == "solid"
    assert box.evaluate("box => parseFloat(getComputedStyle(box).outlineOffset)") <= -2


def test_a_question_mark_explains_the_keyboard(page, site):
    page.goto(site.at("/search?q=rent"))
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()


def test_dragging_over_the_timeline_chooses_a_span(page, site):
    page.goto(site.at("/search?q=rent&mode=keyword"))
    first = page.locator("[data-from='2011'] .slot").bounding_box()
    last = page.locator("[data-from='2014'] .slot").bounding_box()
    middle = first["y"] + first["height"] / 2
    page.mouse.move(first["x"] + first["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] / 2, middle, steps=6)
    assert page.locator(".unit").inner_text() == "2011 to 2014"
    with page.expect_navigation():
        page.mouse.up()
    query = parse_qs(urlsplit(page.url).query)
    assert (query["from"], query["to"]) == (["2011"], ["2014"])
    assert page.locator(".hit").count() == 4
    follow(page, page.locator(".dates button"))
    assert page.locator(".hit").count() == 4


def test_a_click_on_a_bar_is_still_a_link(page, site):
    page.goto(site.at("/search?q=rent&mode=keyword"))
    follow(page, page.locator("[data-from='2013'] .slot"))
    assert page.locator(".hit").count() == 1


def test_the_arrow_keys_walk_over_the_timeline(page, site):
    page.goto(site.at("/search?q=rent&mode=keyword"))
    page.locator(".timeline a").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".unit").inner_text() == "2010: 1 article"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert parse_qs(urlsplit(page.url).query)["from"] == ["2010"]


def test_highlights_are_stepped_through_without_loading(page, site):
    page.goto(site.at("/article/rent/2012?q=rent&mode=keyword"))
    address = page.url
    page.keyboard.press("n")
    assert page.locator("mark.current").get_attribute("id") == "h-1"
    page.locator("[data-step='1']").click()
    assert page.locator("mark.current").get_attribute("id") == "h-2"
    assert "2 of 3" in page.locator("[data-place]").inner_text()
    page.keyboard.press("p")
    assert page.locator("mark.current").get_attribute("id") == "h-1"
    assert page.url == address


def test_a_step_into_the_folded_summary_opens_it(page, site):
    page.goto(site.at("/article/river-3?q=sluice&mode=keyword"))
    page.keyboard.press("n")
    assert not page.get_by_text("Who shut the").is_visible()
    page.keyboard.press("n")
    assert page.locator("mark.current").is_visible()
    assert "2 of 2" in page.locator("[data-place]").inner_text()


def test_copied_links_are_of_the_article_and_not_of_the_way_to_it(page, site):
    page.goto(site.at("/article/rent/2012?q=rent&author=Ada+Quill&sort=newest&page=2&p=75-90"))
    page.get_by_role("button", name="Copy the link").click()
    page.wait_for_selector(".toast.shown")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == site.at("/article/rent/2012?q=rent&p=75-90")


def _select(page, words: str) -> None:
    page.evaluate(
        """words => {
          const walker = document.createTreeWalker(
            document.querySelector("[data-body]"), NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const place = walker.currentNode.data.indexOf(words);
            if (place < 0) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, place);
            range.setEnd(walker.currentNode, place + words.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            return;
          }
        }""",
        words,
    )


def test_a_quotation_is_copied_with_its_citation(page, site):
    page.goto(site.at("/article/rent/2012"))
    _select(page, "a neighbour who is asked")
    page.get_by_role("button", name="Copy quotation").click()
    page.wait_for_selector(".toast.shown")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("“a neighbour who is asked”\n— Ada Quill")
    assert "The Harbour Ledger" in copied
    assert "4 April 2012" not in copied
    assert "2012" in copied


def test_a_link_to_words_leads_to_just_these_words(page, site):
    page.goto(site.at("/article/rent/2012?q=rent"))
    _select(page, "asked too seldom")
    page.get_by_role("button", name="Copy link to it").click()
    page.wait_for_selector(".toast.shown")
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    assert page.locator(".passage").all_inner_texts() == ["asked too seldom"]
    assert page.locator(".passage").evaluate("span => span.matches(':target')")
    page.get_by_role("button", name="Copy it with its citation").click()
    page.wait_for_selector(".toast.shown")
    assert page.evaluate("navigator.clipboard.readText()").startswith("“asked too seldom”")


def test_the_citation_is_copied(page, site):
    page.goto(site.at("/article/rent/2012"))
    page.locator(".cite summary").click()
    citation = page.locator(".citation").inner_text()
    page.get_by_role("button", name="Copy the citation").click()
    page.wait_for_selector(".toast.shown")
    assert page.evaluate("navigator.clipboard.readText()") == citation


def test_the_theme_is_switched_and_kept(page, site):
    page.goto(site.at("/"))
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Use dark colours").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.goto(site.at("/help"))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_a_search_that_takes_long_shows_that_it_is_under_way(page, site):
    page.goto(site.at("/"))
    page.fill("#q", "rent")
    busy = page.evaluate(
        """() => {
          const form = document.querySelector("form.search");
          form.addEventListener("submit", (event) => event.preventDefault());
          form.requestSubmit();
          return document.querySelector("main").getAttribute("aria-busy");
        }"""
    )
    assert busy == "true"
