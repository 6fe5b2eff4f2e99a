"""News articles that retell bulletins amid furniture and background."""

from __future__ import annotations

import pytest
from reading_world import CENTRE, EITHER, MODERATE, TURKISH, Said, activities, days, said

PAGE = """Skip to content
MENU
Home | World | Middle East | Opinion
Two more breaches of the truce in north-west Syria
By Lena Sample, Diplomatic Desk
March 10, 2020, 18:40
1,204 views
Share on Facebook
Tweet
The Russian Centre for Reconciliation has registered two breaches of the truce in the Idlib de-escalation zone over
the past 24 hours, its head told reporters on Tuesday.
"Both were committed by Hay'at Tahrir al-Sham or the Turkistan Islamic Party," he said.
He added that the moderate opposition had not committed a single violation.
ADVERTISEMENT
Read also: Monitors count 25 shelling incidents in Aleppo
A total of 15 breaches have been recorded since the truce came into force.
Four Turkish convoys were escorted by the military police.
We use cookies. By continuing to browse you agree.
Also on the site
Militants shell 12 villages in Hama
Turkey counts nine violations in Aleppo
(c) 2020 Sample Media
Comments
bob: I heard 40 attacks in Saraqib yesterday.
"""


def test_only_the_article_of_a_page_is_read() -> None:
    assert said(PAGE) == [Said(2, "idlib-zone", 10, CENTRE, EITHER), Said(0, None, 10, CENTRE, MODERATE)]
    assert activities(PAGE) == [("convoy-escort", 4, 10)]


def test_a_headline_and_a_lead_do_not_double_the_figure() -> None:
    text = (
        "Eight breaches in a day\n\nEight breaches of the truce were recorded on Wednesday.\n\n"
        'The Russian Reconciliation Centre said: "We registered eight breaches on 11 March: five in Idlib, '
        'three in Hama."'
    )
    assert [(one.count, one.place, one.party) for one in said(text)] == [
        (8, None, CENTRE),
        (5, "idlib", CENTRE),
        (3, "hama", CENTRE),
    ]


def test_a_headline_alone_is_read() -> None:
    (one,) = said("Russian side: militants break the truce in Idlib 18 times on Monday")
    assert (one.count, one.place, one.day, one.party) == (18, "idlib", 9, CENTRE)


@pytest.mark.parametrize(
    "background",
    [
        "Since the truce came into force, 120 breaches have been counted.",
        "So far 45 breaches of the truce were recorded.",
        "In February, 300 violations were registered in Idlib.",
        "In March 2019 there were 30 violations in Idlib.",
        "Earlier, the ministry spoke of 25 shelling incidents.",
        "That brings the total to 120 since the beginning of the month.",
        "In the previous reporting period, 12 explosions were recorded in Hama.",
        "On average, six breaches a day were recorded last week.",
    ],
)
def test_background_is_not_counted_again(background: str) -> None:
    text = f"Over the past 24 hours, the Russian side counted two truce breaches, it said on Thursday. {background}"
    assert days(text) == [(2, 12)]


def test_a_figure_of_another_named_day_is_told_for_that_day() -> None:
    text = (
        "Over the past 24 hours the Russian side counted 22 shelling incidents, it said on Wednesday.\n\n"
        "On Tuesday, nineteen shellings had been noted across the zone of Idlib."
    )
    assert days(text) == [(22, 11), (19, 10)]


def test_the_day_before_is_counted_from_the_day_told_of() -> None:
    text = "On 10 March, four truce breaches were logged. The day before, two truce breaches were logged."
    assert days(text) == [(4, 10), (2, 9)]


def test_a_weekday_cannot_be_told_in_an_undated_text() -> None:
    text = "The Russian side counted 17 attacks in the past day. On Sunday, it counted 12 attacks."
    assert days(text, published=None) == [(17, None)]


def test_who_registered_holds_until_another_party_is_named() -> None:
    text = (
        "The Turkish Defence Ministry said that the truce was broken seven times by regime forces. "
        "It named Saraqib, which was shelled twice. "
        "The Russian Centre for Reconciliation, for its part, reported five breaches."
    )
    assert [(one.count, one.party) for one in said(text)] == [(7, TURKISH), (2, TURKISH), (5, CENTRE)]


def test_a_party_named_at_the_end_holds_for_the_quote_before() -> None:
    assert said("Five breaches of the truce were recorded in Idlib, the Russian Reconciliation Centre said.") == [
        Said(5, "idlib", None, CENTRE)
    ]


def test_what_a_group_says_it_counted_no_party_registered() -> None:
    text = (
        "A Hay'at Tahrir al-Sham spokesman said 30 violations were recorded. "
        "The Russian side registered 4 violations in Idlib."
    )
    assert [(one.count, one.party, one.groups) for one in said(text)] == [(30, None, ()), (4, CENTRE, ())]


def test_three_days_are_retold_in_one_article() -> None:
    text = (
        "The truce is fraying: the Russian Reconciliation Centre said on Thursday that eight breaches were registered "
        "on 11 March in the Idlib de-escalation zone, after two on 10 March and two on 9 March.\n\n"
        "On all three days the centre blamed either the Turkistan Islamic Party or Hay'at Tahrir al-Sham. "
        "No violations by the moderate opposition were recorded on any of the three days."
    )
    told = said(text)
    assert {(one.day, one.count) for one in told if one.groups == EITHER} == {(9, 2), (10, 2), (11, 8)}
    assert {(one.day, one.count) for one in told if one.groups == MODERATE} == {(9, 0), (10, 0), (11, 0)}
    assert {one.party for one in told} == {CENTRE}


def test_questions_and_answers_keep_their_topic() -> None:
    text = (
        "How many breaches were there?\nEight breaches. "
        "That is how many the Russian side registered on Wednesday, March 11.\n"
        "How many convoys passed?\nSeven on Wednesday; the military police escorted four on Tuesday."
    )
    assert days(text) == [(8, 11)]
    assert activities(text) == [("convoy-escort", 7, 11), ("convoy-escort", 4, 10)]
