"""
Which words a reader of a calendar file may see, and text that no calendar reader trips over.

A file is kept from prying eyes by what is not written in it: an iCalendar ``CLASS`` is only a
wish. So every text passes through here before it becomes a property.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterable

from protocol_sched.errors import InvalidValue


class Privacy(enum.Enum):
    """How much the texts of a calendar file tell."""

    MINIMAL = "minimal"
    """That there is something, when and where; no medical word, nobody's name."""
    NEUTRAL = "neutral"
    """Also the clinic and what to do before and after; no drug, condition or treatment."""
    FULL = "full"
    """Everything, in the protocol's own words."""


MEDICAL_PLACES = ("clinic", "hospital", "medic", "doctor", "health", "physician")
"""Told at the neutral level, where a reader may know that the place is a clinic."""

MEDICAL_STEMS = (
    *("ketamin", "triptan", "ergot", "lidocain", "infliximab", "eptinezumab", "toxin"),
    *("steroid", "immunoglob", "antibiot", "insulin", "magnesium", "opioid", "sedat", "anaesth"),
    *("anesth", "infus", "inject", "drip", "intraven", "chemo", "radio", "dialys", "transfus"),
    *("migrain", "headache", "cephal", "depress", "bipolar", "suicid", "psych", "mental"),
    *("neuro", "oncolog", "cancer", "tumor", "tumour", "rheumat", "arthrit", "sclerosis"),
    *("gastro", "crohn", "colitis", "cardio", "dermat", "transplant", "anaem", "anemi"),
    *("addict", "rehab", "epilep", "seizure", "therap", "treatment", "treating", "patient"),
    *("diagnos", "symptom", "illness", "disease", "disorder", "syndrome", "chronic", "clinician"),
    *("nurse", "nursing", "surg", "recover", "discharge", "induction", "booster", "dosing"),
    *("dosage", "medicin", "prescri", "pharma", "vaccin", "immuni", "fasting", "protocol"),
    *("wellness", "consult", "evaluation", "screening", "biops", "oncol", "haemat", "hemat"),
)
"""Barred below the full level wherever they stand in a text, case and accents aside."""

MEDICAL_WORDS = (
    *("iv", "dhe", "mri", "ect", "tms", "drug", "drugs", "dose", "doses", "drip", "lab", "labs"),
    *("pain", "ill", "sick", "care", "cure", "spa", "er", "icu", "md", "np", "rn", "visit"),
    *("treat", "condition", "review", "response", "ward", "iron", "botox", "spravato"),
)
"""Barred below the full level as whole words."""

_DRUG = re.compile(r"[a-z]{3,}(?:mab|nib|glutide|caine|triptan|statin|platin|rubicin)\b")

_PLAIN_WORDS = """
a all alcohol and any black breakfast caffeine chewing clear coffee dairy drink drinking drinks
eating except fat fatty fluid fluids food foods fried gum heavy juice light liquid liquids meal
meals milk no of or other smoking snack snacks soft solid solids sweets tea water with without
"""
PLAIN = frozenset(_PLAIN_WORDS.split())
"""The words that what to fast from may have at the neutral level; all others could be drugs."""


def folded(text: str) -> str:
    """Return text for comparing: no case, no accents, compatibility letters made plain."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def medical_words(text: str, *, places: bool = True) -> tuple[str, ...]:
    """
    Return the listed medical words found in a text, in list order; empty is good.

    Without ``places`` words like *clinic* are let through. The list errs on the side of silence:
    a street called *Hospital Road* is not written where its reader may not know of a hospital.
    """
    plain = folded(text)
    stems = (*MEDICAL_PLACES, *MEDICAL_STEMS) if places else MEDICAL_STEMS
    words = set(re.findall(r"[a-z]+", plain))
    found = [stem.strip() for stem in stems if stem in f"{plain} "]
    found += [word for word in MEDICAL_WORDS if word in words]
    return (*found, *_DRUG.findall(plain))


def tells(text: str, privacy: Privacy, secrets: Iterable[str] = ()) -> bool:
    """Tell whether a text says more than a level may: a listed word or one of ``secrets``."""
    if privacy is Privacy.FULL:
        return False
    if medical_words(text, places=privacy is Privacy.MINIMAL):
        return True
    plain = folded(text)
    return any(folded(secret) in plain for secret in secrets if secret.strip())


def place(text: str, privacy: Privacy, secrets: Iterable[str] = ()) -> str:
    """
    Return an address on one line without the parts that say too much.

    The parts are what commas, semicolons and line breaks separate:
    ``Infusion Center, Suite 100, 1 Main St`` becomes ``Suite 100, 1 Main St``.
    """
    if privacy is Privacy.FULL:
        return one_line(text.replace("\n", ", "))
    parts = [one_line(part) for part in re.split(r"[,;\r\n]+", safe(text))]
    hidden = tuple(secrets)
    return ", ".join(part for part in parts if part and not tells(part, privacy, hidden))


def is_plain(what: str) -> bool:
    """Tell whether what to fast from is said in words of food and drink alone."""
    words = re.findall(r"[^\W\d_]+", what.casefold())
    return bool(words) and set(words) <= PLAIN


_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Bidirectional overrides and isolates reorder what stands after them; the byte order mark and
# the rest of the list are invisible. Joiners stay: emoji and several scripts need them.
_INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]")


def safe(text: str) -> str:
    r"""
    Return text that every reader reads alike once escaped.

    Line breaks of any kind become line feeds, control characters go, a lone surrogate becomes
    U+FFFD. A backslash becomes a slash: icalendar writes ``\N`` as a line break, and many
    readers undo ``\\n`` as one.
    """
    text = _LINE_BREAKS.sub("\n", text).replace("\t", " ").replace("\\", "/")
    text = _INVISIBLE.sub("", text)
    text = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


def one_line(text: str) -> str:
    """Return `safe` text on one line, white space at line breaks and ends made one space."""
    return " ".join(part.strip() for part in safe(text).split("\n") if part.strip())


_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def is_mail_address(text: str) -> bool:
    """Tell whether a text is an e-mail address that is safe in a header and in a calendar."""
    return _MAIL.fullmatch(text) is not None


def mail_address(owner: str, field: str, text: str) -> str:
    """
    Return an e-mail address that is safe in a header and in a calendar.

    Raises:
        InvalidValue: It is none, or one only few programs can send to (quoted, or not ASCII).
    """
    if not is_mail_address(text):
        raise InvalidValue(owner, field, repr(text), "an e-mail address such as sam@example.org")
    return text
