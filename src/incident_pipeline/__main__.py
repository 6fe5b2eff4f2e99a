"""`python -m incident_pipeline` is `incident-pipeline`."""

from __future__ import annotations

from incident_pipeline.cli import main

if __name__ == "__main__":
    main()
