"""The worked examples that were collected with the rules, each with what it was said to come to."""

from fractions import Fraction

from scoring import LEVELS, aggregate, decimal, evaluate, quota, rank, rounded
from sets import WORD, product

HUNDREDTHS = {"decimals": 2}
LED = {"position": {"standing": "head", "title": "Trưởng phòng"}}
# What is entered beside 19,5 + 17 + 54 of 92%, in Hà Tĩnh.
HA_TINH = [
    ({}, {}, {"total": "90.5", "level": "HTTNV"}),
    ({"8": "3", "9": "2"}, {"noted": [8, 9]}, {"bonus": "5", "level": "HTXSNV"}),
    ({"8": "3"}, {}, {"bonus": "0", "level": "HTTNV"}),
    ({"17": "3"}, {}, {"17": "-9"}),
    ({"17": "9", "20": "1"}, {}, {"penalty": "-30"}),
    ({"10": "1"}, {}, {"10": "-4"}),
    ({"10": "1"}, LED, {"10": "-2"}),
    ({"19": "1", "31": "1"}, LED, {"total": "85.5", "level": "HTNV"}),
    ({"25": "12"}, {}, {"level": "HTTNV"}),
    ({"25": "12.5"}, {}, {"level": "HTNV"}),
    ({"23": "21"}, {}, {"level": None, "not_rated": True}),
    ({"27": "31"}, {}, {"level": "HTTNV"}),
    ({"6": "89", "7": "45"}, {}, {"total": "81.5"}),
    ({"6": "89"}, {}, {"total": None, "so_far": "36.5"}),
]
QUAN_9 = [({}, {"1": "8", "3": "0"}), ({"1": "3", "2": "0", "3": "1"}, {"1": "6", "2": "0", "3": "4"})]
STAFF_COMMON = dict(zip(map(str, range(1, 11)), ["5", "5", *["2.5"] * 6, "2", "0"]))
QUARTERS = [
    {"level": "HTXSNV", "conditions": [{"level": "HTXSNV", "at_least": 2}, {"level": "KHTNV", "at_most": 0}]},
    {"level": "KHTNV", "conditions": [{"level": "KHTNV", "at_least": 2}]},
    {"level": "HTTNV", "conditions": [{"level": "HTNV", "at_most": 2}, {"level": "KHTNV", "at_most": 1}]},
]


