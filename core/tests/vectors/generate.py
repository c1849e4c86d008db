"""Makes the golden vectors beside this file: `python3 generate.py [FOLDER]`.

Every number in them is computed by `scoring.py`, from SCORING.md and not from the code in Rust. Needs Python 3.11 or later and
none of its packages; the same on every machine. `core/tests/vectors.rs` runs the vectors through the product.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path

import worked
from scoring import LEVELS, aggregate, criteria, decimal, evaluate, parts, quota, rank, required
from sets import Dice, SetMaker, facts

HERE = Path(__file__).parent
MADE_SETS = 40
SHEETS_OF_A_SET = 8
LEAGUES = 24
QUOTAS = 60
LONGER_PERIODS = 80
PERIODS = [("month", "2022"), ("month", "2026-Q3"), ("quarter", "2024"), ("week", "2026-01"), ("week", "2024-12")]
PERIODS += [("week", "2026-Q4"), ("week", "2020"), ("week", "2021-Q1"), ("month", "2025-Q1")]
LEAST = Fraction(1, 10_000)
OFFICIAL = [Fraction(90), Fraction(70), Fraction(50)]


def identified(ruleset):
    return f"{ruleset['code']}.{ruleset['version']}"


def vector(ruleset, said):
    return {"given": {"set": identified(ruleset), "facts": said}, "expect": evaluate(ruleset, said)}


# Exactly on a threshold, just below, just above


def common(points):
    """Points of form 01, criteria 1 to 10, that add up to this."""
    said = {}
    for number in range(1, 11):
        part = min(points, Fraction(5) if number < 3 else Fraction(5, 2))
        said[str(number)], points = decimal(part), points - part
    return said


def split(dice, total, most):
    """Three quantities of one decimal that add up to the total and are not above `most`."""
    while True:
        first, second = (Fraction(dice.within(0, int(most * 10)), 10) for _ in range(2))
        if 0 <= total - first - second <= most:
            return [first, second, total - first - second]


def shifted(quantities, most):
    """The quantities as they are, and with the least less or more of one of them."""
    yield quantities
    place = max(range(3), key=lambda index: quantities[index])
    yield [each - LEAST * (index == place) for index, each in enumerate(quantities)]
    place = min(range(3), key=lambda index: quantities[index])
    if quantities[place] < most:
        yield [each + LEAST * (index == place) for index, each in enumerate(quantities)]


def measured_thresholds(dice, ruleset):
    """Form 01: part I and ratios of thirds, sixths and sevenths that together are a threshold."""
    for threshold in OFFICIAL:
        for assigned in (3, 6, 7, 9, 14, 21):
            halves = [Fraction(half, 2) for half in range(61)]
            sums = [(part, 3 * assigned * (threshold - part) / 70) for part in halves]
            fits = [each for each in sums if (each[1] * 10).denominator == 1 and each[1] <= 3 * assigned]
            for part, total in dice.shuffled(fits)[:2]:
                for values in shifted(split(dice, total, assigned), assigned):
                    names = ("assigned", "completed", "quality_ok", "on_time")
                    line = dict(zip(names, map(decimal, [Fraction(assigned), *values])))
                    yield vector(ruleset, worked.sheet("superior", common(part), worked.work(11, line)))


def leader_thresholds(ruleset):
    """A leader's 35/3 for each of three two-level items, and the same number of products in a, b and c."""
    for threshold in OFFICIAL:
        for met in range(4):
            items = {str(number): str(int(number < 12 + met)) for number in (12, 13, 14)}
            fixed = Fraction(35, 3) * Fraction(3 + met, 2)
            for assigned in (6, 7, 12, 42):
                parts = [Fraction(half, 2) for half in range(61)]
                done = [(part, assigned * (threshold - fixed - part) / 35) for part in parts]
                fits = [each for each in done if (each[1] / LEAST).denominator == 1 and 0 < each[1] <= assigned]
                for part, each in fits[:1]:
                    for completed in (each - LEAST, each, min(each + LEAST, Fraction(assigned))):
                        line = {"assigned": str(assigned), "completed": decimal(completed)}
                        yield vector(ruleset, worked.sheet("superior", common(part) | items, worked.work(11, line)))


