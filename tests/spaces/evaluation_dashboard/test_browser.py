"""A headless Chromium opens every page, reads a conversation, compares two versions, takes figures along."""

import shutil

import pytest

from tests.spaces.evaluation_dashboard.conftest import PASSWORD, write_training

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
playwright = pytest.importorskip("playwright.sync_api")


@pytest.fixture
def page(dashboard):
    url, _ = dashboard
    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.broken = []
        page.on("pageerror", lambda error: page.broken.append(str(error)))
        page.goto(url)
        page.locator("input").first.fill("ann")
        page.locator("input[type=password]").fill(PASSWORD)
        page.get_by_role("button").first.click()
        page.wait_for_selector("h1:has-text('Pixel evaluation')")
        yield page
        browser.close()


def image(page, name):
    found = page.get_by_alt_text(name)
    found.wait_for(timeout=60_000)
    assert found.evaluate("image => image.naturalWidth") > 300
    return found


def open_tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()


def test_every_page_opens_and_draws(page):
    image(page, "EQ in five domains")
    open_tab(page, "Empathy")
    image(page, "Empathy from version to version")
    open_tab(page, "Training")
    for name in ("Loss components", "Conflicts between objectives"):
        image(page, name)
    page.get_by_text("the loss rose").locator("visible=true").first.wait_for()
    open_tab(page, "A conversation")
    page.get_by_role("button", name="Read", exact=True).click()
    image(page, "Persona, turn by turn")
    image(page, "Read-outs, turn by turn")
    open_tab(page, "Compare")
    page.get_by_role("button", name="Compare", exact=True).click()
    image(page, "Differences")
    image(page, "Item by item")
    page.locator("#comparison-note").get_by_text("1 better").wait_for()
    open_tab(page, "Reviews")
    image(page, "Agreement of reviewers")
    assert not page.broken


def test_figures_and_pages_are_taken_along_without_words(page, tmp_path):
    open_tab(page, "A conversation")
    page.get_by_label("Conversation").fill("user: my secret is safe\nassistant: Tell me as much as you like.")
    page.get_by_role("button", name="Read", exact=True).click()
    image(page, "Persona, turn by turn")
    tab = page.get_by_role("tabpanel").filter(has=page.get_by_role("button", name="Read", exact=True))
    taken = {}
    for name in ("PNG", "This page as HTML"):
        with page.expect_download() as download:
            tab.get_by_text(name, exact=True).first.click()
        download.value.save_as(tmp_path / name)
        taken[name] = (tmp_path / name).read_bytes()
    assert taken["PNG"].startswith(b"\x89PNG")
    assert b"Read-outs" in taken["This page as HTML"] and b"secret" not in taken["This page as HTML"]


def test_a_run_that_came_later_is_offered_when_the_page_is_opened_again(page, dashboard):
    _, folder = dashboard
    image(page, "EQ in five domains")
    write_training(folder / "runs" / "later")
    page.reload()
    image(page, "EQ in five domains")
    open_tab(page, "Training")
    playwright.expect(page.get_by_label("Training run")).to_have_value("later", timeout=30_000)
    image(page, "Loss components")
    assert not page.broken


def test_nothing_is_kept_in_the_browser(page):
    image(page, "EQ in five domains")
    kept = page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "older" not in kept and "newer" not in kept
