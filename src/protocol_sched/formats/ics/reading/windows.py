"""
What Windows calls time zones: the names that programs show, beside those that they should write.

Outlook on the web and Exchange write ``(UTC-05:00) Eastern Time (US & Canada)`` where the name of
the zone belongs, and the offset in brackets changes with the version of Windows. So only what
stands behind it is compared. Source: the names Windows shows in English, as the comments of
Unicode CLDR's ``windowsZones.xml`` repeat them, with those of earlier versions.

In other languages Windows shows the same cities by their names there (``Amsterdam, Berlin, Bern,
Rom, Stockholm, Wien``), or writes what the time is called (``Mitteleuropäische Zeit``). Both are
looked up in ``zone_names.txt``, which ``tools/zone_names.py`` makes from CLDR for some languages.
All the cities that CLDR knows must be of one Windows zone, else nobody can say which it is.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_SHOWN = """
AUS Central|Darwin
AUS Eastern|Canberra, Melbourne, Sydney
Afghanistan|Kabul
Alaskan|Alaska
Aleutian|Aleutian Islands
Altai|Barnaul, Gorno-Altaysk
Arab|Kuwait, Riyadh
Arabian|Abu Dhabi, Muscat
Arabic|Baghdad
Argentina|Buenos Aires|City of Buenos Aires
Astrakhan|Astrakhan, Ulyanovsk
Atlantic|Atlantic Time (Canada)
Aus Central W.|Eucla
Azerbaijan|Baku
Azores|Azores
Bahia|Salvador
Bangladesh|Dhaka
Belarus|Minsk
Bougainville|Bougainville Island
Canada Central|Saskatchewan
Cape Verde|Cabo Verde Is.|Cape Verde Is.
Caucasus|Yerevan
Cen. Australia|Adelaide
Central America|Central America
Central Asia|Bishkek|Astana|Astana, Dhaka|Nur-Sultan
Central Brazilian|Cuiaba|Manaus
Central Europe|Belgrade, Bratislava, Budapest, Ljubljana, Prague
Central European|Sarajevo, Skopje, Warsaw, Zagreb
Central Pacific|Solomon Is., New Caledonia|Magadan, Solomon Is., New Caledonia
Central|Central Time (US & Canada)
Central (Mexico)|Guadalajara, Mexico City, Monterrey
Chatham Islands|Chatham Islands
China|Beijing, Chongqing, Hong Kong, Urumqi
Cuba|Havana
Dateline|International Date Line West
E. Africa|Nairobi
E. Australia|Brisbane
E. Europe|Chisinau
E. South America|Brasilia
Easter Island|Easter Island
Eastern|Eastern Time (US & Canada)
Eastern (Mexico)|Chetumal
Egypt|Cairo
Ekaterinburg|Ekaterinburg
FLE|Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius
Fiji|Fiji|Fiji, Marshall Is.|Fiji, Kamchatka, Marshall Is.
GMT|Dublin, Edinburgh, Lisbon, London
GTB|Athens, Bucharest|Athens, Bucharest, Istanbul
Georgian|Tbilisi
Greenland|Greenland
Greenwich|Monrovia, Reykjavik
Haiti|Haiti
Hawaiian|Hawaii
India|Chennai, Kolkata, Mumbai, New Delhi
Iran|Tehran
Israel|Jerusalem
Jordan|Amman
Kaliningrad|Kaliningrad|Kaliningrad, Minsk
Korea|Seoul
Libya|Tripoli
Line Islands|Kiritimati Island
Lord Howe|Lord Howe Island
Magadan|Magadan
Magallanes|Punta Arenas
Marquesas|Marquesas Islands
Mauritius|Port Louis
Middle East|Beirut
Montevideo|Montevideo
Morocco|Casablanca
Mountain|Mountain Time (US & Canada)
Mountain (Mexico)|Chihuahua, La Paz, Mazatlan|La Paz, Mazatlan
Myanmar|Yangon (Rangoon)
N. Central Asia|Novosibirsk
Namibia|Windhoek
Nepal|Kathmandu
New Zealand|Auckland, Wellington
Newfoundland|Newfoundland
Norfolk|Norfolk Island
North Asia|Krasnoyarsk
North Asia East|Irkutsk|Irkutsk, Ulaan Bataar
North Korea|Pyongyang
Omsk|Omsk
Pacific|Pacific Time (US & Canada)
Pacific (Mexico)|Baja California
Pacific SA|Santiago
Pakistan|Islamabad, Karachi
Paraguay|Asuncion
Qyzylorda|Qyzylorda
Romance|Brussels, Copenhagen, Madrid, Paris
Russia Time Zone 10|Chokurdakh
Russia Time Zone 11|Anadyr, Petropavlovsk-Kamchatsky
Russia Time Zone 3|Izhevsk, Samara
Russian|Moscow, St. Petersburg|Moscow, St. Petersburg, Volgograd
SA Eastern|Cayenne, Fortaleza
SA Pacific|Bogota, Lima, Quito, Rio Branco|Bogota, Lima, Quito
SA Western|Georgetown, La Paz, Manaus, San Juan
SE Asia|Bangkok, Hanoi, Jakarta
Saint Pierre|Saint Pierre and Miquelon
Sakhalin|Sakhalin
Samoa|Samoa
Sao Tome|Sao Tome
Saratov|Saratov
Singapore|Kuala Lumpur, Singapore
South Africa|Harare, Pretoria
South Sudan|Juba
Sri Lanka|Sri Jayawardenepura
Sudan|Khartoum
Syria|Damascus
Taipei|Taipei
Tasmania|Hobart
Tocantins|Araguaina
Tokyo|Osaka, Sapporo, Tokyo
Tomsk|Tomsk
Tonga|Nuku'alofa
Transbaikal|Chita
Turkey|Istanbul
Turks And Caicos|Turks and Caicos
US Eastern|Indiana (East)
US Mountain|Arizona
Ulaanbaatar|Ulaanbaatar
Venezuela|Caracas
Vladivostok|Vladivostok
Volgograd|Volgograd
W. Australia|Perth
W. Central Africa|West Central Africa
W. Europe|Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna
W. Mongolia|Hovd
West Asia|Ashgabat, Tashkent
West Bank|Gaza, Hebron
West Pacific|Guam, Port Moresby
Yakutsk|Yakutsk
Yukon|Yukon
"""
"""Of each zone its name without what all names end with, then what is shown for it."""

_PLAIN = {
    "coordinated universal time": "UTC",
    "coordinated universal time-02": "UTC-02",
    "coordinated universal time-08": "UTC-08",
    "coordinated universal time-09": "UTC-09",
    "coordinated universal time-11": "UTC-11",
    "coordinated universal time+12": "UTC+12",
    "coordinated universal time+13": "UTC+13",
}
"""Those whose name ends otherwise."""

_OTHER = {
    "Kamchatka Standard Time": "Asia/Kamchatka",
    "Mid-Atlantic Standard Time": "Etc/GMT+2",
    "tzone://Microsoft/Utc": "UTC",
}
"""Names that Windows and Office write and Unicode's table leaves out."""

