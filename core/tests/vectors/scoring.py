"""What SCORING.md says, once more: by Python's standard library and exact fractions, sharing nothing with the code in Rust.

A set is the JSON of a criteria-set file, facts are the JSON that `evaluate` takes. Nothing here is rounded but where a set
says so, and nothing is a floating-point number. `generate.py` makes the golden vectors with it.
"""

from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from math import ceil, floor

LEVELS = ["KHTNV", "HTNV", "HTTNV", "HTXSNV"]
COMPARISONS = {
    "at_least": lambda a, b: a >= b,
    "above": lambda a, b: a > b,
    "at_most": lambda a, b: a <= b,
    "below": lambda a, b: a < b,
    "equal": lambda a, b: a == b,
}
EFFECTS = ["not_rated", "lower_by_one", "at_most", "force"]
HALF = Fraction(1, 2)


def text(value):
    """An exact value as evaluations write it."""
    return None if value is None else f"{value.numerator}/{value.denominator}"


def decimal(value):
    """Points as evaluations write them: at most four decimals, no trailing zeros."""
    if value is None:
        return None
    scaled = value * 10_000
    assert scaled.denominator == 1, f"{value} has more than four decimals"
    whole, rest = divmod(abs(scaled.numerator), 10_000)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}" + (f".{rest:04}".rstrip("0") if rest else "")


def rounded(value, rounding):
    unit = 10 ** rounding["decimals"]
    mode = rounding.get("mode", "half_up")
    whole = {"half_up": lambda x: floor(x + HALF), "down": floor, "up": ceil}[mode](value * unit)
    return Fraction(whole, unit)


# Criteria


def applies(to, position):
    """Whether a criterion or gate with this `applies` is for the position."""
    standings, titles = to.get("standings", []), to.get("positions", [])
    title = position.get("title", "").lower()
    return (not standings or position.get("standing", "staff") in standings) and (
        not titles or title in [each.lower() for each in titles]
    )


def criteria(ruleset):
    return [criterion for group in ruleset["groups"] for criterion in group["criteria"]]


def is_deduction(criterion):
    return criterion["rule"]["kind"] in ("deduct", "deduct_late")


def has_points(criterion):
    return criterion["rule"]["kind"] not in ("pass_fail", "figure")


def required(ruleset):
    """Numbers of the criteria without which nothing can be concluded."""
    numbers = set()
    for criterion in criteria(ruleset):
        if has_points(criterion) and not is_deduction(criterion) and criterion["rule"]["kind"] != "bonus":
            numbers.add(criterion["number"])
        if criterion["rule"]["kind"] == "banded":
            numbers.add(criterion["rule"]["by"])
    for level in ruleset["levels"]:
        numbers |= {each["criterion"] for each in level.get("conditions", []) if each["of"] == "criterion"}
    return numbers


def points_of(criterion, entered, position):
    """What the number that was entered comes to."""
    rule, most = criterion["rule"], Fraction(criterion.get("max", 0))
    match rule["kind"]:
        case "points" | "bonus" | "banded":
            return entered
        case "count":
            return min(entered * Fraction(rule["each"]), most)
        case "two_level":
            return most if entered == 1 else most * Fraction(rule.get("low", 0)) / 100
        case "pass_fail" | "figure":
            return Fraction(0)
        case "deduct":
            named = (split for split in rule.get("split", []) if position.get("standing", "staff") in split["standings"])
            each = next(named, rule)
            taken = entered * Fraction(each["each"]) + Fraction(each.get("more", 0)) * entered * (entered - 1) / 2
            return -min(taken, most)
        case "deduct_late":
            bands = [Fraction(band["points"]) for band in rule["bands"] if entered >= band["days"]]
            return -min(bands[-1], most) if bands else Fraction(0)


def in_band(criterion, entered, percent):
    """Whether the points are in the range that the percentage allows."""
    band = next((band for band in criterion["rule"]["bands"] if percent >= Fraction(band["from"])), None)
    return band is not None and Fraction(band["least"]) <= entered <= Fraction(band["most"])


