"""Where the focus goes: to what one looks at next, and back to where it came from."""

from playwright.sync_api import Page, expect

from tests.browser.steps import open_paused, play_button, preset

#: What of the focused element can be seen: its outline, or of a separator the line it draws.
RING = """() => {
  const focused = document.activeElement;
  const style = getComputedStyle(focused);
  const line = getComputedStyle(focused, "::after");
  return [focused.outerHTML.slice(0, 90), style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
    || line.opacity === "1" && focused.matches(".splitter")];
}"""


def test_layers_that_come_and_go_leave_the_focus_on_what_stands_there(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    focused = page.locator(".foot-name:focus")
    page.get_by_role("button", name="Add a layer before linear 2").press("Enter")
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("title", "tanh 3")
    page.get_by_role("button", name="Remove linear 3").press("Enter")
    expect(focused).to_have_attribute("title", "tanh 2")
    less = page.get_by_role("button", name="One unit fewer in linear 2")
    less.press("Enter")
    expect(less).to_be_disabled()
    expect(page.locator(":focus")).to_have_attribute(
        "title", "tanh 2"
    )  # beside what cannot be pressed any more


def test_menus_dialogs_and_the_inspector_give_the_focus_back(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    examples = page.get_by_role("button", name="Examples")
    examples.press("Enter")
    expect(page.get_by_role("dialog", name="Examples").locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(examples).to_be_focused()
    play_button(page).focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard").locator(":focus")).to_have_text("Close")
    page.keyboard.press("Enter")
    expect(play_button(page)).to_be_focused()
    unit = page.get_by_role("button", name="tanh 1, unit 1 of 4")
    unit.press("Enter")
    expect(page.locator("#inspector [role=tab]:focus")).to_have_count(1)
    page.locator("#inspector").get_by_role("button", name="Close").press("Enter")
    expect(unit).to_be_focused()


def test_whatever_has_the_focus_shows_it(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator(".skip").first.focus()
        for _ in range(75):
            page.keyboard.press("Tab")
            what, shown = page.evaluate(RING)
            assert shown, f"{what} in {scheme}"


def test_a_look_at_the_whole_network_takes_the_focus_and_gives_it_back_and_marks_no_unit(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    look = page.get_by_role("toolbar", name="The whole network").get_by_role("button", name="Race")
    look.click()
    expect(page.locator("#inspector [role=tab]:focus")).to_contain_text("Race")
    expect(page.locator(".unit.selected")).to_have_css("box-shadow", "none")
    page.get_by_role("button", name="Close (Esc)").click()
    expect(look).to_be_focused()


def test_the_layers_that_can_be_added_stand_in_groups_and_letters_find_them(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="Add a layer before output").press("Enter")
    menu = page.get_by_role("dialog", name="Add a layer")
    expect(menu.get_by_role("group", name="Usual here")).to_be_visible()
    page.keyboard.type("dro")
    assert page.evaluate("document.activeElement.dataset.words") == "Dropout"
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)


def test_the_units_of_an_answer_are_named_by_their_classes(page: Page) -> None:
    open_paused(page, preset(page, "iris"))
    expect(page.locator(".output-name")).to_have_text(["setosa", "versicolor", "virginica"])
    expect(page.get_by_role("button", name="output, unit 2 of 3, versicolor")).to_be_visible()
