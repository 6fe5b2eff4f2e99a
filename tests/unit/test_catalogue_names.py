from __future__ import annotations

import datetime as dt
import time
import unicodedata

import msgspec
import pytest

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.catalogue.model import Level
from incident_pipeline.catalogue.spelling import key
from incident_pipeline.line import NotCounted

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
NW = "north-west/idlib-zone"


def found(text: str) -> list[tuple[str, str]]:
    return [(mention.kind, mention.name) for mention in CATALOGUE.names.find(text)]


def test_a_place_carries_its_way_from_the_theatre_down() -> None:
    assert CATALOGUE.place_path("saraqib") == f"{NW}/idlib/idlib-district/saraqib"
    assert CATALOGUE.theatre_of("saraqib") == "north-west"
    assert CATALOGUE.theatre_of("damascus") == "south-and-centre"


def test_a_neighbourhood_is_the_district_or_the_place_itself() -> None:
    assert CATALOGUE.neighbourhood("saraqib") == "idlib-district"
    assert CATALOGUE.neighbourhood("idlib-district") == "idlib-district"
    assert CATALOGUE.neighbourhood("latakia") == "latakia"


@pytest.mark.parametrize(
    ("written", "id_"),
    [
        ("Saraqib", "saraqib"),
        ("SARAQEB", "saraqib"),
        ("Ma'arrat al-Nu'man", "maarat-al-numan"),
        ("Ma\u2019arat an-Numan", "maarat-al-numan"),
        ("Ma\u02bfarrat al-Nu\u02bfm\u0101n", "maarat-al-numan"),
        ("Maarrat Numan", "maarat-al-numan"),
        ("As-Suqaylabiyah", "suqaylibiyah"),
        ("Muhradah", "mahardah"),
        ("Jisr esh Shughour", "jisr-al-shughur"),
        ("village of Miznaz", "miznaz"),
        ("Idlib", "idlib"),
        ("Idlib governorate", "idlib"),
        ("the province of Lattakia", "latakia"),
        ("Idlib city", "idlib-city"),
        ("SY0703", "harim-district"),
        ("sy070003", "saraqib"),
        ("Kafr Nabl, Idlib province", "kafr-nabl"),
        ("Kafr Nabl (Idlib)", "kafr-nabl"),
        ("Urum al-Kubra in the west of Aleppo province", "urum-al-kubra"),
    ],
)
def test_a_place_is_known_by_each_of_its_spellings(written: str, id_: str) -> None:
    match = CATALOGUE.place(written)
    assert (match.id, match.flag) == (id_, None)


def test_another_transliteration_is_a_flagged_guess() -> None:
    match = CATALOGUE.place("Basqartun"), CATALOGUE.place("Besratoun")
    assert match[0].id is None
    assert (match[1].id, match[1].flag) == ("basratun", "place_near")


def test_an_unknown_village_is_the_known_place_named_with_it() -> None:
    match = CATALOGUE.place("Zarzurabad in Latakia province")
    assert (match.id, match.flag, match.written) == ("latakia", "place_unknown", "Zarzurabad in Latakia province")


def test_an_unknown_place_without_a_known_one_is_no_place() -> None:
    assert CATALOGUE.place("Zarzurabad") == (None, "place_unknown", "Zarzurabad")


@pytest.mark.parametrize("written", ["Saraqib, Hama", "Saraqib, Latakia province", "Saraqib in Damascus"])
def test_a_name_that_only_one_place_has_is_that_place_in_whatever_province_it_is_said_to_be(written: str) -> None:
    assert CATALOGUE.place(written) == ("saraqib", "place_misplaced", written)


def test_a_guess_in_another_province_is_not_taken_for_the_town() -> None:
    match = CATALOGUE.place("Besratoun, Latakia province")
    assert (match.id, match.flag) == ("latakia", "place_elsewhere")


def test_a_province_said_to_be_in_another_is_the_one_named_around_it() -> None:
    assert CATALOGUE.place("Idlib, Hama")[:2] == ("hama", "place_elsewhere")


