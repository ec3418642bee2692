"""The pages of the site: each entry of the header leads to one, and says where one is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from glassnet.app.core.settings import Settings
from glassnet.app.core.site import SITE, Entry
from glassnet.app.main import create_app


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client without a server's start: pages need none."""
    data = tmp_path_factory.mktemp("site")
    client = TestClient(create_app(Settings(data_dir=data)), base_url="http://localhost:80")
    yield client
    client.close()


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


@pytest.mark.parametrize(("path", "title"), [("/labs/descent", "Labs"), ("/runs/abc", "Playground")])
def test_a_page_below_an_entry_marks_it_too(visitor: TestClient, path: str, title: str) -> None:
    assert {name: current for name, (_, current) in entries(visitor.get(path).text).items() if current} == {
        title: "true"
    }
