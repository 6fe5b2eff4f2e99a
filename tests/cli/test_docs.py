"""The pages of the documentation say what the program does."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident_pipeline.cli.exit_codes import ExitCode
from incident_pipeline.cloudevents import ALERT_SCHEMA, EVENT_SCHEMA
from incident_pipeline.config import SETTINGS, Config
from incident_pipeline.dead_letter import DeadLetterHeaders, RequeuedHeaders
from incident_pipeline.rejection import REMEDY
from incident_pipeline.topics import load_topics
from streams.worker_end import EXIT_AGENT_FAILED

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def page() -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in DOCS.glob("*.md")}


def settings_table() -> str:
    rows = []
    for setting in SETTINGS:
        default = getattr(Config(), setting.name)
        shown = "" if default in {None, ""} else f"`{default}`"
        in_the_file = "" if setting.only_in_environment else f"`{setting.name}`"
        rows.append(f"| {in_the_file} | `{setting.variable}` | {shown} | {setting.purpose}; {setting.permitted} |")
    return "\n".join(rows)


def test_every_setting_is_documented_as_it_is(page: dict[str, str]) -> None:
    assert settings_table() in page["cli"], f"docs/cli.md should hold:\n{settings_table()}"


def test_every_exit_code_is_documented(page: dict[str, str]) -> None:
    assert all(f"\n| {code.value} |" in page["cli"] for code in ExitCode)
    assert ExitCode.AGENT_FAILED == EXIT_AGENT_FAILED


def test_every_reason_of_a_dead_letter_is_documented_with_its_remedy(page: dict[str, str]) -> None:
    assert all(f"| `{reason.value}` | {remedy} |" in page["producer"] for reason, remedy in REMEDY.items())


def test_every_topic_and_header_of_the_contract_is_documented(page: dict[str, str]) -> None:
    assert all(f"\n| `{topic.name}` |" in page["contract"] for topic in load_topics())
    for headers in (DeadLetterHeaders, RequeuedHeaders):
        assert all(f"`{name}`" in page["contract"] for name in headers.__struct_encode_fields__)
    assert EVENT_SCHEMA in page["contract"]
    assert ALERT_SCHEMA.removeprefix("urn:incident-pipeline:schema") in page["contract"]


def test_the_example_reader_of_the_contract_is_the_program_beside_it(page: dict[str, str]) -> None:
    program = (DOCS / "examples" / "read_events.py").read_text("utf-8")
    rule = program.split("# begin: the reader's rule\n")[1].split("# end: the reader's rule")[0].strip()
    assert rule in page["contract"]
    assert len(rule.splitlines()) <= 12


def test_pages_link_to_files_that_are_there(page: dict[str, str]) -> None:
    for name in ("cli", "contract", "producer", "secured-clusters"):
        for part in page[name].split("](")[1:]:
            target = part.split(")")[0].partition("#")[0]
            assert (DOCS / target).exists(), target
