"""The first minute by keyboard alone and by touch; an audience that may watch; labs."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import (
    column,
    experiment_of,
    lamp,
    open_first,
    open_paused,
    play_button,
    preset,
    units,
    wait_painted,
    wait_stored,
    wait_until,
)
from tests.browser.test_accessibility import complaints
from tools.serving import Server, serving

#: Whether the server has another learning rate than this.
CHANGED = """async ([run, rate]) => {
  const { experiment } = await (await fetch(`/api/runs/${run}`)).json();
  return experiment.training.updates[0].optimizer.learning_rate !== rate;
}"""


def tab_to(page: Page, name: str | re.Pattern[str]) -> None:
    """Press tab until what has the focus is called so."""
    for _ in range(150):
        page.keyboard.press("Tab")
        called = page.evaluate(
            """() => document.activeElement.getAttribute("aria-label")
              ?? (document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"""
        )
        if re.fullmatch(name, called):
            return
    raise AssertionError(f"tab never comes to {name}")


def test_the_first_minute_works_by_keyboard_alone(page: Page) -> None:
    open_first(page)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the network")
    tab_to(page, "Pause")
    page.keyboard.press("Enter")
    expect(play_button(page)).to_have_accessible_name("Play")
    expect(lamp(page)).to_have_text("paused")
    tab_to(page, "Add a layer before output")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the menu's first: a dense layer with an activation
    expect(column(page, "tanh4").first).to_be_visible()
    expect(page.locator(".foot-name:focus")).to_have_attribute("title", "tanh 4")  # the new layer
    page.keyboard.press("ArrowRight")  # the controls below a column are one stop
    expect(page.locator(":focus")).to_have_accessible_name("One unit more in linear 4")
    page.keyboard.press("Enter")
    expect(column(page, "tanh4")).to_have_count(5)
    page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).to_have_accessible_name("Activation of linear 4")
    page.keyboard.press("r")  # as any select: by the first letter
    expect(column(page, "relu1").first).to_be_visible()
    page.locator("#stage").focus()
    tab_to(page, re.compile("relu 1, unit 1 of 5"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("#announcer")).to_contain_text(re.compile("relu 1, unit 2: .* to .* over the plane"))
    page.keyboard.press("Enter")
    expect(page.locator("#inspector h2")).to_have_text("relu 1, unit 2 of 5")
    expect(page.locator("#inspector [role=tab]:focus")).to_have_text("Node")
    page.keyboard.press("Escape")
    expect(page.locator("#inspector")).to_be_hidden()
    expect(page.locator(":focus")).to_have_accessible_name("relu 1, unit 2 of 5")
    before = experiment_of(page)["training"]["updates"][0]["optimizer"]["learning_rate"]
    page.locator(".skip").first.focus()
    tab_to(page, "Learning rate")
    page.keyboard.press("ArrowUp")
    wait_until(page, CHANGED, [page.url.rsplit("/", 1)[1], before])
    page.locator("#stage").focus()
    page.keyboard.press("Control+z")
    wait_stored(page, ["training", "updates", 0, "optimizer", "learning_rate"], before)
    page.keyboard.press("Control+z")
    expect(column(page, "tanh4")).to_have_count(5)
    page.keyboard.press("Control+z")
    expect(column(page, "tanh4")).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(column(page, "tanh4")).to_have_count(0)
    expect(column(page, "relu1")).to_have_count(0)


def test_the_first_minute_works_by_touch_on_a_phone(browser: Browser, server: Server) -> None:
    context = browser.new_context(
        base_url=server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    try:
        open_first(page)
        wait_painted(page, ".stage-canvases canvas:last-child")
        play_button(page).tap()
        expect(play_button(page)).to_have_accessible_name("Play")
        units(page).nth(6).tap()
        expect(page.locator("#inspector")).to_be_visible()
        page.get_by_role("button", name="Close (Esc)").tap()
        page.get_by_role("button", name="Add a layer before output").tap()
        page.get_by_role("dialog").get_by_role("button", name="Dense and Tanh").tap()
        expect(column(page, "tanh4").first).to_be_attached()
        page.get_by_role("button", name="Undo").tap()
        expect(column(page, "tanh4")).to_have_count(0)
        page.get_by_role("button", name="Redo").tap()
        expect(column(page, "tanh4").first).to_be_attached()
        page.get_by_role("button", name="Landscape").tap()
        expect(page.get_by_role("tab", name="Landscape")).to_have_attribute("aria-selected", "true")
        page.get_by_role("button", name="Close (Esc)").tap()
        page.get_by_role("button", name="Menu").tap()
        expect(page.get_by_role("link", name="Labs")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Result", exact=True).tap()
        wait_painted(page, "canvas.surface")
        page.locator(".surface-frame").tap(position={"x": 90, "y": 120})
        expect(page.get_by_label("x₁ to ask about")).not_to_have_value("")
        page.get_by_role("button", name="Data", exact=True).tap()
        page.get_by_label("Data set").select_option("circle")
        page.get_by_role("button", name="Network", exact=True).tap()
        expect(page.locator(".foot-kind").first).to_have_text("Circle")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        context.close()


def test_an_audience_with_a_watch_token_sees_and_commands_nothing(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_TOKEN", "token-of-the-lecturer")
    monkeypatch.setenv("GLASSNET_WATCH_TOKEN", "token-of-the-audience")
    with serving(tmp_path / "data") as lecture:
        lecturer = browser.new_context(base_url=lecture.url).new_page()
        lecturer.goto("/?token=token-of-the-lecturer")
        expect(lecturer).to_have_url(re.compile(r"/runs/[\w-]+$"))
        expect(play_button(lecturer)).to_have_accessible_name("Pause", timeout=20_000)
        student = browser.new_context(base_url=lecture.url).new_page()
        student.goto(f"{lecturer.url}?token=token-of-the-audience")
        expect(student.locator(".banner")).to_contain_text("You are watching this run")
        wait_painted(student, "canvas.surface")
        expect(play_button(student)).to_be_hidden()
        expect(student.locator(".insert, .port, .foot select")).to_have_count(0)
        expect(student.get_by_role("textbox", name="Noise", exact=True)).to_be_disabled()
        student.keyboard.press("Space")
        student.keyboard.press("Control+z")
        lecturer.get_by_role("button", name="One unit more in linear 1").click()
        expect(column(student, "tanh1")).to_have_count(9)
        told = re.compile(r"Changes: .*step [\d,]+: add 1 unit to tanh 1")
        expect(student.locator(".plot").first).to_have_attribute("aria-label", told)
        play_button(lecturer).click()
        expect(lamp(student)).to_have_text("paused")
        visitor = browser.new_context(base_url=lecture.url).new_page()
        visitor.goto("/")
        assert complaints(visitor) == []
        stranger = browser.new_context(base_url=lecture.url, java_script_enabled=False).new_page()
        answer = stranger.goto("/labs/descent?noise=0.5#g1=kept")
        assert answer is not None
        assert answer.status == 401
        stranger.get_by_label("Token").fill("token-of-nobody-here")
        stranger.get_by_role("button", name="Sign in").click()
        expect(stranger.get_by_role("alert")).to_contain_text("opens nothing here")
        stranger.get_by_label("Token").fill("token-of-the-audience")
        stranger.keyboard.press("Enter")
        expect(stranger.get_by_role("heading", name="Gradient descent", level=1)).to_be_visible()
        assert stranger.url == f"{lecture.url}/labs/descent?noise=0.5#g1=kept"
        for context in (lecturer.context, student.context, visitor.context, stranger.context):
            context.close()


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["convolution", "descent", "kinds", "landscapes", "first-layers", "boxes", "rcnn"]
)
def test_axe_finds_nothing_in_the_labs(page: Page, name: str, scheme: str) -> None:
    """Each in both colours at the usual width; test_small_screens has each on a phone and on a desk."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"/labs/{name}")
    expect(page.locator("#lab > *").first).to_be_visible()
    assert complaints(page) == []


def test_the_header_leads_to_the_labs_and_back(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Labs").click()
    page.get_by_role("main").get_by_role("link", name="Convolution").click()
    expect(page.get_by_role("heading", name="Convolution", level=1)).to_be_visible()
    page.get_by_role("link", name="Glassnet").click()
    expect(units(page).first).to_be_visible()


@pytest.mark.allow_console("status of 404")
def test_a_lab_that_is_not_there_says_which_are(page: Page) -> None:
    answer = page.goto("/labs/nothing")
    assert answer is not None
    assert answer.status == 404
    assert "convolution" in answer.text()
