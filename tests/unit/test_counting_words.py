"""Attributions and places as texts."""

from __future__ import annotations

import pytest

from incident_pipeline.counting import UNATTRIBUTED, attribution, join_groups, meet
from incident_pipeline.counting.places import is_within, place
from incident_pipeline.counting.steps import scope_order, unit_order


def test_groups_are_written_sorted_and_once() -> None:
    assert join_groups(["tip", "hts", "tip"]) == "hts|tip"
    assert join_groups([]) == UNATTRIBUTED


@pytest.mark.parametrize("text", ["", "tip|hts", "hts|hts", "hts|", "hts|unattributed"])
def test_an_attribution_that_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not canonical"):
        attribution(text)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("hts", "hts|tip", "hts"),
        ("gov|hts", "hts|tip", "hts"),
        ("hts", "gov", None),
        (UNATTRIBUTED, "gov", "gov"),
        (UNATTRIBUTED, UNATTRIBUTED, UNATTRIBUTED),
    ],
)
def test_two_attributions_meet_in_the_groups_that_both_allow(one: str, other: str, shared: str | None) -> None:
    assert meet(one, other) == meet(other, one) == shared


def test_anybody_is_more_than_any_set() -> None:
    assert attribution(UNATTRIBUTED) > attribution("a|b|c|d") > attribution("z")


def test_a_place_lies_within_itself_and_all_above_but_not_within_a_namesake() -> None:
    assert is_within("nw/idlib/afis", "nw/idlib")
    assert is_within("nw/idlib", "nw/idlib")
    assert not is_within("nw/idlib-east", "nw/idlib")
    assert not is_within("nw", "nw/idlib")
    assert place("nw/idlib/afis").ancestry == ("nw/idlib/afis", "nw/idlib", "nw")


@pytest.mark.parametrize("path", ["", "nw//afis", "/nw", "nw/"])
def test_a_place_that_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        place(path)


def test_scopes_go_from_the_narrowest_to_the_widest() -> None:
    narrowest_first = [
        ("gov|hts", "nw/b/c"),
        ("gov", "nw/b"),
        ("hts", "nw/b"),
        ("gov", "nw/z"),
        ("gov|hts", "nw/a"),
        (UNATTRIBUTED, "nw/a"),
        ("gov", "nw"),
    ]
    assert sorted(narrowest_first, key=lambda scope: scope_order(*scope)) == narrowest_first


def test_units_are_absorbed_by_place_id_then_by_number_of_groups_then_by_groups() -> None:
    first_to_last = [(UNATTRIBUTED, "nw/z/a"), ("gov|hts", "nw/b"), ("hts|tip", "nw/b"), (UNATTRIBUTED, "nw/b")]
    assert sorted(first_to_last, key=lambda unit: unit_order(*unit)) == first_to_last
