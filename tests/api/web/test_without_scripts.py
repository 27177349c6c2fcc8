"""Every flow with JavaScript off: forms and links alone."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import follow


def parameters(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_from_the_first_page_to_an_article_and_back(plain_page, site):
    plain_page.goto(site.at("/"))
    assert plain_page.locator("#q").evaluate("box => box === document.activeElement")
    plain_page.fill("#q", "rent")
    with plain_page.expect_navigation():
        plain_page.press("#q", "Enter")
    assert plain_page.locator(".total").inner_text() == (
        "12 articles contain your words, 3 more are close in meaning."
    )
    assert "“rent”" in plain_page.locator(".said").first.inner_text()
    follow(plain_page, plain_page.locator(".hit h2 a").first)
    assert plain_page.locator(".body mark.words").count() >= 2
    follow(plain_page, plain_page.locator(".back"))
    assert parameters(plain_page)["q"] == ["rent"]


def test_the_first_page_says_what_is_in_the_archive(plain_page, site):
    plain_page.goto(site.at("/"))
    figures = plain_page.locator(".figures").inner_text()
    assert re.search(r"23\s+articles", figures)
    assert "2009" in figures
    assert "2020" in figures
    for example in plain_page.locator(".examples a").all():
        assert example.get_attribute("href").startswith("/search?q=")


def test_examples_find_something(plain_page, site):
    plain_page.goto(site.at("/"))
    links = [link.get_attribute("href") for link in plain_page.locator(".examples a").all()]
    assert len(links) >= 3
    for link in links:
        plain_page.goto(site.at(link))
        assert plain_page.locator(".hit").count() > 0, link


def test_examples_begin_with_what_says_more_than_one_word(plain_page, site):
    """The commonest topic is “housing”; “town life” is told apart better by its words."""
    plain_page.goto(site.at("/"))
    examples = plain_page.locator(".examples a").all_inner_texts()
    assert examples[0] == "town life"
    assert len(set(examples)) == len(examples)


def test_words_and_meaning_are_marked_apart_by_more_than_colour(plain_page, site):
    plain_page.goto(site.at("/search?q=rent"))
    words = plain_page.locator("blockquote mark.words").first
    meaning = plain_page.locator("blockquote mark.meaning").first
    styles = (
        "mark => [getComputedStyle(mark).fontWeight, getComputedStyle(mark).textDecorationStyle]"
    )
    assert int(words.evaluate(styles)[0]) >= 600
    assert meaning.evaluate(styles)[1] == "dotted"
    assert plain_page.locator(".legend").is_visible()


def test_modes_find_different_articles(plain_page, site):
    found = {}
    for mode in ("keyword", "semantic", "hybrid"):
        plain_page.goto(site.at(f"/search?q=tenancy&mode={mode}"))
        found[mode] = plain_page.locator(".total").inner_text()
        assert plain_page.locator(".modes [aria-current]").count() == 1
    assert found["keyword"] == "3 articles contain your words."
    assert len(set(found.values())) == 3
    follow(plain_page, plain_page.get_by_role("link", name="Words only"))
    assert parameters(plain_page)["mode"] == ["keyword"]


def test_facets_narrow_and_chips_undo(plain_page, site):
    plain_page.goto(site.at("/search?q=rent"))
    choice = plain_page.locator(".choices a", has_text="Bo Lindqvist")
    assert choice.locator(".number").inner_text() == "3"
    follow(plain_page, choice)
    assert plain_page.locator(".hit").count() == 3
    assert parameters(plain_page)["author"] == ["Bo Lindqvist"]
    chip = plain_page.get_by_role("link", name="Remove the filter Author: Bo Lindqvist")
    follow(plain_page, chip)
    assert "author" not in parameters(plain_page)
    assert plain_page.locator(".total").inner_text().startswith("12 articles")


def test_on_a_phone_filters_are_folded_up_above_the_results(plain_page, site):
    plain_page.set_viewport_size({"width": 390, "height": 844})
    plain_page.goto(site.at("/search?q=rent&author=Ada+Quill"))
    fold = plain_page.locator(".fold > summary")
    assert "1 filter in force" in fold.inner_text()
    assert fold.bounding_box()["y"] < plain_page.locator(".hit").first.bounding_box()["y"]
    choice = plain_page.locator(".choices a", has_text="The Evening Lamp")
    assert not choice.is_visible()
    fold.focus()
    plain_page.keyboard.press("Enter")
    assert choice.is_visible()
    plain_page.keyboard.press("Tab")
    plain_page.keyboard.type("2012")
    with plain_page.expect_navigation():
        plain_page.keyboard.press("Enter")
    assert parameters(plain_page)["from"] == ["2012"]
    assert plain_page.get_by_role("heading", name="Filter").count() == 1


def test_on_a_wide_page_filters_need_no_unfolding(plain_page, site):
    plain_page.goto(site.at("/search?q=rent"))
    assert not plain_page.locator(".fold > summary").is_visible()
    beside = plain_page.locator(".choices a").first.bounding_box()
    hits = plain_page.locator(".hits").bounding_box()
    assert beside["x"] > hits["x"] + hits["width"]
    assert plain_page.get_by_role("heading", name="Filter").count() == 1
    plain_page.get_by_role("link", name="Skip to the results").focus()
    plain_page.keyboard.press("Enter")
    plain_page.keyboard.press("Tab")
    assert plain_page.evaluate("document.activeElement.closest('#results') !== null")


def test_what_the_chart_cannot_show_is_said(plain_page, site):
    plain_page.goto(site.at("/search?q=zebra+key&mode=keyword&from=2011&to=2012"))
    assert "Not in the chart: 1 article with no known month." in (
        plain_page.locator(".filters").inner_text()
    )


def test_a_result_runs_no_heading_into_what_follows_it(plain_page, site):
    plain_page.goto(site.at("/search?q=lamps&mode=keyword"))
    shown = plain_page.locator(".hit blockquote").first
    assert "¶" in shown.inner_text()
    assert shown.locator(".paragraph").first.get_attribute("aria-hidden") == "true"


def test_nothing_found_is_said_once(plain_page, site):
    plain_page.goto(site.at("/search?q=zzqqx&mode=keyword"))
    assert plain_page.get_by_text("Nothing was found").count() == 1
    assert plain_page.get_by_role("heading", name="Nothing was found").is_visible()
    assert plain_page.get_by_role("status").filter(has_text="Nothing was found").count() == 1


def test_the_timeline_is_links(plain_page, site):
    plain_page.goto(site.at("/search?q=rent&mode=keyword"))
    bar = plain_page.get_by_label("2013: 1 article", exact=True)
    follow(plain_page, bar.locator(".slot"))
    assert parameters(plain_page)["from"] == ["2013"]
    assert parameters(plain_page)["to"] == ["2013"]
    assert plain_page.locator(".hit").count() == 1
    assert "2013" in plain_page.locator(".hit time").inner_text()


def test_dates_by_hand(plain_page, site):
    plain_page.goto(site.at("/search?q=rent"))
    plain_page.fill(".dates [name=from]", "2010")
    plain_page.fill(".dates [name=to]", "2012-03")
    follow(plain_page, plain_page.locator(".dates button"))
    assert plain_page.locator(".hit").count() == 2
    plain_page.fill(".dates [name=from]", "soon")
    follow(plain_page, plain_page.locator(".dates button"))
    assert "no dates were set" in plain_page.locator(".note").inner_text()


def test_pages_show_each_article_once_and_can_be_shared(plain_page, site):
    seen = []
    plain_page.goto(site.at("/search?q=rent"))
    while True:
        seen += [link.get_attribute("href") for link in plain_page.locator(".hit h2 a").all()]
        following = plain_page.locator(".pager a[rel=next]")
        if not following.count():
            break
        follow(plain_page, following)
    assert len(seen) == len(set(seen)) == 15
    assert parameters(plain_page)["page"] == ["2"]
    plain_page.goto(site.at("/search?q=rent&page=99"))
    assert plain_page.get_by_role("heading", name="There is no page 99").is_visible()


def test_sorting_by_date(plain_page, site):
    plain_page.goto(site.at("/search?q=rent&mode=keyword"))
    follow(plain_page, plain_page.get_by_role("link", name="Oldest first"))
    dates = [time.get_attribute("datetime") for time in plain_page.locator(".hit time").all()]
    assert dates == sorted(dates)
    assert dates[0].startswith("2009")


def test_why_this_result_says_both_ranks(plain_page, site):
    plain_page.goto(site.at("/search?q=rent"))
    why = plain_page.locator(".why").first
    why.locator("summary").click()
    rows = [row.inner_text() for row in why.locator("tbody tr").all()]
    assert rows[0].startswith("Words")
    assert rows[1].startswith("Meaning")
    assert all("rank " in row for row in rows)


def test_similar_articles_are_not_the_article_itself(plain_page, site):
    plain_page.goto(site.at("/search?q=tenancy&mode=keyword"))
    own = plain_page.locator(".hit h2 a").first.get_attribute("href").partition("?")[0]
    follow(plain_page, plain_page.locator(".alike").first)
    links = [link.get_attribute("href") for link in plain_page.locator(".hit h2 a").all()]
    assert links
    assert own not in links


def test_did_you_mean(plain_page, site):
    plain_page.goto(site.at("/search?q=tenancie&mode=keyword"))
    plain_page.goto(site.at("/search?q=brigde&mode=keyword"))
    offer = plain_page.locator(".spelling a").first
    assert offer.inner_text() == "bridge"
    follow(plain_page, offer)
    assert plain_page.locator(".hit").count() == 6


@pytest.mark.parametrize("query", ["rent brigde", "river Brigde&sort=newest", "brigde"])
def test_the_page_offers_the_spellings_that_the_api_does(plain_page, site, query):
    plain_page.goto(site.at(f"/search?q={query}"))
    told = plain_page.request.get(site.at(f"/api/v1/search?q={query}")).json()["suggestions"]
    assert told
    shown = [link.inner_text() for link in plain_page.locator(".spelling a").all()]
    assert shown == [one["text"] for one in told]
    plain_page.goto(site.at(f"/search?q={query}&page=2"))
    assert plain_page.locator(".spelling").count() == 0


def test_notes_about_the_query(plain_page, site):
    plain_page.goto(site.at("/search?q=%22rent&mode=fancy"))
    notes = " ".join(plain_page.locator(".note").all_inner_texts())
    assert "fancy" in notes
    assert plain_page.locator(".note").count() >= 2


def test_nothing_found_says_what_to_try(plain_page, site):
    plain_page.goto(site.at("/search?q=river&mode=keyword&author=Bo+Lindqvist"))
    way = plain_page.get_by_role("link", name="Without the filters: 6 articles")
    follow(plain_page, way)
    assert plain_page.locator(".hit").count() == 6


def test_highlights_are_stepped_through(plain_page, site):
    plain_page.goto(site.at("/article/rent/2012?q=rent&mode=keyword"))
    assert "3 highlights" in plain_page.locator(".stepper").inner_text()
    follow(plain_page, plain_page.locator("[data-step='1']"))
    assert plain_page.url.endswith("at=1#h-1")
    assert plain_page.locator("h1 mark:target").inner_text() == "rent"
    for number in (2, 3):
        follow(plain_page, plain_page.locator("[data-step='1']"))
        assert plain_page.url.endswith(f"at={number}#h-{number}")
    assert "3 of 3" in plain_page.locator(".stepper").inner_text()
    assert plain_page.locator(".body mark:target").inner_text() == "rent"
    follow(plain_page, plain_page.locator("[data-step='1']"))
    assert plain_page.url.endswith("at=1#h-1")


def test_what_matches_in_names_and_in_the_summary_is_marked_too(plain_page, site):
    plain_page.goto(site.at("/article/river-3?q=sluice+caldeira+flood&mode=keyword"))
    assert plain_page.locator(".read mark").all_inner_texts()[:3] == [
        "Caldeira",
        "Caldeira's",
        "sluice",
    ]
    numbers = [mark.get_attribute("id") for mark in plain_page.locator(".read mark").all()]
    assert numbers == [f"h-{number}" for number in range(1, len(numbers) + 1)]
    assert f"{len(numbers)} highlights" in plain_page.locator(".stepper").inner_text()
    assert plain_page.locator(".standfirst summary").inner_text() == "4 more points, 1 highlight"


def test_a_long_summary_is_folded_and_opened_where_a_highlight_is_in_it(plain_page, site):
    plain_page.goto(site.at("/article/river-3?q=sluice&mode=keyword"))
    last = plain_page.get_by_text("Who shut the")
    assert not last.is_visible()
    byline = plain_page.locator(".read .by").bounding_box()
    assert byline["y"] < plain_page.locator(".standfirst").bounding_box()["y"]
    for _ in range(2):
        follow(plain_page, plain_page.locator("[data-step='1']"))
    assert last.is_visible()
    assert plain_page.locator("mark:target").inner_text() == "sluice"


def test_an_article_says_that_no_word_stands_in_it(plain_page, site):
    plain_page.goto(site.at("/article/river-3?q=zebra&mode=keyword"))
    assert plain_page.locator(".stepper p").inner_text() == (
        "No word of “zebra” stands in this article."
    )


def test_the_page_and_the_api_mark_the_same(plain_page, site):
    for article, asked in (("rent/2012", "q=rent"), ("river-3", "q=who+measured+a+river")):
        plain_page.goto(site.at(f"/article/{article}?{asked}"))
        shown = {
            kind: plain_page.locator(f".body mark.{kind}").all_inner_texts()
            for kind in ("words", "meaning")
        }
        told = plain_page.request.get(site.at(f"/api/v1/articles/{article}?{asked}")).json()
        body = told["article"]["body"]
        assert shown["words"] == [body[one["start"] : one["end"]] for one in told["highlights"]]
        assert sorted(shown["meaning"]) == sorted(
            body[one["start"] : one["end"]] for one in told["nearest"]
        )


def test_an_article_leads_back_to_the_very_results_it_was_opened_from(plain_page, site):
    asked = "q=rent&mode=keyword&publication=The+Harbour+Ledger&from=2010&to=2020&sort=newest"
    for path in (f"/search?{asked}", "/search?topic=housing&sort=oldest&page=2"):
        plain_page.goto(site.at(path))
        opened = plain_page.url
        results = plain_page.locator(".hit h2 a").all_inner_texts()
        for way in (".hit h2 a", ".hit .here", ".hit .alike"):
            if plain_page.locator(way).count():
                follow(plain_page, plain_page.locator(way).first)
                if way == ".hit .alike":
                    follow(plain_page, plain_page.locator(".hit h2 a").first)
                follow(plain_page, plain_page.locator(".back"))
                assert plain_page.url == opened
                assert plain_page.locator(".hit h2 a").all_inner_texts() == results
        follow(plain_page, plain_page.locator(".alike").first)
        follow(plain_page, plain_page.locator(".back a"))
        assert plain_page.url == opened


def test_stepping_and_reading_on_keep_the_way_back(plain_page, site):
    opened = site.at("/search?q=rent&mode=keyword&author=Ada+Quill&sort=oldest")
    plain_page.goto(opened)
    follow(plain_page, plain_page.locator(".hit h2 a").first)
    follow(plain_page, plain_page.locator("[data-step='1']"))
    follow(plain_page, plain_page.locator(".pin").first)
    follow(plain_page, plain_page.locator(".more .hit h2 a").first)
    follow(plain_page, plain_page.locator(".back"))
    assert plain_page.url == opened


def test_an_article_names_its_own_address_without_the_search(plain_page, site):
    canonical = "link[rel=canonical]"
    plain_page.goto(site.at("/article/river-3?q=river&author=Ines+Caldeira&page=2"))
    assert plain_page.locator(canonical).get_attribute("href") == site.at("/article/river-3")
    plain_page.goto(site.at("/article/rent/2012?q=rent"))
    assert plain_page.locator(canonical).get_attribute("href") == "https://ledger.example/2012/rent"


def test_an_article_that_was_opened_by_itself_leads_to_no_results(plain_page, site):
    plain_page.goto(site.at("/article/rent/2012"))
    assert plain_page.locator(".stepper, .back").count() == 0


def test_a_passage_has_an_anchor_of_its_own(plain_page, site):
    plain_page.goto(site.at("/search?q=rent&mode=keyword"))
    follow(plain_page, plain_page.locator(".here").first)
    anchor = urlsplit(plain_page.url).fragment
    target = plain_page.locator(":target")
    assert target.get_attribute("id") == anchor
    assert target.is_visible()
    original = plain_page.get_by_role("link", name="Find it in the original")
    assert "#:~:text=" in original.get_attribute("href")


def test_every_paragraph_can_be_linked_to(plain_page, site):
    plain_page.goto(site.at("/article/rent/2012"))
    follow(plain_page, plain_page.locator(".pin").nth(1))
    assert plain_page.locator(":target").get_attribute("id") == urlsplit(plain_page.url).fragment
    assert plain_page.locator(":target").inner_text().startswith("The rent rose again.")


@pytest.mark.parametrize(
    ("form", "begins"), [("RIS", "TY  - NEWS"), ("BibTeX", "@article{"), ("CSL JSON", "[")]
)
def test_citations_for_reference_managers(plain_page, site, form, begins):
    plain_page.goto(site.at("/article/rent/2012"))
    plain_page.locator(".cite summary").click()
    assert "Ada Quill" in plain_page.locator(".citation").inner_text()
    with plain_page.expect_download() as download:
        plain_page.get_by_role("link", name=form, exact=True).click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith(begins)
    assert "What the rent was in 2012" in text


def test_names_lead_to_what_they_name(plain_page, site):
    plain_page.goto(site.at("/article/rent/2012"))
    original = plain_page.get_by_role("link", name="Read the original")
    assert original.get_attribute("href") == "https://ledger.example/2012/rent"
    follow(plain_page, plain_page.locator(".topics a", has_text="housing"))
    assert parameters(plain_page)["topic"] == ["housing"]
    plain_page.go_back()
    follow(plain_page, plain_page.locator(".read .kicker a").first)
    assert "publication" in parameters(plain_page)
    plain_page.go_back()
    follow(plain_page, plain_page.locator(".read .who a").first)
    assert plain_page.locator("h1").inner_text() == "Ada Quill"


def test_an_author_over_time(plain_page, site):
    plain_page.goto(site.at("/author/ada%20quill"))
    assert plain_page.locator("h1").inner_text() == "Ada Quill"
    assert "12 articles" in plain_page.locator(".total").inner_text()
    years = plain_page.locator(".year h2").all_inner_texts()
    assert years == [str(year) for year in range(2020, 2008, -1)]
    assert plain_page.locator(".timeline a").count() == 12
    assert "Tomás Reyé" in plain_page.locator(".filters").inner_text()
    plain_page.fill("#within", "lamps")
    plain_page.press("#within", "Enter")
    assert parameters(plain_page)["author"] == ["Ada Quill"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/no-such-page", 404, "There is no such page."),
        ("/article/no-such-article", 404, "no-such-article"),
        ("/similar/no-such-article", 404, "no-such-article"),
        ("/author/Adda%20Quill", 404, "Ada Quill"),
        ("/cite/rent/2012?format=docx", 400, "docx"),
        ("/search?q=" + "a" * 4001, 400, "4,000"),
    ],
)
def test_errors_help(plain_page, site, path, status, said):
    answer = plain_page.goto(site.at(path))
    assert answer.status == status
    shown = plain_page.locator(".error").inner_text()
    assert said in shown
    assert shown.count("Search for it") <= 1
    assert plain_page.locator("#q").is_visible()


def test_an_empty_archive_says_how_to_fill_it(plain_page, empty_site):
    for path in ("/", "/search?q=rent"):
        plain_page.goto(empty_site.at(path))
        assert "byline index" in plain_page.locator(".nothing").inner_text()


def test_discovery(plain_page, site):
    plain_page.goto(site.at("/search?q=rent&from=2010&to=2012"))
    for kind in ("application/atom+xml", "application/feed+json"):
        feed = plain_page.locator(f'link[rel=alternate][type="{kind}"]')
        assert "after=2010-01-01&before=2013-01-01" in feed.get_attribute("href")
    assert plain_page.locator("meta[name=robots]").get_attribute("content") == "noindex"
    address = plain_page.locator("link[rel=search]").get_attribute("href")
    description = plain_page.request.get(site.at(address))
    assert description.headers["content-type"].startswith("application/opensearchdescription+xml")
    assert f"{site.url}/search?q={{searchTerms}}" in description.text()
    assert "Disallow: /search" in plain_page.request.get(site.at("/robots.txt")).text()


def test_print_leaves_the_text(plain_page, site):
    plain_page.goto(site.at("/article/rent/2012?q=rent"))
    plain_page.emulate_media(media="print")
    assert plain_page.locator(".body").is_visible()
    for part in (".search", ".stepper", ".actions", ".more"):
        assert not plain_page.locator(part).is_visible()


def test_feeds_and_exports_are_there(plain_page, site):
    plain_page.goto(site.at("/search?q=rent&from=2010&to=2012"))
    links = [link.get_attribute("href") for link in plain_page.locator(".take a").all()]
    assert len(links) == 7
    paths = plain_page.request.get(site.at("/api/v1/openapi.json")).json()["paths"]
    if "/api/v1/export" not in paths or "/api/v1/feed.atom" not in paths:
        pytest.skip("waits for the API's feeds and exports")
    for link in links:
        assert plain_page.request.get(site.at(link)).ok, link
