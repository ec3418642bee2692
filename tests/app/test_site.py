"""The pages of the site: each entry of the header leads to one, and says where one is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from glassnet.app.core.settings import Settings
from glassnet.app.core.site import SITE, Entry
from glassnet.app.main import create_app

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("site")))
    with TestClient(app, base_url="http://localhost:80") as client:
        yield client


def entries(html: str) -> dict[str, tuple[str, str | None]]:
    """The address and `aria-current` of each entry of a page's header."""
    (nav,) = re.findall(r'<nav class="site-nav".*?</nav>', html, re.DOTALL)
    links = re.findall(r'<a href="([^"]+)"(?: aria-current="(\w+)")?>([^<]+)</a>', nav)
    return {title: (path, current or None) for path, current, title in links}


@pytest.mark.parametrize("entry", SITE, ids=lambda entry: entry.title)
def test_an_entry_of_the_header_leads_to_a_page_that_marks_it(visitor: TestClient, entry: Entry) -> None:
    answer = visitor.get(entry.path)
    assert answer.status_code == 200
    found = entries(answer.text)
    assert list(found) == [each.title for each in SITE]
    assert [title for title, (_, current) in found.items() if current] == [entry.title]
    assert found[entry.title] == (entry.path, "page")


@pytest.mark.parametrize(("path", "title"), [("/labs/descent", "Labs"), ("/methods/occlusion", "Reference")])
def test_a_page_below_an_entry_marks_it_too(visitor: TestClient, path: str, title: str) -> None:
    assert {name: current for name, (_, current) in entries(visitor.get(path).text).items() if current} == {
        title: "true"
    }


def links(html: str) -> set[str]:
    """Addresses of this server that a page leads to or has pictures of, parts of pages left out."""
    return {link.partition("#")[0] for link in re.findall(r'<(?:a[^>]* href|img[^>]* src)="(/[^"]*)"', html)}


def test_no_link_of_any_page_is_dead(visitor: TestClient) -> None:
    """From the front page on, every page that links lead to is read; of the items' pages, one a family."""
    waiting, seen, families, leading = {"/"}, {"/"}, set(), {"/": ""}
    while waiting:
        path = waiting.pop()
        answer = visitor.get(path, headers=BROWSER)
        assert answer.status_code == 200, f"{path}, to which {leading[path]} leads"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for link in links(answer.text) - seen:
            seen.add(link)
            leading[link] = path
            family = re.match(r"/reference/([^/]+)/", link)
            if family is None or family[1] not in families:
                waiting.add(link)
            if family is not None:
                families.add(family[1])
    assert {"/labs/convolution", "/methods/occlusion", "/license", *(entry.path for entry in SITE)} <= seen


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nowhere", "There is nothing at /nowhere."),
        ("/runs/nothing", "This run is not here: it was deleted, or its address is wrong."),
        ("/labs/nothing", "&#39;nothing&#39; is no lab; expected one of convolution, descent, "),
        ("/methods/nothing", "&#39;nothing&#39; is no method; expected one of deconvnet, "),
        ("/reference/losses/nothing", "&#39;nothing&#39; is none of the losses; expected one of "),
        ("/static/nothing.js", "There is nothing at /static/nothing.js."),
    ],
)
def test_a_wrong_address_is_a_page_with_words_a_search_field_and_the_way_home(
    visitor: TestClient, path: str, said: str
) -> None:
    answer = visitor.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["vary"] == "Accept"
    assert f'<h1>Nothing here</h1>\n      <p class="lead">{said}' in answer.text
    assert '<form class="search-field" role="search" action="/search">' in answer.text
    assert '<a class="button primary" href="/">Home</a>' in answer.text
    asked = visitor.get(path, headers={"Accept": "application/json"})
    assert asked.status_code == 404
    assert asked.headers["content-type"] == "application/problem+json"


def test_below_api_errors_are_problem_documents_for_browsers_too(visitor: TestClient) -> None:
    for path in ("/api/nowhere", "/api/runs/nothing", "/api/runs/nothing/metrics?from=x"):
        assert visitor.get(path, headers=BROWSER).headers["content-type"] == "application/problem+json"


def test_a_wrong_address_leads_to_what_it_may_mean(visitor: TestClient) -> None:
    def led(path: str) -> list[str]:
        return re.findall(r'<li>\s*<a href="([^"]+)"', visitor.get(path, headers=BROWSER).text)

    assert "/labs/convolution" in led("/labs/convolutoin")
    assert "/reference/optimizers/adam" in led("/reference/layers/adam")
    assert led("/%00") == led("/zzzzzz") == []


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("descent lab", "/labs/descent"),
        ("occlusion", "/methods/occlusion"),
        ("cross-entr", "/reference/losses/"),
    ],
)
def test_the_search_finds_pages_by_the_beginnings_of_words(
    visitor: TestClient, query: str, first: str
) -> None:
    html = visitor.get("/search", params={"q": query}).text
    (hits,) = re.findall(r'<ul class="hits">.*?</ul>', html, re.DOTALL)
    assert re.findall(r'href="([^"]+)"', hits)[0].startswith(first)


def test_the_search_escapes_what_was_sought_and_says_where_nothing_is_found(visitor: TestClient) -> None:
    html = visitor.get("/search", params={"q": "<b>zzzz"}).text
    assert "Nothing is found for “&lt;b&gt;zzzz”" in html
    assert "<b>zzzz" not in html
    assert "Nothing is found" not in visitor.get("/search").text


def test_a_page_is_compressed_where_that_is_accepted(visitor: TestClient) -> None:
    whole, small = (visitor.get("/", headers={"Accept-Encoding": coding}) for coding in ("identity", "gzip"))
    assert "Content-Encoding" not in whole.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert whole.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"
    assert int(small.headers["Content-Length"]) < int(whole.headers["Content-Length"]) / 2
    assert small.content == whole.content
