"""Criteria sets by chance that use every rule type and policy, and facts by chance for any set."""

from fractions import Fraction
from hashlib import sha256

from scoring import COMPARISONS, EFFECTS, LEVELS, applies, criteria, decimal

STANDINGS = ["head", "deputy", "staff"]
TITLES = ["Giám đốc", "Viên chức"]
# Maxima that no decimal is; each list adds up to one.
FRACTIONS = [["35/3"] * 3, ["10/3", "20/3"], ["15/7", "20/7"], ["5/6", "25/6"], ["9/7", "2/7", "10/7"]]
WORD = {"vi": "Chữ", "en": "Text"}


def cut(value, decimals=4):
    """The largest points of so many decimals that are not above it."""
    return decimal(Fraction(value * 10**decimals // 1, 10**decimals))


class Dice:
    """Chance that comes out alike on every machine and in every version of Python."""

    def __init__(self, seed):
        self.seed, self.thrown = seed, 0

    def below(self, most):
        self.thrown += 1
        return int.from_bytes(sha256(f"{self.seed} {self.thrown}".encode()).digest()[:8]) % most

    def within(self, least, most):
        return least + self.below(most - least + 1)

    def chance(self, percent):
        return self.below(100) < percent

    def pick(self, items):
        return items[self.below(len(items))]

    def shuffled(self, items):
        items, mixed = list(items), []
        while items:
            mixed.append(items.pop(self.below(len(items))))
        return mixed

    def some(self, items, percent):
        return [item for item in items if self.chance(percent)]


class SetMaker:
    """One set by chance."""

    def __init__(self, dice, code):
        self.dice, self.code, self.number = dice, code, 0

    def criterion(self, rule, **more):
        self.number += 1
        more = {key: value for key, value in more.items() if value}
        criterion = {"number": self.number, "label": str(self.number), "title": WORD, "rule": rule, **more}
        if self.dice.chance(20):
            criterion["columns"] = [self.dice.pick(self.counting), "own"]
        return criterion

    def stepped(self, kind, **more):
        step = self.dice.pick(["0.5", "0.25", "1", "2.5", "0.0001"])
        most = Fraction(step) * self.dice.within(1, 20 if step != "0.0001" else 150_000)
        return self.criterion({"kind": kind}, max=decimal(most), step=step, evidence=self.dice.chance(15), **more)

    def banded(self):
        unit = {"vi": "%", "en": "%"}
        figure = self.criterion({"kind": "figure", "unit": unit, "most": "100"}, evidence=self.dice.chance(15))
        bands = [("90", "16", "20"), ("75.5", "11", "14.5"), ("66.6667", "7", "10"), ("0", "0", "6")]
        bands = [dict(zip(("from", "least", "most"), band)) for band in bands[self.dice.below(3) :]]
        rule = {"kind": "banded", "by": figure["number"], "bands": bands}
        return [figure, self.criterion(rule, max="20", step="0.5")]

    def count(self, most=None):
        each = self.dice.pick(["0.5", "2", "3", "1.25"])
        return self.criterion({"kind": "count", "each": each}, max=most or str(self.dice.within(1, 12)))

    def two_level(self, most=None):
        low = self.dice.pick(["0", "50", "33.3333"])
        return self.criterion({"kind": "two_level", "low": low}, max=most or str(self.dice.within(1, 12)))

    def work(self, most=None):
        measures = self.dice.some(["completed", "quality_ok", "on_time"], 75) or ["completed"]
        rule = {"kind": "converted_work", "measures": measures}
        rule["denominator"] = self.dice.pick(["assigned", "completed"])
        if self.dice.chance(50):
            rule["weights"] = [self.dice.pick(["20", "32", "18", "0.7", "3"]) for _ in measures]
        if self.dice.chance(60):
            percent = self.dice.pick(["25", "33.3333", "10", "100"])
            rule["deduction"] = {"percent": percent, "scope": self.dice.pick(["unit", "line"])}
        return self.criterion(rule, max=most or str(self.dice.within(10, 70)))

    def plain(self):
        """Criteria that give points, each for everybody, or the same points by another way for each standing."""
        kind = self.dice.below(8)
        if kind == 0:
            return self.banded()
        if kind == 1:
            made = [self.count, self.two_level, self.work]
            return [self.dice.pick(made)(most) for most in self.dice.pick(FRACTIONS)]
        if kind == 2:
            most = str(self.dice.within(2, 30))
            heads, others = self.work(most), self.count(most)
            led = self.dice.within(1, 2)
            heads["applies"], others["applies"] = {"standings": STANDINGS[:led]}, {"standings": STANDINGS[led:]}
            return [heads, others]
        made = [self.count, self.two_level, self.work] + [lambda: self.stepped("points")] * 2
        return [self.dice.pick(made)()]

    def deduction(self):
        most = self.dice.pick(["5", "30", "100", "10/3"])
        if self.dice.chance(40):
            bands = [{"days": 1, "points": "0.5"}, {"days": 4, "points": "2"}, {"days": 11, "points": "4.75"}]
            return self.criterion({"kind": "deduct_late", "bands": bands[self.dice.below(3) :]}, max=most)
        rule = {"kind": "deduct", "each": self.dice.pick(["1", "2", "0.25"])}
        if self.dice.chance(50):
            rule["more"] = self.dice.pick(["1", "0.5"])
        if self.dice.chance(50):
            second = {"standings": ["deputy"], "each": "9", "more": "1"}
            rule["split"] = [{"standings": ["head", "deputy"], "each": "4"}, second]
        return self.criterion(rule, max=most)

    def fact(self):
        made = self.stated()
        if self.dice.chance(40):
            made["columns"] = [self.counting[-1]]
        return made

    def stated(self):
        if self.dice.chance(50):
            return self.criterion({"kind": "pass_fail"}, evidence=self.dice.chance(40))
        unit = {"vi": "ngày", "en": "days"}
        return self.criterion({"kind": "figure", "unit": unit, "most": "366"}, step=self.dice.pick(["0.5", "0"]))

    def group(self, code, made, most=None, **kind):
        """A group; without a cap its maximum is what its criteria add up to for one position."""
        of_heads = [each for each in made if "head" in each.get("applies", {}).get("standings", ["head"])]
        whole = sum(Fraction(each.get("max", 0)) for each in of_heads)
        cap = whole if most is None else min(Fraction(most), whole)
        return {"code": code, "title": WORD, "max": cut(cap), "criteria": made, **kind}

    def groups(self):
        dice, groups = self.dice, []
        for index in range(dice.within(1, 3)):
            made = [each for _ in range(dice.within(1, 3)) for each in self.plain()]
            groups.append(self.group(f"I.{index}", made))
        if dice.chance(25):
            made = [self.stepped("points", applies={"positions": TITLES[:1]}), self.two_level()]
            made[1]["applies"] = {"positions": ["GIÁM ĐỐC"]}
            groups.append(self.group("II", made))
        for index in range(dice.below(3)):
            made = [self.stepped("bonus") for _ in range(dice.within(1, 3))]
            groups.append(self.group(f"B.{index}", made, dice.pick(["1", "2.25", "7"]), bonus=True))
        for index in range(dice.below(3)):
            made = [self.deduction() for _ in range(dice.within(1, 3))]
            groups.append(self.group(f"P.{index}", made, dice.pick(["2.5", "8", "30"]), penalty=True))
        groups.append(self.group("ĐK", [self.fact() for _ in range(dice.within(1, 4))]))
        return groups

    def condition(self, among):
        dice = self.dice
        if self.subject == "unit" and dice.chance(30):
            compared = {"is": dice.pick(["at_least", "above"]), "value": dice.pick(["100", "70", "33.3333", "50"])}
            return {"of": "people", "level": dice.pick(LEVELS[1:]), **compared}
        criterion = dice.pick(among)
        if criterion["rule"]["kind"] in ("pass_fail", "two_level"):
            compared = {"is": "equal", "value": str(dice.below(2))}
        else:
            compared = {"is": dice.pick(list(COMPARISONS)), "value": str(dice.within(0, 5))}
        return {"of": "criterion", "criterion": criterion["number"], **compared}

    def levels(self, most, among):
        begin = self.dice.pick([[90, 70, 50], [83, 61, 33], [60, 40, 20], [99, 98, 97]])
        levels = [{"level": level, "from": cut(most * percent / 100)} for level, percent in zip(LEVELS[::-1], begin)]
        for level in self.dice.some(levels, 25):
            level["conditions"] = [self.condition(among)]
        return [*levels, {"level": "KHTNV", "from": "0"}]

    def gates(self, among):
        dice, gates = self.dice, []
        for _ in range(dice.below(8)):
            then = {"kind": dice.pick([*EFFECTS, "at_most", "force"])}
            if then["kind"] in ("at_most", "force"):
                then["level"] = dice.pick(LEVELS[:3])
            gate = {"title": WORD, "when": [self.condition(among)], "then": then}
            second = self.condition(among)
            if dice.chance(30) and second != gate["when"][0]:
                gate["when"].append(second)
            if dice.chance(30):
                some = [{"standings": ["head"]}, {"standings": ["staff", "deputy"]}, {"positions": ["viên CHỨC"]}]
                gate["applies"] = dice.pick(some)
            gates.append(gate)
        return gates

    def make(self):
        dice = self.dice
        columns = dice.pick([["own", "superior", "appraised"], ["own", "superior", "appraised"], ["own", "superior"]])
        self.counting = dice.shuffled(columns[1:])
        self.subject = dice.pick(["person", "unit"])
        groups = self.groups()
        made = [each for group in groups for each in group["criteria"]]
        # Converted work is left out: where its points are rounded is no question for a condition.
        among = [each for each in made if each["rule"]["kind"] not in ("converted_work", "bonus", "points")]
        caps = {name: sum(Fraction(group["max"]) for group in groups if group.get(name)) for name in ("bonus", "penalty")}
        capped = {f"{name}_cap": cut(cap * 3 / 4) for name, cap in caps.items() if cap and dice.chance(50)}
        base = dice.pick(["0", "0", "10", "100"])
        reachable = [Fraction(group["max"]) for group in groups if not group.get("penalty") and not group.get("bonus")]
        most = Fraction(base) + sum(reachable) + Fraction(capped.get("bonus_cap", caps["bonus"]))
        # What is shown as the most must have no more decimals than rounding keeps.
        maxima = [Fraction(group["max"]) for group in groups]
        kept = lambda values, decimals: all(cut(each, decimals) == decimal(each) for each in values)
        at = dice.pick(["total", "total", "groups", "criteria"])
        decimals = next(each for each in range(dice.below(4), 5) if at == "total" or kept(maxima, each))
        if dice.chance(50) or not kept([most], decimals):
            largest = max(Fraction(group["max"]) for group in groups if not group.get("penalty"))
            most = max(Fraction(cut(most * 9 / 10, decimals)), -Fraction(cut(-largest, decimals)))
            capped["total_cap"] = decimal(most)
        rounding = {"decimals": decimals, "mode": dice.pick(["half_up", "down", "up"]), "at": at}
        rounding["classify_on"] = dice.pick(["exact", "rounded"])
        return {
            "code": self.code, "version": 1, "title": WORD, "source": WORD, "trust": "demonstration",
            "subject": self.subject, "columns": columns, "counting": self.counting,
            "rounding": rounding, "base": base, **capped,
            "tie_keys": ["total", *(f"group:{group['code']}" for group in dice.some(groups, 30))],
            "levels": self.levels(most, among), "groups": groups, "gates": self.gates(among),
            "not_above_unit": dice.some(STANDINGS, 40),
        }  # fmt: skip


# Facts


def product(number, coefficient):
    return {"number": number, "title": WORD, "measure_unit": WORD, "coefficient": coefficient}


def quantities(dice, criterion, percent):
    """Each needed quantity of one or two products, now and then without one of them."""
    rule = criterion["rule"]
    extra = {"quality_ok": ["faults", "excused_faults"], "on_time": ["delays", "excused_delays"]}
    names = ["assigned", "completed"] if rule.get("deduction") or rule["denominator"] == "completed" else ["assigned"]
    for measure in rule["measures"]:
        names += extra.get(measure, [measure]) if rule.get("deduction") else [measure]
    made = []
    for number in range(1, dice.within(1, 2) + 1):
        assigned = dice.pick([3, 6, 7, 14, 10, 100])
        for measure in dict.fromkeys(names):
            optional = measure.endswith(("faults", "delays"))
            value = Fraction(dice.within(assigned * 500, assigned * 1050), 1000)
            value = Fraction(dice.below(5)) if optional else Fraction(assigned) if measure == "assigned" else value
            value = value if dice.chance(50) or optional else Fraction(round(value))
            if dice.chance(60 if optional else percent):
                named = {"criterion": criterion["number"], "product": number, "measure": measure}
                made.append({**named, "value": decimal(value)})
    return made


def entry(dice, criterion, points):
    """A number for a criterion, that its rule takes; of a banded one, most often within its band."""
    rule, high = criterion["rule"], dice.chance(60)
    match rule["kind"]:
        case "points" | "bonus":
            steps = int(Fraction(criterion["max"]) / Fraction(criterion["step"]))
            return dice.within(steps * 4 // 5 if high else 0, steps) * Fraction(criterion["step"])
        case "banded":
            percent = Fraction(points.get(str(rule["by"]), "0"))
            band = next(band for band in rule["bands"] if percent >= Fraction(band["from"]))
            step = Fraction(criterion["step"])
            return Fraction(band["most" if high else "least"]) if dice.chance(90) else dice.below(20) * step
        case "two_level" | "pass_fail":
            return Fraction(dice.chance(80 if rule["kind"] == "two_level" else 30))
        case "figure":
            most = Fraction(rule["most"])
            value = most if high and dice.chance(50) else most * dice.below(1000) / 1000
            step = Fraction(criterion.get("step", "0")) or Fraction(1, 10_000)
            return value // step * step
        case "count":
            return Fraction(dice.within(2 if high else 0, 9))
        case "deduct":
            return Fraction(dice.below(3 if high else 12))
        case "deduct_late":
            return Fraction(dice.below(5 if high else 40))


def column(dice, ruleset, name, position, percent):
    """What one column says; each criterion is answered with this chance, of the position's own and the column's."""
    said = {"points": {}, "quantities": [], "noted": []}
    for criterion in sorted(criteria(ruleset), key=lambda each: each["rule"]["kind"] == "banded"):
        rare = criterion["rule"]["kind"] in ("pass_fail", "deduct", "deduct_late", "bonus")
        # Now and then what may not be answered there, or is for another position.
        theirs = applies(criterion.get("applies", {}), position) and name in criterion.get("columns", [name])
        if not dice.chance(40 if not theirs else percent - 30 if rare else percent):
            continue
        if criterion["rule"]["kind"] == "converted_work":
            said["quantities"] += quantities(dice, criterion, percent)
            continue
        said["points"][str(criterion["number"])] = decimal(entry(dice, criterion, said["points"]))
        if dice.chance(60):
            said["noted"].append(criterion["number"])
    return {key: value for key, value in said.items() if value}


def facts(dice, ruleset):
    position = {"standing": dice.pick(STANDINGS), "title": dice.pick([*TITLES, "giám đốc", ""])}
    if ruleset["subject"] == "unit":
        position = {}
    made = {}
    for name in ruleset["columns"]:
        percent = 100 if name == ruleset["counting"][0] and dice.chance(65) else dice.pick([50, 90, 98])
        if percent == 100 or dice.chance(70):
            made[name] = column(dice, ruleset, name, position, percent)
    said = {"columns": made}
    if any(each["rule"]["kind"] == "converted_work" for each in criteria(ruleset)):
        said["products"] = [product(1, dice.pick(["1", "2", "0.7"])), product(2, dice.pick(["1.5", "3", "1.3333"]))]
    if position:
        said["position"] = position
    if dice.chance(50):
        said["unit_level"] = dice.pick(LEVELS)
    if ruleset["subject"] == "unit" and dice.chance(70):
        said["people"] = {level: dice.below(6) for level in LEVELS}
    return said
