"""Labels explain themselves: by pointing, by keys, by touch; none is without its words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.steps import open_paused, open_tab, preset, tab_names, units
from tools.serving import Server

#: The words of labels without a mark, or whose mark has nothing to say. Names of classes and what users typed
#: are data, no labels; "More", "Options" and "Range" fold something away.
UNEXPLAINED = """async () => {
  const kinds = [
    "label, legend, dt, th[scope=col], .caption, .list-head > span:first-child",
    ".method-card > figcaption > *, .legend > span, .plot-legend > :not(b), .readout > span",
    "[data-pointer='/data/features'] .mark",
    ".inspector-title > h2",
  ];
  const data = [
    "dialog, .popover, .class-name, .gradient, .pad-ramp, .note, label.button",
    ".examples th, .confusion th, [data-label], [aria-hidden=true]",
    "[role=search], .reference, .method, :has(> .visually-hidden:only-child)", // a search; words that explain
  ];
  const shown = [...document.querySelectorAll(kinds.join(", "))].filter(
    (label) => label.getClientRects().length && label.textContent.trim() && !label.closest(data.join(", ")),
  );
  const marks = [...document.querySelectorAll(".explain")];
  const marked = new Set(marks.map((mark) => mark.getAttribute("aria-describedby")));
  const [script] = document.querySelectorAll("script[type=module][src*='/static/']");
  const folder = script.src.match(/.*\\/static\\/[0-9a-f]+/)[0];
  const { explanationOf } = await import(`${folder}/widgets/explanations/lookup.js`);
  const silent = await Promise.all(
    shown.map(async (label) => !marked.has(label.id) || !(await explanationOf(label, null))?.description),
  );
  return shown.filter((_, index) => silent[index]).map((label) => label.textContent.trim());
}"""

#: Labels of a page that has no marks at all, besides searches and what is an explanation itself.
UNMARKED = """() => [...document.querySelectorAll("label, legend, dt, th[scope=col], .caption")]
  .filter((label) => label.getClientRects().length && !label.closest("[role=search], .reference, .method"))
  .map((label) => label.textContent.trim())"""

#: Names of headings, groups and columns that say more than their words: that there is a mark.
NAMED_BY_MARKS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6, th, fieldset")]
  .filter((named) => !(named.matches("fieldset, th") && named.ariaLabel))
  .filter((named) => (named.querySelector(":scope > legend") ?? named).querySelector(".explain"))
  .filter((named) => !named.matches("fieldset") || named.querySelector(":scope > legend"))
  .map((named) => named.textContent)"""


@pytest.fixture
def opened(page: Page) -> Page:
    open_paused(page, preset(page, "xor"))
    expect(page.locator(".explain").first).to_be_attached()
    return page


def mark_of(page: Page, label: str) -> Locator:
    return page.locator(".field", has=page.get_by_text(label, exact=True)).locator("> .explain").first


def card(page: Page) -> Locator:
    return page.locator(".explanation")


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")


def test_pointing_at_a_mark_opens_its_words_which_stay_while_they_are_used(opened: Page) -> None:
    mark_of(opened, "Optimizer").hover()
    expect(card(opened)).to_contain_text("Optimizer: Adam")
    expect(card(opened)).to_contain_text("θ ← θ − η m̂ / (√v̂ + ε)")
    card(opened).hover()
    expect(card(opened)).to_contain_text("both corrected for starting at zero")
    opened.mouse.move(700, 300)
    expect(card(opened)).to_have_count(0)


def test_by_keys_a_mark_opens_closes_and_leads_to_the_reference(opened: Page) -> None:
    units(opened).nth(3).click()
    mark = mark_of(opened, "Learning rate")
    mark.press("Enter")
    link = card(opened).get_by_role("link")
    expect(link).to_be_focused()
    opened.keyboard.press("Escape")
    expect(card(opened)).to_have_count(0)
    expect(mark).to_be_focused()
    expect(opened.locator("#inspector")).to_be_visible()  # Escape closed the card alone
    mark.press("Enter")
    link.press("Enter")
    expect(opened.locator("#learning_rate")).to_contain_text("η, the length of the step along the gradient.")


def test_a_long_press_on_a_label_opens_its_words_and_presses_nothing(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context(base_url=server.url, has_touch=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="Result", exact=True).click()
    check = page.locator("label.check", has_text="test points")
    expect(check.locator("+ .explain")).to_be_visible()
    box = check.bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [place]})
    expect(card(page)).to_contain_text("Samples that the network never learns from")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(card(page)).to_be_visible()
    expect(check.locator("input")).not_to_be_checked()
    target = check.locator("+ .explain").bounding_box()
    assert target is not None
    assert target["width"] >= 32
    context.close()


def unexplained(page: Page) -> list[str]:
    """The labels that stay without an explanation: one that came with a frame gets its mark in the next."""
    for _ in range(30):
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
        found: list[str] = page.evaluate(UNEXPLAINED)
        if not found:
            break
    return found


