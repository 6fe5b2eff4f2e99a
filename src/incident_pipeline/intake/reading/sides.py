"""Parties under other names: a nation's party, delegation, partners, tally or people; its capital where it counts."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re

from incident_pipeline.catalogue.names import Mention, MentionKind, Names

NATIONS = {
    "ankara": "Turkish", "baku": "Azerbaijani", "beirut": "Lebanese", "belgrade": "Serbian", "bogota": "Colombian",
    "cairo": "Egyptian", "damascus": "Syrian", "delhi": "Indian", "islamabad": "Pakistani", "juba": "Sudanese",
    "kabul": "Afghan", "khartoum": "Sudanese", "kiev": "Ukrainian", "kyiv": "Ukrainian", "moscow": "Russian",
    "seoul": "Korean", "tbilisi": "Georgian", "tehran": "Iranian", "tripoli": "Libyan", "yerevan": "Armenian",
    "afghans": "Afghan", "armenians": "Armenian", "azerbaijanis": "Azerbaijani", "georgians": "Georgian",
    "iranians": "Iranian", "russians": "Russian", "syrians": "Syrian", "turks": "Turkish", "ukrainians": "Ukrainian",
}  # fmt: skip
"""What the adjective of a capital or a people is: general knowledge, of use to any catalogue."""
_COUNTED = "registered recorded reported documented counted logged noted identified detected tallied entered".split()
_SEEN = "|".join(
    [
        *_COUNTED,
        "observed",
        "confirmed",
        "cited",
        "listed",
        "claimed",
        "registers",
        "records",
        "counts",
        "saw",
        "sees",
        "had",
        "wrote down",
        "put down",
        "arrived at",
        "came up with",
        "found",
    ]
)
_STAFF = (
    r"(?:counterparts?|partners|colleagues|opposite numbers?|half|members|officers|observers|monitors|team|officials|"
    r"delegation|component|contingent|representatives|part|party)"
)
_TELLS = (
    rf"(?:has |had |have |also |only |itself |alone )?(?:has |had |also |only )?"
    rf"(?:{_SEEN}|reports|cites|lists|claims|says|said|puts?|(?:speaks|spoke|knows|knew|talks|talked) of)\b"
)
_WHICH = rf", (?:which|who|whose) [^,.;:]{{3,80}}, {_TELLS}"
_TALLY = r"(?:own |daily |latest ){0,2}(?:list|data|figures?|count|tally|total|reckoning|numbers?)\b"
_OWN = r"(?:was|were|is|at|only|stood)\b"
_BY = "|".join(rf"(?<=\b{word} by )|(?<=\b{word} by the )" for word in _COUNTED)
_NUMBER = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|none|(?:half )?a dozen)\b"
_PEOPLE = "|".join(name.title() for name in NATIONS)
_COUNTRY = r"[A-Z][a-z]{3,20}"
_PARTY_NOUN = re.compile(
    rf"(?=[A-Z])(?:\b(?P<whose>[A-Z][a-z]{{2,20}}) {_STAFF}"
    rf"(?= (?:of|in|to|has|had|have|said|fixed|put|puts|came|comes|speaks|spoke|blamed|blames|accused|accuses|"
    rf"attributes|attributed|informs|informed|{_SEEN})\b)|"
    r"\b(?P<first>[A-Z][a-z]{2,20})(?= (?:and|nor|or) (?:the )?[A-Z][a-z]{2,20} "
    r"(?:(?:side|party|half|part|delegation)s?|monitors|representatives)\b)"
    r"|(?:(?<= and )|(?<= and the ))(?P<second>[A-Z][a-z]{2,20}) sides\b"
    r"|\b(?P<data>[A-Z][a-z]{2,20})(?= (?:data|figures?|count|tally|list|total|number|reckoning|register|log)\b)"
    r"|(?<=\b[Tt]he )(?P<bare>[A-Z][a-z]{2,20})(?= ones?\b|\s?[-–—:]\s?\d)"
    r"|(?<=\bby the )(?P<by>[A-Z][a-z]{2,20})(?=[.,;)]| and\b)"
    rf"|(?:{_BY}|(?<=\w by ))(?P<hearer>{_PEOPLE}|{_COUNTRY})\b(?=[.,;):]| and\b| by\b| in\b| on\b|$)"
    rf"|(?<!in )(?<!near )(?<!from )\b(?P<teller>{_PEOPLE})(?:['’]s(?= {_TALLY}| {_OWN})|"
    rf"(?= {_TELLS}|:\s{_NUMBER}|{_WHICH}))"
    rf"|(?:(?<=\bsays )|(?<=\bsaid ))(?P<sayer>{_PEOPLE})(?=[.,;]|$))"
    rf"|(?<=\b[Bb]y the )(?:{_TALLY} of (?:the )?)(?P<reckoner>{_PEOPLE}|{_COUNTRY})\b"
    r"(?=[,.;:)]| )(?! [A-Z]|['’]| side)"
    rf"|(?<=\b[Aa]ccording to )(?:the )?(?P<source>{_PEOPLE}|{_COUNTRY})\b(?=[,.;)]| )(?! [A-Z]|['’])"
    rf"|(?=[A-Z])(?:\b(?P<beside>{_PEOPLE}|{_COUNTRY})(?= (?:at |of |only |just |about )?{_NUMBER}| [-–—] {_NUMBER}|"
    rf" \({_NUMBER}\)|"
    rf", for its part, {_TELLS}"
    rf"| and (?:{_PEOPLE}|{_COUNTRY}) {_TELLS})"
    rf"|(?<=\w \()(?P<between>{_PEOPLE})(?=\))"
    rf"|\b(?P<fellow>[A-Z][a-z]{{2,20}}) (?:counterparts?(?=[.,;)]| [-–—:])|"
    rf"{_STAFF}(?= (?:at |of |only |just |has |have )?{_NUMBER}))"
    rf"|(?:{_BY})(?P<agent>[A-Z][a-z]{{2,20}}) {_STAFF}\b"
    rf"|(?<=\w \()(?P<inset>[A-Z][a-z]{{3,20}})(?=\))"
    rf"|\b(?P<owner>[A-Z][a-z]{{3,20}})['’]s (?:[A-Z][a-z]{{2,20}} ){{0,2}}(?:Defen[cs]e Ministry\b|"
    rf"(?:military|defen[cs]e officials|generals?)(?= {_TELLS}))"
    rf"|\b(?P<country>[A-Z][a-z]{{3,20}})(?:['’]s(?= {_TALLY}| {_OWN})|(?= {_TELLS}|:?\s{_NUMBER}|{_WHICH})))"
)
_HEARD = re.compile(rf"\b(?:{'|'.join(_COUNTED)}) by\b")
_DONE = re.compile(r"\b(?:committed|violated|attacked|shelled|perpetrated|broken) by\b")
_NAMED = ("whose", "first", "second", "data", "bare", "by")
_PLACED = ("reckoner", "hearer", "teller", "sayer", "source", "beside", "between", "fellow")


def sides(text: str, names: Names) -> list[Mention]:
    """The X side of a commission for "the X party", "the X delegation"; a country's ministry for "X's tally"."""
    found = []
    heard = _HEARD.search(text) is not None and _DONE.search(text) is None
    for match in _PARTY_NOUN.finditer(text):
        nation = next(filter(None, map(match.group, _PLACED)), None)
        whose = NATIONS.get(nation.lower()) if nation else next(filter(None, map(match.group, _NAMED)), None)
        if whose is not None and (people := NATIONS.get(whose.lower())) is not None:
            whose = people if heard else None
        if match["beside"] and any(one.kind is MentionKind.PLACE for one in names.find(match["beside"])):
            continue
        if match["fellow"] or match["agent"]:
            whose = match["fellow"] or match["agent"]
        if match["hearer"] and not heard:
            continue
        country = match["owner"] or match["country"] or match["inset"] or (None if whose else nation)
        side = names.find(f"{whose} side" if whose else f"{country}'s Defence Ministry") if whose or country else []
        if side and side[0].kind is MentionKind.PARTY:
            found.append(side[0]._replace(start=match.start(), end=match.end()))
    return found
