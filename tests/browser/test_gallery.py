"""The gallery: a picture leads to the example, which trains; a card has an address of its own."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import RUN, play_button, units, wait_until
from tests.browser.test_accessibility import complaints


def test_a_question_opens_its_example_and_it_trains(page: Page) -> None:
    page.goto("/gallery")
    page.get_by_role("link", name="How many straight edges does a circle need?").click()
    expect(page).to_have_url(RUN)
    expect(page.get_by_label("Title of the run")).to_have_value("Circle, one small layer")
    expect(units(page).first).to_be_visible()
    expect(play_button(page)).to_have_accessible_name("Pause", timeout=20_000)


def test_a_card_has_a_link_to_itself_and_pictures_that_load_when_they_are_near(page: Page) -> None:
    page.goto("/gallery")
    card = page.locator("#wine-raw")
    card.get_by_role("link", name="Link to Wine, measurements as they are").click()
    expect(page).to_have_url(re.compile(r"/gallery#wine-raw$"))
    expect(card).to_be_in_viewport()
    wait_until(page, "() => document.querySelector('#wine-raw img.on-light').naturalWidth === 480")
    expect(card.get_by_role("img")).to_have_count(1)  # the other is of the other theme
    expect(card.locator("figcaption")).to_have_text(re.compile(r"^step [\d,]+, seed 0$"))


def test_an_example_there_is_not_is_told_and_the_first_is_shown(page: Page) -> None:
    page.goto("/?example=no-such")
    expect(page.locator("#notice")).to_contain_text("There is no example 'no-such'")
    expect(page).to_have_url(RUN)


def test_axe_finds_nothing_in_the_gallery_and_a_phone_scrolls_down_alone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto("/gallery")
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_menu_of_examples_has_their_questions_and_leads_to_the_gallery(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_url(RUN, timeout=20_000)
    page.get_by_role("button", name="Examples").click()
    menu = page.get_by_role("dialog", name="Examples")
    expect(menu).to_contain_text("How many straight edges does a circle need?")
    menu.get_by_role("link", name="All examples as pictures").click()
    expect(page).to_have_url(re.compile("/gallery$"))
