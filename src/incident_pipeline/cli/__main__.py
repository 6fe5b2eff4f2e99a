"""`python -m incident_pipeline.cli` is `incident-pipeline`."""

from __future__ import annotations

from incident_pipeline.cli.app import main

if __name__ == "__main__":
    main()
