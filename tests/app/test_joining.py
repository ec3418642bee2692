"""Scripts that are joined into one: what they are made to be, and what is refused."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from glassnet.app.api import reference
from glassnet.app.core.assets import Assets, assets
from glassnet.app.core.joining import JOINED, MAP, JoinError, join
from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app

STATIC = Path(__file__).resolve().parents[2] / "static"

SCRIPTS = {
    "main.js": b'import { one as a } from "./core/one.js";\nimport * as two from "./two.js";\n\na(two);\n',
    "core/one.js": b'import { theme } from "./theme.js";\n\nexport const one = () => theme;\n',
    "core/theme.js": b"export const theme = 1;\n",
    "two.js": b'import { one } from "./core/one.js";\n\nconst kept = one;\nexport { kept as two };\n',
}


def joined(**more: str) -> dict[str, str]:
    given = {name.replace("__", "/") + ".js": source.encode() for name, source in more.items()}
    made = join({**SCRIPTS, **given}, "main.js", "core/theme.js")
    return {name: content.decode() for name, content in made.items()}


def test_modules_are_functions_in_the_order_in_which_browsers_evaluate_them() -> None:
    script = joined()[JOINED]
    assert re.findall(r'\["([^"]+)"\] = \(\(\)', script) == ["core/one.js", "two.js", "main.js"]
    assert 'import * as $outer0 from "./core/theme.js";' in script, "stays apart"
    assert 'const { one: a } = $modules["core/one.js"];\nconst two = $modules["two.js"];' in script
    assert "return { two: kept };" in script


def test_what_stands_for_a_module_hands_out_what_the_joined_script_has_made_on_as_many_lines() -> None:
    files = joined()
    assert set(files) == {"main.js", "core/one.js", "two.js", JOINED, MAP}
    one = files["core/one.js"]
    assert one.startswith(
        'import { modules } from "../joined.js"; export const { one } = modules["core/one.js"];'
    )
    assert {name: files[name].count("\n") for name in SCRIPTS if name in files} == {
        name: source.count(b"\n") for name, source in SCRIPTS.items() if name in files
    }


def test_what_a_module_says_of_its_own_place_stays_true() -> None:
    source = 'const a = import.meta.url;\nimport("../late.js");\nconst b = (script) => import(script);\n'
    script = joined(core__one=source + "export const one = [a, b];\n")[JOINED]
    own = 'new URL("core/one.js", import.meta.url)'
    assert f"const a = {own}.href;" in script
    assert f'import(new URL("../late.js", {own}));' in script
    assert f"import(new URL(script, {own}))" in script


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("export let one = 1;\n", "in a form that is not joined"),
        ("export default 1;\n", "in a form that is not joined"),
        ("export const none = 0, one = 1;\n", "imports one, which core/one.js does not export"),
        ('export * from "./theme.js";\n', "in a form that is not joined"),
        ('import one from "./theme.js";\n', "in a form that is not joined"),
        ('const one = 1;\nimport { theme } from "./theme.js";\n', "code before its last import"),
        ('import { one } from "./none.js";\n', "there is no core/none.js"),
        ('import { two } from "../two.js";\n', "core/one.js imports two.js imports core/one.js: a circle"),
        ("const $modules = 1;\n", "the joined script's own name"),
        ("const one = await import(`./${1}.js`);\n", "demands a module in a form that is not joined"),
    ],
)
def test_a_module_that_is_written_otherwise_is_refused(source: str, reason: str) -> None:
    with pytest.raises(JoinError, match=re.escape(reason)):
        joined(core__one=source)


def test_a_page_loads_scripts_one_by_one_where_they_cannot_be_joined(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "core").mkdir()
    for name, source in SCRIPTS.items():
        (tmp_path / name).write_bytes(source)
    files = Assets(tmp_path, {})
    files.look()
    assert files.joined_version
    assert files.loaded(JOINED, files.joined_version) is not None
    assert files.loaded(JOINED, files.version) is None
    assert files.loaded("core/theme.js", files.joined_version) == files.loaded("core/theme.js", files.version)
    (tmp_path / "two.js").write_text("export let two = 1;\n")
    files.look()
    assert files.joined_version == ""
    assert "two.js imports or exports in a form that is not joined" in caplog.text


def test_the_instrument_loads_its_scripts_joined_and_other_pages_theirs_apart(tmp_path: Path) -> None:
    client = TestClient(create_app(Settings(data_dir=tmp_path)), base_url="http://localhost:80")
    instrument, lab = client.get("/").text, client.get("/labs/descent").text
    assert f'src="/static/{assets.joined_version}/main.js"' in instrument
    assert f'href="/static/{assets.version}/styles/base.css"' in instrument, (
        "style sheets are those of every page"
    )
    assert assets.joined_version not in lab
    address = f"/static/{assets.joined_version}/{JOINED}"
    assert client.get("/").headers["link"] == f"<{address}>; rel=modulepreload"
    assert "link" not in client.get("/labs/descent").headers
    script = client.get(address)
    assert script.headers["cache-control"] == "max-age=31536000, immutable"
    earlier = client.get(f"/static/f{'0' * 15}/core/dom.js")
    assert earlier.text.startswith('import { modules } from "../joined.js";'), (
        "of a page of an earlier server"
    )
    assert earlier.headers["cache-control"] == "no-cache"
    client.close()


def test_what_a_first_visit_waits_for_is_made_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(reference.prepare())
    monkeypatch.setattr(gzip, "compress", _refused)
    monkeypatch.setattr(reference, "experiment_schema", _refused)
    client = TestClient(create_app(Settings(data_dir=tmp_path)), base_url="http://localhost:80")
    script = f"/static/{assets.joined_version}/{JOINED}"
    for address in ("/api/catalog?texts=false", "/api/schema", "/api/presets?texts=false", script):
        assert client.get(address, headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    client.close()


def _refused(*_: object, **__: object) -> bytes:
    raise AssertionError("made anew")


def test_the_source_map_leads_to_the_lines_of_the_modules() -> None:
    files = joined()
    told = json.loads(files[MAP])
    assert [source.encode() for source in told["sourcesContent"]] == [
        SCRIPTS[name.removeprefix("/")] for name in told["sources"]
    ]
    lines, source, line = told["mappings"].split(";"), 0, 0
    found = {}
    for row, mapping in enumerate(lines):
        if mapping:
            source, line = source + _value(mapping[1]), line + _value(mapping[2])
            found[row] = (told["sources"][source], told["sourcesContent"][source].split("\n")[line])
    script = files[JOINED].split("\n")
    for row, (_, written) in found.items():
        if written and not written.startswith(("import", "export")):
            assert script[row] == written
    assert ("/main.js", "a(two);") in found.values()


def _value(digit: str) -> int:
    number = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".index(digit)
    return -(number >> 1) if number & 1 else number >> 1