def measured(rule, measure, line):
    """One measured quantity of a product line, or None when something that it needs is unanswered."""
    deduction = rule.get("deduction")
    if deduction is None or measure == "completed":
        return line.get(measure)
    names = ("faults", "excused_faults") if measure == "quality_ok" else ("delays", "excused_delays")
    completed = line.get("completed")
    if completed is None:
        return None
    times = max(Fraction(0), line.get(names[0], Fraction(0)) - line.get(names[1], Fraction(0)))
    of = 1 if deduction["scope"] == "unit" else completed
    return max(Fraction(0), completed - Fraction(deduction["percent"]) / 100 * times * of)


def work_points(criterion, quantities, coefficients):
    """Points of converted work by one column's quantities, or None when they are not complete."""
    rule, lines = criterion["rule"], {}
    for fact in quantities:
        if fact["criterion"] == criterion["number"]:
            lines.setdefault(fact["product"], {})[fact["measure"]] = Fraction(fact["value"])
    lines = {product: line for product, line in lines.items() if "assigned" in line}
    by_completed = rule["denominator"] == "completed"

    def sum_of(quantity):
        values = [(coefficients[product], quantity(line)) for product, line in lines.items()]
        return None if any(value is None for _, value in values) else sum(k * value for k, value in values)

    assigned = sum_of(lambda line: line["assigned"])
    completed = sum_of(lambda line: line.get("completed"))
    if not assigned or (completed is None and (by_completed or rule.get("deduction"))):
        return None
    weights = [Fraction(weight) for weight in rule.get("weights", [])] or [Fraction(1)] * len(rule["measures"])
    mean = Fraction(0)
    for measure, weight in zip(rule["measures"], weights):
        numerator = sum_of(lambda line: measured(rule, measure, line))
        if numerator is None:
            return None
        denominator = completed if by_completed and measure != "completed" else assigned
        mean += weight * (min(numerator / denominator, 1) if denominator else 0)
    return mean / sum(weights) * Fraction(criterion["max"])


class Sheet:
    """What counts of the facts of one sheet: by number, the column, the number that was entered, and the points."""

    def __init__(self, ruleset, facts):
        self.position = facts.get("position", {})
        self.columns = facts["columns"]
        self.coefficients = {each["number"]: Fraction(each["coefficient"]) for each in facts.get("products", [])}
        self.column, self.entered, self.points = {}, {}, {}
        self.theirs = [each for each in criteria(ruleset) if applies(each.get("applies", {}), self.position)]
        for banded in (False, True):
            for criterion in self.theirs:
                if (criterion["rule"]["kind"] == "banded") == banded:
                    self.count(ruleset, criterion)

    def count(self, ruleset, criterion):
        number, rule = criterion["number"], criterion["rule"]
        if criterion.get("evidence") and not any(number in column.get("noted", []) for column in self.columns.values()):
            return
        for name in ruleset["counting"]:
            column = self.columns.get(name)
            if column is None or name not in criterion.get("columns", [name]):
                continue
            if rule["kind"] == "converted_work":
                entered = points = work_points(criterion, column.get("quantities", []), self.coefficients)
            else:
                entered = column.get("points", {}).get(str(number))
                entered = None if entered is None else Fraction(entered)
                if entered is not None and rule["kind"] == "banded":
                    percent = self.entered.get(rule["by"])
                    # Points that the percentage does not allow are no answer, and no other column is asked instead.
                    if percent is None or not in_band(criterion, entered, percent):
                        return
                points = None if entered is None else points_of(criterion, entered, self.position)
            if points is not None:
                self.column[number], self.entered[number] = name, entered
                self.points[number] = as_counted(ruleset, points)
                return


# Total and level


def as_counted(ruleset, points):
    """Points of a criterion: rounded where the set rounds each criterion."""
    rounding = ruleset["rounding"]
    return rounded(points, rounding) if rounding.get("at") == "criteria" else points


