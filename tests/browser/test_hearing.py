"""What is heard of the page: announcements to a screen reader, and the loss as sound."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import lamp, open_paused, play_button, preset

#: Counts what would be heard: the curves that are played, and the tones that begin.
LOUDSPEAKER = """() => {
  window.heard = { curves: [], tones: 0, ended: 0 };
  const curve = AudioParam.prototype.setValueCurveAtTime;
  AudioParam.prototype.setValueCurveAtTime = function (values, begin, seconds) {
    window.heard.curves.push({ first: values[0], last: values.at(-1), seconds });
    return curve.call(this, values, begin, seconds);
  };
  const { start, stop } = AudioScheduledSourceNode.prototype;
  AudioScheduledSourceNode.prototype.start = function (...at) {
    window.heard.tones++;
    return start.apply(this, at);
  };
  AudioScheduledSourceNode.prototype.stop = function (...at) {
    window.heard.ended++;
    return stop.apply(this, at);
  };
}"""


def announcer(page: Page) -> Locator:
    return page.locator("#announcer")


def heard(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("window.heard")
    return found


def test_what_becomes_of_the_run_is_announced_with_its_numbers(page: Page) -> None:
    experiment = preset(page, "xor")
    experiment["training"]["epochs"] = 2
    open_paused(page, experiment)
    expect(announcer(page)).to_have_text(re.compile(r"Paused at step 0, epoch 0"))
    page.get_by_role("button", name="One step").click()
    expect(announcer(page)).to_have_text(re.compile(r"At step 1, epoch 0.*\."))
    page.get_by_role("button", name="One unit more in linear 1").click()
    expect(announcer(page)).to_contain_text("linear 1: units 5.")
    page.get_by_role("button", name="Remove linear 2").click()
    expect(announcer(page)).to_contain_text("Removed Dense linear 2, Tanh tanh 2.")
    page.keyboard.press("Control+z")
    expect(announcer(page)).to_contain_text("Added Dense linear 2, Tanh tanh 2.")
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished")
    expect(announcer(page)).to_have_text(
        re.compile(r"Finished at step \d+, epoch 2, train loss .*, test loss .*\.")
    )


def test_the_loss_is_heard_where_it_is_asked_for_and_not_before(page: Page) -> None:
    page.add_init_script(f"({LOUDSPEAKER})()")
    experiment = preset(page, "xor")
    experiment["training"]["epochs"] = 30
    open_paused(page, experiment)
    page.keyboard.press("l")
    expect(announcer(page)).to_contain_text("There is no loss to hear yet.")
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished")
    assert heard(page) == {"curves": [], "tones": 0, "ended": 0}

    page.get_by_role("button", name="Hear the loss").click()
    page.get_by_role("button", name="Play the loss so far").click()
    expect(announcer(page)).to_have_text(
        re.compile(r"Loss over 30 epochs: train, left, from .* to .*; test, right,")
    )
    pitches = [curve for curve in heard(page)["curves"] if curve["first"] > 1]  # the others are loudnesses
    assert len(pitches) == 2
    assert all(60 < curve["last"] < curve["first"] < 4000 and 2 <= curve["seconds"] <= 4 for curve in pitches)


def test_training_sounds_while_that_is_wanted(page: Page) -> None:
    page.add_init_script(f"({LOUDSPEAKER})()")
    open_paused(page, preset(page, "xor"))
    page.keyboard.press("Shift+L")
    expect(announcer(page)).to_contain_text("The loss sounds while training.")
    assert heard(page)["tones"] == 2
    page.keyboard.press("Shift+L")
    expect(announcer(page)).to_contain_text("Training is silent.")
    assert heard(page)["ended"] == 2
