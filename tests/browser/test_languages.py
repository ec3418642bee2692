"""Every text of the pages in another language: what stands in no declaration has no accents there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tools.serving import Server, serving
from tools.texts import FILE
from tools.texts.pseudo import TAG, accented, translation

#: What is read or heard on a page, each with its element.
SEEN = """(given) => {
  const root = given ?? document.body;
  const found = new Map();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); )
    if (!node.parentElement.closest("script, style, noscript, template, svg, code"))
      found.set(node.textContent.trim(), node.parentElement.tagName);
  for (const element of root.querySelectorAll("*"))
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext"])
      if (element.hasAttribute(name)) found.set(element.getAttribute(name).trim(), name);
  return [...found];
}"""

#: What is the same in every language: names of nodes and products, formulas, kinds of numbers, devices.
SAME = re.compile(
    r"\b(Glassnet|(linear|tanh) ?\d?|output|input|sin|max|cpu|Float\d\d|ROC|PNG|SVG|CSV|safetensors"
    r"|Spiral|adam)\b"
)

#: Three letters in a row without an accent.
ENGLISH = re.compile(r"[A-Za-z]{3}")


@pytest.fixture(scope="module")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the translation of all texts into the pseudo-language."""
    data_dir = tmp_path_factory.mktemp("abroad")
    (data_dir / "texts").mkdir()
    said = json.dumps(translation(json.loads(FILE.read_text(encoding="utf-8"))))
    Path(data_dir / "texts" / f"{TAG}.json").write_text(said, encoding="utf-8")
    with serving(data_dir) as started:
        yield started


@pytest.mark.allow_console("status of 404")
def test_no_english_is_left_on_a_page_in_another_language(browser: Browser, abroad: Server) -> None:
    context = browser.new_context(base_url=abroad.url, locale=TAG)
    page = context.new_page()
    left: dict[str, list[str]] = {}
    for path in (
        "/",
        "/labs",
        "/labs/convolution",
        "/gallery",
        "/gallery/lenet5",
        "/gallery/compare",
        "/methods/deconvnet",
        "/search?q=adam",
        "/runs",
        "/reference",
        "/reference/words",
        "/reference/activations",
        "/reference/compare/activations",
        "/methods",
        "/0",
    ):
        page.goto(path)
        if path == "/":
            expect(page.locator("#play")).to_have_accessible_name(accented("Pause"), timeout=40_000)
        page.wait_for_load_state("networkidle")
        expect(page.locator("html")).to_have_attribute("lang", TAG)
        seen = [text for text, _ in page.evaluate(SEEN) if ENGLISH.search(SAME.sub("", text))]
        left |= {path: seen} if seen else {}
    # What an option may be: its type, its bounds, its unit; values as an experiment has them are code.
    for path in ("/reference/optimizers/adam", "/reference/layers/conv2d"):
        page.goto(path)
        for table in page.locator(".reference-options").all():
            seen = [text for text, _ in table.evaluate(SEEN) if ENGLISH.search(SAME.sub("", text))]
            left |= {path: seen} if seen else {}
    context.close()
    assert left == {}
