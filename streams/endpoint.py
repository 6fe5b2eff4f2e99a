"""The worker's HTTP endpoint: `/metrics`, `/livez`, `/readyz`. Bound to this machine unless told otherwise.

It runs on the worker's event loop: that it answers at all is what `/livez` says, and a scrape never meets a batch
half counted. Faust's own web server shows tables and is off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web
from mode import Service

from incident_pipeline.health import Ready
from incident_pipeline.logs import get_logger
from incident_pipeline.metrics import CONTENT_TYPE, render
from incident_pipeline.visible import visible_json
from streams.service_logger import SERVICE_LOGGER

if TYPE_CHECKING:
    from incident_pipeline.metrics import WorkerMetrics

__all__ = ["Endpoint", "EndpointError"]

_log = get_logger(__name__)
_STOP_SECONDS = 2.0
"""How long open connections may hold up the worker's end."""


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

    async def _serve_metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=render(self._metrics), headers={"Content-Type": CONTENT_TYPE})

    async def _serve_livez(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _serve_readyz(self, _: web.Request) -> web.Response:
        verdict = self._metrics.readiness()
        ready = isinstance(verdict, Ready)
        body = msgspec.json.encode({"ready": ready, **msgspec.to_builtins(verdict)})
        return web.Response(
            body=visible_json(body.decode()).encode(), status=200 if ready else 503, content_type="application/json"
        )
