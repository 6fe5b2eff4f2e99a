"""The words that rules look for; names of groups, places, parties, types and activities are the catalogue's."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

HEADS = frozenset(
    "violation violations breach breaches infringement infringements infraction infractions attack "
    "attacks shelling shellings shooting shootings "
    "firing firings bombardment bombardments bombing bombings strike strikes airstrike airstrikes raid "
    "raids clash clashes explosion explosions "
    "ambush ambushes assault assaults skirmish skirmishes incursion incursions overflight overflights "
    "abduction abductions "
    "kidnapping kidnappings gunfight gunfights barrage barrages incident incidents transgressions "
    "transgression contravention contraventions non-compliances provocation provocations detonation detonations "
    "exchanges bursts blasts blast fire".split()
)
"""Nouns that by themselves name violations."""

SOFT_HEADS = frozenset(
    "case cases instance instances fact facts episode episodes act acts occasion occasions occurrence "
    "occurrences event events time times".split()
)
"""Nouns that name violations where the words around them are about violations."""

BROKEN = frozenset(
    "break breaks disruption disruptions rupture ruptures departure departures offence offences offense offenses lapse "
    "lapses".split()
)
"""Nouns that name violations where a truce stands right behind them."""

ABOUT_VIOLATIONS = frozenset(
    "ceasefire cease-fire truce ceasefires violation violations violating violated breach breaches "
    "breached breaking firing fire shelling shellings "
    "shooting attacks attack hostilities armistice opening shelled attacked cessation non-compliance".split()
)

MUNITIONS = frozenset(
    "shells rounds rockets missiles mortars mines drones bombs projectiles grenades shots munitions "
    "bullets shell round rocket missile".split()
)
"""Five shells on one village are one violation."""

AREAS = frozenset(
    "settlements settlement localities locality communities villages towns cities districts provinces "
    "governorates regions areas places locations".split()
)
"""Nouns whose number is one of places."""

MEASURES = frozenset(
    "hours hour minutes days weeks months years year year-old km kilometres kilometers metres meters miles hectares "
    "percent per tonnes tons dollars".split()
)
"""Units: a number of them says nothing of the numbers after it."""

STOP_NOUNS = (
    MUNITIONS
    | AREAS
    | frozenset(
        "people persons civilians children women men soldiers servicemen troops fighters militants "
        "terrorists insurgents gunmen officers policemen rebels casualties "
        "victims dead killed wounded injured deaths fatalities shells rounds rockets missiles mortars "
        "mines drones bombs projectiles grenades shots munitions "
        "weapons tanks vehicles trucks aircraft planes houses homes buildings schools settlements "
        "settlement localities locality communities "
        "villages towns cities districts provinces governorates regions areas km kilometres kilometers "
        "metres meters miles hectares percent per tonnes tons "
        "groups group factions formations units brigades battalions hours hour minutes days weeks months "
        "years year year-old "
        "posts checkpoints positions stations agreements countries parties sides members observers "
        "monitors families refugees residents dollars "
        "sorties flights helicopters guns cannon howitzers ied ieds detainees prisoners bodies mosques "
        "hospitals reports complaints meetings actions "
        "documents camps points corridors ships boats launchers depots sites targets".split()
    )
)
"""Nouns whose number is not a number of violations."""

PLAIN_MODIFIERS = frozenset(
    "ceasefire truce hostilities arms its his their less various previous serious numerous across armed "
    "combined cease-fire 's".split()
)
"""Words that may stand between a number and its noun although they look like plural nouns."""

PREPOSITIONS = frozenset(
    "in at near across within around inside outside on against from of along to throughout toward towards "
    "over into between by".split()
)
PLACE_LINKS = frozenset(
    "in at near across within around inside outside on against of along throughout over into to for from".split()
)
"""Prepositions that tie a number to a place."""

KIND_WORDS = frozenset(
    "the a province provinces governorate governorates district districts region regions area areas "
    "countryside city town towns village villages settlement "
    "settlements hamlet hamlets locality localities community communities zone zones outskirts vicinity "
    "northern southern eastern western north south east west "
    "central rural northeastern northwestern southeastern southwestern north-east north-west south-east "
    "south-west syria's syrian of and inhabited populated neighbouring subdistrict "
    "part parts side sides edge outskirt farmland fields positions several some".split()
)
"""Words around a place's name that belong to it."""

SETTLEMENT = frozenset(
    "village villages town towns settlement settlements hamlet hamlets locality localities community "
    "communities city district".split()
)

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

REGISTERED = frozenset(
    "registered recorded documented logged counted detected tallied observed noted reported confirmed "
    "registers records reports register record "
    "counts identified witnessed listed monitored noticed fixed spotted registering recording "
    "revealed seen sees logging counting documenting".split()
)
HAPPENED = frozenset("occurred happened took followed place".split())
SPEECH = frozenset(
    "said says say stated states announced told according reported reports added noted saying wrote "
    "informed specified declared quoted briefing statement bulletin "
    "read reads commented claims claimed stressed explained announcement communique press-release published "
    "spokesman spokesperson spokeswoman reporters".split()
)

ATTACKED = frozenset(
    "attacked shelled hit struck targeted bombarded fired raided stormed ambushed fell landed exploded "
    "detonated bombed pounded "
    "attacking shelling targeting striking hitting impacted pummelled strafed blasted assaulted shot "
    "burst abducted kidnapped planted crashed clashed dropped".split()
)
"""Verbs of an attack; the place after them was attacked."""

