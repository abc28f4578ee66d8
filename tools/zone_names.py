"""
Write the table of the names that time zones have in other languages, from Unicode CLDR.

    npm pack cldr-core cldr-dates-full      # and unpack both
    python tools/zone_names.py CORE DATES > src/protocol_sched/formats/ics/reading/zone_names.txt

``CORE`` and ``DATES`` are the two unpacked packages. A name that means two zones, in one language
or in two, is left out; so is one whose zone no longer goes by it. Cities stand beside the name that
Windows has for their zone, since that is what it shows them for.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
_KINDS = ("generic", "standard", "daylight")


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def zones_of_names(core: Path) -> dict[str, str]:
    """Return the zone that stands for each of CLDR's "metazones", if it still goes by it."""
    found = _read(core / "supplemental" / "metaZones.json")["supplemental"]["metaZones"]
    now = {
        zone: uses[-1]["usesMetazone"] for zone, uses in _uses(found["metazoneInfo"]["timezone"])
    }
    return {
        one["mapZone"]["_other"]: one["mapZone"]["_type"]
        for one in found["metazones"]
        if one["mapZone"]["_territory"] == "001"
        and now.get(one["mapZone"]["_type"], {}).get("_mzone") == one["mapZone"]["_other"]
        and "_to" not in now[one["mapZone"]["_type"]]
    }


def _uses(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name, inside in tree.items():
        if isinstance(inside, list):
            yield above + name, inside
        else:
            yield from _uses(inside, f"{above}{name}/")


def _cities(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield each zone and the city it is called after."""
    for name, inside in tree.items():
        if "exemplarCity" in inside:
            yield above + name, inside["exemplarCity"]
        elif isinstance(inside, dict) and not {"long", "short"} & inside.keys():
            yield from _cities(inside, f"{above}{name}/")


def windows_names(core: Path) -> dict[str, str]:
    """Return what Windows calls each zone."""
    found = _read(core / "supplemental" / "windowsZones.json")["supplemental"]["windowsZones"]
    return {
        zone: one["mapZone"]["_other"]
        for one in found["mapTimezones"]
        for zone in one["mapZone"]["_type"].split()
        if not zone.startswith("Etc/")
    }


def main() -> None:
    core, dates = map(Path, sys.argv[1:3])
    windows = windows_names(core)
    standing = zones_of_names(core)
    zones: dict[str, set[str]] = defaultdict(set)
    cities: dict[str, set[str]] = defaultdict(set)
    for zone, name in windows.items():
        cities[zone.rpartition("/")[2].replace("_", " ").lower()].add(name)
    for language in LANGUAGES:
        file = dates / "main" / language / "timeZoneNames.json"
        found = _read(file)["main"][language]["dates"]["timeZoneNames"]
        for meta, forms in found["metazone"].items():
            for kind in _KINDS:
                if meta in standing and (name := forms.get("long", {}).get(kind)):
                    zones[name.lower()].add(standing[meta])
        for zone, city in _cities(found["zone"]):
            if zone in windows:
                cities[city.lower()].add(windows[zone])
    version = _read(core / "package.json")["version"]
    notice = (core / "LICENSE").read_text("utf-8").strip().splitlines()
    lines = [
        f"# What time zones and the cities they are called after are called in {len(LANGUAGES)}",
        f"# languages, in lower case: {', '.join(LANGUAGES)}.",
        f"# From Unicode CLDR {version} by tools/zone_names.py; not to be edited by hand.",
        "#",
        *(f"# {line}".rstrip() for line in notice),
    ]
    for title, table in (("zones", zones), ("cities", cities)):
        by_zone: dict[str, list[str]] = defaultdict(list)
        for name, meant in table.items():
            if len(meant) == 1:
                by_zone[next(iter(meant))].append(name)
        lines += ["", f"[{title}]"]
        lines += ["|".join((zone, *sorted(names))) for zone, names in sorted(by_zone.items())]
    sys.stdout.write("\n".join((*lines, "")))


if __name__ == "__main__":
    main()
