"""The configuration and the rules on a real Prometheus server, with an Alertmanager that notes what it is sent."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml  # type: ignore[import-untyped]
from aiohttp import web
from backfill_world import CATALOGUE, Watched, crossing

from incident_pipeline.broker.ports import free_port
from incident_pipeline.demo.history import history
from incident_pipeline.limits import Limits
from streams.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PROMETHEUS = Path(__file__).parents[2] / "deploy/prometheus"
pytestmark = pytest.mark.promtool


class Alertmanager:
    """Notes the alerts that Prometheus sends it, by name."""

    def __init__(self) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = {}

    async def take(self, request: web.Request) -> web.Response:
        for alert in await request.json():
            known = self.sent.setdefault(alert["labels"]["alertname"], [])
            if alert["labels"] not in [one["labels"] for one in known]:
                known.append(alert)
        return web.Response()


@asynccontextmanager
async def alertmanager() -> AsyncIterator[tuple[Alertmanager, str]]:
    noted = Alertmanager()
    app = web.Application()
    app.add_routes([web.post("/api/v2/alerts", noted.take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield noted, f"{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def prometheus(folder: Path, worker: str, alerts_to: str) -> AsyncIterator[None]:
    """The server under the shipped configuration, with addresses of this test and a look every second."""
    binary = shutil.which("prometheus")
    if binary is None:
        pytest.skip("prometheus is missing: the rules are not run. Install Prometheus (Debian: `prometheus`).")
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    config["global"] = dict.fromkeys(config["global"], "1s")
    config["rule_files"] = [str(PROMETHEUS / file) for file in config["rule_files"]]
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [worker]
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [alerts_to]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            binary,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{free_port()}",
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def until(noted: Alertmanager, alert: str, of: int, seconds: float = 40) -> None:
    for _ in range(int(seconds * 10)):
        if len(noted.sent.get(alert, [])) >= of:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{alert} was not sent {of} times within {seconds:g} s: {noted.sent}")


async def test_a_backfill_is_one_ticket_and_each_crossing_after_it_a_page(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    today = CATALOGUE.days.of(now.timestamp())
    watched = Watched(now)
    watched.send(*(each.value for each in history(Limits().report_bytes)))
    watched.send(*(crossing(dt.date(2020, 4, 1) + dt.timedelta(days=day)) for day in range(100)))
    endpoint = Endpoint(watched.metrics, host="127.0.0.1", port=0)
    await endpoint.start()
    host, port = endpoint.address
    try:
        async with alertmanager() as (noted, address), prometheus(tmp_path, f"{host}:{port}", address):
            await until(noted, "BackfillPastThreshold", 1)
            assert noted.sent["BackfillPastThreshold"][0]["labels"]["severity"] == "ticket"
            assert "ViolationsPastThreshold" not in noted.sent
            watched.send(crossing(today))
            await until(noted, "ViolationsPastThreshold", 1)
            watched.send(crossing(today, "sample-observer-north", group="Hay'at Tahrir al-Sham", count=12))
            await until(noted, "ViolationsPastThreshold", 2)
    finally:
        await endpoint.stop()
    whole, group = noted.sent["ViolationsPastThreshold"]
    assert (
        whole["labels"].items()
        >= {
            "rule": "north-west-day",
            "severity": "page",
            "date": today.isoformat(),
            "group": "*",
            "place": "north-west",
        }.items()
    )
    assert f"On {today} the count now is 8, and 5 is the limit" in whole["annotations"]["description"]
    assert (group["labels"]["rule"], group["labels"]["group"]) == ("single-group-day", "hts")
    assert len(noted.sent["BackfillPastThreshold"]) == 1
    assert noted.sent.keys() == {"BackfillPastThreshold", "ViolationsPastThreshold"}
