"""Beyond loopback a token opens the door; without it nothing is told."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from glassnet.app.core import log
from glassnet.app.core.settings import InvalidSetting, Settings
from glassnet.app.main import create_app
from glassnet.app.security import Access, Tokens, cookies
from glassnet.app.security.failures import BURST, LONGEST, MOST_ADDRESSES, RATE, Failures, origin

ADDRESS = "http://192.0.2.1:8265"

SECRET, LOOK = "secret-of-the-owner", "look-but-do-not-touch"

#: What a browser says when somebody goes to a page.
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("tokens"), host="0.0.0.0", token=SECRET, watch_token=LOOK
    )
    with TestClient(create_app(settings), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


@pytest.fixture(autouse=True)
def _without_cookies(visitor: TestClient) -> Iterator[None]:
    yield
    visitor.cookies.clear()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def cookie_of(visitor: TestClient) -> str:
    """The name of the cookie that a sign-in leaves."""
    visitor.get(f"/?token={SECRET}")
    (name,) = visitor.cookies.keys()
    visitor.cookies.clear()
    return name


def test_without_a_token_only_health_is_told(visitor: TestClient) -> None:
    for path in ("/", "/api/runs", "/static/main.js", "/openapi.json", "/metrics", "/api/runs/x/live"):
        refused = visitor.get(path)
        assert refused.status_code == 401, path
        assert refused.headers["content-type"] == "application/problem+json"
    assert visitor.get("/livez").status_code == 200
    assert visitor.get("/api/runs", headers=bearer("wrong")).status_code == 401
    assert visitor.get("/api/runs", headers=bearer("")).status_code == 401


def test_the_launch_token_may_all_and_the_watch_token_may_look(visitor: TestClient) -> None:
    experiment = {"data": {"kind": "circle"}}
    body = {"experiment": experiment, "start": "paused"}
    assert visitor.post("/api/runs", json=body, headers=bearer(LOOK)).status_code == 403
    for path, asked in (("/api/describe", experiment), ("/api/export", {"experiment": experiment})):
        assert visitor.post(path, json=asked, headers=bearer(SECRET)).status_code == 200
        assert visitor.post(path, json=asked, headers=bearer(LOOK)).status_code == 403, (
            "planning is not theirs"
        )
    assert visitor.get("/api/runs", headers=bearer(LOOK)).status_code == 200
    run = visitor.post("/api/runs", json=body, headers=bearer(SECRET))
    assert run.status_code == 201
    one = f"/api/runs/{run.json()['id']}"
    assert visitor.delete(one, headers=bearer(LOOK)).status_code == 403
    described = visitor.get(f"{one}/description", headers=bearer(LOOK)).json()
    assert described == visitor.post("/api/describe", json=experiment, headers=bearer(SECRET)).json()
    assert visitor.get(f"{one}/export", headers=bearer(LOOK)).status_code == 200


def test_a_socket_is_opened_by_a_token_in_its_address_too() -> None:
    tokens = Tokens(Settings(host="0.0.0.0", token=SECRET, watch_token=LOOK))

    def access(query: bytes) -> Access:
        return tokens.access({"type": "websocket", "query_string": query, "headers": []})

    assert access(b"token=" + SECRET.encode()) == Access.CONTROL
    assert access(b"control=1&token=" + LOOK.encode()) == Access.WATCH
    assert access(b"token=") == access(b"") == access(b"token=wrong") == Access.NONE


def test_the_printed_address_leaves_a_cookie_and_no_token_in_sight(visitor: TestClient) -> None:
    opened = visitor.get(f"/?token={SECRET}&step=7")
    assert (opened.status_code, opened.headers["location"]) == (303, "/?step=7")
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie  # a link from elsewhere opens signed in
    assert visitor.get("/api/runs").status_code == 200  # the client keeps the cookie
    visitor.cookies.clear()
    assert visitor.get("/?token=wrong").status_code == 401
    assert visitor.get(f"/%2Fevil.example/?token={SECRET}").headers["location"] == "/evil.example/"
    assert visitor.get(f"/%5Cevil.example/?token={SECRET}").headers["location"] == "/%5Cevil.example/"


# Signing in --------------------------------------------------------------------------------------------


def test_a_browser_without_a_token_is_asked_for_it(visitor: TestClient) -> None:
    for path in ("/", "/runs/abc?step=7", "/labs/descent", "/api/runs"):
        asked = visitor.get(path, headers=BROWSER)
        assert asked.status_code == 401, path
        assert asked.headers["content-type"].startswith("text/html")
        assert '<form method="post"' in asked.text
        assert asked.headers["cache-control"] == "no-store"
        for asset in re.findall(r'(?:href|src)="(/static/[^"#]+)', asked.text):
            assert visitor.get(asset).status_code == 200, asset
    assert visitor.get("/api/runs").headers["content-type"] == "application/problem+json"


def test_the_form_leads_to_where_one_wanted_to_go_and_nowhere_else(visitor: TestClient) -> None:
    for path, expected in (
        ("/runs/abc?step=7", "/runs/abc?step=7"),
        ("/sign-in", "/"),
        ("/?token=wrong", "/"),
        ("//evil.example/", "/evil.example/"),
        ("/%2F%2Fevil.example", "/evil.example"),
        ("/?next=//evil.example", "/?next=%2F%2Fevil.example"),
    ):
        signed_in = visitor.post(ADDRESS + path, data={"token": SECRET}, headers={"Origin": ADDRESS})
        assert signed_in.status_code == 303, path
        assert signed_in.headers["location"] == expected
        assert visitor.get("/api/runs").status_code == 200
        visitor.cookies.clear()


def test_a_wrong_token_is_asked_for_again_and_a_form_from_elsewhere_is_refused(visitor: TestClient) -> None:
    wrong = visitor.post("/runs/abc", data={"token": "wrong"}, headers={"Origin": ADDRESS})
    assert wrong.status_code == 401
    assert "This token opens nothing here" in wrong.text
    for origin_of_form in ("https://evil.example", "null"):
        foreign = visitor.post("/", data={"token": SECRET}, headers={"Origin": origin_of_form})
        assert foreign.status_code == 403
        assert "set-cookie" not in foreign.headers
    crossing = visitor.post("/", data={"token": SECRET}, headers={"Sec-Fetch-Site": "cross-site"})
    assert crossing.status_code == 403
    assert visitor.post("/", data={"token": "x" * 10_000}).status_code == 413


def test_a_token_that_is_not_valid_any_more_is_taken_out_of_the_browser(visitor: TestClient) -> None:
    headers = {**BROWSER, "Cookie": f"{cookie_of(visitor)}=of-an-earlier-server"}
    asked = visitor.get("/", headers=headers)
    assert asked.status_code == 401
    assert "not valid any more" in asked.text
    assert "Max-Age=0" in asked.headers["set-cookie"]


# Cookies -----------------------------------------------------------------------------------------------


def test_each_server_of_a_host_has_a_cookie_of_its_own(tmp_path: Path) -> None:
    one, other = (Tokens(Settings(data_dir=tmp_path / name, token=SECRET)) for name in ("one", "other"))
    assert one.cookie != other.cookie
    assert Tokens(Settings(data_dir=tmp_path / "one", token=SECRET)).cookie == one.cookie  # after a restart
    (tmp_path / "one" / "instance").write_bytes(b"\xff; Path=/")
    assert re.fullmatch("glassnet_[0-9a-f]{10}", Tokens(Settings(data_dir=tmp_path / "one")).cookie)


def test_a_server_that_cannot_write_still_has_a_cookie(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert re.fullmatch("[0-9a-f]{10}", cookies.instance(tmp_path / "file"))


@pytest.mark.parametrize(
    "beside", ['prefs={"a":"b"}', "a", "=", "a=b=c", 'open="', "snowman=☃", "k=v;;", "glassnet_token=x"]
)
def test_what_other_sites_left_in_the_header_spoils_nothing(visitor: TestClient, beside: str) -> None:
    name = cookie_of(visitor)
    for header in (f"{beside}; {name}={SECRET}", f"{name}={SECRET}; {beside}", f"{beside};{name}={SECRET}"):
        answer = visitor.get("/api/runs", headers=[(b"Cookie", header.encode())])
        assert answer.status_code == 200, header


# Guessing ----------------------------------------------------------------------------------------------


def test_wrong_tokens_run_out_and_right_ones_do_not(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.app.security.gate.LONGEST_DELAY", 0.0)
    answers = [visitor.get("/api/runs", headers=bearer(f"guess-{number}")) for number in range(2 * BURST)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= BURST - 5
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert {answer.status_code for answer in answers} <= {401, 429}
    assert visitor.get("/api/runs", headers=bearer(SECRET)).status_code == 200
    assert visitor.get("/api/runs").status_code == 401  # no guess
    page = visitor.get("/?token=wrong", headers=BROWSER)
    assert page.status_code == 429
    assert "The right one still opens" in page.text
    assert visitor.post("/", data={"token": SECRET}).status_code == 303


def test_a_watcher_who_guesses_the_other_token_is_counted_too(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.app.security.gate.LONGEST_DELAY", 0.0)
    headers = {"Cookie": f"{cookie_of(visitor)}={LOOK}", **bearer("guess")}
    answers = [visitor.post("/api/runs", headers=headers).status_code for _ in range(2 * BURST)]
    assert answers[-1] == 429
    assert visitor.get("/api/runs", headers=bearer(LOOK)).status_code == 200


def test_each_address_has_a_burst_and_then_one_a_second() -> None:
    now = 0.0
    failures = Failures(lambda: now)
    assert [failures.note("a") for _ in range(BURST)] == [0.0] * BURST
    assert failures.note("a") == pytest.approx(1 / RATE)
    assert failures.note("b") == 0.0
    for _ in range(1000):
        assert failures.note("a") <= LONGEST
    now += LONGEST + (BURST + 1) / RATE
    assert failures.note("a") == 0.0
    for number in range(2 * MOST_ADDRESSES):
        failures.note(str(number))
    assert len(failures._whole) == MOST_ADDRESSES


def test_an_address_of_the_sixth_version_is_its_network() -> None:
    def at(host: str) -> str:
        return origin({"type": "http", "client": (host, 1)})

    assert at("2001:db8::1") == at("2001:db8::ffff:2") != at("2001:db8:0:1::1")
    assert at("192.0.2.1") != at("192.0.2.2")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"GLASSNET_TOKEN": "brief"}, "GLASSNET_TOKEN is too short, with 5 characters; expected at least 16"),
        ({"GLASSNET_WATCH_TOKEN": "x" * 15}, "GLASSNET_WATCH_TOKEN is too short"),
        ({"GLASSNET_TOKEN": "with spaces, and long"}, "GLASSNET_TOKEN is not made of visible ASCII"),
        ({"GLASSNET_TOKEN": SECRET, "GLASSNET_WATCH_TOKEN": SECRET}, "GLASSNET_WATCH_TOKEN is the same as"),
    ],
)
def test_a_bad_token_is_refused_by_its_name_and_not_told(environment: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidSetting, match=said) as refused:
        Settings.from_environment(environment)
    assert not any(token in str(refused.value) for token in environment.values())


def test_a_token_is_made_up_where_one_is_needed() -> None:
    assert not Settings().with_launch_token().token
    assert len(Settings(host="0.0.0.0").with_launch_token().token) >= 16
    assert len(Settings(watch_token=LOOK).with_launch_token().token) >= 16  # or its bearers could do all
    assert Settings(token=SECRET).with_launch_token().token == SECRET


# Secrets stay secret -----------------------------------------------------------------------------------


@pytest.mark.parametrize("formatter", [log.TextLines(), log.JSONLines()])
def test_no_line_of_the_log_has_a_token(formatter: logging.Formatter) -> None:
    log.conceal([SECRET])
    try:
        raise ValueError(f"cookie glassnet_0123456789={LOOK} of {SECRET}")
    except ValueError as error:
        raised = (type(error), error, error.__traceback__)
    for words in (
        f'127.0.0.1:1 - "WebSocket /api/runs/x/live?token={LOOK}&control=0" [accepted]',
        f"Authorization: Bearer {LOOK}",
        f"{{'token': '{LOOK}'}}",
        f"it is {SECRET}, in the middle",
    ):
        record = logging.LogRecord("uvicorn.error", logging.INFO, "", 1, "%s", (words,), raised)
        line = formatter.format(record)
        assert SECRET not in line
        assert LOOK not in line
        assert log.HIDDEN in line
    kept = logging.LogRecord(
        "app", logging.INFO, "", 1, "12 tokens in a sequence; token 3 is 'the'", (), None
    )
    assert "token 3 is 'the'" in formatter.format(kept)
    assert SECRET not in repr(Settings(token=SECRET))


def test_every_answer_carries_the_security_headers(visitor: TestClient) -> None:
    for path in ("/livez", "/api/runs", "/nowhere"):
        headers = visitor.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_page_may_ask_no_other_host_for_anything(visitor: TestClient) -> None:
    policy = visitor.get("/").headers["content-security-policy"]
    sources = {source for directive in policy.split(";") for source in directive.split()[1:]}
    assert sources <= {"'none'", "'self'", "data:", "blob:"}


def test_a_loopback_server_needs_none(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).loopback
    assert not Settings(data_dir=tmp_path, host="0.0.0.0").loopback
