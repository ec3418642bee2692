"""Looking into a network of images while it trains: what its maps respond to, and layer by layer."""

import io
import re
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from safetensors import safe_open

from tests.browser.looking import PIXELS, SHAPES, assert_a_slide, kept
from tests.browser.steps import (
    column,
    draw,
    lamp,
    more,
    open_paused,
    open_tab,
    play_button,
    wait_painted,
    wait_until,
)

#: The step that the page says it is at.
SHOWN_STEP = "() => Number(document.querySelector('.readout .step b').textContent.replaceAll(',', ''))"


def test_projections_of_a_map_change_while_it_trains_and_can_be_scrubbed_back(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu2").nth(1).click()
    inspector = page.locator("#inspector")
    open_tab(page, "Features")
    cards = inspector.locator(".feature-card:visible")
    expect(cards).to_have_count(9)
    expect(inspector.locator(".features-words")).to_contain_text("The strongest of 48 pictures")
    signal = ".feature-card canvas"
    wait_painted(page, signal, 6)
    before = page.evaluate(PIXELS, signal)
    play_button(page).click()
    wait_until(page, f"before => ({PIXELS})({signal!r}) !== before", before)
    expect(cards.first.locator(".since")).not_to_have_text("step 0")
    # Of 24,000 steps every 120th is recorded: two moments at least.
    wait_until(page, f"() => ({SHOWN_STEP})() > 120")

    play_button(page).click()
    expect(lamp(page)).to_have_text("paused")
    scrub = page.get_by_label("Step that is shown")
    expect(scrub).to_be_enabled()
    scrub.fill("0")
    expect(inspector.locator(".features-words")).to_contain_text("Step 0.")
    wait_until(page, f"before => ({PIXELS})({signal!r}) === before", before)

    taken = kept(inspector, page)
    assert taken.keys() == {"features-relu2-2.png", "features-relu2-2.safetensors"}
    assert_a_slide(taken["features-relu2-2.png"])
    with safe_open(taken["features-relu2-2.safetensors"], "numpy") as file:
        assert file.get_tensor("projections").shape == (1, 9, 3, 9, 9)
        facts = file.metadata()
    assert (facts["step"], facts["node"], facts["map"], facts["method"]) == ("0", "relu2", "2", "deconvnet")

    inspector.get_by_role("button", name="Over time").click()
    # Each moment turns the page to it; the one that is shown, back to what is live.
    moments = inspector.locator(".moments .moment").locator("visible=true")
    expect(moments.nth(1)).to_be_visible()
    expect(moments.first).to_have_attribute("aria-current", "step")  # by the slider
    page.get_by_role("button", name="Live").first.click()
    expect(inspector.locator(".moments [aria-current]")).to_have_count(0)
    for index in range(moments.count()):
        moments.nth(index).click()
        expect(moments.nth(index)).to_have_attribute("aria-current", "step")
        expect(inspector.locator(".moments [aria-current]")).to_have_count(1)
        asked = (moments.nth(index).text_content() or "").removeprefix("step ")
        expect(inspector.locator(".features-words")).to_contain_text(f"Step {asked}.")
    moments.last.click()
    expect(inspector.locator(".moments [aria-current]")).to_have_count(0)
    expect(page.get_by_role("button", name="Live").first).to_be_disabled()
    moments.first.click()
    expect(inspector.locator(".features-words")).to_contain_text("Step 0.")
    taken = kept(inspector, page)
    with safe_open(taken["features-relu2-2-over-time.safetensors"], "numpy") as file:
        assert file.get_tensor("0/projections").shape == (1, 9, 3, 9, 9)

    inspector.get_by_role("button", name="Chosen picture").click()
    expect(
        inspector.get_by_text("The strongest activation is").or_(inspector.get_by_text("does not excite"))
    ).to_be_visible()
    taken = kept(inspector, page)
    assert_a_slide(taken["features-relu2-2-chosen-picture.png"])
    with safe_open(taken["features-relu2-2-chosen-picture.safetensors"], "numpy") as file:
        assert file.get_tensor("projection").shape == (3, 28, 28)

    inspector.get_by_role("button", name="Its layer").click()
    expect(inspector.locator(".mosaic")).to_have_count(6)
    page.get_by_role("button", name="Live").first.click()
    wait_painted(page, ".mosaic canvas", 6)
    inspector.locator(".mosaic").nth(4).click()
    expect(inspector.get_by_role("heading")).to_contain_text("5 of 6")
    expect(cards.first).to_be_visible()


def test_options_of_the_way_down_stand_where_the_network_has_such_nodes(page: Page) -> None:
    network: list[dict[str, Any]] = list(SHAPES["network"])
    network.insert(2, {"kind": "local_response_norm", "name": "norm1"})
    open_paused(page, {**SHAPES, "network": network})
    column(page, "relu1").first.click()
    inspector = page.locator("#inspector")
    open_tab(page, "Features")
    wait_painted(page, ".feature-card canvas", 6)
    expect(more(page)).to_be_hidden()  # nothing of the kind up to here
    column(page, "relu2").first.click()
    more(page).click()
    expect(inspector.get_by_label("Normalisations")).to_be_visible()
    expect(inspector.get_by_label("Mask empty")).to_be_hidden()  # its one pooling is behind
    expect(inspector.get_by_text("How the signal passes local normalisations")).to_be_visible()
    wait_painted(page, ".feature-card canvas", 6)
    before = page.evaluate(PIXELS, ".feature-card canvas")
    inspector.get_by_label("Normalisations").select_option(label="Gradient")
    wait_until(page, f"before => ({PIXELS})('.feature-card canvas') !== before", before)


def test_drawn_pictures_and_files_of_any_size_are_looked_at(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu2").first.click()
    open_tab(page, "Attribution")
    wait_painted(page, ".attribution .method-cards > :nth-child(2) canvas", 6)
    page.get_by_role("button", name="Draw", exact=True).click()
    draw(page, (0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.3))
    assert_the_chosen_picture_is_in_both_views(page)
    page.get_by_role("button", name="File", exact=True).click()
    for width, height, mode in ((90, 40, "RGB"), (40, 90, "L"), (1, 1, "RGBA"), (200, 300, "P")):
        grey = Image.effect_noise((width, height), 90).convert(mode)
        buffer = io.BytesIO()
        grey.save(buffer, "PNG")
        file = FilePayload(name=f"{mode}.png", mimeType="image/png", buffer=buffer.getvalue())
        page.locator(".chosen input[type=file]").set_input_files(file)
        expect(page.locator(".chosen").get_by_text(f"{mode}.png")).to_be_visible()
        assert_the_chosen_picture_is_in_both_views(page)


def assert_the_chosen_picture_is_in_both_views(page: Page) -> None:
    """The methods and the square look at the pixels that the network's answer beside them is of."""
    inspector = page.locator("#inspector")
    chosen = ".chosen .prediction canvas.sample-picture"
    same = f"([one, other]) => ({PIXELS})(one) === ({PIXELS})(other)"
    inspector.get_by_role("button", name="Methods").click()
    wait_until(page, same, [chosen, ".attribution .method-cards.wide > :first-child canvas"])
    inspector.get_by_role("button", name="Occlusion").click()
    expect(inspector.get_by_text("144 places, as they were at step 0.")).to_be_visible()
    # On this one, there is a square; around it, the very same picture.
    wait_until(
        page,
        """([one, other]) => {
          const [first, second] = [one, other].map((selector) => {
            const canvas = document.querySelector(selector);
            return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          });
          let different = 0;
          for (let at = 0; at < first.length; at += 4) different += Number(first[at] !== second[at]);
          return first.length === second.length && different <= 7 * 7;
        }""",
        [chosen, ".attribution .study .method-cards > :first-child canvas"],
    )


def test_a_network_without_maps_is_asked_for_none(page: Page) -> None:
    """Dense layers alone: what needs maps says so, the rest is shown, and no node is offered."""
    network = [
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "linear1", "units": 8},
        {"kind": "tanh", "name": "tanh1"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    open_paused(page, {**SHAPES, "network": network})
    column(page, "tanh1").first.click()
    inspector = page.locator("#inspector")
    open_tab(page, "Attribution")
    expect(inspector.locator(".method-card.refused")).to_have_count(3)  # deconvnet, guided, Grad-CAM
    expect(inspector.get_by_text("this network has none: add a convolution")).to_be_visible()
    for card in (2, 6, 7):
        wait_painted(page, f".attribution .method-cards > :nth-child({card}) canvas", 6)
    expect(more(page).locator("visible=true")).to_have_count(0)
    inspector.get_by_role("button", name="Occlusion").click()
    expect(inspector.get_by_text("the network has no feature maps")).to_be_visible()
    more(page).locator("visible=true").click()
    expect(inspector.get_by_label("Node", exact=True).locator("visible=true")).to_have_count(0)
    inspector.get_by_role("button", name="Randomise weights").click()
    inspector.get_by_role("button", name="Randomise layer by layer").click()
    rows = inspector.locator("table.sanity tbody").get_by_role("rowheader")
    expect(rows).to_have_text(["Saliency", "Integrated gradients", "SmoothGrad"])
    open_tab(page, "Features")
    inspector.get_by_role("button", name="The network", exact=True).click()
    expect(inspector.locator(".refusal").locator("visible=true")).to_contain_text(
        "tanh 1 is Tanh, for which neither"
    )
    inspector.get_by_label("Way down").select_option("gradient")
    inspector.get_by_role("button", name="Search the whole set").click()
    expect(inspector.locator(".atlas h3")).to_have_text(
        [re.compile("^tanh 1: 8 units"), re.compile("^output: 6 units")]
    )


def test_the_network_is_shown_layer_by_layer_and_its_first_filters(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu1").first.click()
    inspector = page.locator("#inspector")
    open_tab(page, "Features")
    inspector.get_by_role("button", name="The network", exact=True).click()
    inspector.get_by_role("button", name="Search the whole set").click()
    expect(inspector.locator(".atlas h3")).to_have_count(2)
    expect(inspector.locator(".atlas h3").last).to_contain_text(
        re.compile(r"relu 2: 6 maps.*each sees 9 × 9 px")
    )
    expect(inspector.locator(".study-control:visible")).to_contain_text("A snapshot of step 0")
    taken = kept(inspector, page)
    assert_a_slide(taken["features-by-layer.png"])
    with safe_open(taken["features-by-layer.safetensors"], "numpy") as file:
        facts = file.metadata()
    assert (facts["nodes"], facts["method"], facts["set"]) == ("relu1, relu2", "deconvnet", "test")
    inspector.get_by_role("button", name="First layer").click()
    inspector.get_by_role("button", name="Count dead filters").click()
    expect(inspector.locator(".first-facts")).to_contain_text("4 filters of 5 × 5, stride 2")
    expect(inspector.locator(".first-filter")).to_have_count(4)
    taken = kept(inspector, page)
    assert_a_slide(taken["first-layer.png"])
    with safe_open(taken["first-layer.safetensors"], "numpy") as file:
        assert file.get_tensor("filters").shape == (4, 3, 5, 5)
        facts = file.metadata()
    assert (facts["step"], facts["node"], facts["set"]) == ("0", "conv1", "train")
    assert facts["method"] == "filters and their spectra"
