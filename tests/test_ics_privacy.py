"""What a calendar file or an invitation must not say, whatever clinics call themselves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from itertools import permutations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ics_entries import unfolded, written
from protocol_sched import catalog
from protocol_sched.formats.ics.entries import (
    CalendarOptions,
    Privacy,
    clinic_calendar,
    escort_calendar,
    patient_calendar,
)
from protocol_sched.formats.ics.messages import ride_notices
from protocol_sched.formats.ics.words import place, safe
from protocol_sched.model.availability import Clinic, Escort, Hours, Person
from protocol_sched.model.before_and_after import Fasting
from protocol_sched.model.course import Course
from protocol_sched.model.notifying import notifications
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.privacy import folded, medical_words, tells
from samples import INFUSION, NEW_YORK, NOW, PROTOCOL, clinic, schedule, visit

# Written down here on purpose, so that the code's own list is not its own judge.
DRUGS = (
    *("ketamine", "esketamine", "sumatriptan", "lidocaine", "infliximab", "ocrelizumab"),
    *("natalizumab", "botox", "insulin", "methotrexate", "zoledronate", "iron sucrose"),
    *("brexanolone", "semaglutide", "paclitaxel", "bortezomib", "cisplatin", "lorazepam"),
)
CONDITIONS = (
    *("migraine", "depression", "multiple sclerosis", "lupus", "cancer", "psoriasis"),
    *("chronic pain", "diabetes", "HIV", "PTSD", "epilepsy", "anxiety", "lymphoma", "asthma"),
)
CARE = (
    *("infusion", "injection", "clinic", "hospital", "patient", "therapy", "treatment", "doctor"),
    *("nurse", "recovery", "fasting", "medication", "surgery", "dialysis", "wellness", "health"),
)
BARRED = (*DRUGS, *CONDITIONS, *CARE)
HARMLESS = ("Suite 100", "1 Main St", "Springfield", "Harbour House", "Oliver Street", "2nd floor")
NAMES = ("Jane Roe", "José Núñez-Ortiz", "Mary Ann Van der Berg", "李 小龙", "O'Neil, Sinéad")


def spelt(word: str) -> Iterator[str]:
    """Yield a word as signs and letterheads have it."""
    yield from (word, word.upper(), word.title(), word.replace(" ", "-"))
    yield word.replace("a", "á").replace("e", "é")
    yield word[:3] + "\u200b" + word[3:]
    yield unicodedata.normalize("NFD", word.replace("i", "ï"))
    yield "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalpha() else c for c in word)


def plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.replace("\u200b", "")).casefold()
    return "".join(c for c in apart if not unicodedata.combining(c))


def telling() -> st.SearchStrategy[str]:
    return st.sampled_from([s for word in BARRED for s in spelt(word)])


def addresses(name: str) -> st.SearchStrategy[str]:
    """Addresses in parts, some of which tell something, the patient's name among them."""
    words = [w for w in re.split(r"[\s,]+", name) if w]
    part = st.sampled_from(HARMLESS) | st.sampled_from([name, f"c/o {name}", *words])
    part |= st.tuples(telling(), st.sampled_from(("Center", "of Albany", "")), telling()).map(
        lambda t: " ".join(t)
    )
    parts = st.lists(part, min_size=1, max_size=5)
    return st.tuples(parts, st.sampled_from((", ", "\n", "; ", "\r\n", "\u2028"))).map(
        lambda t: t[1].join(t[0])
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Clinic, Person, Protocol]:
    """A clinic, person and protocol whose every text may tell what is treated and whom."""
    name = draw(st.sampled_from(NAMES))
    text = addresses(name)
    place_ = attrs.evolve(
        clinic(), name=draw(text), address=draw(text), phone=draw(st.just("+1 555") | text)
    )
    escort = Escort(name=draw(text), available=Hours(), email="sam@home.example", phone=draw(text))
    person = Person(key=draw(st.sampled_from(("p-1", "ketamine-7"))), name=name, escorts=[escort])
    fasts = [Fasting(what=draw(telling()), lead=ElapsedSpan(300), source="local")]
    kind = attrs.evolve(INFUSION, note=draw(text), fasting=(*INFUSION.fasting, *fasts))
    kinds = (PROTOCOL.visit_types[0], kind)
    protocol = attrs.evolve(PROTOCOL, title=draw(text), visit_types=kinds)
    return place_, person, protocol


def names_in(text: str, person: Person) -> list[str]:
    """Return the full name in each order in which it stands in a text."""
    words = [plain(word) for word in re.split(r"[\s,]+", person.name) if word]
    flat = re.sub(r"[\s,\\]+", " ", plain(text))
    return [" ".join(order) for order in permutations(words) if " ".join(order) in flat]


