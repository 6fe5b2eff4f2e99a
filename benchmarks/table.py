"""The numbers, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from benchmarks.whole_path import Rate, Result

__all__ = ["show"]


def show(result: Result, seconds: float) -> None:
    """Print the tables."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=110)
    machine = result.machine
    console.print("; ".join(f"{name} {what}" for name, what in machine.items()))
    console.print(_rates(result))
    console.print(_stages(result))
    whole, latency, ratio = result.whole, result.latency, result.ratio
    if whole is not None:
        console.print(
            f"whole path: {whole.user_seconds:.1f} s user + {whole.system_seconds:.1f} s system; "
            f"{result.events:,} events of {result.event_bytes / max(1, result.events):,.0f} bytes, "
            f"{result.alerts:,} alerts; the counts are right"
        )
        start = result.startup
        console.print(f"start-up, taken off: {start.usage.seconds:.1f} processor s, {start.wall_seconds:.1f} s")
    if latency is not None:
        console.print(
            f"latency at {latency.reports_per_second:,.0f} reports/s for {latency.seconds:.0f} s: "
            f"p50 {latency.p50_ms:.0f} ms, p99 {latency.p99_ms:.0f} ms, most {latency.max_ms:.0f} ms"
        )
    if ratio is not None:
        console.print(f"per processor second: {ratio:.1f} times the plain way")
    console.print(f"measured in {seconds:.0f} s")


def _rates(result: Result) -> Table:
    table = Table("run", title="Reports per second")
    for heading in ("reports", "per processor s", "per wall s", "µs each", "processor s", "broker's s", "peak MB"):
        table.add_column(heading, justify="right")
    for name, rate in (
        ("whole path", result.whole),
        *((f"{agent} alone", rate) for agent, rate in result.agents.items()),
        ("plain Faust", result.plain),
    ):
        if rate is not None:
            table.add_row(name, *_row(rate))
    return table


def _row(rate: Rate) -> list[str]:
    return [
        f"{rate.reports:,}",
        f"{rate.per_processor_second:,.0f}",
        f"{rate.per_wall_second:,.0f}",
        f"{rate.processor_seconds / rate.reports * 1e6:.1f}",
        f"{rate.processor_seconds:.1f}",
        "" if rate.broker_seconds is None else f"{rate.broker_seconds:.1f}",
        f"{rate.peak_megabytes:.0f}",
    ]


def _stages(result: Result) -> Table:
    table = Table("agent", title="Computing, by the worker's own metrics (seconds of the clock)")
    for heading in ("records", "batches", "seconds", "µs a record", "µs a report"):
        table.add_column(heading, justify="right")
    reports = result.whole.reports if result.whole is not None else 1
    for stage in result.stages:
        seconds = stage.processing_seconds
        table.add_row(
            stage.agent,
            f"{stage.records:,}",
            f"{stage.batches:,}",
            f"{seconds:.2f}",
            f"{seconds / max(1, stage.records) * 1e6:.1f}",
            f"{seconds / reports * 1e6:.1f}",
        )
    return table
