"""The worked examples that were collected with the rules, each with what it was said to come to."""

from fractions import Fraction

from scoring import LEVELS, aggregate, evaluate, quota, rounded
from sets import WORD, product

HUNDREDTHS = {"decimals": 2}
TENTHS = {"decimals": 1}
STAFF_COMMON = dict(zip(map(str, range(1, 11)), ["5", "5", *["2.5"] * 6, "2", "0"]))
QUARTERS = [
    {"level": "HTXSNV", "conditions": [{"level": "HTXSNV", "at_least": 2}, {"level": "KHTNV", "at_most": 0}]},
    {"level": "KHTNV", "conditions": [{"level": "KHTNV", "at_least": 2}]},
    {"level": "HTTNV", "conditions": [{"level": "HTNV", "at_most": 2}, {"level": "KHTNV", "at_most": 1}]},
]


def weighted(code, weights):
    """A unit's own weights of quantity, quality and progress: 30 + 70 points."""
    work = {"kind": "converted_work", "measures": ["completed", "quality_ok", "on_time"], "denominator": "assigned", "weights": weights}
    common = {"number": 1, "label": "1", "title": WORD, "max": "30", "step": "0.5", "rule": {"kind": "points"}}
    results = {"number": 2, "label": "2", "title": WORD, "max": "70", "rule": work}
    group = lambda code, most, criterion: {"code": code, "title": WORD, "max": most, "criteria": [criterion]}
    return {
        "code": code, "version": 1, "title": WORD, "source": WORD, "trust": "demonstration", "subject": "person",
        "columns": ["own", "superior"], "counting": ["superior"], "rounding": {"decimals": 2, "classify_on": "exact"},
        "tie_keys": ["total"], "groups": [group("I", "30", common), group("II", "70", results)],
        "levels": [{"level": level, "from": start} for level, start in zip(LEVELS[::-1], ["90", "70", "50", "0"])],
    }  # fmt: skip


def work(criterion, *lines):
    """Quantities, product by product."""
    lines = [(number, line) for number, line in enumerate(lines, 1)]
    facts = lambda number, line: [
        {"criterion": criterion, "product": number, "measure": measure, "value": value} for measure, value in line.items()
    ]
    return [fact for number, line in lines for fact in facts(number, line)]


def sheet(column, points, quantities=(), coefficients=("1",), noted=(), **more):
    said = {"points": points, "quantities": list(quantities), "noted": list(noted)}
    products = [product(number, coefficient) for number, coefficient in enumerate(coefficients, 1)] if quantities else []
    return {"columns": {column: {key: value for key, value in said.items() if value}}, "products": products, **more}


def sheets(sets):
    """Vectors of sheets; `said` is what the source says of total, level, or the points of one criterion."""
    measured = lambda *values: dict(zip(("assigned", "completed", "quality_ok", "on_time"), values))
    two = [{"assigned": "10", "completed": "8", "faults": "1"}, {"assigned": "4", "completed": "4", "delays": "1"}]
    leader = {**STAFF_COMMON, "9": "2.5", "10": "0.5", "12": "1", "13": "0", "14": "1"}
    centre = [
        {"assigned": "20", "completed": "20", "faults": "1", "delays": "2"},
        {"assigned": "4", "completed": "3", "delays": "1"},
        {"assigned": "1", "completed": "1"},
    ]
    of_metres = {"1": "5", "2": "5", "3": "16", "4": "4", "20": "100", "21": "30", "22": "0"}
    hatinh = {"1": "6", "2": "5", "3": "3", "4": "5.5", "5": "17", "6": "92", "7": "54"}
    head = {"standing": "head", "title": "Giám đốc"}
    quan9 = {"1": "5", "2": "1", "3": "0", "4": "1", "5": "1", "6": "4.5"}
    fifteen = {**dict.fromkeys(STAFF_COMMON, "0"), "1": "5", "2": "5", "3": "2.5", "4": "2.5"}
    examples = [
        ("nd335-staff.1", sheet("superior", STAFF_COMMON | {"9": "1", "10": "1"}, work(11, measured("10", "9", "8.5", "8"))), {"total": "86.5", "level": "HTTNV"}),
        ("nd335-leader.1", sheet("superior", leader, work(11, {"assigned": "100", "completed": "96", "faults": "4", "delays": "8"})), {"total": "90.42", "level": "HTXSNV"}),
        ("nd335-staff.2", sheet("superior", STAFF_COMMON, work(11, *two), ["1", "3"]), {"11": "62.58"}),
        ("thanh-hoa-nhan-vien.1", sheet("appraised", of_metres, work(10, *two), ["1", "3"]), {"10": "62"}),
        ("nd335-staff.2", sheet("superior", STAFF_COMMON, work(11, *centre), ["1", "1.5", "2"]), {"11": "65.31"}),
        ("weighted.1", sheet("superior", {"1": "27"}, work(2, measured("100", "90", "85", "80"))), {"2": "59.6"}),
        ("nd335-staff.1", sheet("superior", fifteen, work(11, measured("6", "5", "2", "2"))), {"total": "50", "level": "HTNV"}),
        ("nd233-vien-chuc.1", sheet("appraised", {"1": "28.5", "2": "67"}, position=head, unit_level="HTTNV"), {"total": "95.5", "level": "HTTNV"}),
        ("nd335-staff.2", sheet("superior", STAFF_COMMON | {"13": "1"}, work(11, *centre), ["1", "1.5", "2"]), {"level": "KHTNV"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh), {"total": "90.5", "level": "HTTNV"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"8": "3", "9": "2"}, noted=[8, 9]), {"bonus": "5", "level": "HTXSNV"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"8": "3"}), {"bonus": "0", "level": "HTTNV"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"17": "3"}), {"17": "-9"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"17": "9", "20": "1"}), {"penalty": "-30"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"10": "1"}, position=head), {"10": "-2"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"10": "1"}), {"10": "-4"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"25": "12"}), {"level": "HTTNV"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"25": "12.5"}), {"level": "HTNV"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"6": "89", "7": "45"}), {"total": "81.5"}),
        ("ha-tinh-thang.1", sheet("appraised", hatinh | {"27": "31"}), {"level": "HTTNV"}),
        ("quan-9.1", sheet("appraised", quan9), {"1": "8", "3": "0"}),
        ("quan-9.1", sheet("appraised", quan9 | {"1": "3", "2": "0", "3": "1"}), {"1": "6", "2": "0", "3": "4"}),
    ]  # fmt: skip
    for name, facts, said in examples:
        result = evaluate(sets[name], facts)
        for what, value in said.items():
            came = result[what] if what in result else result["points"][what][0]
            if what not in result:
                came, value = Fraction(came), Fraction(value)
                came = rounded(came, TENTHS if value == 62 else HUNDREDTHS)
            assert came == value, f"{name}: {what} is {came}, the source says {value}"
        yield {"given": {"set": name, "facts": facts}, "expect": result}