def best(ruleset):
    """The facts with most points, all conditions of the best level met, no bonus and no deduction."""
    conditions = [each for each in ruleset["levels"][0].get("conditions", []) if each["of"] == "criterion"]
    points = {each["criterion"]: Fraction(each["value"]) for each in conditions}
    for criterion in criteria(ruleset):
        if criterion["number"] in required(ruleset) and criterion["rule"]["kind"] != "converted_work":
            kind = criterion["rule"]["kind"]
            most = {"two_level": 1, "pass_fail": 1, "count": 9, "figure": 100}.get(kind) or criterion["max"]
            points.setdefault(criterion["number"], Fraction(most))
    works = [each["number"] for each in criteria(ruleset) if each["rule"]["kind"] == "converted_work"]
    line = {"assigned": "6", "completed": "6", "quality_ok": "6", "on_time": "6"}
    quantities = [fact for number in works for fact in worked.work(number, line)]
    deducts = any(each["rule"].get("deduction") for each in criteria(ruleset))
    quantities = [each for each in quantities if not deducts or each["measure"] in ("assigned", "completed")]
    return {str(number): value for number, value in sorted(points.items())}, quantities


def filled(ruleset, points, quantities, **more):
    points = {number: decimal(value) for number, value in points.items()}
    return vector(ruleset, worked.sheet(ruleset["counting"][0], points, quantities, **more))


def entered_thresholds(dice, ruleset):
    """Entered points that come to a threshold, one step less, and one step more."""
    free = [each for each in criteria(ruleset) if each["rule"]["kind"] == "points"]
    for level in ruleset["levels"][:3]:
        points, quantities = best(ruleset)
        above = points
        over = lambda: filled(ruleset, points, quantities)["expect"]
        while Fraction(over()["exact"]) > Fraction(level["from"]):
            lower = [each for each in free if points[str(each["number"])] > 0]
            if not lower:
                break
            criterion = dice.pick(lower)
            above = dict(points)
            points[str(criterion["number"])] -= Fraction(criterion["step"])
        else:
            yield from (filled(ruleset, each, quantities) for each in (above, points))
            for criterion in [each for each in free if points[str(each["number"])] > 0][:1]:
                number = str(criterion["number"])
                yield filled(ruleset, points | {number: points[number] - Fraction(criterion["step"])}, quantities)


def looked_at(ruleset):
    """Each condition of levels and gates on a criterion: its value, a little less, a little more."""
    conditions = [each for level in ruleset["levels"] for each in level.get("conditions", [])]
    conditions += [each for gate in ruleset.get("gates", []) for each in gate["when"]]
    by_number = {each["number"]: each for each in criteria(ruleset)}
    for condition in conditions:
        if condition["of"] != "criterion":
            continue
        rule, value = by_number[condition["criterion"]]["rule"], Fraction(condition["value"])
        values = [value - LEAST, value, value + LEAST] if rule["kind"] == "figure" else [Fraction(0), Fraction(1)]
        for value in values:
            if 0 <= value <= Fraction(rule.get("most", 1)):
                points, quantities = best(ruleset)
                points[str(condition["criterion"])] = value
                position = {"standing": "head", "title": "Trưởng phòng"} if ruleset["subject"] == "person" else {}
                yield filled(ruleset, points, quantities, position=position)


# Rankings, quotas, longer periods


def league(dice, ruleset):
    units = {}
    for number in range(dice.within(3, 9)):
        same = units and dice.chance(40)
        units[f"TT{dice.below(90) + 10}{number}"] = dice.pick(list(units.values())) if same else facts(dice, ruleset)
    return {"given": {"set": identified(ruleset), "units": units}, "expect": rank(ruleset, units)}


def agency(dice):
    ratio = dice.pick(["20", "25", "33.3333", "0", "12.5", "50"])
    rule = {
        "ratio": ratio,
        "ratio_outstanding": dice.pick([ratio, "50", "100"]),
        "denominator": dice.pick(["good_only", "good_and_above", "all_rated"]),
        "rounding": dice.pick(["floor", "half_up", "ceil"]),
        "scope": dice.pick([["agency"], ["similar_tasks"], ["agency", "similar_tasks"]]),
    }
    outstanding, members = dice.chance(40), []
    for number in dice.shuffled(range(dice.within(1, 24))):
        level = dice.pick([*LEVELS, "HTXSNV", "HTXSNV", "HTTNV", None])
        value = None if level is None or dice.chance(8) else f"{dice.within(270, 276)}/3"
        group = dice.pick(["múa", "tin", "văn thư"])
        members.append({"key": f"CB{number:02}", "group": group, "level": level, "value": value})
    given = {"quota": rule, "outstanding": outstanding, "members": members}
    return {"given": given, "expect": quota(rule, outstanding, members)}