def tabs(page: Page) -> Iterator[str]:
    """Every tab that the inspector offers, opened."""
    for name in tab_names(page):
        panel = open_tab(page, name).get_attribute("aria-controls")
        expect(page.locator(f"#{panel}")).to_be_visible()
        expect(page.locator("[role=tabpanel]:visible .lazy > .note", has_text="One moment")).to_have_count(0)
        yield name


@pytest.mark.parametrize(
    "name",
    [
        "xor",
        "digits-convolution",
        *(
            pytest.param(name, marks=pytest.mark.thorough)
            for name in ("shapes-segmentation", "shapes-detection", "clips")
        ),
    ],
)
def test_every_label_legend_panel_and_metric_is_explained(page: Page, name: str) -> None:
    open_paused(page, preset(page, name))
    expect(page.locator(".explain").first).to_be_attached()
    units(page).nth(3).click()
    silent: dict[str, list[str]] = {}
    for tab in tabs(page):
        unfold(page)
        silent |= {tab: found} if (found := unexplained(page)) else {}
        assert page.evaluate(NAMED_BY_MARKS) == []
    assert silent == {}


@pytest.mark.allow_console("status of 404")
def test_so_is_every_label_of_the_other_pages(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    marked = {}
    paths = (
        "/",
        "/runs",
        "/gallery",
        "/gallery/lenet5",
        "/labs",
        "/reference",
        "/reference/activations/tanh",
        "/methods",
        "/nowhere",
    )
    for path in (*paths, "/methods/occlusion"):
        page.goto(path)
        expect(page.get_by_role("heading").first).to_be_visible()
        if path in ("/", "/runs", "/gallery", "/gallery/lenet5"):
            expect(page.locator(".explain").first).to_be_attached()
        if path == "/runs":
            expect(page.get_by_role("columnheader", name="State", exact=True)).to_be_visible()
        marked[path] = unexplained(page) if page.locator(".explain").count() else page.evaluate(UNMARKED)
    assert {path: silent for path, silent in marked.items() if silent} == {}


@pytest.mark.parametrize(
    "lab", ["convolution", "descent", "kinds", "landscapes", "first-layers", "boxes", "rcnn"]
)
def test_so_is_every_label_of_a_lab(page: Page, lab: str) -> None:
    page.goto(f"/labs/{lab}")
    expect(page.locator(".explain").first).to_be_attached()
    unfold(page)
    assert page.evaluate(UNEXPLAINED) == []
    assert page.evaluate(NAMED_BY_MARKS) == []
    heading = page.locator(".explain + :is(h2, h3), .explain + th, th:has(> .explain)").first
    expect(heading).not_to_have_accessible_name(re.compile("Explanation"))


def test_f1_on_a_field_explains_it_and_the_field_has_the_focus_again(opened: Page) -> None:
    field = opened.get_by_label("Learning rate")
    stops = (
        """() => [...document.querySelectorAll(".explain")].filter(({ tabIndex }) => tabIndex >= 0).length"""
    )
    assert opened.evaluate(stops) == 0
    for place in (field.first, opened.get_by_label("Optimizer", exact=True)):
        place.press("F1")
        expect(card(opened).get_by_role("link")).to_be_focused()
        opened.keyboard.press("Escape")
        expect(place).to_be_focused()


def test_f1_again_explains_the_next_label_of_the_same_part(opened: Page) -> None:
    step = opened.get_by_role("button", name="One step")
    step.press("F1")
    for name in ("State", "Step", "Epoch"):
        expect(card(opened).locator("strong")).to_have_text(name)
        opened.keyboard.press("F1")
    opened.keyboard.press("Escape")
    expect(step).to_be_focused()


#: What Tab stops at.
STOPS = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary, [tabindex]")]
  .filter((each) => each.tabIndex >= 0 && !each.disabled)
  .filter((each) => each.checkVisibility({ visibilityProperty: true })).length"""


def test_rows_of_controls_are_one_stop_that_arrows_walk(opened: Page) -> None:
    assert opened.evaluate(STOPS) < 90
    name = opened.get_by_role("toolbar", name="linear 1").get_by_role("button", name="4")
    name.focus()
    opened.keyboard.press("ArrowRight")
    expect(opened.get_by_role("button", name="One unit more in linear 1")).to_be_focused()
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("ArrowDown")  # it is the select's own key
    expect(opened.get_by_label("Activation of linear 1")).to_be_focused()
    opened.keyboard.press("Home")
    expect(opened.get_by_role("button", name="One unit fewer in linear 1")).to_be_focused()
    expect(opened.locator(".readout .step b")).to_have_text("0")  # no arrow was a key of the page
    opened.keyboard.press("Tab")
    opened.keyboard.press("Shift+Tab")
    expect(name).to_be_focused()


def test_every_mark_says_what_it_explains(opened: Page) -> None:
    expect(opened.get_by_role("button", name="About Learning rate", exact=True)).to_be_visible()
    unnamed = """() => [...document.querySelectorAll(".explain")].map((mark) => mark.title)
      .filter((name) => !/^About ./.test(name))"""
    assert opened.evaluate(unnamed) == []
    mark_of(opened, "Optimizer").hover()
    expect(card(opened)).to_be_visible()
    expect(mark_of(opened, "Optimizer")).to_have_accessible_name("About Optimizer")
