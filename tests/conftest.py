"""What the suites share: one real broker for the session, fresh topic names, and no silent skips in CI."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from incident_pipeline.broker import BrokerError, Cluster, broker_for

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# Tests of real parts that a machine may lack. In CI none may be skipped, and each kind must have run.
REAL_PARTS = ("broker", "promtool", "install")
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
_passed: Counter[str] = Counter()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One real Kafka for the session: that of `KAFKA_BOOTSTRAP_SERVERS`, or a local broker."""
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(broker_for(tmp_path_factory.mktemp("kafka")))
        except BrokerError as error:
            problem = str(error)
        else:
            yield cluster
            return
    pytest.fail(f"No Kafka broker for the tests. {problem}", pytrace=False)


@pytest.fixture(scope="session")
def bootstrap_servers(kafka: Cluster) -> str:
    """The address of the session's Kafka."""
    return kafka.bootstrap_servers


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that no other test uses: its topics and groups are fresh."""
    return f"t{uuid.uuid4().hex[:10]}-"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `broker` whatever asks for the session's Kafka, so that nobody needs to remember."""
    for item in items:
        if "kafka" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.broker)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, a skipped test of a real part is a failed one."""
    report = yield
    kinds = [kind for kind in REAL_PARTS if item.get_closest_marker(kind)]
    if report.skipped and kinds and IN_CI and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and CI may not skip a {kinds[0]} test: {report.longrepr}"
    if report.passed and report.when == "call":
        _passed.update(kinds)
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI, a whole run in which a kind of real part was never tried has failed."""
    if missing := _never_run(session.config):
        session.exitstatus = exitstatus or pytest.ExitCode.TESTS_FAILED
        print(f"\nCI may not pass without these tests, and none of them ran: {', '.join(missing)}")  # noqa: T201


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests of real parts passed."""
    counts = ", ".join(f"{_passed[kind]} {kind}" for kind in REAL_PARTS)
    terminalreporter.write_line(f"passed on real parts: {counts}")


def _never_run(config: pytest.Config) -> list[str]:
    whole_suite = (
        config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and not config.option.keyword
        and not config.option.markexpr
        and not config.option.collectonly
    )
    return [kind for kind in REAL_PARTS if not _passed[kind]] if IN_CI and whole_suite else []