def level_rules(dice):
    def count():
        bounds = dice.pick([{"at_least": dice.below(4)}, {"at_most": dice.below(4)}, {"at_least": 1, "at_most": 2}])
        return {"level": dice.pick(LEVELS), **bounds}

    rule = lambda: {"level": dice.pick(LEVELS), "conditions": [count() for _ in range(dice.within(1, 2))]}
    return {"count_levels": [rule() for _ in range(3)]}


def sub_period(dice):
    said, ratio = {}, lambda: [f"{dice.within(0, 70)}/7", f"{dice.within(3, 40)}/4"]
    if dice.chance(92):
        said["total"] = f"{dice.within(40, 99) * 42 + dice.below(42)}/42"
        said["level"] = dice.pick(LEVELS)
        said["parts"] = {"common": f"{dice.within(0, 90)}/3", "ratios": [ratio() for _ in range(3)]}
    if dice.chance(8):
        said["not_rated"] = True
    return said


def longer_period(dice, ruleset):
    of, period = dice.pick(PERIODS)
    method = dice.pick(["mean_all", "mean_rated", "ratio_of_sums", level_rules(dice)])
    # Those of another period are passed over.
    known = {name: sub_period(dice) for name in [*parts(period, of), "2019-W40", "2019-Q4"] if dice.chance(95)}
    if dice.chance(10):
        known = {name: {"not_rated": True} for name in known}
    aggregation = {"of": of, "method": method}
    given = {"set": identified(ruleset), "work_max": "70", "aggregation": aggregation, "period": period, "known": known}
    return {"given": given, "expect": aggregate(aggregation, period, known, ruleset, "70")}


def vectors():
    """Every file with its vectors."""
    files = [json.loads(path.read_text("utf-8")) for path in sorted((HERE / "../../rulesets").glob("*.json"))]
    shipped = [each for each in files if "code" in each]
    made = [SetMaker(Dice(f"set {number}"), f"made-{number}").make() for number in range(MADE_SETS)]
    weights = ["20", "32", "18"]
    made.append(worked.weighted("weighted", weights, {"decimals": 2, "classify_on": "exact"}))
    made.append(worked.weighted("coarse", weights, {"decimals": 0, "classify_on": "rounded"}))
    sets = {identified(each): each for each in shipped + made}
    dice, scored = Dice("vectors"), [each for each in shipped if any("max" in one for one in criteria(each))]
    thresholds = [*measured_thresholds(dice, sets["nd335-staff.1"]), *leader_thresholds(sets["nd335-leader.1"])]
    thresholds += [each for ruleset in scored for each in entered_thresholds(dice, ruleset)]
    looks = [each for ruleset in shipped for each in looked_at(ruleset)]
    by_chance = lambda these: [vector(each, facts(dice, each)) for each in these for _ in range(SHEETS_OF_A_SET)]
    leagues = [sets[name] for name in ("demo-b.1", "demo-c.1", "nd335-staff.2", "ha-tinh-thang.1", "nd90-vien-chuc.1")]
    leagues += made[:8]
    longer = [longer_period(dice, dice.pick(scored + made[:9])) for _ in range(LONGER_PERIODS)]
    return {
        "sets": made,
        "worked": list(worked.sheets(sets)),
        "thresholds": thresholds,
        "shipped": looks + by_chance(shipped),
        "made": by_chance(made),
        "rank": [worked.league(sets), *(league(dice, dice.pick(leagues)) for _ in range(LEAGUES))],
        "quota": [*worked.quotas(), *(agency(dice) for _ in range(QUOTAS))],
        "aggregate": [*worked.aggregates(sets), *longer],
    }


def main(folder):
    files = vectors()
    for name, these in files.items():
        lines = [json.dumps(each, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for each in these]
        (folder / f"{name}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
    print(f"{sum(map(len, files.values()))} vectors and sets")


main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
