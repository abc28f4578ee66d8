"""Schedules of activities in the shapes that registries, spreadsheets and study tools give them."""

from __future__ import annotations

import pytest

from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.tables.reading import read_schedule_csv
from protocol_sched.model.cadences import At
from protocol_sched.model.imported import Imported

Rows = list[tuple[str, str, str]]
"""Visit, distance from what it is counted from, and how much sooner and later."""


def told(found: Imported) -> Rows:
    rows = []
    for one in found.protocol.other_visits:
        at = str(one.cadence.at[0]) if isinstance(one.cadence, At) else "on demand"
        window = one.tolerance
        rows.append((one.name, at, "" if window is None else f"-{window.before} +{window.after}"))
    return rows


STYLES: dict[str, tuple[str, Rows]] = {
    "a study tool, a column for each side": (
        "Visit Name,Phase,Window (-),Day/Date,Window (+)\n"
        "ICF (1A),Screening,0,-56,0\nBAE,Screening,0,-6,6\nRandomization,Treatment,0,1,0\n"
        "Dose,Treatment,2,29,2\n",
        [
            ("ICF (1A)", "day -56", "-0 days +0 days"),
            ("BAE", "day -6", "-0 days +6 days"),
            ("Dose", "28 days", "-2 days +2 days"),
        ],
    ),
    "the same in Markdown": (
        "| Visit Name | Window (-) | Day/Date | Window (+) |\n| :-- | :-- | :-- | :-- |\n"
        "| ICF | 0 | -56 | 0 |\n| Randomization | 0 | 1 | 0 |\n| Dose | 2 | 29 | 2 |\n",
        [("ICF", "day -56", "-0 days +0 days"), ("Dose", "28 days", "-2 days +2 days")],
    ),
    "names in one word": (
        "Study,VisitName,Day,ToleranceBefore,ToleranceAfter,Payment\n"
        "ABC,Screening,1,0,0,150\nABC,V2,28,3,7,100\n",
        [("V2", "27 days", "-3 days +7 days")],
    ),
    "names with underscores": (
        "visit_name,target_day,window_before,window_after\nBaseline,0,0,0\nDay 7,7,1,1\n",
        [("Day 7", "7 days", "-1 day +1 day")],
    ),
    "a registry's events": (
        "event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name\n"
        "Enrollment,1,0,0,0,enrollment_arm_1\nVisit 1,1,8,2,3,visit_1_arm_1\n",
        [("Visit 1", "8 days", "-2 days +3 days")],
    ),
    "trial visits of SDTM": (
        "STUDYID,DOMAIN,VISITNUM,VISIT,VISITDY\nX,TV,1,SCREENING,-14\nX,TV,2,BASELINE,1\n"
        "X,TV,3,WEEK 2,15\n",
        [("SCREENING", "day -14", ""), ("WEEK 2", "14 days", "")],
    ),
    "first and last day of a window": (
        "Visit,Target Day,Window Start,Window End\nScreening,-7,-28,-1\nBaseline,1,1,1\n"
        "Week 2,15,12,18\n",
        [("Screening", "day -7", "-21 days +6 days"), ("Week 2", "14 days", "-3 days +3 days")],
    ),
    "a range of study days": (
        "Visit,Study Day Range\nScreening,-14 to -1\nBaseline,0\nFollow-up,28 (±3 days)\n",
        [("Screening", "day -14", "-0 days +13 days"), ("Follow-up", "28 days", "-3 days +3 days")],
    ),
    "slashes": (
        "Visit,Planned Day,Window\nScreening,Day -14,-14/0\nBaseline,Day 0,\nDay 7,Day 7,±1\n",
        [("Screening", "day -14", "-14 days +0 days"), ("Day 7", "7 days", "-1 day +1 day")],
    ),
    "no window in words": (
        "Visit,Visit Day,Visit Window (days)\nV1,D-28,-\nV2,D1,N/A\nV3,D8,+/-1\nV4,D29,None\n",
        [("V1", "day -28", ""), ("V3", "7 days", "-1 day +1 day"), ("V4", "28 days", "")],
    ),
    "counted from a visit in words": (
        "Visit,Timing,Window\nRandomisation,Day 0,\nVisit 2,2 weeks post randomisation,±3\n"
        "EOS,12 weeks after the Visit 2,\n",
        [("Visit 2", "2 weeks", "-3 days +3 days"), ("EOS", "12 weeks", "")],
    ),
    "samples by the hour": (
        "Sample,Nominal time,Window\nPre-dose,-30 min,±10 min\nDose,0 h,\nPK 2,2h,±15 min\n",
        [
            ("Pre-dose", "- 30 minutes", "-10 minutes +10 minutes"),
            ("PK 2", "2 hours", "-15 minutes +15 minutes"),
        ],
    ),
    "French": (
        "Visite;Jour;Fenêtre\nSélection;J-14;aucune\nInclusion;J1;\nV2;J15;± 2 jours\nV3;S4;±3 j\n",
        [
            ("Sélection", "day -14", ""),
            ("V2", "14 days", "-2 days +2 days"),
            ("V3", "4 weeks", "-3 days +3 days"),
        ],
    ),
    "German": (
        "Visite;Studientag;Fenster\nScreening;Tag -14 bis -1;\nTag 1;Tag 1;keines\n"
        "V3;Woche 4;±3 Tage\n",
        [("Screening", "day -14", "-0 days +13 days"), ("V3", "4 weeks", "-3 days +3 days")],
    ),
    "a title above": (
        "Table 1. Schedule of Assessments,,\n,,\nVisit,Day,Window\nBaseline,1,\nWeek 4,29,±3\n",
        [("Week 4", "28 days", "-3 days +3 days")],
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_a_table_is_read_in_the_shape_it_has(style: str) -> None:
    text, wanted = STYLES[style]
    assert told(read_schedule_csv(text)) == wanted


def test_a_visit_in_words_is_what_the_others_are_counted_from() -> None:
    table = "Visit,Timing\nEnrolment,Day 0\nSurgery,10 days\nWound check,2 weeks after surgery\n"
    found = read_schedule_csv(table)
    assert [str(one.anchor) for one in found.protocol.other_visits] == [
        "start of Enrolment",
        "start of Surgery",
    ]
    with pytest.raises(InvalidDocument, match="is counted from 'last dose', which is no other"):
        read_schedule_csv("Visit,Timing\nDose,Day 0\nEOT,30 days after last dose\n")
    with pytest.raises(InvalidDocument, match="must say once from which visit 'EOT' is counted"):
        read_schedule_csv("Visit,Timing,From\nDose,Day 0,\nEOT,30 days after dose,Dose\n")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("V,15,12,18,±3", "must say the window of 'V' once"),
        ("V,15,12,,", "must say the first and the last day of 'V'"),
        ("V,15,16,18,", "must be from its first to its last day"),
        ("V,15,12,18 ±1,", "must number the first and the last day of 'V'"),
    ],
)
def test_first_and_last_days_are_both_there_and_around_the_target(row: str, says: str) -> None:
    with pytest.raises(InvalidDocument, match=f"line 3: {says}"):
        read_schedule_csv(f"Visit,Day,Earliest,Latest,Window\nDose,1,,,\n{row}\n")


def test_first_and_last_days_of_day_1_are_told() -> None:
    with pytest.raises(InvalidDocument, match="line 2: must be from its first to its last day"):
        read_schedule_csv("Visit,Day,Earliest,Latest\nDose,1,2,3\nV,15,12,18\n")
    found = read_schedule_csv("Visit,Day,Earliest,Latest\nDose,1,-2,3\nV,15,12,18\n")
    [note] = [one for one in found.notes if one.kind == "window of day 1"]
    assert note.said == "2 days before, 2 days after"