WEAKLY_ATTACKED = frozenset(
    "hit struck fell landed burst crashed planted impacted shot striking hitting dropped".split()
)
"""Of these, those that tell of other things too: they need a weapon or a perpetrator beside them."""

COMMITTED = frozenset(
    "committed violated breached broke broken flouted perpetrated carried staged launched conducted fired "
    "opened attacked shelled blamed behind violate breach commit open shell attack "
    "disturbed disrupted undermined infringed contravened disregarded responsible attributed".split()
)

ACTIVE = frozenset(
    "committed violated breached broke carried staged launched conducted fired opened attacked shelled did perpetrated "
    "struck bombarded".split()
)
"""Verbs whose subject did it."""

VICTIM_LINKS = frozenset(
    "on against at targeting targeted hit hitting near towards toward struck shelled attacked killed "
    "wounded injured killing wounding injuring upon into "
    "victims supporting with".split()
)
"""Words after which a group is the one attacked, or merely there."""

CASUALTY = frozenset(
    "killed wounded injured died casualties casualty dead hurt killing wounding injuring fatalities "
    "deaths victims hospitalised hospitalized".split()
)

NEGATIONS = frozenset("no not none neither nor zero without nil never".split())

BREAKS = frozenset(
    "while whereas but although though bringing taking raising adding however yet compared meanwhile".split()
)
"""Words that open a clause of its own."""

TOTALLED = frozenset(
    "totaled totalled came risen grown increased climbed decreased declined numbered "
    "reached amounted stood was is made rose fell dropped equalled equaled".split()
)

TALLIES = frozenset("total totals tally count number figure toll sum".split())
"""Nouns that name a number itself."""

VAGUE_COUNTS = frozenset(
    "several numerous multiple many dozens scores repeatedly frequent continued continue ongoing".split()
)

NOT_SO = frozenset(
    "possible potential expect expects predict predicts forecast denied denies deny rejected refuted "
    "would could might should if unless planned plans prevent "
    "prevents preventing stop halt halting avoid threat threatened preparing prepared prevented foiled "
    "thwarted averted incorrectly wrongly mistakenly erroneously version "
    "false fake hoax disinformation untruthful invented fictitious "
    "rumours rumors rumour rumor unfounded baseless dismissed untrue fabricated simulated "
    "exercise exercises drill drills usual usually typically normally".split()
)
"""Words under which nothing is told to have happened."""

BARE_FOLLOWERS = PREPOSITIONS | frozenset(
    "instead rather more each were was are being occurred happened took followed came have had has been such others "
    "there during over for respectively apiece alone only too again likewise also later altogether times "
    "and or while on according can must bear bore come stem stemmed belong originate originated".split()
)

OTHER_LAWS = frozenset(
    "traffic parking speeding quarantine curfew lockdown sanitary tax customs copyright licence licences license "
    "licenses drivers motorists fined fines football league poaching fishing building-code hygiene airspace "
    "embargo media journalists rights sanctions "
    "electoral safety labour pandemic covid coronavirus masks heart cyber prices century scored goals "
    "regulations bylaws ordinance ordinances statute zoning "
    "keeper striker copyrights wedding".split()
)
"""Words beside which violations are none of a truce."""

LAWS = frozenset(
    "rules rule regulations regulation law laws code codes act decree embargo sanctions curfew quarantine rights "
    "privacy contract standards norms orders order confidentiality etiquette constitution charter lockdown hygiene "
    "airspace border borders copyright discipline ban bans restriction restrictions prohibition licence permit "
    "permits".split()
)
"""What else than a truce may be violated, behind "violations of"."""

TRUCES = frozenset("ceasefire cease-fire truce silence calm hostilities cessation de-escalation armistice".split())

ELSEWHERE = frozenset(
    "nagorno-karabakh karabakh artsakh donbass donbas donetsk lugansk luhansk ukraine libya tripoli sirte yemen "
    "hodeidah hudaydah sanaa kashmir gaza lebanon iraq afghanistan darfur sudan tigray ethiopia armenia azerbaijan "
    "libyan yemeni ukrainian armenian azerbaijani afghan lebanese iraqi houthi houthis "
    "baghdad mosul kirkuk basra kabul kandahar helmand benghazi misrata aden mogadishu jerusalem sinai stepanakert "
    "georgia abkhazia mali somalia myanmar colombia".split()
)
"""Names, in lower case, of other wars: what is told of them is not told of the catalogue's own places."""

NUMBERED = frozenset(
    "team sector bulletin issue resolution article number route highway paragraph phase page point protocol channel "
    "camp brigade division law clause chapter aged age hill road block building".split()
)
"""Words whose number is a label."""

NOT_THE_PLACE = frozenset(
    "center centre base airbase briefing reporters headquarters office conference talks signed met "
    "meeting agreed ministers source sources official officials spokesman "
    "correspondent operating positioned deployed stationed "
    "controlled held based active residing entrenched".split()
)
"""A place after these words is not where the violation was."""

WEAPONS = frozenset(
    "mortar mortars artillery tank rocket rockets missile missiles drone drones sniper grenade howitzer "
    "mine ied machine-gun uav".split()
)
