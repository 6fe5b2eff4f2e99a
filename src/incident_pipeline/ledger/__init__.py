"""The ledger: what happened, how often, by whom and where, as a fold of the event log.

`decide` turns one record of `lines` into events, `fold` applies an event of the log; both pass through the same
`evolve.apply`, free of I/O, clocks and chance. The state belongs to its caller and is advanced in place: deciding
leaves it as folding the decided events would.
"""

from __future__ import annotations

from incident_pipeline.ledger.decide import decide
from incident_pipeline.ledger.evolve import FoldMismatchError, fold
from incident_pipeline.ledger.settings import RuleBook, Settings
from incident_pipeline.ledger.state import Ledger

__all__ = ["FoldMismatchError", "Ledger", "RuleBook", "Settings", "decide", "fold"]
