"""How many violations there were: the pure core of counting.

The law is kept twice: in `count`, a full recount written straight from it, and in `TheatreDay`, the same figures
kept up line by line at a cost that does not grow with the day's lines. What the law leaves open was decided in
docs/decisions/counting-choices.md. Places are paths of ids from the theatre down, joined by `/`; attributions are
sorted group ids joined by `|`, or `unattributed`. Nothing here reads a clock, a catalogue or a file.
"""

from __future__ import annotations

from incident_pipeline.counting.attribution import UNATTRIBUTED, attribution, join_groups, meet
from incident_pipeline.counting.blocks import Clusters, Decision, Regrouping, RunnerUp
from incident_pipeline.counting.clustering import EXACT_ITEMS, Incident, cluster
from incident_pipeline.counting.coverage import Coverage, coverage, reaches
from incident_pipeline.counting.day import Changes, TheatreDay
from incident_pipeline.counting.facts import (
    NOTHING,
    Aggregate,
    DayCounts,
    Figures,
    Item,
    LineKey,
    Retelling,
)
from incident_pipeline.counting.pairing import THRESHOLD, Veto, block_of, pair_score
from incident_pipeline.counting.recount import count

__all__ = [
    "EXACT_ITEMS",
    "NOTHING",
    "THRESHOLD",
    "UNATTRIBUTED",
    "Aggregate",
    "Changes",
    "Clusters",
    "Coverage",
    "DayCounts",
    "Decision",
    "Figures",
    "Incident",
    "Item",
    "LineKey",
    "Regrouping",
    "Retelling",
    "RunnerUp",
    "TheatreDay",
    "Veto",
    "attribution",
    "block_of",
    "cluster",
    "count",
    "coverage",
    "join_groups",
    "meet",
    "pair_score",
    "reaches",
]
