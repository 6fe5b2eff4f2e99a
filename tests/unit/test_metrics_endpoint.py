"""The endpoint as Prometheus and an orchestrator see it, over real HTTP on loopback."""

from __future__ import annotations

import gzip
import json
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

from incident_pipeline.metrics import METRICS, WorkerMetrics
from streams.endpoint import Endpoint, EndpointError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def serving(worker: WorkerMetrics) -> AsyncIterator[str]:
    endpoint = Endpoint(worker, host="127.0.0.1", port=0)
    await endpoint.start()
    try:
        host, port = endpoint.address
        yield f"http://{host}:{port}"
    finally:
        await endpoint.stop()


async def get(url: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, response.headers["Content-Type"], await response.text()


async def test_metrics_are_served_in_prometheus_text_format() -> None:
    worker = WorkerMetrics()
    worker.understood(3, 4)
    async with serving(worker) as url:
        status, content_type, body = await get(f"{url}/metrics")
    assert status == 200
    assert content_type.startswith("text/plain; version=")
    assert "incident_pipeline_reports_total 3.0\n" in body
    assert "process_resident_memory_bytes" in body


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text; version=1.0.0",
        # What Prometheus sends.
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    ],
)
async def test_openmetrics_is_served_where_it_is_asked_for(accept: str) -> None:
    worker = WorkerMetrics()
    worker.understood(3, 4)
    async with serving(worker) as url, aiohttp.ClientSession() as session:
        response = await session.get(f"{url}/metrics", headers={"Accept": accept})
        body = await response.text()
    assert response.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0; charset=utf-8")
    families = {family.name: family for family in openmetrics(body)}
    assert families["incident_pipeline_reports"].samples[0].value == 3
    assert {metric.name.removesuffix("_total") for metric in METRICS} <= families.keys()
    assert body.endswith("# EOF\n")


async def test_metrics_are_compressed_where_that_is_taken_and_only_there() -> None:
    worker = WorkerMetrics()
    async with serving(worker) as url, aiohttp.ClientSession(auto_decompress=False) as session:
        packed = await session.get(f"{url}/metrics", headers={"Accept-Encoding": "deflate, gzip"})
        plain = await session.get(f"{url}/metrics", headers={"Accept-Encoding": "identity"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept, Accept-Encoding"
        whole, text = await packed.read(), await plain.text()
        assert gzip.decompress(whole).decode().splitlines()[:20] == text.splitlines()[:20]
        assert len(whole) < len(text) / 3


async def test_the_first_page_links_to_what_is_served() -> None:
    async with serving(WorkerMetrics()) as url:
        status, content_type, page = await get(url)
        assert (status, content_type) == (200, "text/html; charset=utf-8")
        assert "a worker, not ready" in page
        links = re.findall(r'href="(/\w+)"', page)
        assert links == ["/metrics", "/livez", "/readyz"]
        assert {(await get(url + link))[0] for link in links} == {200, 503}
    told = re.findall(r"<code>(\S+)</code>", page)
    assert [(Path(__file__).parents[2] / file).is_file() for file in told] == [True]


async def test_a_live_worker_answers() -> None:
    async with serving(WorkerMetrics()) as url:
        assert (await get(f"{url}/livez"))[0] == 200


async def test_readyz_answers_503_with_the_partition_and_the_reason() -> None:
    worker = WorkerMetrics(monotonic=lambda: 100.0)
    worker.progress.assigned("lines", 2, 0)
    async with serving(worker) as url:
        status, content_type, body = await get(f"{url}/readyz")
        assert (status, content_type) == (503, "application/json")
        assert json.loads(body) == {
            "ready": False,
            "reasons": [
                {
                    "reason": "recovering",
                    "topic": "lines",
                    "partition": 2,
                    "detail": "The state is being folded from the log.",
                }
            ],
        }
        worker.progress.observe("lines", 2, position=5, end=5, committed=5, now_seconds=100)
        status, _, body = await get(f"{url}/readyz")
        assert (status, json.loads(body)) == (200, {"ready": True, "partitions": 1})


async def test_nothing_else_is_served() -> None:
    async with serving(WorkerMetrics()) as url:
        for path in ("/tables", "/stats", "/graph"):
            assert (await get(url + path))[0] == 404


async def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    worker = WorkerMetrics()
    async with serving(worker) as url:
        taken = int(url.rpartition(":")[2])
        second = Endpoint(worker, host="127.0.0.1", port=taken)
        with pytest.raises(EndpointError, match=f"127.0.0.1:{taken}.*metrics_port"):
            await second.start()


async def test_a_stopped_endpoint_frees_its_port() -> None:
    worker = WorkerMetrics()
    async with serving(worker) as url:
        port = int(url.rpartition(":")[2])
    again = Endpoint(worker, host="127.0.0.1", port=port)
    await again.start()
    await again.stop()
