"""Incidents told one by one, and lists of attacked settlements."""

from __future__ import annotations

import pytest
from reading_world import counts, telling


def test_one_incident_with_time_place_and_type_is_an_item() -> None:
    (one,) = telling("On 11 March at about 14:25 mortar fire hit the western edge of Saraqib.").statements
    assert (one.count, one.itemised, one.place, one.minute, one.type) == (1, True, "saraqib", 865, "K3")
    assert one.day is not None
    assert one.day.day == 11


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("Five shells fell on Kafr Nabl on 11 March.", "kafr-nabl", "K3"),
        ("A drone strike hit a car near Binnish at 8:45 p.m. on Tuesday; two people were killed.", "binnish", "K4"),
        ("An IED exploded in Jisr al-Shughur at about 03:00.", "jisr-al-shughur", "K5"),
        ("Sniper fire was heard in Ariha at noon.", "ariha", "K1"),
        ("Mortar shelling wounded three civilians in Saraqib.", "saraqib", "K3"),
    ],
)
def test_casualties_and_shells_do_not_multiply_an_incident(text: str, place: str, code: str) -> None:
    (one,) = telling(text).statements
    assert (one.count, one.itemised, one.place, one.type) == (1, True, place, code)


def test_a_second_sentence_about_an_incident_is_no_second_incident() -> None:
    text = "At 14:20 mortar fire hit Saraqib. Five shells fell on the northern edge of Saraqib. Nobody was hurt."
    assert counts(text) == [(1, "saraqib")]


def test_two_incidents_with_their_times_are_two_items() -> None:
    text = "Shelling was recorded near Kansafra and al-Bara at 10:15 and 11:40 respectively."
    assert [(one.place, one.minute) for one in telling(text).statements] == [("kansafra", 615), ("bara", 700)]


def test_a_list_of_attacked_settlements_has_a_number_for_each() -> None:
    text = (
        "Militants shelled the settlements of Saraqib (twice) and Kafr Nabl (three times) in Idlib province "
        "as well as Kabani (once) in Latakia province."
    )
    assert counts(text) == [(2, "saraqib"), (3, "kafr-nabl"), (1, "kabani")]


def test_one_attack_here_and_one_shelling_there_are_two_statements() -> None:
    text = (
        "One attack on the settlement of Jubas and one shelling of Dadikh in the Idlib province were noted on 11 March."
    )
    assert [(one.count, one.place, one.type) for one in telling(text).statements] == [
        (1, "jubas", "U0"),
        (1, "dadikh", "K3"),
    ]


def test_an_unknown_village_stands_for_the_province_named_with_it() -> None:
    (one,) = telling("The village of Wadi Nowhere in Latakia province came under mortar fire at 14:20.").statements
    assert (one.count, one.itemised, one.place, one.place_name) == (1, True, "latakia", "Wadi Nowhere")
    assert "place_unknown" in one.flags


def test_unknown_villages_stay_in_the_sum_of_their_province() -> None:
    total, known = telling("Militants attacked Saraqib (once) and Wadi Nowhere (twice) in Idlib province.").statements
    assert (total.count, total.place, total.place_name) == (3, "idlib", "Wadi Nowhere")
    assert (known.count, known.place, known.part_of) == (1, "saraqib", total.total_of)


def test_an_unknown_group_keeps_its_name_and_accuses_nobody() -> None:
    (one,) = telling("The group calling itself Sons of the Plain shelled Saraqib at 9:15 on 8 March.").statements
    assert (one.groups, one.group_name) == ((), "Sons of the Plain")
    assert "group_unknown" in one.flags


def test_a_village_in_another_province_than_the_text_says_is_not_moved_there() -> None:
    (one,) = telling("Kafr Nabl in Latakia province was shelled at 10:00.").statements
    assert (one.place, one.place_name) == ("kafr-nabl", "Kafr Nabl")
    assert "place_misplaced" in one.flags


@pytest.mark.parametrize(
    "text",
    [
        "The patrol passed Saraqib at 14:20.",
        "The ministers met in Idlib to prevent attacks on Saraqib.",
        "Schools in Kafr Nabl have opened again.",
        "Villagers near Saraqib would fear mortar fire if the truce failed.",
    ],
)
def test_where_nothing_happened_nothing_is_told(text: str) -> None:
    assert telling(text).statements == ()
