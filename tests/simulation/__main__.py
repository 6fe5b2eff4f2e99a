"""The long form: `make simulate`, or `python -m tests.simulation --seeds 5000 --first 1000`."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import structlog

from tests.simulation.simulation import Simulation


def main() -> int:
    """Run many seeds; stop at the first that shows a violation, and say how to see it again."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many (default 1000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--reports", type=int, default=40, help="reports of each run (default 40)")
    parser.add_argument("--steps", type=int, default=1_000, help="steps with faults of each run (default 1000)")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    met: Counter[str] = Counter()
    started = time.monotonic()
    for number, seed in enumerate(range(options.first, options.first + options.seeds), 1):
        with tempfile.TemporaryDirectory() as folder:
            world = Simulation(seed, Path(folder), reports=options.reports, steps=options.steps)
            try:
                world.run()
            except Exception:  # noqa: BLE001 - whatever stops a run is what is looked for
                traceback.print_exc()
                again = f"--first {seed} --seeds 1 --reports {options.reports} --steps {options.steps}"
                print(f"\nseed {seed} fails; faults {world.faults}\nsee it again: python -m tests.simulation {again}")  # noqa: T201
                return 1
        met.update(world.met)
        if number % 50 == 0 and sys.stderr.isatty():
            print(f"\r{number} of {options.seeds} seeds", end="", file=sys.stderr)  # noqa: T201
    faults = ", ".join(f"{name} {count}" for name, count in sorted(met.items()))
    print(f"{options.seeds} seeds from {options.first} without a violation in {time.monotonic() - started:.0f} s")  # noqa: T201
    print(f"what happened on the way: {faults}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