def summed(ruleset, by_number):
    """What each group comes to by points of criteria, the total, and its parts from bonuses and deductions."""
    rounding = ruleset["rounding"]
    at = rounding.get("at", "total")
    groups, bonus, penalty, rest = [], Fraction(0), Fraction(0), Fraction(0)
    for group in ruleset["groups"]:
        points = [by_number.get(criterion["number"], Fraction(0)) for criterion in group["criteria"]]
        most, value = Fraction(group["max"]), sum(points, Fraction(0))
        value = max(value, -most) if group.get("penalty") else min(value, most)
        value = value if at == "total" else rounded(value, rounding)
        groups.append(value)
        if group.get("bonus"):
            bonus += value
        elif group.get("penalty"):
            penalty += value
        else:
            rest += value
    if ruleset.get("bonus_cap") is not None:
        bonus = min(bonus, Fraction(ruleset["bonus_cap"]))
    if ruleset.get("penalty_cap") is not None:
        penalty = max(penalty, -Fraction(ruleset["penalty_cap"]))
    total = max(Fraction(ruleset.get("base", 0)) + rest + bonus + penalty, Fraction(0))
    if ruleset.get("total_cap") is not None:
        total = min(total, Fraction(ruleset["total_cap"]))
    return groups, total, bonus, penalty


def holds(condition, sheet, people):
    """Whether a condition holds; None when it looks at people who are not known."""
    compares, value = COMPARISONS[condition["is"]], Fraction(condition["value"])
    if condition["of"] == "criterion":
        entered = sheet.entered.get(condition["criterion"])
        return entered is not None and compares(entered, value)
    if people is None:
        return None
    rated = sum(people.values())
    better = sum(count for level, count in people.items() if LEVELS.index(level) >= LEVELS.index(condition["level"]))
    return rated > 0 and compares(Fraction(100 * better, rated), value)


def acting(ruleset, sheet, people, effect):
    """The gates with this effect that act, in the order of the file. What is not known lets no gate act."""
    for gate in ruleset.get("gates", []):
        if gate["then"]["kind"] == effect and applies(gate.get("applies", {}), sheet.position):
            if all(holds(condition, sheet, people) for condition in gate["when"]):
                yield gate["then"]


def level_of(ruleset, sheet, value, facts):
    """The proposed level of a sheet on which nothing is missing."""
    people = facts.get("people")
    for candidate in ruleset["levels"]:
        reached = "from" not in candidate or value >= Fraction(candidate["from"])
        if reached and all(holds(each, sheet, people) is not False for each in candidate.get("conditions", [])):
            level = LEVELS.index(candidate["level"])
            break
    for _ in acting(ruleset, sheet, people, "lower_by_one"):
        level = max(level - 1, 0)
    for then in acting(ruleset, sheet, people, "at_most"):
        level = min(level, LEVELS.index(then["level"]))
    for then in acting(ruleset, sheet, people, "force"):
        level = LEVELS.index(then["level"])
    unit = facts.get("unit_level")
    if unit is not None and sheet.position.get("standing", "staff") in ruleset.get("not_above_unit", []):
        level = min(level, LEVELS.index(unit))
    return LEVELS[level]