@pytest.mark.parametrize("written", ["Paris", "Paris, France", "Some Village, Turkey", "Gaziantep province", "IRAQ"])
def test_a_name_that_is_known_to_lie_abroad_is_outside(written: str) -> None:
    assert CATALOGUE.place(written) == (None, "place_outside", written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zarzurabad, Latakia province", "the village of Zarzurābād"),
        ("Zarzurabad, Turkey", "al-Zarzurabad"),
    ],
)
def test_an_unknown_place_has_one_id_however_it_is_written(one: str, other: str) -> None:
    assert CATALOGUE.places.id_of_unknown(one) == CATALOGUE.places.id_of_unknown(other) == "unknown:zarzurabad"


def test_no_other_name_of_the_catalogue_is_a_guess_for_two_places() -> None:
    for place in CATALOGUE.rules.places:
        for name in (place.name, *place.spellings):
            assert CATALOGUE.place(name)[:2] == (place.id, None), name


@pytest.mark.parametrize(
    ("names", "attribution"),
    [
        ("HTS", "hts"),
        ("hts", "hts"),
        ("Jabhat al-Nusra", "hts"),
        ("the Al-Nusra Front", "hts"),
        ("Hay\u2019at Tahrir al-Sham", "hts"),
        (["Turkistan Islamic Party", "HTS"], "hts|tip"),
        ("either the Turkistan Islamic Party or Hay'at Tahrir al-Sham", "hts|tip"),
        ("side:government", "gov|iran-backed|ndf|rus"),
        ("unattributed", "unattributed"),
        ("unknown", "unattributed"),
        ([], "unattributed"),
        (["HTS", "unknown"], "unattributed"),
    ],
)
def test_groups_are_known_by_name_alias_side_and_either_or(names: str | list[str], attribution: str) -> None:
    known = CATALOGUE.attribution(names)
    assert (known.joined, known.unknown) == (attribution, ())


def test_collectives_stand_for_their_groups() -> None:
    moderate = CATALOGUE.attribution("the moderate opposition").groups
    armed = CATALOGUE.attribution("militants").groups
    assert "nfl" in moderate
    assert "hts" not in moderate
    assert set(armed) > {"hts", "tip", *moderate}
    assert set(CATALOGUE.attribution("Russian-backed forces").groups) == {"gov", "ndf", "rus"}


def test_an_unknown_group_makes_the_whole_set_anybody() -> None:
    known = CATALOGUE.attribution(["HTS", "Lions of Nowhere"])
    assert (known.joined, known.unknown) == ("unattributed", ("Lions of Nowhere",))


def test_a_set_that_is_a_side_or_a_collective_is_called_by_it() -> None:
    assert CATALOGUE.label(CATALOGUE.attribution("government").joined) == "government"
    assert CATALOGUE.label("hts|tip") == "hts|tip"
    assert CATALOGUE.label("hts") == "hts"


def test_parties_are_known_by_what_texts_call_them() -> None:
    assert CATALOGUE.party("the Russian side") == "ru-reconciliation-centre"
    assert CATALOGUE.party("Russian Center for Reconciliation of the Opposing Sides") == "ru-reconciliation-centre"
    assert CATALOGUE.party("The Turkish part of the representative office") == "tr-commission"
    assert CATALOGUE.party("ru-mod") == "ru-reconciliation-centre"
    assert CATALOGUE.party("somebody") is None


def test_types_are_known_by_code_and_word() -> None:
    for word in ("K3", "mortar", "Mortar fire", "indirect_fire", "K3 indirect_fire", "artillery shelling"):
        assert CATALOGUE.violation_type(word) == "K3"
    assert CATALOGUE.violation_type("air strike") == "K4"
    assert CATALOGUE.violation_type("dancing") is None


def test_a_truce_holds_from_its_first_minute_in_its_zone() -> None:
    fifth, sixth = dt.date(2020, 3, 5), dt.date(2020, 3, 6)
    force = CATALOGUE.not_in_force
    assert force("saraqib", fifth, None) is NotCounted.BEFORE_AGREEMENT
    assert force("saraqib", sixth, 0) is NotCounted.BEFORE_AGREEMENT
    assert force("saraqib", sixth, 1) is None
    assert force("saraqib", sixth, None) is None
    assert force("north-west", sixth, None) is None
    assert force("azaz", sixth, None) is NotCounted.OUTSIDE_ZONE
    assert force("raqqa", sixth, None) is NotCounted.OUTSIDE_ZONE
    assert force("damascus", dt.date(2017, 2, 25), None) is None


