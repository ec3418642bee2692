"""The reference as it is read: a figure that follows its sliders, items side by side, on a phone as well."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import complaints, open_at


def function(page: Page) -> str:
    return page.get_by_role("img", name=re.compile("^Function")).get_attribute("aria-label") or ""


def test_a_slider_moved_by_keys_changes_the_figure_and_the_address(page: Page) -> None:
    page.goto("/reference/activations/leaky_relu")
    expect(page.get_by_role("img", name="Leaky ReLU, from −0.05 to 5")).to_be_visible()
    slope = page.get_by_role("slider", name="slope")
    slope.focus()
    page.keyboard.press("End")
    expect(page.get_by_role("img", name="Leaky ReLU, from −5 to 5")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?slope=1$"))
    page.reload()
    expect(page.get_by_role("img", name="Leaky ReLU, from −5 to 5")).to_be_visible()


def test_three_activations_lie_on_one_plot_and_the_address_has_them(page: Page) -> None:
    open_at(page, "390", "dark")
    page.goto("/reference/compare/activations?kinds=relu,tanh")
    page.get_by_role("checkbox", name="SiLU", exact=True).check(force=True)
    expect(page).to_have_url(re.compile("kinds=relu,silu,tanh$"))
    names = page.locator(".figure-legend").first.get_by_role("listitem")
    expect(names).to_have_text(["ReLU", "SiLU", "Tanh"])
    page.get_by_text("Numbers").first.click()
    table = page.get_by_role("table").first
    expect(table.get_by_role("columnheader")).to_have_text(["x", "ReLU", "SiLU", "Tanh"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert complaints(page) == []


def test_an_item_opens_the_experiment_that_shows_it(page: Page) -> None:
    page.goto("/reference/activations/elu")
    page.get_by_role("link", name="Open as a run").click()
    expect(page).to_have_url(re.compile("/runs/"))
    expect(page.get_by_text("ELU", exact=True).first).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [("390", "light"), ("1440", "dark")])
def test_axe_finds_nothing_on_an_item_and_the_page_is_no_wider_than_the_screen(
    page: Page, size: str, scheme: str
) -> None:
    open_at(page, size, "dark" if scheme == "dark" else "light")
    page.goto("/reference/activations/softmax")
    expect(page.get_by_role("img").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= int(size)
    assert complaints(page) == []


def test_a_surface_opens_the_lab_of_descent_on_it(page: Page) -> None:
    page.goto("/reference/surfaces/himmelblau")
    page.get_by_role("link", name="Open the lab").click()
    expect(page).to_have_url(re.compile("/labs/descent#l1="))
    expect(page.get_by_text("f = (x² + y − 11)² + (x + y² − 7)²")).to_be_visible()
