"""What an output is attributed to: methods side by side, occlusion, forgetting, and the pages of methods."""

import re

import pytest
from playwright.sync_api import Page, expect
from safetensors import safe_open

from tests.browser.looking import PIXELS, SHAPES, assert_a_slide, kept
from tests.browser.steps import (
    column,
    lamp,
    more,
    open_paused,
    open_tab,
    play_button,
    wait_painted,
    wait_until,
)


def test_a_square_follows_training(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu2").first.click()
    inspector = page.locator("#inspector")
    open_tab(page, "Attribution")
    inspector.get_by_role("button", name="Occlusion").click()
    words = inspector.locator(".study > .note[role=status]").locator("visible=true")
    expect(words).to_have_text(re.compile(r"^\d+ places, as they were at step 0\.$"))
    map_ = ".attribution .study .method-card:nth-child(2) canvas"
    before = page.evaluate(PIXELS, map_)
    play_button(page).click()
    wait_until(page, f"before => ({PIXELS})({map_!r}) !== before", before)
    play_button(page).click()
    expect(lamp(page)).to_have_text("paused")
    expect(words).to_have_text(re.compile(r"^\d+ places, as they were at step [1-9][\d,]*\.$"))
    taken = kept(inspector, page)
    assert_a_slide(taken["occlusion.png"])
    with safe_open(taken["occlusion.safetensors"], "numpy") as file:
        steps = file.get_tensor("steps")
        assert steps.min() == steps.max() == int(file.metadata()["step"]) > 0
        assert file.get_tensor("probability").shape == steps.shape


def test_a_node_is_chosen_among_those_that_have_maps(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu2").first.click()
    inspector = page.locator("#inspector")
    open_tab(page, "Attribution")
    wait_painted(page, ".attribution .method-cards > :nth-child(5) canvas", 6)
    before = page.evaluate(PIXELS, ".attribution .method-cards > :nth-child(5) canvas")
    more(page).locator("visible=true").click()
    node = inspector.get_by_label("Node", exact=True).locator("visible=true")
    assert node.locator("option").all_text_contents() == [
        "auto",
        "conv 1",
        "relu 1",
        "conv 2",
        "relu 2",
        "pool 2",
    ]
    node.select_option("relu1")  # Grad-CAM, of another layer
    wait_until(
        page,
        f"before => ({PIXELS})('.attribution .method-cards > :nth-child(5) canvas') !== before",
        before,
    )
    inspector.get_by_role("button", name="Occlusion").click()
    more(page).locator("visible=true").click()
    node = inspector.get_by_label("Node", exact=True).locator("visible=true")
    node.select_option("conv1")
    expect(inspector.get_by_text(re.compile("^map [1-4], which sums to"))).to_be_visible()
    # What the server refuses is said beside the button, in words and without a pointer.
    inspector.get_by_label("Square", exact=True).fill("64")
    inspector.get_by_label("Square", exact=True).press("Tab")
    inspector.get_by_role("button", name="All at this step").click()
    refused = inspector.locator(".study-control .error").locator("visible=true")
    expect(refused).to_have_text("a square of 64 covers an image of 28×28; expected a size of at most 28")
    inspector.get_by_label("Square", exact=True).fill("2000")
    inspector.get_by_role("button", name="All at this step").click()
    expect(refused).to_have_text(re.compile("^size: .*1024"))


def test_what_answers_another_picture_is_dimmed_until_it_is_asked_anew(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu2").first.click()
    inspector, place = page.locator("#inspector"), page.get_by_label("Place in the set")
    open_tab(page, "Attribution")
    for view, button, picture in (
        ("Occlusion", "All at this step", ".study > :has(> .method-cards)"),
        ("Randomise weights", "Randomise layer by layer", "table.sanity"),
    ):
        place.fill("0")
        place.press("Enter")
        inspector.get_by_role("button", name=view).click()
        inspector.get_by_role("button", name=button).click()
        expect(inspector.get_by_text("A snapshot of step 0.").locator("visible=true")).to_be_visible()
        seen = inspector.locator(picture).locator("visible=true")
        expect(seen).not_to_have_class(re.compile("waiting"))
        place.fill("3")
        place.press("Enter")
        expect(seen).to_have_class(re.compile("waiting"))
        expect(inspector.get_by_text("This answers another question").locator("visible=true")).to_be_visible()
        file = next(path for name, path in kept(inspector, page).items() if name.endswith("safetensors"))
        with safe_open(file, "numpy") as frame:
            assert frame.metadata()["picture"] == "test 0"  # what is seen, not what is chosen by now
        inspector.get_by_role("button", name=button).click()
        expect(seen).not_to_have_class(re.compile("waiting"))
        expect(inspector.get_by_text("This answers another question").locator("visible=true")).to_have_count(
            0
        )


def test_methods_side_by_side_occlusion_and_forgetting(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu2").first.click()
    inspector = page.locator("#inspector")
    open_tab(page, "Attribution")
    expect(inspector.locator(".attribution > .note[role=status]")).to_contain_text("What speaks for")
    for card in range(1, 8):
        wait_painted(page, f".attribution .method-cards > :nth-child({card}) canvas", 6)
    inspector.get_by_label("Class", exact=True).select_option("star")
    expect(inspector.locator(".attribution > .note[role=status]")).to_contain_text("What speaks for star?")
    integrated = inspector.locator(".method-card", has_text="Integrated gradients")
    sums = r"adds up to [−.\de]+, the score gains [−.\de]+ \((less than )?[.\d]+ % off after \d+ steps\)"
    expect(integrated).to_contain_text(re.compile(sums))
    inspector.locator(".attribution .panel-head summary", has_text="More").first.click()
    inspector.get_by_role("textbox", name="Steps").fill("1000")
    inspector.get_by_role("textbox", name="Steps").press("Tab")
    expect(integrated).to_contain_text("off after 1,000 steps)")
    taken = kept(inspector, page)
    assert_a_slide(taken["attribution.png"])
    with safe_open(taken["attribution.safetensors"], "numpy") as file:
        assert file.get_tensor("maps").shape == (6, 28, 28)
        facts = file.metadata()
    assert (facts["class"], facts["picture"]) == ("star", "test 0")
    assert facts["methods"].startswith("saliency, deconvnet, guided")
    before = page.evaluate(PIXELS, ".attribution .method-cards > :nth-child(2) canvas")
    inspector.get_by_label("Picture behind").fill("1")
    wait_until(
        page,
        f"before => ({PIXELS})('.attribution .method-cards > :nth-child(2) canvas') !== before",
        before,
    )

    inspector.get_by_role("button", name="Occlusion").click()
    # Live: while the run waits, the square comes to all its places.
    expect(inspector.get_by_text("144 places, as they were at step 0.")).to_be_visible()
    wait_painted(page, ".study .method-cards > :nth-child(2) canvas", 2)
    inspector.get_by_label("Square", exact=True).fill("64")
    inspector.get_by_label("Square", exact=True).press("Tab")
    expect(inspector.get_by_text("A square of 64; expected a whole number from 1 to 28")).to_be_visible()
    inspector.get_by_label("Square", exact=True).fill("6")
    inspector.get_by_label("Square", exact=True).press("Tab")
    expect(inspector.get_by_text("144 places, as they were at step 0.")).to_be_visible()
    page.get_by_role("button", name="One step").click()
    expect(inspector.get_by_text("144 places, as they were at step 1.")).to_be_visible()
    inspector.get_by_role("button", name="All at this step").click()
    expect(inspector.get_by_text("A snapshot of step 1.")).to_be_visible()
    expect(inspector.get_by_label("follow training")).not_to_be_checked()
    expect(inspector.get_by_text("of star:")).to_be_visible()

    inspector.get_by_role("button", name="Randomise weights").click()
    inspector.get_by_role("button", name="Randomise layer by layer").click()
    table = inspector.locator("table.sanity")
    expect(table.get_by_role("columnheader")).to_have_text(["as trained", "output", "+ conv 2", "+ conv 1"])
    expect(table.locator(".rho").first).to_have_text("1.00")
    expect(table.locator("tbody tr").last.locator(".rho").last).not_to_have_text("–")
    taken = kept(inspector, page)
    assert_a_slide(taken["sanity-check.png"])
    with safe_open(taken["sanity-check.safetensors"], "numpy") as file:
        facts = file.metadata()
    assert (facts["class"], facts["picture"], facts["step"]) == ("star", "test 0", "1")
    assert facts["methods"].startswith("saliency, deconvnet, guided")


def test_what_has_no_rule_is_said_with_what_is_possible(page: Page) -> None:
    network = [{**node, "kind": "silu"} if node["kind"] == "relu" else node for node in SHAPES["network"]]
    open_paused(page, {**SHAPES, "network": network})
    column(page, "relu2").first.click()
    inspector = page.locator("#inspector")
    open_tab(page, "Features")
    expect(inspector.get_by_text("relu 1 is SiLU, for which neither the deconvnet")).to_be_visible()
    inspector.get_by_label("Way down").select_option("gradient")
    wait_painted(page, ".feature-card canvas", 6)
    open_tab(page, "Attribution")
    expect(inspector.locator(".method-card.refused")).to_have_count(2)
    wait_painted(page, ".attribution .method-cards > :nth-child(2) canvas", 6)


def test_the_page_of_a_method_lets_numbers_be_changed(page: Page) -> None:
    page.goto("/methods")
    page.get_by_role("link", name="Guided backprop").click()
    expect(page.get_by_role("heading", name="Guided backprop", level=1)).to_be_visible()
    row = page.get_by_role("row", name=re.compile("^Deconvnet"))
    expect(row.locator("output").first).to_have_text("2")
    page.get_by_label("R, place 1").fill("-4")
    expect(row.locator("output").first).to_have_text("0")
    expect(page.get_by_role("row", name=re.compile("^Gradient")).locator("output").first).to_have_text("−4")


def test_a_study_looks_at_a_checkpoint_that_is_chosen(page: Page) -> None:
    run = open_paused(page, SHAPES)
    answer = page.request.post(f"/api/runs/{run}/commands", data={"type": "snapshot", "name": "first"})
    assert answer.ok, answer.text()
    page.get_by_role("button", name="One step").click()
    column(page, "relu2").first.click()
    inspector = page.locator("#inspector")
    open_tab(page, "Attribution")
    inspector.get_by_role("button", name="Randomise weights").click()
    subject = inspector.get_by_label("What is studied").locator("visible=true")
    subject.focus()
    subject.select_option(label="first, step 0")
    inspector.get_by_role("button", name="Randomise layer by layer").click()
    expect(inspector.get_by_text("Checkpoint first, of step 0.")).to_be_visible()


@pytest.mark.allow_console("status of 404")
def test_a_method_that_is_none_is_not_found(page: Page) -> None:
    answer = page.goto("/methods/astrology")
    assert answer is not None
    assert answer.status == 404