def weighted(code, weights, rounding):
    """A unit's own weights of quantity, quality and progress: 30 + 70 points."""
    work = {"kind": "converted_work", "measures": ["completed", "quality_ok", "on_time"], "denominator": "assigned"}
    common = {"number": 1, "label": "1", "title": WORD, "max": "30", "step": "0.5", "rule": {"kind": "points"}}
    results = {"number": 2, "label": "2", "title": WORD, "max": "70", "rule": {**work, "weights": weights}}
    group = lambda code, most, criterion: {"code": code, "title": WORD, "max": most, "criteria": [criterion]}
    levels = [{"level": level, "from": start} for level, start in zip(LEVELS[::-1], ["90", "70", "50", "0"])]
    return {
        "code": code, "version": 1, "title": WORD, "source": WORD, "trust": "demonstration", "subject": "person",
        "columns": ["own", "superior"], "counting": ["superior"], "rounding": rounding,
        "tie_keys": ["total", "group:I"], "levels": levels, "groups": [group("I", "30", common), group("II", "70", results)],
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


def examples():
    """Set, facts, and what the source says of the total, the level, or the points of a criterion."""
    two = [{"assigned": "10", "completed": "8", "faults": "1"}, {"assigned": "4", "completed": "4", "delays": "1"}]
    centre = [
        {"assigned": "20", "completed": "20", "faults": "1", "delays": "2"},
        {"assigned": "4", "completed": "3", "delays": "1"},
        {"assigned": "1", "completed": "1"},
    ]
    measured = lambda *values: dict(zip(("assigned", "completed", "quality_ok", "on_time"), values))
    led = {"assigned": "100", "completed": "96", "faults": "4", "delays": "8"}
    head = {"standing": "head", "title": "Giám đốc"}
    old = lambda common, *values: ("nd335-staff.1", sheet("superior", common, work(11, measured(*values))))
    staff = lambda lines, *k, **more: ("nd335-staff.2", sheet("superior", STAFF_COMMON | more, work(11, *lines), k))
    yield *old(STAFF_COMMON | {"9": "1", "10": "1"}, "10", "9", "8.5", "8"), {"total": "86.5", "level": "HTTNV"}
    leader = STAFF_COMMON | {"9": "2.5", "10": "0.5", "12": "1", "13": "0", "14": "1"}
    yield "nd335-leader.1", sheet("superior", leader, work(11, led)), {"total": "90.42", "level": "HTXSNV"}
    yield *staff(two, "1", "3"), {"11": "62.58"}
    thanhhoa = {"1": "5", "2": "5", "3": "16", "4": "4", "20": "100", "21": "30", "22": "0"}
    yield "thanh-hoa-nhan-vien.1", sheet("appraised", thanhhoa, work(10, *two), ["1", "3"]), {"10": "62.05"}
    yield *staff(centre, "1", "1.5", "2"), {"11": "65.31"}
    yield *staff(centre, "1", "1.5", "2", **{"13": "1"}), {"level": "KHTNV"}
    weights = sheet("superior", {"1": "27"}, work(2, measured("100", "90", "85", "80")))
    yield "weighted.1", weights, {"2": "59.6"}
    fifteen = dict.fromkeys(STAFF_COMMON, "0") | {"1": "5", "2": "5", "3": "2.5", "4": "2.5"}
    yield *old(fifteen, "6", "5", "2", "2"), {"total": "50", "exact": "50/1", "level": "HTNV"}
    director = sheet("appraised", {"1": "28.5", "2": "67"}, position=head, unit_level="HTTNV")
    yield "nd233-vien-chuc.1", director, {"total": "95.5", "level": "HTTNV"}
    for points, more, said in HA_TINH:
        common = {"1": "6", "2": "5", "3": "3", "4": "5.5", "5": "17", "6": "92", "7": "54"}
        yield "ha-tinh-thang.1", sheet("appraised", common | points, **more), said
    for points, said in QUAN_9:
        common = {"1": "5", "2": "1", "3": "0", "4": "1", "5": "1", "6": "4.5"}
        yield "quan-9.1", sheet("appraised", common | points), said


def sheets(sets):
    """The examples as vectors."""
    for name, facts, said in examples():
        result = evaluate(sets[name], facts)
        for what, value in said.items():
            came = result[what] if what in result else decimal(rounded(Fraction(result["points"][what][0]), HUNDREDTHS))
            assert came == value, f"{name}: {what} is {came}, the source says {value}"
        yield {"given": {"set": name, "facts": facts}, "expect": result}


def league(sets):
    """56 points, rounded, in three ways: 20,5 and 21 of part I are alike once they are rounded, 20 are less."""
    line = lambda done: dict(zip(("assigned", "completed", "quality_ok", "on_time"), ("70", done, done, done)))
    ways = {"TT01": ("20", "36"), "TT02": ("20.5", "35"), "TT03": ("21", "35")}
    units = {code: sheet("superior", {"1": common}, work(2, line(done))) for code, (common, done) in ways.items()}
    lines = rank(sets["coarse.1"], units)
    assert lines == [["TT02", 1, True], ["TT03", 1, True], ["TT01", 3, False]], lines
    return {"given": {"set": "coarse.1", "units": units}, "expect": lines}


def quotas():
    """The table of quotas: people, all excellent, and how many may stay."""
    table = {5: (0, 1, 1, 1), 6: (1, 1, 1, 1), 10: (1, 2, 2, 2), 30: (5, 6, 6, 7)}
    columns = [(name, outstanding) for name in ("good_only", "good_and_above", "all_rated") for outstanding in (0, 1)]
    for people, limits in table.items():
        excellent = {"group": "", "level": "HTXSNV"}
        members = [{"key": f"CB{each:02}", "value": f"{100 - each}/1", **excellent} for each in range(people)]
        for (denominator, outstanding), limit in zip(columns, limits + limits[2:]):
            rule = {"ratio": "20", "ratio_outstanding": "25", "rounding": "floor", "scope": ["agency"]}
            given = {"quota": rule | {"denominator": denominator}, "outstanding": bool(outstanding), "members": members}
            lines = quota(given["quota"], outstanding, members)
            assert lines[0]["limit"] == limit, f"{people} people, {denominator}: {lines[0]['limit']}"
            yield {"given": given, "expect": lines}


def aggregates(sets):
    """The four variants of a longer period."""
    eleven = {f"2022-{month:02}": {"total": "879/10" if month < 11 else "175/2"} for month in range(1, 12)}
    parts = lambda common: {"parts": {"common": common, "ratios": [["9/1", "10/1"]] * 3}}
    quarter = {f"2026-{month:02}": parts(common) for month, common in ((1, "27/1"), (2, "28/1"), (3, "53/2"))}
    year = lambda *levels: {f"2026-Q{number}": {"level": level} for number, level in enumerate(levels, 1)}
    customs = {"count_levels": QUARTERS}
    for of, method, period, known, what, value in (
        ("month", "mean_all", "2022", eleven, "rounded", "80.54"),
        ("month", "mean_rated", "2022", eleven, "rounded", "87.86"),
        ("month", "ratio_of_sums", "2026-Q1", quarter, "rounded", "90.17"),
        ("quarter", customs, "2026", year("HTXSNV", "HTXSNV", "HTTNV", "HTTNV"), "level", "HTXSNV"),
        ("quarter", customs, "2026", year("HTTNV", "HTTNV", "KHTNV", "HTTNV"), "level", "HTTNV"),
        ("quarter", customs, "2026", year("KHTNV", "KHTNV", "HTTNV", "HTXSNV"), "level", "KHTNV"),
    ):
        aggregation = {"of": of, "method": method}
        result = aggregate(aggregation, period, known, sets["nd335-staff.1"], "70")
        assert result[what] == value, f"{period}, {method}: {what} is {result[what]}"
        given = {"set": "nd335-staff.1", "work_max": "70", "aggregation": aggregation, "period": period, "known": known}
        yield {"given": given, "expect": result}