def evaluate(ruleset, facts):
    sheet, needed, rounding = Sheet(ruleset, facts), required(ruleset), ruleset["rounding"]
    groups, exact, bonus, penalty = summed(ruleset, sheet.points)
    open_ = [each for each in sheet.theirs if each["number"] not in sheet.points and not is_deduction(each)]
    most = {each["number"]: as_counted(ruleset, Fraction(each.get("max", 0))) for each in open_}
    _, possible, _, _ = summed(ruleset, sheet.points | most)
    theirs = [criterion["number"] for criterion in sheet.theirs if criterion["number"] in needed]
    answered = [number for number in theirs if number in sheet.points]
    complete = len(answered) == len(theirs)
    scored = any(has_points(criterion) for criterion in criteria(ruleset))
    has_total = complete and scored
    value = exact if rounding["classify_on"] == "exact" else rounded(exact, rounding)
    not_rated = any(acting(ruleset, sheet, facts.get("people"), "not_rated"))
    level = level_of(ruleset, sheet, value, facts) if complete and not not_rated else None
    return {
        "total": decimal(rounded(exact, rounding)) if has_total else None,
        "exact": text(exact) if has_total else None,
        "so_far": decimal(rounded(exact, rounding)) if scored else "0",
        "possible": decimal(rounded(possible, rounding)) if scored else "0",
        "bonus": decimal(rounded(bonus, rounding)),
        "penalty": decimal(rounded(penalty, rounding)),
        "level": level,
        "not_rated": not_rated,
        "provisional": not complete or any(sheet.column[number] != ruleset["counting"][0] for number in theirs),
        "answered": len(answered),
        "criteria": len(theirs),
        "groups": [text(group) for group in groups],
        "points": {str(number): [text(points), sheet.column[number]] for number, points in sorted(sheet.points.items())},
    }


# Ranking


def keys(ruleset, facts):
    """What a ranking compares, or None when the subject has no rank."""
    result, rounding = evaluate(ruleset, facts), ruleset["rounding"]
    if result["exact"] is None or result["not_rated"]:
        return None
    by_group = {group["code"]: Fraction(points) for group, points in zip(ruleset["groups"], result["groups"])}
    values = [Fraction(result["exact"]) if key == "total" else by_group[key[6:]] for key in ruleset["tie_keys"]]
    return values if rounding["classify_on"] == "exact" else [rounded(value, rounding) for value in values]


def rank(ruleset, units):
    """Lines of a ranking: code, rank, and whether it is shared."""
    compared = {code: keys(ruleset, facts) for code, facts in units.items()}
    ranked = sorted((code for code in compared if compared[code]), key=lambda code: ([-key for key in compared[code]], code))
    lines = []
    for _, tied in groupby(ranked, key=lambda code: compared[code]):
        tied = list(tied)
        lines += [[code, len(lines) + 1, len(tied) > 1] for code in tied]
    return lines + [[code, None, False] for code in sorted(compared) if not compared[code]]


# Quota


def quota_line(rule, outstanding, scope, group, members):
    rated = [member for member in members if member["level"] is not None]
    excellent = [member for member in rated if member["level"] == "HTXSNV"]
    good = len(excellent) + sum(member["level"] == "HTTNV" for member in rated)
    ratio = Fraction(rule["ratio_outstanding" if outstanding else "ratio"]) / 100
    whole = {"floor": floor, "half_up": lambda share: floor(share + HALF), "ceil": ceil}[rule["rounding"]]
    of = {"good_only": lambda x: good - x, "good_and_above": lambda x: good, "all_rated": lambda x: len(rated)}
    limit = max(x for x in range(len(rated) + 1) if x == 0 or x <= whole(ratio * of[rule["denominator"]](x)))
    # Whoever has no value comes after everybody who has one.
    value = lambda member: Fraction(-1) if member["value"] is None else Fraction(member["value"])
    excellent.sort(key=lambda member: (-value(member), member["key"]))
    tied = 0 < limit < len(excellent) and value(excellent[limit - 1]) == value(excellent[limit])
    at = value(excellent[limit]) if limit < len(excellent) else None
    over = [member["key"] for place, member in enumerate(excellent) if place >= limit or (tied and value(member) == at)]
    counts = {"excellent": len(excellent), "good": good - len(excellent), "rated": len(rated), "limit": limit}
    return {"scope": scope, "group": group, **counts, "over": over, "tied": tied}


def quota(rule, outstanding, members):
    lines = []
    if "agency" in rule["scope"]:
        lines.append(quota_line(rule, outstanding, "agency", None, members))
    if "similar_tasks" in rule["scope"]:
        for group in sorted({member["group"] for member in members}):
            theirs = [member for member in members if member["group"] == group]
            lines.append(quota_line(rule, outstanding, "similar_tasks", group, theirs))
    return lines


