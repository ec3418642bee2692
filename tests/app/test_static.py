"""What pages are made of: compressed, versioned by content, and sent once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from glassnet.app.core.assets import Assets, assets
from glassnet.app.core.comments import compact, without_comments
from glassnet.app.core.constant import accepts
from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app

STATIC = Path(__file__).resolve().parents[2] / "static"
FOR_GOOD = "max-age=31536000, immutable"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client that takes what it is told to, without a server's start: files need none."""
    data = tmp_path_factory.mktemp("static")
    client = TestClient(create_app(Settings(data_dir=data)), base_url="http://localhost:80")
    client.headers.clear()
    yield client
    client.close()


def versioned(visitor: TestClient, page: str = "/") -> list[str]:
    """The addresses of a page's files."""
    return re.findall(r'(?:href|src)="(/static/[^"#]+)', visitor.get(page).text)


@pytest.mark.parametrize("page", ["/", "/labs/descent", "/methods/occlusion"])
def test_a_page_asks_for_files_that_may_be_kept_for_good(visitor: TestClient, page: str) -> None:
    addresses = versioned(visitor, page)
    assert len(addresses) > 6
    for address in addresses:
        answer = visitor.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == FOR_GOOD
        file = STATIC / address.split("/", 3)[3]
        assert answer.content.count(b"\n") == file.read_bytes().count(b"\n"), "an error names a line"


def test_what_a_script_imports_comes_from_below_the_same_version(visitor: TestClient) -> None:
    (main,) = [address for address in versioned(visitor) if address.endswith("/main.js")]
    imported = re.findall(r'from "\./([^"]+)"', visitor.get(main).text)
    assert imported
    for name in imported:
        assert visitor.get(main.replace("main.js", name)).headers["cache-control"] == FOR_GOOD


def test_without_a_version_or_with_another_a_file_is_asked_about_each_time(visitor: TestClient) -> None:
    as_it_is, as_it_was = visitor.get("/static/main.js"), visitor.get("/static/0123456789abcdef/main.js")
    assert as_it_is.content == (STATIC / "main.js").read_bytes()
    assert as_it_was.content == compact(as_it_is.content)
    assert as_it_is.headers["cache-control"] == as_it_was.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["/static/main.js", "/static/icons.svg", "/static/vendor/plotly.min.js", "/api/catalog", "/api/schema"],
)
def test_one_who_takes_gzip_gets_less(visitor: TestClient, path: str) -> None:
    plain = visitor.get(path)
    small = visitor.get(path, headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < 0.5 * len(plain.content)
    assert small.content == plain.content
    assert plain.headers["vary"] == small.headers["vary"] == "Accept-Encoding"
    assert plain.headers["etag"] != small.headers["etag"], "two forms are two things to a cache"


@pytest.mark.parametrize("path", ["/static/main.js", "/api/presets"])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_what_one_has_is_not_sent_again(visitor: TestClient, path: str, coding: str) -> None:
    first = visitor.get(path, headers={"Accept-Encoding": coding})
    tag = first.headers["etag"]
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = visitor.get(path, headers={"Accept-Encoding": coding, "If-None-Match": asked})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    assert visitor.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ("gzip", True),
        ("br, GZIP ; q=0.5", True),
        ("*", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("*, gzip;q=0.000", False),
        ("x-gzip-not", False),
    ],
)
def test_an_offer_of_codings_is_read_as_the_standard_has_it(offered: str, taken: bool) -> None:
    assert accepts(Headers({"accept-encoding": offered}), "gzip") is taken


def test_comments_stay_out_of_what_a_page_loads_and_code_does_not() -> None:
    source = b"""/** Words
 * and more. */
import { a } from "./a.js";

  // A line of words.
const b = a /* here */ * 2; // and here
  /** @type {string} */ (b);
  /* one */ /* two */
const c = "/* no comment */";
"""
    assert without_comments(source).split(b"\n") == [
        *(b"", b"", b'import { a } from "./a.js";', b"", b"", b"const b = a /* here */ * 2; // and here"),
        *(b"  /** @type {string} */ (b);", b"  /* one */ /* two */", b'const c = "/* no comment */";', b""),
    ]


def test_a_file_that_changes_is_served_as_it_is_under_another_version(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "dom.js").write_text("one")
    (tmp_path / "main.js").write_text("main")
    files = Assets(tmp_path, {})
    kept = files.look()["main.js"]
    first = files.version
    (tmp_path / "core" / "dom.js").write_text("another")
    found = files.find("core/dom.js")
    assert found is not None
    assert found.whole.content == b"another"
    assert files.version != first
    assert files.find("main.js") is kept, "what has not changed is not read again"
    (tmp_path / "core" / "dom.js").write_text("one")
    files.look()
    assert files.version == first, "a version is a name for what files hold"
    (tmp_path / "main.js").unlink()
    assert files.find("main.js") is None


def test_scripts_and_styles_carry_the_headers_that_browsers_obey_for_them(visitor: TestClient) -> None:
    for path in ("/static/main.js", "/static/styles/base.css"):
        headers = visitor.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "content-security-policy" not in headers
        for destination in ("worker", "document", "serviceworker"):
            whole = visitor.get(path, headers={"Sec-Fetch-Dest": destination}).headers
            assert "default-src 'none'" in whole["content-security-policy"]
    assert "content-security-policy" in visitor.get("/static/icons.svg").headers


def test_no_file_lies_outside_the_folder(visitor: TestClient) -> None:
    for path in ("/static/", "/static/../pyproject.toml", "/static/core", f"/static/{assets.version}/"):
        assert visitor.get(path).status_code == 404
