"""The alert rules that cannot be used now: a fold of what `alerts` says of them, over all partitions."""

from __future__ import annotations

from incident_pipeline.alert import AlertRuleNotice, RuleFault, RuleNoticeType

__all__ = ["UnusableRules", "in_words"]

_BECAUSE = {
    RuleFault.UNKNOWN_DETECTOR: "there is no detector '{detector}'",
    RuleFault.UNUSABLE_SETTINGS: "its detector '{detector}' cannot use its settings",
}


class UnusableRules:
    """Each partition says once that a rule cannot be used, and once that it can be again."""

    def __init__(self) -> None:
        self._partitions: dict[str, int] = {}
        """Rule -> in how many partitions it cannot be used."""
        self._latest: dict[str, AlertRuleNotice] = {}

    def apply(self, notice: AlertRuleNotice) -> None:
        """Take in one record of `alerts` that counts."""
        unusable = notice.type is RuleNoticeType.UNUSABLE
        self._partitions[notice.rule] = self._partitions.get(notice.rule, 0) + (1 if unusable else -1)
        if unusable:
            self._latest[notice.rule] = notice

    def now(self) -> list[AlertRuleNotice]:
        """The last word on each rule that cannot be used somewhere, by rule."""
        return [self._latest[rule] for rule, partitions in sorted(self._partitions.items()) if partitions > 0]


def in_words(notice: AlertRuleNotice) -> str:
    """What is wrong, and what to do, for a person."""
    because = "it cannot be used" if notice.reason is None else _BECAUSE[notice.reason].format(detector=notice.detector)
    return (
        f"The alert rule '{notice.rule}' judges no day: {because}. Correct it in the catalogue "
        "(`incident-pipeline catalogue check DIRECTORY` says how) and restart the workers with it."
    )