_BEFORE = re.compile(r"\((?:utc|gmt)[^)]*\)\s*", re.IGNORECASE)

_CANADIANS = {
    "pacifique": "pacific",
    "montagnes rocheuses": "mountain",
    "rocheuses": "mountain",
    "centre": "central",
    "est": "eastern",
    "atlantique": "atlantic",
}
_CANADIAN = re.compile(
    rf"(pacific|mountain|central|eastern|atlantic|{'|'.join(_CANADIANS)})\b[^(]*\([^)]*[ck]anada\)"
)
"""The zones of Canada and the United States, which are called after no town."""
_SUMMER = re.compile(r" daylight time\b")


def database_name(name: str) -> str:
    """
    Return the tz database's name of a Windows zone, written or shown; empty if it is none.

    What Windows calls a zone in summer is the zone, and Ruby on Rails shows the names without an
    offset.
    """
    key = " ".join(name.lower().replace("\u2019", "'").split())
    plain = _BEFORE.sub("", key, count=1)
    shown = _shown().get(plain, "").lower()
    written = _written()
    found = written.get(key) or written.get(shown) or written.get(_in_winter(key))
    return found or _translated("zones").get(plain) or written.get(_in_another_language(key), "")


def _in_another_language(key: str) -> str:
    """Return what Windows calls a zone that it shows in another language; empty if none is sure."""
    plain = _BEFORE.sub("", key, count=1)
    if match := _CANADIAN.match(plain):
        return f"{_CANADIANS.get(match[1], match[1])} standard time"
    if plain == key and "," not in plain:
        return ""  # the name of a town alone is nothing that Windows shows
    known = _translated("cities")
    cities = [one.strip() for one in re.sub(r"\([^)]*\)", "", plain).split(",")]
    zones = {known[city] for city in cities if city in known}
    return zones.pop().lower() if len(zones) == 1 else ""


def _in_winter(key: str) -> str:
    return _SUMMER.sub(" standard time", key)


@cache
def _shown() -> dict[str, str]:
    """Return the written names by the shown ones in lower case."""
    found = dict(_PLAIN)
    for line in _SHOWN.split("\n"):
        written, *several = line.split("|")
        stem, bracket, rest = written.partition(" (")
        found |= {shown.lower(): f"{stem} Standard Time{bracket}{rest}" for shown in several}
        if written.startswith("Russia Time Zone"):
            found |= {shown.lower(): written for shown in several}
    return found


@cache
def _written() -> dict[str, str]:
    """Return the tz database's names by the written ones in lower case, from Unicode's table."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return {windows.lower(): key for windows, key in (WINDOWS_TO_OLSON | _OTHER).items()}


@cache
def _translated(part: str) -> dict[str, str]:
    """Return what the names of a part of CLDR's table mean, the names in lower case."""
    text = resources.files(__package__).joinpath("zone_names.txt").read_text("utf-8")
    text = text.replace("\u2019", "'")
    lines = text.partition(f"\n[{part}]\n")[2].partition("\n\n")[0].split("\n")
    rows = [line.split("|") for line in lines]
    return {name: zone for zone, *names in rows for name in names}
