"""A worker with one agent only, so that its cost can be measured alone: `python -m benchmarks.one_agent ledger`."""

from __future__ import annotations

import sys
from typing import Any

from incident_pipeline.config import load_config
from incident_pipeline.logs import set_up_logs
from streams import app

AGENTS = ("intake", "ledger", "surveillance")


def main() -> None:
    """Run a worker without the other agents."""
    wanted = sys.argv.pop()
    if wanted not in AGENTS:
        sys.exit(f"{wanted!r} is no agent; there are: {', '.join(AGENTS)}")
    add_agent = app._add_agent  # noqa: SLF001 - a worker has all agents; only a measurement wants one

    def add_wanted(*args: Any, **options: Any) -> None:  # noqa: ANN401 - passed on as it comes
        if wanted in args:
            add_agent(*args, **options)

    app._add_agent = add_wanted  # noqa: SLF001 - as above
    config = load_config()
    set_up_logs(config.log_format, config.log_level)
    app.run_worker(config)


if __name__ == "__main__":
    main()
