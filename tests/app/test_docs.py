"""What the documents say about the service is what it does."""

from __future__ import annotations

import re
from pathlib import Path

from glassnet.app.core.settings import PREFIX, Settings
from glassnet.app.runs import states
from glassnet.engine.run.commands import PUBLIC

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_table_of_legal_commands_is_the_one_that_holds() -> None:
    text = (DOCS / "commands.md").read_text()
    assert states.table() in text
    for state, words in states.STATES.items():
        assert f"| {state} | {words} |" in text


def test_every_command_has_a_line_in_the_table_and_every_line_a_command() -> None:
    table = re.findall(
        r'^\| `\{"type": "([a-z]+)".*\| (.*) \|$', (DOCS / "commands.md").read_text(), re.MULTILINE
    )
    assert table == [(kind, command.summary()) for kind, command in PUBLIC.items()]
    assert all(states.LEGAL[state] <= set(PUBLIC) for state in states.STATES)


def test_every_setting_is_described() -> None:
    text = (DOCS / "service.md").read_text()
    for name, field in Settings.model_fields.items():
        shown = f"`{field.default}`" if field.default != "" else ""
        assert f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |" in text
