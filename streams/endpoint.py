"""The worker's HTTP endpoint: `/metrics`, `/livez`, `/readyz`, and `/`, which links to them.

Bound to this machine unless told otherwise. It runs on the worker's event loop: that it answers at all is what `/livez`
says, and a scrape never meets a batch half counted. Faust's own web server shows tables and is off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import hdrs, web
from mode import Service
from prometheus_client.exposition import gzip_accepted

from incident_pipeline import __version__
from incident_pipeline.health import Ready
from incident_pipeline.logs import get_logger
from incident_pipeline.metrics import render
from incident_pipeline.visible import visible_json
from streams.service_logger import SERVICE_LOGGER

if TYPE_CHECKING:
    from incident_pipeline.metrics import WorkerMetrics

__all__ = ["Endpoint", "EndpointError"]

_log = get_logger(__name__)
_STOP_SECONDS = 2.0
"""How long open connections may hold up the worker's end."""
_VARY = "Accept, Accept-Encoding"
_INDEX = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>incident-pipeline: a worker</title></head>
<body>
<h1>incident-pipeline {version}: a worker, {state}</h1>
<ul>
<li><a href="/metrics">/metrics</a>: counts, alerts and progress, for Prometheus</li>
<li><a href="/livez">/livez</a>: 200 while the process answers</li>
<li><a href="/readyz">/readyz</a>: 200 while it makes progress, else what is in the way</li>
</ul>
<p>What each metric and alert means, and what to do: <code>docs/operator.md</code> of this version's repository.</p>
</body>
</html>
"""


class EndpointError(OSError):
    """The endpoint cannot be served; the message says where and what to do."""


class Endpoint(Service):
    """Serves one worker's metrics and health."""

    logger = SERVICE_LOGGER

    def __init__(self, metrics: WorkerMetrics, *, host: str, port: int, **options: Any) -> None:  # noqa: ANN401
        """`port` 0 takes a free one; `options` are those of a mode service."""
        super().__init__(**options)
        self._metrics = metrics
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that are served; the port asked for before the start."""
        addresses = self._runner.addresses if self._runner else []
        return (addresses[0][0], addresses[0][1]) if addresses else (self._host, self._port)

    async def on_start(self) -> None:
        """Serve; raises `EndpointError` where the address cannot be had."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._serve_index),
                web.get("/metrics", self._serve_metrics),
                web.get("/livez", self._serve_livez),
                web.get("/readyz", self._serve_readyz),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOP_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise EndpointError(
                f"Metrics cannot be served on {self._host}:{self._port}: {error.strerror or error}. "
                "Set metrics_host and metrics_port to an address of this machine and a free port (0: any)."
            ) from error
        self._runner = runner
        served_host, served_port = self.address
        _log.info("endpoint.served", host=served_host, port=served_port)

    async def on_stop(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve_index(self, _: web.Request) -> web.Response:
        state = "ready" if isinstance(self._metrics.readiness(), Ready) else "not ready"
        return web.Response(text=_INDEX.format(version=__version__, state=state), content_type="text/html")

    async def _serve_metrics(self, request: web.Request) -> web.Response:
        content_type, body = render(self._metrics, ",".join(request.headers.getall(hdrs.ACCEPT, ())))
        response = web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type, hdrs.VARY: _VARY})
        if gzip_accepted(",".join(request.headers.getall(hdrs.ACCEPT_ENCODING, ()))):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    async def _serve_livez(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _serve_readyz(self, _: web.Request) -> web.Response:
        verdict = self._metrics.readiness()
        ready = isinstance(verdict, Ready)
        body = msgspec.json.encode({"ready": ready, **msgspec.to_builtins(verdict)})
        return web.Response(
            body=visible_json(body.decode()).encode(), status=200 if ready else 503, content_type="application/json"
        )
