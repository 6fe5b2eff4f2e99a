"""Which items tell one incident."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from incident_pipeline.counting import EXACT_ITEMS, THRESHOLD, Clusters, Item, Veto, block_of, cluster, pair_score
from incident_pipeline.counting.clustering import link_all, partition
from tests.oracle.lines import item

DISTRICT = "nw/idlib/saraqib"
TOWN = "nw/idlib/saraqib/afis"
OTHER_TOWN = "nw/idlib/saraqib/nayrab"


def of(party: str, index: int = 0, **more: Any) -> Item:
    return item(index, party=party, report=f"r{index}", **more)


def groups(items: list[Item]) -> list[list[str]]:
    return [[member.party for member in incident.members] for incident in cluster(items)]


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ({}, {}, 9),
        ({"minute": 600}, {"minute": 610}, 9),
        ({"minute": 600}, {"minute": 611}, 8),
        ({"minute": 600}, {"minute": 631}, 7),
        ({"minute": 600}, {"minute": 660}, 7),
        ({"minute": None}, {"minute": 600}, 6),
        ({"type": "K1"}, {"type": "K2"}, 8),
        ({"type": "U0"}, {"type": "K4"}, 8),
        ({"attribution": "hts|tip"}, {"attribution": "hts"}, 8),
        ({"attribution": "unattributed"}, {"attribution": "gov"}, 8),
        ({"place": DISTRICT}, {"place": TOWN}, 7),
        ({"raw_place": "Abu Duhur"}, {"raw_place": "abu-duhur"}, 9),
        ({"against": "gov"}, {"against": None}, 9),
        ({"point": (35.86, 36.80)}, {"point": (35.86, 36.80)}, 9),
        ({"point": (35.86, 36.80)}, {"point": (35.88, 36.81)}, 9),
        ({"point": (35.86, 36.80)}, {}, 9),
        (
            {"point": (35.86, 36.80), "raw_place": "35.86, 36.8"},
            {"point": (35.87, 36.80), "raw_place": "35.87, 36.8"},
            9,
        ),
    ],
)
def test_signs_add_up(one: dict[str, Any], other: dict[str, Any], score: int) -> None:
    first, second = of("a", **one), of("b", **other)
    assert pair_score(first, second) == pair_score(second, first) == score


@pytest.mark.parametrize(
    ("one", "other", "veto"),
    [
        ({"minute": 600}, {"minute": 661}, Veto.TIME),
        ({"place": TOWN}, {"place": OTHER_TOWN}, Veto.PLACE),
        ({"raw_place": "Abu Duhur"}, {}, Veto.PLACE_NAME),
        ({"raw_place": "35.86, 36.8", "point": (35.86, 36.80)}, {}, Veto.PLACE_NAME),
        ({"point": (35.86, 36.80)}, {"point": (35.89, 36.80)}, Veto.POINT),
        ({"point": (35.86, 36.80)}, {"point": (35.86, 36.84)}, Veto.POINT),
        ({"point": (0.0, 180.0)}, {"point": (0.0, -179.9)}, Veto.POINT),
        ({"type": "K1"}, {"type": "K4"}, Veto.TYPE),
        ({"attribution": "hts"}, {"attribution": "gov|tip"}, Veto.ATTRIBUTION),
        ({"against": "hts"}, {"against": "gov"}, Veto.AGAINST),
    ],
)
def test_one_contradiction_is_enough(one: dict[str, Any], other: dict[str, Any], veto: Veto) -> None:
    first, second = of("a", **one), of("b", **other)
    assert pair_score(first, second) == pair_score(second, first) == veto


def test_a_report_that_tells_two_items_means_two() -> None:
    assert pair_score(item(0, report=1), item(1, report=1)) == Veto.SAME_REPORT


def test_a_party_repeats_itself_only_in_the_very_same_words() -> None:
    first = of("a", 1)
    assert pair_score(first, of("a", 2)) >= THRESHOLD
    assert pair_score(first, of("a", 2, minute=601)) == Veto.SAME_PARTY
    assert pair_score(of("a", 1, minute=None), of("a", 2, minute=None)) == Veto.SAME_PARTY


def test_an_untimed_item_of_a_district_is_not_enough_to_be_a_towns_incident() -> None:
    score = pair_score(of("a", place=DISTRICT, minute=None), of("b", place=TOWN))
    assert 0 <= score < THRESHOLD


def test_an_unspecified_violation_may_be_any_kind_of_fire_but_no_movement() -> None:
    assert block_of(of("a", type="U0")) == block_of(of("a", type="K4"))
    assert block_of(of("a", type="U0")) != block_of(of("a", type="P1"))


def test_an_incident_has_the_groups_that_all_tellers_allow_and_the_deepest_place() -> None:
    (incident,) = cluster([of("a", place=DISTRICT, attribution="hts|tip"), of("b", place=TOWN, attribution="gov|hts")])
    assert (incident.attribution, incident.place) == ("hts", TOWN)
    assert incident.parties == ("a", "b")


def test_three_pairs_of_sets_that_have_no_group_in_common_are_not_one_incident() -> None:
    told = [of("a", attribution="gov|hts"), of("b", attribution="gov|tip"), of("c", attribution="hts|tip")]
    assert len(cluster(told)) == 2


def test_a_chain_in_time_is_cut_into_the_fewest_incidents() -> None:
    chain = [of(party, minute=600 + 50 * index) for index, party in enumerate("abcd")]
    assert groups(chain) == [["a", "b"], ["c", "d"]]


def test_the_fewest_incidents_go_before_the_best_scores() -> None:
    # b and c fit best, but taking them together would leave a and d alone.
    told = [of("a", minute=540), of("b", minute=600), of("c", minute=610), of("d", minute=670)]
    assert groups(told) == [["a", "b"], ["c", "d"]]


def test_among_the_fewest_the_best_scores_win() -> None:
    told = [of("a", minute=600), of("b", minute=660), of("c", minute=655)]
    assert groups(told) == [["a", "b", "c"]]
    apart = [of("a", minute=600), of("b", minute=661), of("c", minute=655)]
    assert groups(apart) == [["a"], ["b", "c"]]


def test_more_items_than_are_split_exactly_are_grouped_the_same_in_any_order() -> None:
    many = [of(f"p{index:02}", minute=600 + 20 * index) for index in range(EXACT_ITEMS + 4)]
    incidents = cluster(many)
    assert sorted(member.key for incident in incidents for member in incident.members) == [each.key for each in many]
    assert cluster(reversed(many)) == incidents
    for incident in incidents:
        for one, other in itertools.combinations(incident.members, 2):
            assert pair_score(one, other) >= THRESHOLD


class Looked(dict[Any, Any]):
    """Links that count how often they are looked at."""

    times = 0

    def __getitem__(self, key: Any) -> Any:
        self.times += 1
        return super().__getitem__(key)


def test_the_same_thing_said_under_many_ids_is_looked_at_once_for_each_and_not_for_each_pair() -> None:
    items = sorted((of("a", index) for index in range(200)), key=lambda one: one.key)
    links = Looked(link_all(items))
    assert [len(group) for group in partition(items, links)] == [200]
    assert links.times <= len(items)


def test_a_late_item_merges_and_its_going_splits_again() -> None:
    clusters = Clusters()
    first, last, between = of("a", minute=600), of("b", minute=700), of("c", minute=650)
    clusters.add(first)
    assert clusters.add(last).removed == ()
    merging = clusters.add(between)
    assert [[member.party for member in incident.members] for incident in merging.removed] == [["a"]]
    assert [[member.party for member in incident.members] for incident in merging.added] == [["a", "c"]]
    assert merging.decision.matched == first.key
    assert [(other.key, other.reason) for other in merging.decision.runners_up] == [(last.key, "better_elsewhere")]
    splitting = clusters.remove(between.key)
    assert [[member.party for member in incident.members] for incident in splitting.added] == [["a"]]
    assert clusters.items() == [first, last]


def test_what_hangs_together_elsewhere_is_not_told_again() -> None:
    clusters = Clusters()
    for party in "ab":
        clusters.add(of(party, minute=100))
    regrouping = clusters.add(of("c", minute=900))
    assert regrouping.removed == ()
    assert regrouping.added == ()
    assert regrouping.decision.score is None


def test_a_decision_tells_what_fell_short_and_why() -> None:
    clusters = Clusters()
    clusters.add(of("a", place=DISTRICT, minute=None))
    clusters.add(of("b", attribution="gov"))
    decision = clusters.add(of("c", 5, attribution="hts")).decision
    assert decision.matched is None
    assert {(other.key[0], other.score, other.reason) for other in decision.runners_up} == {
        ("s-a", 4, "below_threshold"),
        ("s-b", 0, "attribution"),
    }
