"""axe-core finds nothing on any page, in light and in dark; pictures of the main ones."""

from __future__ import annotations

from pathlib import Path

import pytest

PAGES = {
    "home": "/",
    "results": "/search?q=rent",
    "filtered": "/search?q=rent&author=Ada+Quill&from=2010&to=2014",
    "nothing": "/search?q=zzqqx&mode=keyword",
    "article": "/article/rent/2012?q=rent",
    "passage": "/article/rent/2012?q=rent&p=75-90#p-75-90",
    "author": "/author/Ada%20Quill",
    "similar": "/similar/rent/2012",
    "help": "/help",
    "error": "/no-such-page",
    "frame": "/embed?theme=auto",
    "frame with results": "/embed?q=rent&theme=auto",
    "frame with nothing": "/embed?q=zzqqx&mode=keyword&theme=auto",
    "frame of an article": "/embed?article=rent/2012&theme=auto",
    "frame that failed": "/embed?article=nobody&theme=auto",
}
PICTURES = Path(__file__).resolve().parents[3] / "screenshots"
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(page, site, name, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    page.goto(site.at(PAGES[name]))
    for details in page.locator("details > summary:visible").all()[:3]:
        details.click()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]][:3]) for rule in found] == []


def test_axe_finds_nothing_on_a_phone_with_its_filters_unfolded(page, site):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site.at("/search?q=rent&author=Ada+Quill"))
    page.locator(".fold > summary").click()
    assert page.locator(".choices a").first.is_visible()
    assert Axe().run(page).response["violations"] == []


def unreadable(page, within: str | None = None) -> list[str]:
    """What has too little contrast."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, within, options={"runOnly": ["color-contrast"]}).response["violations"]
    return [node["html"] for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_reference_of_the_api_can_be_read_in_light_and_in_dark(page, site, scheme):
    """How it is marked up is Swagger UI's; its colours are ours to see to."""
    page.emulate_media(color_scheme=scheme)
    page.goto(site.at("/api/v1/docs"))
    # It is a large script; on a machine that does much else beside it takes long to draw a page.
    page.set_default_timeout(60_000)
    # A put has each kind of part, and a short answer; what is not opened shows its colours too.
    page.locator(".opblock-put .opblock-summary-control").first.click()
    page.locator(".try-out__btn").first.click()
    assert unreadable(page) == []
    page.locator(".btn.authorize").first.click()
    modal = page.locator(".modal-ux")
    modal.evaluate("one => Promise.all(one.getAnimations().map(each => each.finished))")
    assert unreadable(page, ".modal-ux") == []
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == scheme


@pytest.mark.parametrize("name", ["home", "results", "article", "author", "nothing"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_and_are_pictured(page, site, name, size):
    """Nothing runs out of the page sideways; the pictures are for looking at."""
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    PICTURES.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(site.at(PAGES[name]))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=str(PICTURES / f"{name}-{size}-{scheme}.png"))