def test_names_are_found_in_running_text_the_longest_first() -> None:
    text = (
        "The Russian Centre for Reconciliation of the Opposing Sides registered two violations by the Turkistan "
        "Islamic Party* or Hay\u2019at Tahrir al-Sham in Idlib province; Jisr al-Shughur's outskirts were hit by "
        "mortar shelling, and 13 Turkish convoys escorted."
    )
    assert found(text) == [
        ("party", "ru-reconciliation-centre"),
        ("type", "U0"),
        ("group", "tip"),
        ("group", "hts"),
        ("place", "idlib"),
        ("place", "jisr-al-shughur"),
        ("type", "K3"),
        ("activity", "convoy-escort"),
    ]


def test_a_mention_stands_where_the_text_has_it() -> None:
    text = "Shells fell on al-Bara (Idlib)."
    mention = next(one for one in CATALOGUE.names.find(text) if one.name == "bara")
    assert text[mention.start : mention.end] == "al-Bara"


def test_a_side_mentions_all_its_groups() -> None:
    (mention,) = CATALOGUE.names.find("the government side")
    assert mention.ids == ("gov", "iran-backed", "ndf", "rus")


@pytest.mark.parametrize(
    "text", ["the tip of the iceberg", "a habit", "it has been", "Kafr, Nabl", "Kafr.\n\nNabl", "Idlibland"]
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert found(text) == []


def test_a_text_all_in_small_letters_still_has_places() -> None:
    assert found("two violations near saraqib") == [("type", "U0"), ("place", "saraqib")]


def test_finding_names_takes_time_linear_in_the_text() -> None:
    def seconds(text: str) -> float:
        start = time.process_time()
        CATALOGUE.names.find(text)
        return time.process_time() - start

    hostile = "Jabhat al-Jabhat al-"
    short, long = hostile * 1_000, hostile * 5_000
    CATALOGUE.names.find(short)
    assert min(seconds(long) for _ in range(3)) < 20 * min(seconds(short) for _ in range(3)) + 0.05


def test_the_normal_form_joins_spellings_and_keeps_names_apart() -> None:
    assert key("Ma'arrat al-Nu'man") == key("Maarat an-Numan")
    assert key("Kafr Nabl") != key("Kafr Naha")
    assert key("al-Bab") != key("al-Bara")


def test_the_last_word_of_a_name_is_no_article() -> None:
    assert key("Beit Ur") == key("Bayt Ur") != key("Beit El")
    assert key("Beit Ur al-Fauqa") != key("Beit al-Fauqa")
    assert key("Dayr az-Zawr") == key("Dayr al-Zawr") != key("Dayr Az")


def test_a_name_that_ends_like_an_article_is_found_in_running_text() -> None:
    rules = load_rules(shipped_catalogue())
    town = msgspec.structs.replace(rules.places[-1], level=Level.TOWN, parent="idlib", codes=[], spellings=[])
    several = [
        msgspec.structs.replace(town, id=name.lower().replace(" ", "-"), name=name)
        for name in ("Beit Ur", "Beit El", "Beit Ashur")
    ]
    catalogue = Catalogue(msgspec.structs.replace(rules, places=[*rules.places, *several]))
    assert catalogue.place("Beit Ur").id == "beit-ur"
    assert catalogue.place("Beit El").id == "beit-el"
    assert catalogue.place("Beit Al").id is None
    text = "Beit Ur was lost; in Beit Ur four, at Beit El. None at Beit an Ashur, and Beit Um is free."
    assert [one.name for one in catalogue.names.find(text)] == ["beit-ur", "beit-ur", "beit-el", "beit-ashur"]


@pytest.mark.parametrize("text", ["Sarāqib was lost", "in Sarāqib: four", "They fell on Sa\u00adra\u200bqib."])
def test_a_name_with_marks_or_unseen_signs_is_found_in_running_text(text: str) -> None:
    for written in (text, unicodedata.normalize("NFD", text)):
        assert found(written) == [("place", "saraqib")]