@settings(max_examples=60, deadline=None)
@given(world=worlds())
def test_what_reaches_an_escort_has_no_medical_word_and_no_patients_name(
    world: tuple[Clinic, Person, Protocol],
) -> None:
    place_, person, protocol = world
    name = person.escorts[0].name
    one, two = (
        visit(f"induction-{n}", datetime(2027, 3, 10 + n, 9, tzinfo=NEW_YORK), escort=name)
        for n in (1, 2)
    )
    two = attrs.evolve(two, escort="Kim Loe")
    course = Course(key="ketamine-course", protocol=protocol)
    of = attrs.evolve(schedule(one, two), course=course.key)
    course = course.after(notifications(of, course, on=date(2027, 3, 1)))
    after = attrs.evolve(of, visits=[two])
    options = CalendarOptions(organizer="rides@harbour.example")
    more = {"clinic": place_, "person": person, "protocol": protocol}
    texts = [
        unfolded(written(after, escort_calendar, options.knowing(course, after), **more)),
        unfolded(written(of, escort_calendar, options, **more)),
    ]
    for notice in ride_notices(after, place_, person, course, now=NOW, options=options):
        texts += [unfolded(notice.calendar), notice.text, notice.subject]
        texts += [str(notice.email()[header]) for header in ("From", "To", "Subject")]
    for text in texts:
        folded = plain(text)
        assert [word for word in BARRED if plain(word) in folded] == []
        assert names_in(text, person) == []


NOT_ON_A_PHONE = (*DRUGS, *CONDITIONS, "infusion", "induction", "ketamine-7")


@settings(max_examples=60, deadline=None)
@given(world=worlds(), privacy=st.sampled_from((Privacy.MINIMAL, Privacy.NEUTRAL)))
def test_below_the_full_level_no_file_names_drug_or_condition(
    world: tuple[Clinic, Person, Protocol], privacy: Privacy
) -> None:
    place_, person, protocol = world
    start = datetime(2027, 3, 15, 9, tzinfo=NEW_YORK)
    of = schedule(visit("induction-1", start, escort=person.escorts[0].name))
    for writer in (patient_calendar, clinic_calendar):
        raw = written(
            of,
            writer,
            CalendarOptions(privacy=privacy),
            clinic=place_,
            person=person,
            protocol=protocol,
        )
        folded = plain(unfolded(raw))
        assert [word for word in NOT_ON_A_PHONE if plain(word) in folded] == []


@pytest.mark.parametrize("name", catalog.names())
def test_the_title_of_every_published_protocol_is_barred(name: str) -> None:
    assert medical_words(catalog.load(name).title)


@pytest.mark.parametrize("address", ["Baltimore, MD 21201", "Jackson, MS 39201", "Liverpool Road"])
def test_states_and_streets_are_no_medicine(address: str) -> None:
    assert place(address, Privacy.MINIMAL) == address


def test_a_name_is_told_with_and_without_what_parts_its_words() -> None:
    for text in ("李, 小龙", "小龙 李", "李小龙", "c/o 李 小龙"):
        assert tells(text, Privacy.MINIMAL, ["李 小龙"])
    assert not tells("小龙", Privacy.MINIMAL, ["李 小龙"])
    assert not tells("Galling Road", Privacy.MINIMAL, ["Al Li"])


def test_the_patients_name_is_not_told_in_parts_either() -> None:
    assert place("Roe, Jane, 1 Main St", Privacy.MINIMAL, ["Jane Roe"]) == "1 Main St"
    assert place("Jane St, 1 Roe Way", Privacy.MINIMAL, ["Jane Roe"]) == ""
    assert place("Jane St, 1 Main St", Privacy.MINIMAL, ["Jane Roe"]) == "Jane St, 1 Main St"


def everything(message: EmailMessage) -> str:
    return "\n".join(f"{key}: {value}" for key, value in message.items())


def test_headers_of_an_invitation_carry_no_more_than_its_text() -> None:
    course = Course(key="c-1", protocol=PROTOCOL)
    person = Person(
        key="p",
        name="Jane Roe",
        escorts=[Escort(name="Sam", available=Hours(), email="s@h.example")],
    )
    start = datetime(2027, 3, 15, 9, tzinfo=NEW_YORK) + timedelta(hours=1)
    place_ = attrs.evolve(clinic(), email="rides@harbour.example")
    of = schedule(visit("induction-1", start, escort="Sam"))
    [notice] = ride_notices(of, place_, person, course, now=NOW)
    assert re.sub(r"[0-9a-f]{32}", "#", everything(notice.email())) == (
        "From: rides@harbour.example\n"
        "To: s@h.example\n"
        "Subject: Pick-up on Mon 15 Mar 2027: can you?\n"
        "Date: Fri, 01 Jan 2027 12:30:15 +0000\n"
        "Message-ID: <#@calendar.invalid>\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/alternative; boundary="=_#"'
    )


@given(st.text(st.characters(codec="ascii"), max_size=40))
def test_plain_ascii_is_safe_and_folded_as_any_other_text_is(text: str) -> None:
    # A letter of another script behind it sends it the longer way.
    assert safe(text) == safe(f"{text}日").removesuffix("日")
    assert folded(text) == folded(f"{text}日").removesuffix("日")
