"""What is measured of a page in a browser: its targets, its width, the descriptions of its pictures."""

from playwright.sync_api import Page

from glassnet.app.api.pages import LABS
from glassnet.app.core.site import SITE

#: A page of each kind that is no run.
PAGES = sorted(
    {entry.path for entry in SITE if entry.path != "/"}
    | {lab.path for lab in LABS.values()}
    | {"/methods", "/methods/occlusion"}
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


def small_targets(page: Page) -> list[str]:
    found: list[str] = page.evaluate(SMALL_TARGETS)
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