# Aggregation


def month_of_week(monday):
    thursday = monday + timedelta(days=3)
    return thursday.year, thursday.month


def months(period):
    """Year and months of a month, quarter or year."""
    year = int(period[:4])
    if len(period) == 4:
        return [(year, month) for month in range(1, 13)]
    if period[5] == "Q":
        first = 3 * int(period[6]) - 2
        return [(year, month) for month in range(first, first + 3)]
    return [(year, int(period[5:]))]


def parts(period, of):
    """The weeks, months or quarters of a longer period, in order of time."""
    theirs = months(period)
    if of == "month":
        return [f"{year}-{month:02}" for year, month in theirs]
    if of == "quarter":
        return [f"{year}-Q{(month + 2) // 3}" for year, month in theirs if month % 3 == 1]
    year = theirs[0][0]
    monday, weeks = date.fromisocalendar(year - 1, 52, 1), []
    while monday.year <= year:
        if month_of_week(monday) in theirs:
            iso = monday.isocalendar()
            weeks.append(f"{iso.year}-W{iso.week:02}")
        monday += timedelta(days=7)
    return weeks


def variant(method, known, ruleset, work_max):
    """A longer period by one method; `known` is a list of periods with what is known of each."""
    rules = method["count_levels"] if isinstance(method, dict) else None
    needs = "level" if rules is not None else "parts" if method == "ratio_of_sums" else "total"
    not_rated = [name for name, fact in known if fact.get("not_rated")]
    counted = [(name, fact[needs]) for name, fact in known if name not in not_rated and fact.get(needs) is not None]
    names = [name for name, _ in counted]
    missing = [name for name, _ in known if name not in names and name not in not_rated]
    exact, level, left_to_people = None, None, False
    if rules is not None and counted and not missing:
        has = lambda count: sum(found == count["level"] for _, found in counted)
        fits = lambda count: count.get("at_least", 0) <= has(count) <= count.get("at_most", len(counted))
        level = next((rule["level"] for rule in rules if all(map(fits, rule["conditions"]))), None)
        left_to_people = level is None
    elif method == "ratio_of_sums" and counted:
        ratios = list(zip(*(fact["ratios"] for _, fact in counted)))
        sums = [[sum(Fraction(pair[side]) for pair in ratio) for side in (0, 1)] for ratio in ratios]
        mean = sum(min(above / below, Fraction(1)) for above, below in sums) / len(sums)
        exact = sum(Fraction(fact["common"]) for _, fact in counted) / len(counted) + mean * Fraction(work_max)
    elif rules is None and counted:
        exact = sum(Fraction(total) for _, total in counted) / len(known if method == "mean_all" else counted)
    if exact is not None:
        value = exact if ruleset["rounding"]["classify_on"] == "exact" else rounded(exact, ruleset["rounding"])
        level = next(each["level"] for each in ruleset["levels"] if value >= Fraction(each["from"]))
    return {
        "exact": text(exact),
        "rounded": None if exact is None else decimal(rounded(exact, ruleset["rounding"])),
        "level": level,
        "left_to_people": left_to_people,
        "counted": names,
        "not_rated": not_rated,
        "missing": missing,
    }


def aggregate(aggregation, period, known, ruleset, work_max):
    theirs = [(name, known.get(name, {})) for name in parts(period, aggregation["of"])]
    result = variant(aggregation["method"], theirs, ruleset, work_max)
    others = []
    for method in ("mean_all", "mean_rated", "ratio_of_sums"):
        if method != aggregation["method"]:
            other = variant(method, theirs, ruleset, work_max)
            if other["level"] is not None:
                others.append([method, other["exact"], other["rounded"], other["level"]])
    levels = {level for level in [result["level"], *(other[3] for other in others)] if level is not None}
    return {**result, "others": others, "warning": len(levels) > 1}