def quotas():
    """The table of quotas: people, all excellent, and how many may stay."""
    table = {5: (0, 1, 1, 1), 6: (1, 1, 1, 1), 10: (1, 2, 2, 2), 30: (5, 6, 6, 7)}
    for people, limits in table.items():
        places = [("good_only", 0), ("good_and_above", 2), ("all_rated", 2)]
        for denominator, place in places:
            for outstanding in (False, True):
                rule = {"ratio": "20", "ratio_outstanding": "25", "denominator": denominator, "rounding": "floor", "scope": ["agency"]}
                members = [{"key": f"CB{each:02}", "group": "", "level": "HTXSNV", "value": f"{100 - each}/1"} for each in range(people)]
                lines = quota(rule, outstanding, members)
                assert lines[0]["limit"] == limits[place + outstanding], f"{people} people, {denominator}"
                yield {"given": {"quota": rule, "outstanding": outstanding, "members": members}, "expect": lines}


def aggregates(sets):
    """The four variants of a longer period."""
    eleven = {f"2022-{month:02}": {"total": "879/10" if month < 11 else "175/2"} for month in range(1, 12)}
    quarter = {f"2026-{month:02}": {"parts": {"common": common, "ratios": [["9/1", "10/1"]] * 3}} for month, common in ((1, "27/1"), (2, "28/1"), (3, "53/2"))}
    year = lambda *levels: {f"2026-Q{number}": {"level": level} for number, level in enumerate(levels, 1)}
    examples = [
        ("month", "mean_all", "2022", eleven, ("rounded", "80.54")),
        ("month", "mean_rated", "2022", eleven, ("rounded", "87.86")),
        ("month", "ratio_of_sums", "2026-Q1", quarter, ("rounded", "90.17")),
        ("quarter", {"count_levels": QUARTERS}, "2026", year("HTXSNV", "HTXSNV", "HTTNV", "HTTNV"), ("level", "HTXSNV")),
        ("quarter", {"count_levels": QUARTERS}, "2026", year("HTTNV", "HTTNV", "KHTNV", "HTTNV"), ("level", "HTTNV")),
        ("quarter", {"count_levels": QUARTERS}, "2026", year("KHTNV", "KHTNV", "HTTNV", "HTXSNV"), ("level", "KHTNV")),
    ]  # fmt: skip
    for of, method, period, known, (what, value) in examples:
        aggregation = {"of": of, "method": method}
        result = aggregate(aggregation, period, known, sets["nd335-staff.1"], "70")
        assert result[what] == value, f"{period}, {method}: {what} is {result[what]}"
        given = {"set": "nd335-staff.1", "work_max": "70", "aggregation": aggregation, "period": period, "known": known}
        yield {"given": given, "expect": result}
