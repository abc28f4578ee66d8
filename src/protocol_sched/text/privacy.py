"""
How much a text may tell whoever reads it, and the words that tell too much.

A text is kept from prying eyes by what is not written in it, so whatever is said to a person below
the full level is held against these lists.
"""

from __future__ import annotations

import enum
import functools
import re
import unicodedata
from collections.abc import Iterable


class Privacy(enum.Enum):
    """How much a text tells."""

    MINIMAL = "minimal"
    """That there is something, when and where; no medical word, not the person's name."""
    NEUTRAL = "neutral"
    """Also the clinic and what to do before and after; no drug, condition or treatment."""
    FULL = "full"
    """Everything, in the protocol's own words."""


MEDICAL_PLACES = (
    *("clinic", "hospital", "medic", "doctor", "health", "physician", "healing", "hospice"),
    *("infirmar", "ambulator", "sanator", "specialis", "specialt"),
)
"""Told at the neutral level, where a reader may know that the place is a clinic."""

_DRUGS = """
ketamin triptan ergot lidocain infliximab eptinezumab toxin steroid globulin antibiot insulin
magnesium opioid propofol fentan morphin methadon buprenorph naltrex naloxon psilocyb cannabi
benzodiaz barbitur lithium prednis cortiso dexameth methotrex heparin warfarin dronate dronic
dotatate lutetium ferric ferumox sucrose maltose interferon vitamin epinephr adrenalin brexanol
paliperid nusiners patisiran inclisiran pegloticas rilpivir cabotegr efgartig bortezom zoledron
folfox folfir remicade ocrevus tysabri entyvio humira stelara keytruda opdivo vyepti leqembi kisunla
soliris ultomiris xolair prolia reclast venofer injectafer feraheme zulresso sublocade vivitrol
benlysta orencia actemra simponi cimzia krystexxa onpattro amvuttra spinraza vyvgart cabenuva
lemtrada briumvi herceptin rituxan velcade abraxane spravato ozempic botox chemo
"""
_CONDITIONS = """
migrain headache cephal depress bipolar suicid psych mental anxiet schizo trauma autis dementia
alzheim parkinson epilep seizure neuro sclerosis myasthen oncolog cancer tumor tumour carcin
melanom lymphom leukem leukaem myelom sarcom gliom metasta rheumat arthrit spondyl ankylos lupus
psoria eczema fibromyal gastro crohn colitis ulcer hepat kidney bladder thyroid diabet obesit
cardio cardiac dermat asthma pulmon respirat allerg transplant anaem anemi haemophil hemophil
haemat hemat thrombo addict rehab alcohol osteopor orthop urolog urinary gynec gynaec obstet
fertil pregnan prenatal postnat antenat neonat postpart matern pediatr paediatr geriatr palliat
ophthal macular infect sepsis covid illness disease disorder syndrome chronic diagnos symptom
amyloid porphyr refractory relaps
"""
_CARE = """
sedat anaesth anesth infus inject drip intraven radio dialys transfus immuni immuno vaccin plasma
therap treatment treating patient clinician nurse nursing surg recover discharge induction booster
dosing dosage medicin medicat prescri pharma fasting protocol wellness consult evaluation screening
biops endoscop colonosc ultrasound imaging catheter puncture lumbar spinal stimulat transcran
biologic antibod marrow donor wound emergenc
"""
MEDICAL_STEMS = (*_DRUGS.split(), *_CONDITIONS.split(), *_CARE.split())
"""Barred below the full level wherever they stand in a text, case and accents aside."""

_WORDS = """
iv dhe mri ect tms rtms drug drugs dose doses drip lab labs pain ill sick care cure spa er icu md
np rn visit treat condition review response ward iron hiv aids ptsd ocd adhd crps cidp als ms copd
ibd ibs ivf mdma lsd ssri glp liver renal heart gout stroke stress sleep blood vein veins urine
nerve nerves scan scans xray ray ct pet dental dentist ulcerative gene stem cell cells urgent
"""
MEDICAL_WORDS = tuple(_WORDS.split())
"""Barred below the full level as whole words."""

