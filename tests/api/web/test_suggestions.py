"""Suggestions in the search box, as the combobox pattern has them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

ASKED = "/api/v1/suggest"


def typed(page, text):
    """Enter it at once, and wait for what is offered.

    Key by key, a busy machine may pause for long enough that its beginning is asked for too, and
    then either answer's list may be what a test sees.
    """
    page.locator("#q").focus()
    with page.expect_response(lambda answer: ASKED in answer.url):
        page.keyboard.insert_text(text)
    page.wait_for_selector("#q[aria-expanded=true]")


def test_what_is_typed_key_by_key_ends_with_the_suggestions_for_all_of_it(page, site):
    page.goto(site.at("/"))
    page.locator("#q").press_sequentially("riv", delay=200)
    expect(page.get_by_role("option")).to_have_text(["rivers topic, 6 articles"])


def active(page):
    return page.evaluate(
        "document.getElementById(q.getAttribute('aria-activedescendant'))?.textContent"
    )


def test_arrow_keys_lead_to_an_author_and_enter_opens_the_page(page, site):
    page.goto(site.at("/"))
    typed(page, "quil")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    assert options.all_inner_texts() == ["Ada Quill\nauthor, 12 articles"]
    assert active(page) is None
    page.keyboard.press("ArrowDown")
    assert active(page).startswith("Ada Quill")
    assert options.first.get_attribute("aria-selected") == "true"
    assert page.evaluate("document.activeElement.id") == "q"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == site.at("/author/Ada%20Quill")


def test_the_arrows_go_round_by_way_of_what_was_typed(page, site):
    page.goto(site.at("/search?q=river"))
    page.locator("#q").fill("")
    typed(page, "riv")
    assert page.get_by_role("option").all_inner_texts() == ["rivers\ntopic, 6 articles"]
    page.keyboard.press("ArrowUp")
    assert active(page).startswith("rivers")
    page.keyboard.press("ArrowDown")
    assert active(page) is None
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == site.at("/search?topic=rivers")
    assert page.locator(".hit").count() == 6


def test_enter_searches_for_what_was_typed_unless_one_was_chosen(page, site):
    page.goto(site.at("/"))
    typed(page, "high")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "q=high" in page.url
    page.goto(site.at("/"))
    typed(page, "high")
    with page.expect_navigation():
        page.get_by_role("option").filter(has_text="part 3").click()
    assert page.url == site.at("/article/river-3")


def test_escape_closes_the_list_and_then_leaves_the_box(page, site):
    page.goto(site.at("/search?q=rent"))
    page.keyboard.press("/")
    typed(page, "quill")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.get_by_role("listbox").count() == 0
    assert page.locator("#q").get_attribute("aria-expanded") == "false"
    assert page.input_value("#q") == "quill"
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") != "q"


def test_leaving_the_box_closes_the_list(page, site):
    page.goto(site.at("/"))
    typed(page, "hou")
    page.keyboard.press("Tab")
    assert page.get_by_role("listbox").count() == 0


def test_what_an_article_is_called_is_text_and_its_id_leads_to_it(page, site):
    page.goto(site.at("/"))
    typed(page, "esrever")
    (text,) = page.get_by_role("option").all_inner_texts()
    assert "<script>" in text
    with page.expect_navigation():
        page.get_by_role("option").click()
    assert page.locator(".read").count() == 1
    assert page.title() != "taken"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("start", ["/", "/search?q=rent"])
def test_axe_finds_nothing_with_the_list_open(page, site, start, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    page.goto(site.at(start))
    page.locator("#q").fill("")
    typed(page, "r")
    page.keyboard.press("ArrowDown")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]][:3]) for rule in found] == []


def test_without_scripts_the_box_is_a_plain_one(plain_page, site):
    plain_page.goto(site.at("/"))
    assert plain_page.locator("#q").get_attribute("role") is None
