"""What a hand does to the picture: weights on their edges, time on the curves, points, rows, the page."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import box_at_rest, column, lamp, open_paused, play_button, preset, units, wait_until


def hint(page: Page) -> str:
    return page.locator(".stage-hint").text_content() or ""


def on_first_edge_to_output(page: Page) -> tuple[float, float]:
    """A place on the edge from the first unit of the last layer to the output."""
    left, top, width, height = box_at_rest(column(page, "tanh2").first)
    return left + width + 6, top + height / 2 + 0.5


def test_a_weight_is_changed_on_its_edge_and_undone(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    wait_until(page, "() => document.querySelector('.stage-hint') !== null")
    place = on_first_edge_to_output(page)
    page.mouse.move(*place)
    expect(page.locator(".stage-hint")).to_contain_text("tanh 2, unit 1 → output, unit 1: weight")
    before = hint(page)
    page.mouse.click(*place)
    page.get_by_role("textbox", name="Weight, as a number").fill("2.5")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Weight")).to_have_count(0)

    def says(words: str) -> None:
        wait_until(
            page,
            """([x, y, words]) => {
              const target = document.elementFromPoint(x, y);
              const at = { clientX: x, clientY: y, bubbles: true };
              target.dispatchEvent(new PointerEvent("pointermove", at));
              return document.querySelector(".stage-hint").textContent.endsWith(words);
            }""",
            [*place, words],
        )

    says("weight 2.5")
    page.keyboard.press("Control+z")
    says(before.rpartition(" ")[2])
    page.keyboard.press("Control+Shift+z")
    says("weight 2.5")


def test_a_weight_is_set_without_a_pointer(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    column(page, "output").click()
    page.get_by_role("tab", name="Weights").click()
    page.get_by_label("Unit it comes from").fill("2")
    page.get_by_label("Unit it comes from").press("Tab")
    field = page.locator(".weight-row").get_by_role("textbox", name="Weight, as a number")
    field.fill("-3")
    field.press("Enter")
    expect(page.locator(".weights-panel .note").first).to_contain_text("largest 3")


def test_time_is_scrubbed_on_the_curves(page: Page) -> None:
    experiment = preset(page, "xor")
    experiment["training"]["epochs"] = 20
    open_paused(page, experiment)
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished", timeout=30_000)
    chart = page.locator("canvas.plot").first
    left, top, width, _ = box_at_rest(chart)
    page.mouse.move(left + width * 0.5, top + 40)
    page.mouse.down()
    page.mouse.move(left + width * 0.3, top + 40, steps=4)
    page.mouse.up()
    past = page.locator(".past")
    expect(past).to_contain_text(re.compile(r"as it was at step \d+"))
    slider = page.get_by_role("slider", name="Step that is shown")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"step \d+ of"))
    slider.press("End")
    expect(past).to_be_hidden()
    slider.press("PageDown")
    expect(past).to_be_visible()
    past.get_by_role("button", name="Live").click()
    expect(slider).to_have_attribute("aria-valuetext", "now")
    # By keyboard, as far as from one recorded picture to the next: a two-hundredth of the training.
    for _ in range(40):
        slider.press("ArrowLeft")
    expect(slider).to_have_value("760")
    expect(past).to_be_visible()
    for _ in range(40):
        slider.press("ArrowRight")
    expect(past).to_be_hidden()


def test_the_end_of_the_slider_is_now_where_only_the_last_picture_was_recorded(page: Page) -> None:
    experiment = preset(page, "xor")
    experiment["training"]["epochs"] = 20
    open_paused(page, experiment)
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished", timeout=30_000)
    # What a busy machine leaves: whatever step is asked for, the first recording after it is of the last.
    page.route(
        re.compile(r"from_step=\d+"),
        lambda route: route.continue_(url=re.sub(r"from_step=\d+", "from_step=500", route.request.url)),
    )
    slider = page.get_by_role("slider", name="Step that is shown")
    chart = page.locator("canvas.plot").first
    left, top, width, _ = box_at_rest(chart)
    page.mouse.click(left + width * 0.4, top + 40)
    expect(slider).to_have_attribute("aria-valuetext", "step 500 of 500")
    expect(page.locator(".past")).to_be_visible()
    slider.press("End")
    expect(page.locator(".past")).to_be_hidden()


def test_a_point_is_pinned_and_typed(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.locator(".surface-frame").click(position={"x": 80, "y": 90})
    page.mouse.move(5, 5)
    expect(page.locator(".answer")).to_contain_text("→")
    expect(page.get_by_label("x₁ to ask about")).not_to_have_value("")
    page.locator(".surface-frame").click(position={"x": 80, "y": 90})
    page.mouse.move(5, 5)
    expect(page.get_by_label("x₁ to ask about")).to_have_value("")
    expect(page.locator(".answer")).to_contain_text("point, click or type a place")


def test_a_row_of_a_table_is_typed_and_answered(page: Page) -> None:
    open_paused(page, preset(page, "iris"))
    asking = page.locator(".asking")
    petal = asking.get_by_role("textbox", name="petal length")
    expect(petal).not_to_have_value("")
    expect(asking.locator(".note")).to_contain_text("Taken for")
    petal.fill("much")
    petal.press("Enter")
    expect(petal).to_have_attribute("aria-invalid", "true")
    petal.fill("1.4")
    petal.press("Enter")
    expect(petal).not_to_have_attribute("aria-invalid", "true")
    expect(asking.locator(".note")).not_to_contain_text("it is")
    asking.get_by_role("button", name="Another test sample").click()
    expect(petal).not_to_have_value("1.4")


def test_the_page_is_arranged_and_stays_so(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="Output", exact=True).click()
    expect(page.locator("canvas.surface")).to_be_hidden()
    line = page.get_by_role("separator", name="Width of the results")
    line.press("ArrowLeft")
    line.press("ArrowLeft")
    units(page).nth(3).click()
    page.get_by_role("tab", name="Weights").click()
    page.get_by_role("separator", name="Height of the inspector").press("ArrowUp")
    width = page.locator("#results").evaluate("each => each.offsetWidth")
    height = page.locator(".inspector-body").evaluate("each => each.offsetHeight")
    page.reload()
    units(page).nth(3).click()
    expect(page.get_by_role("tab", name="Weights")).to_have_attribute("aria-selected", "true")
    expect(page.locator("canvas.surface")).to_be_hidden()
    assert page.locator("#results").evaluate("each => each.offsetWidth") == width
    assert page.locator(".inspector-body").evaluate("each => each.offsetHeight") == height
    page.get_by_role("separator", name="Width of the results").dblclick()
    assert page.locator("#results").evaluate("each => each.offsetWidth") < width


def test_the_words_of_a_unit_follow_the_training_under_a_resting_pointer_and_the_keyboard(page: Page) -> None:
    run = open_paused(page, preset(page, "spiral"))
    output, said = column(page, "output").first, page.locator(".stage-hint")
    left, top, width, height = box_at_rest(output)
    place = left + width / 3, top + height / 3

    def train(steps: int) -> None:
        answer = page.request.post(f"/api/runs/{run}/commands", data={"type": "step", "steps": steps})
        assert answer.ok, answer.text()

    page.mouse.move(*place)
    expect(said).to_have_text(re.compile(r"^output, unit 1: .* here, .* over the plane, bias 0$"))
    train(40)
    expect(said).to_have_text(re.compile(r"^output, unit 1: .* here, .* over the plane, bias −?0\.\d+$"))
    page.mouse.move(left, top - 60)
    expect(said).to_have_text("")
    page.keyboard.press("Tab")
    output.focus()
    expect(said).to_have_text(re.compile(r"^output, unit 1: [^h]* over the plane, bias −?0\.\d+$"))
    before = hint(page)
    train(40)
    expect(said).not_to_have_text(before)
    page.mouse.move(*place)
    expect(said).to_have_text(re.compile(r"here, .*bias −?0\.\d+$"))