_DRUG = re.compile(
    r"[a-z]{2,}(?:mab|nib|cept|ciclib|parib|limus|kinra|zomib|glutide|reotide|patide|caine|triptan"
    r"|statin|platin|rubicin|taxel|tecan|gepant|gliptin|gliflozin|prazole|conazole|sartan|cillin"
    r"|mycin|gravir|ciclovir|setron|zepam|zolam|oxetine|siran|phalan)\b"
)
"""Names of drugs by the endings of their classes."""
_STATE = re.compile(r"\b(?:md|ms)\s+(?=\d{5}\b)")
"""Maryland and Mississippi before a postal code are no physician and no disease."""


# Letters of other scripts that look like these.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u03bf\u03b1\u0131",
    "aeopcyxijsoai",
)


def folded(text: str) -> str:
    """
    Return text for comparing: no case, no accents, compatibility letters made plain.

    What cannot be seen goes, and letters that look like Latin ones become those, so that a word
    is found however it is spelt.
    """
    if text.isascii() and text.isprintable():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text.casefold())
    seen = "".join(c for c in apart if c in _PARTS or unicodedata.category(c) not in _UNSEEN)
    return seen.translate(_LOOKALIKES)


_PARTS = "\t\n\v\f\r\x1c\x1d\x1e\x85"
"""Controls that part words."""
_UNSEEN = ("Mn", "Cf", "Cc")


@functools.lru_cache(maxsize=4096)
def medical_words(text: str, *, places: bool = True) -> tuple[str, ...]:
    """
    Return the listed medical words found in a text, in list order; empty is good.

    Without ``places`` words like *clinic* are let through. The list errs on the side of silence:
    a street called *Hospital Road* is not written where its reader may not know of a hospital.
    """
    plain = _STATE.sub("", folded(text))
    words = set(re.findall(r"[a-z]+", plain))
    stems = (*MEDICAL_PLACES, *MEDICAL_STEMS) if places else MEDICAL_STEMS
    # A long one is also found with something between its letters: ``k e t a m i n e``.
    solid = re.sub(r"[^a-z]", "", plain)
    found = [stem for stem in stems if stem in plain or (len(stem) > 6 and stem in solid)]
    found += [word for word in MEDICAL_WORDS if word in words]
    return (*found, *_DRUG.findall(plain))


def tells(text: str, privacy: Privacy, secrets: Iterable[str] = ()) -> bool:
    """
    Tell whether a text says more than a level may: a listed word or one of ``secrets``.

    A secret of several words, such as a name, is told by all of them in any order.
    """
    if privacy is Privacy.FULL:
        return False
    if medical_words(text, places=privacy is Privacy.MINIMAL):
        return True
    plain = folded(text)
    return any(_says(folded(secret), plain) for secret in secrets if secret.strip())


def _says(secret: str, plain: str) -> bool:
    words = words_of(secret)
    if secret in plain or (len(words) > 1 and words <= words_of(plain)):
        return True
    # Scripts that part words by no space write a name of two words as one.
    return not secret.isascii() and _solid(secret) in _solid(plain)


def _solid(plain: str) -> str:
    """Return folded text without what parts its words."""
    return re.sub(r"[\W_]+", "", plain)


def words_of(plain: str) -> set[str]:
    """Return the words of folded text, initials aside; a Chinese name of one sign is a word."""
    return {word for word in re.findall(r"[^\W_]+", plain) if len(word) > 1 or not word.isascii()}


_PLAIN_WORDS = """
a all alcohol and any black breakfast caffeine chewing clear coffee dairy drink drinking drinks
eating except fat fatty fluid fluids food foods fried gum heavy juice light liquid liquids meal
meals milk no of or other smoking snack snacks soft solid solids sweets tea water with without
"""
PLAIN = frozenset(_PLAIN_WORDS.split())
"""The words that what to fast from may have at the neutral level; all others could be drugs."""


def is_plain(what: str) -> bool:
    """Tell whether what to fast from is said in words of food and drink alone."""
    words = re.findall(r"[^\W\d_]+", what.casefold())
    return bool(words) and set(words) <= PLAIN
