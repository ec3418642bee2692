"""What is measured of a page in a browser: its targets, its width, the descriptions of its pictures."""

from playwright.sync_api import Page

from glassnet.app.api.pages import LABS
from glassnet.app.core.site import SITE

#: A page of each kind that is no run.
PAGES = sorted(
    {entry.path for entry in SITE if entry.path != "/"}
    | {lab.path for lab in LABS.values()}
    | {"/methods", "/methods/occlusion", "/gallery/resnet?depth=50", "/gallery/compare"}
    | {"/reference/losses/huber", "/reference/compare/activations?kinds=relu,tanh"}
)

#: Interactive elements that are smaller than 32 px, which fingers need. Links within a sentence may be
#: (WCAG 2.2, 2.5.8), and so may what has a label that is pressed in its place.
SMALL_TARGETS = """() => {
  const pressed = "a[href], button, input, select, textarea, summary, [role=button], [role=tab], [role=link]";
  const inSentence = (node) => getComputedStyle(node).display === "inline"
    && node.closest("p, li, td, dd, footer, small, label")?.innerText.trim() !== node.innerText.trim();
  const small = ({ width, height }) => width < 31.5 || height < 31.5;
  return [...document.querySelectorAll(pressed)]
    .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.matches(":disabled, .skip"))
    .filter((node) => !node.closest("[aria-hidden=true]") && !(node.matches("a") && inSentence(node)))
    .map((node) => [node, (node.matches("[type=checkbox], [type=radio]") && node.closest("label")) || node])
    .map(([node, target]) => [node, target.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && box.height > 1 && small(box))
    .map(([node, box]) => `${node.tagName} ${node.className} ${node.ariaLabel ?? node.innerText}`
      + ` ${Math.round(box.width)} × ${Math.round(box.height)}`);
}"""

#: Canvases that are seen and say nothing to those who do not see them.
SILENT_CANVASES = """() => [...document.querySelectorAll("canvas")]
  .filter((canvas) => canvas.checkVisibility() && canvas.clientWidth > 0)
  .filter((canvas) => !canvas.closest("[role][aria-label], [aria-hidden=true]"))
  .map((canvas) => `${canvas.className} in ${canvas.parentElement.className}`)"""

#: Texts that are not seen whole: beyond what a field or button has room for, or beyond an ancestor that hides
#: what overflows. What ends in an ellipsis and tells itself on hover is whole.
CUT = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !node.closest(".visually-hidden, .skip, [aria-hidden=true], .explanation");
  const room = (node) => {
    const { paddingLeft, paddingRight } = getComputedStyle(node);
    return node.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  };
  const written = (node, text) => {
    const { fontStyle, fontWeight, fontSize, fontFamily, letterSpacing } = getComputedStyle(node);
    pen.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
    return pen.measureText(text).width + (parseFloat(letterSpacing) || 0) * text.length;
  };
  const told = (node) => node.closest("[title]") !== null;
  const decimal = (node) => node.matches(".number[inputmode=decimal]");
  const longest = (node) => [...node.options].map(({ text }) => text)
    .sort((one, other) => written(node, other) - written(node, one))[0];
  const fields = [...document.querySelectorAll("input")]
    .filter((node) => !node.matches("[type=checkbox], [type=radio], [type=range], [type=file]"));
  const selects = [...document.querySelectorAll("select")].filter((node) => node.options.length);
  const fits = (node, text) => written(node, text) <= room(node) + 1;
  const of = (node, text) => (seen(node) && text && !fits(node, text) && !ends(node) ? text : null);
  const ends = (node) => getComputedStyle(node).textOverflow === "ellipsis" && told(node);
  const beyond = (text) => {
    const range = document.createRange();
    range.selectNodeContents(text);
    const boxes = [...range.getClientRects()].filter(({ width }) => width > 0);
    for (let above = text.parentElement; above; above = above.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(above);
      if (textOverflow === "ellipsis" && told(above)) return false;
      const outer = above.getBoundingClientRect();
      const out = boxes.some((box) => box.right > outer.right + 1 || box.left < outer.left - 1);
      if (out && (above.matches("button") || ["hidden", "clip"].includes(overflowX))) return true;
      if (["auto", "scroll"].includes(overflowX)) return false;
    }
    return boxes.some((box) => box.right > innerWidth + 1 || box.left < -1);
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode())
    if (text.data.trim() && !text.parentElement.matches("option, script, style") && seen(text.parentElement)
      && beyond(text)) texts.push(text.data.trim());
  return [
    ...fields.map((node) => of(node, node.value || node.placeholder)),
    ...fields.filter(decimal).map((node) => of(node, "−0.8568") && `−0.8568 in ${node.id || node.ariaLabel}`),
    ...selects.map((node) => of(node, longest(node))),
    ...texts,
  ].filter(Boolean);
}"""


def small_targets(page: Page) -> list[str]:
    found: list[str] = page.evaluate(SMALL_TARGETS)
    return found


def cut_texts(page: Page) -> list[str]:
    found: list[str] = page.evaluate(CUT)
    return found


def silent_canvases(page: Page) -> list[str]:
    found: list[str] = page.evaluate(SILENT_CANVASES)
    return found


def overflow(page: Page, width: int, height: int) -> int:
    """By how many pixels the page is wider than a screen of this size."""
    page.set_viewport_size({"width": width, "height": height})
    beyond: int = page.evaluate(
        """async () => {
          for (let frame = 0; frame < 2; frame++) await new Promise((done) => requestAnimationFrame(done));
          return Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth;
        }"""
    )
    return max(0, beyond)


def cut_marks(page: Page) -> list[str]:
    """Names of explanations whose circle, 12 px wide, lies across the edge of the window.

    What lies in a table that scrolls sideways by itself is not cut.
    """
    names: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".explain")]
          .filter((mark) => {
            for (let each = mark.parentElement; each !== document.body; each = each.parentElement)
              if (/auto|scroll/.test(getComputedStyle(each).overflowX)) return false;
            const { left, width } = mark.getBoundingClientRect();
            const from = left + width / 2 - 6;
            return width > 0 && !mark.closest("[hidden]") && (from < 0 || from + 12 > innerWidth);
          })
          .map((mark) => mark.getAttribute("aria-label"))"""
    )
    return names
