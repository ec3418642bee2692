"""Edits by hand: on the drawing, in the forms, taken back, refused."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import (
    column,
    experiment_of,
    lamp,
    open_paused,
    play_button,
    preset,
    units,
    wait_stored,
    wait_until,
)


def test_a_unit_is_added_undone_and_redone(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="One unit more in linear 1").click()
    expect(column(page, "tanh1")).to_have_count(5)
    wait_stored(page, ["network", 0, "units"], 5)
    page.keyboard.press("Control+z")
    expect(column(page, "tanh1")).to_have_count(4)
    wait_stored(page, ["network", 0, "units"], 4)
    page.keyboard.press("Control+Shift+z")
    expect(column(page, "tanh1")).to_have_count(5)


def test_a_layer_is_added_where_it_goes_and_removed_again(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    before = len(experiment_of(page)["network"])
    page.get_by_role("button", name="Add a layer before output").click()
    page.get_by_role("button", name="Dense and Tanh").click()
    expect(column(page, "tanh3")).to_have_count(4)
    wait_stored(page, ["network", before + 1, "name"], "output")
    page.locator(".foot", has=page.get_by_role("button", name="Remove linear 3")).hover()
    page.get_by_role("button", name="Remove linear 3").click()
    expect(column(page, "tanh3")).to_have_count(0)
    wait_stored(page, ["network", before - 1, "name"], "output")


def test_another_activation_is_chosen_below_its_column(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.get_by_label("Activation of linear 1").select_option("relu")
    expect(column(page, "relu1")).to_have_count(4)
    wait_stored(page, ["network", 1, "kind"], "relu")


def test_a_live_field_changes_while_training_goes_on(page: Page) -> None:
    open_paused(page, preset(page, "spiral"))
    play_button(page).click()
    expect(lamp(page)).to_have_text("training")
    rate = page.get_by_role("textbox", name="Learning rate")
    rate.fill("0.02")
    rate.press("Enter")
    wait_stored(page, ["training", "updates", 0, "optimizer", "learning_rate"], 0.02)
    expect(play_button(page)).to_have_accessible_name("Pause")


@pytest.mark.allow_console("status of 422")
def test_an_invalid_number_is_explained_at_its_field_and_the_run_goes_on(page: Page) -> None:
    open_paused(page, preset(page, "spiral"))
    noise = page.get_by_role("textbox", name="Noise", exact=True)
    noise.fill("7")
    noise.press("Enter")
    expect(noise).to_have_attribute("aria-invalid", "true")
    expect(page.locator('[data-pointer="/data/noise"] .complaint')).to_contain_text("7")
    assert experiment_of(page)["data"]["noise"] == 0
    noise.fill("0.25")
    noise.press("Enter")
    wait_stored(page, ["data", "noise"], 0.25)
    expect(noise).not_to_have_attribute("aria-invalid", "true")


def test_what_is_no_number_is_refused_before_it_is_sent(page: Page) -> None:
    open_paused(page, preset(page, "spiral"))
    batch = page.get_by_role("textbox", name="Batch size")
    batch.fill("ten")
    batch.press("Enter")
    expect(page.locator('[data-pointer="/training/batch_size"] .complaint')).to_contain_text(
        "ten; expected a whole number"
    )


@pytest.mark.parametrize("width", [1440, 1280, 1024])
def test_names_and_choices_in_the_forms_stand_whole_on_one_line(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_paused(page, preset(page, "digits"))
    broken = page.evaluate(
        """() => {
          const pen = document.createElement("canvas").getContext("2d");
          const broken = [];
          for (const label of document.querySelectorAll(".settings .field:not(.wide) > label")) {
            const text = document.createRange();
            text.selectNodeContents(label);
            if (text.getClientRects().length > 1) broken.push(label.textContent);
          }
          for (const select of document.querySelectorAll(".settings .field select")) {
            const { font, paddingLeft, paddingRight } = getComputedStyle(select);
            const room = select.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
            const chosen = select.selectedOptions[0].textContent;
            pen.font = font;
            if (select.clientWidth > 0 && pen.measureText(chosen).width > room + 1) broken.push(chosen);
          }
          return broken;
        }"""
    )
    assert broken == []
    expect(page.get_by_label("Loss", exact=True).locator("option:checked")).to_have_text(
        "Categorical cross-entropy"
    )


def test_features_are_toggled(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="x₁x₂", exact=True).click()
    expect(column(page, "input")).to_have_count(3)
    page.get_by_role("button", name="x₁x₂", exact=True).click()
    expect(column(page, "input")).to_have_count(2)


@pytest.mark.allow_console("status of 422")
def test_what_is_refused_is_said_at_its_own_field_until_the_next_edit(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    features = page.locator('[data-pointer="/data/features"]')
    for name in ("x₁", "x₂"):
        features.get_by_role("button", name=name, exact=True).click()
    expect(features.locator(".complaint")).to_contain_text("expected a list of 1 to 7")
    expect(page.locator(".complaint:visible")).to_have_count(1)
    expect(features.get_by_role("button", name="x₂", exact=True)).to_have_attribute("aria-pressed", "true")
    noise = page.get_by_role("textbox", name="Noise", exact=True)
    noise.fill("0.2")
    noise.press("Enter")
    expect(page.locator(".complaint:visible")).to_have_count(0)
    wait_stored(page, ["data", "noise"], 0.2)


def test_other_data_bring_the_task_and_the_layers_they_need(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.get_by_label("Data set").select_option("regression_gauss")
    wait_stored(page, ["task", "kind"], "regression")
    page.get_by_label("Data set").select_option("digits")
    wait_stored(page, ["network", 0, "kind"], "flatten")
    expect(page.locator(".confusion").first).to_be_visible()
    expect(page.get_by_role("heading", name="Output")).to_be_hidden()
    page.get_by_label("Data set").select_option("circle")
    wait_stored(page, ["network", 0, "kind"], "linear")


def test_a_regularizer_is_added_set_and_removed(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.get_by_label("Add to regularizers").select_option("l1")
    wait_stored(page, ["training", "regularizers", 0, "kind"], "l1")
    strength = page.get_by_role("textbox", name="Strength")
    strength.fill("0.01")
    strength.press("Enter")
    wait_stored(page, ["training", "regularizers", 0, "strength"], 0.01)
    page.get_by_role("button", name="Remove", exact=True).click()
    wait_stored(page, ["training", "regularizers"], [])


def test_a_residual_network_is_built_by_hand_and_trained_on_digits(page: Page) -> None:
    experiment = preset(page, "digits")
    experiment["network"] = [
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    experiment["training"]["epochs"] = 3
    open_paused(page, experiment)
    page.get_by_role("button", name="Add a layer before output").click()
    page.get_by_role("button", name="Dense and").first.click()
    wait_stored(page, ["network", 3, "name"], "output")
    page.get_by_role("button", name="Add a layer before output").click()
    page.get_by_role("button", name="Residual the input is added").click()
    wait_stored(page, ["network", 3, "kind"], "residual")
    expect(page.locator('.unit[data-column="residual1.sum"]').first).to_be_attached()
    page.get_by_role("button", name="Add a layer before residual 1.sum").click()
    page.get_by_role("button", name="Dense", exact=False).nth(1).click()
    wait_until(page, "() => document.querySelectorAll('.unit[data-column^=residual1]').length > 2")
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished", timeout=30_000)
    expect(units(page).first).to_be_visible()
    expect(page.locator(".confusion .right").first).not_to_be_empty()
