"""Surveillance: whether today is abnormal. A function of one `events` partition alone.

`watch(state, value, event_id)` advances the state by one event and returns the alerts; `encode_alerts` makes records
of them. `to_data` and `from_data` are the snapshot; `check_alert_rules` says what is wrong with a rules file.
"""

from __future__ import annotations

from incident_pipeline.surveillance.check import check_alert_rules
from incident_pipeline.surveillance.encoding import encode_alerts
from incident_pipeline.surveillance.snapshot import from_data, to_data
from incident_pipeline.surveillance.state import RulesByHash, Watch
from incident_pipeline.surveillance.watch import watch
from incident_pipeline.surveillance.watchlist import RulesError

__all__ = [
    "RulesByHash",
    "RulesError",
    "Watch",
    "check_alert_rules",
    "encode_alerts",
    "from_data",
    "to_data",
    "watch",
]
