//! What an explanation tells: every step, limit, source and answer that the level came from.

use proptest::prelude::*;

use super::super::*;
use crate::classify::explain_gates::level_value;
use crate::org::testing::SHIPPED;
use crate::points::Points;
use crate::ruleset::{Comparison, Condition, Criterion, Denominator, Position, Rule, Ruleset, Standing};
use crate::scoring::testing::{any_sheet, as_counted, full, points, products, set, terms};
use crate::scoring::{Answers, Columns, Plan, Terms};
use crate::view::{Column, ExplainNode, ExplainScore, Level, Measure, Place, Text, Written};

/// What the node of a step must say: title, level, and how its value begins. Nothing where only a threshold was reached.
fn told(step: &Step<'_>) -> Option<(String, Option<Level>, &'static str)> {
    let official = "Hoàn thành";
    Some(match step {
        Step::Reached(level) if level.conditions.is_empty() => return None,
        Step::Reached(level) => ("Điều kiện của mức".into(), Some(level.level), official),
        Step::Unmet(..) => ("Chưa đủ điều kiện".into(), None, "Không đạt"),
        Step::Unchecked(_) => (String::new(), None, "Chưa xét ở đây"),
        Step::NotRated(gate) => (gate.title.vi.clone(), None, "Không đánh giá, xếp loại"),
        Step::Gate { gate, to, .. } => (gate.title.vi.clone(), Some(*to), ""),
        Step::Unit { unit: Some(_), to, .. } => ("Không cao hơn mức".into(), Some(*to), ""),
        Step::Unit { unit: None, .. } => ("Không cao hơn mức".into(), None, "Chưa xét ở đây"),
    })
}

/// Where a step of the pipeline comes from, when its text is in the set.
fn source_of(step: &Step<'_>) -> Option<String> {
    let source = match step {
        Step::NotRated(gate) | Step::Gate { gate, .. } => gate.source.as_ref(),
        Step::Reached(level) | Step::Unmet(level, _) => level.source.as_ref(),
        Step::Unchecked(_) | Step::Unit { .. } => None,
    };
    source.map(|source| source.vi.clone())
}

/// Whether each step between the total and the level has its node, in its order.
fn every_step_is_told(set: &Ruleset, standing: Standing, columns: &Columns, outside: Outside) {
    let (products, position) = (products(), Position { standing, title: String::new() });
    let plan = Plan::new(Terms { position: &position, ..terms(set, &products) }).unwrap();
    let assessment = assess(&plan, columns, &set.counting, outside).unwrap();
    let root = explain(&plan, columns, outside, &|_| Vec::new()).unwrap();
    let (_, nodes) = root.children.split_last().unwrap();
    let told: Vec<_> = assessment.steps.iter().filter_map(|step| Some((step, told(step)?))).collect();
    assert_eq!(nodes.len(), told.len());
    for (node, (step, (title, level, value))) in nodes.iter().zip(&told) {
        assert!(node.title.vi.starts_with(title) && !node.title.vi.is_empty(), "{}", node.title.vi);
        assert!(node.value.vi.starts_with(value) && !node.value.vi.is_empty(), "{}", node.value.vi);
        assert_eq!(node.level, *level);
        assert_eq!(node.source.as_ref().map(|source| source.vi.clone()), source_of(step));
        let moves = matches!(step, Step::Gate { .. } | Step::Unit { unit: Some(_), .. });
        assert_eq!(node.value.vi.contains(" → "), moves, "{}", node.value.vi);
    }
    let acted = told.iter().zip(nodes).filter(|((step, _), _)| {
        !matches!(step, Step::Reached(_) | Step::Unchecked(_) | Step::Unit { unit: None, .. })
    });
    let sentences: Vec<_> = acted.map(|(_, node)| format!("{}: {}", node.title.vi, node.value.vi)).collect();
    let said = gate_sentences(set, &assessment.steps).into_iter().map(|said| said.vi);
    assert_eq!(said.collect::<Vec<_>>(), sentences);
    let rule = root.rule.unwrap().vi;
    let begins = match assessment.outcome {
        Outcome::NotRated => "Không thuộc diện",
        Outcome::Missing => "Đã chấm",
        Outcome::Level(_) => "",
    };
    assert!(rule.starts_with(begins) && !rule.is_empty(), "{rule}");
}

#[test]
fn every_step_of_the_shipped_sets_is_told() {
    for set in SHIPPED.iter() {
        for unit_level in [None, Some(Level::Htnv), Some(Level::Htxsnv)] {
            let (columns, outside) =
                (as_counted(set, &full(set)), Outside { unit_level, ..Outside::default() });
            for standing in [Standing::Staff, Standing::Head] {
                every_step_is_told(set, standing, &columns, outside);
            }
        }
    }
}

proptest! {
    #[test]
    fn every_step_between_the_total_and_the_level_is_told_in_its_order(
        (set, columns) in any_sheet(),
        unit_level in prop::option::of(prop::sample::select(vec![Level::Htnv, Level::Httnv, Level::Htxsnv])),
    ) {
        every_step_is_told(&set, Standing::Staff, &columns, Outside { unit_level, ..Outside::default() });
    }

    #[test]
    fn what_a_criterion_shows_is_its_answer_or_why_it_has_none((set, columns) in any_sheet()) {
        let products = products();
        let plan = Plan::new(terms(&set, &products)).unwrap();
        let total = assess(&plan, &columns, &set.counting, Outside::default()).unwrap().total;
        let root = explain(&plan, &columns, Outside::default(), &|_| Vec::new()).unwrap();
        let groups = &root.children.last().unwrap().children;
        let position = plan.terms().position;
        let theirs = set.groups.iter().flat_map(|group| &group.criteria).filter(|it| it.applies.to(position));
        for (node, criterion) in groups.iter().flat_map(|group| &group.children).zip(theirs) {
            let (value, rule) = (&node.value.vi, &node.rule.as_ref().unwrap().vi);
            let counts = total.columns.get(&criterion.number);
            let answers = set.counting.iter().filter_map(|column| columns.get(*column));
            let entered: Vec<_> = answers.filter_map(|answers| answers.points.get(criterion.number)).collect();
            prop_assert_eq!(&node.source, &criterion.source, "{}", value);
            prop_assert_eq!(rule.starts_with("Lấy cột: "), counts.is_some(), "{}", rule);
            match (&criterion.rule, counts) {
                (Rule::PassFail, Some(_)) => prop_assert_eq!(value == "Không", entered[0].is_zero(), "{}", value),
                (Rule::Figure { unit, .. }, Some(_)) => prop_assert!(value.ends_with(&unit.vi), "{value}"),
                (_, None) if total.points.contains_key(&criterion.number) => {}
                (_, None) => prop_assert_eq!(value.starts_with("–/"), criterion.has_points(), "{}", value),
                _ => prop_assert!(value.contains('/'), "{value}"),
            }
            let unproved = !entered.is_empty() && criterion.evidence && !columns.is_noted(criterion.number);
            if counts.is_none() {
                prop_assert_eq!(rule.contains("minh chứng nên chưa tính"), unproved, "{}", rule);
            }
        }
    }

    #[test]
    fn a_limit_that_takes_points_and_what_is_missing_are_said_where_they_do((set, columns) in any_sheet()) {
        let products = products();
        let plan = Plan::new(terms(&set, &products)).unwrap();
        let total = assess(&plan, &columns, &set.counting, Outside::default()).unwrap().total;
        let root = explain(&plan, &columns, Outside::default(), &|_| Vec::new()).unwrap();
        let total_node = root.children.last().unwrap();
        let rule = |node: &ExplainNode| node.rule.clone().unwrap().vi;
        for ((node, totals), group) in total_node.children.iter().zip(&total.groups).zip(&set.groups) {
            let max = group.max.exact();
            let takes = totals.uncapped > max || totals.uncapped < max.negated().unwrap();
            prop_assert_eq!(rule(node).contains("không quá"), takes, "{}", rule(node));
            prop_assert_eq!(rule(node).contains("chưa chấm"), !totals.complete, "{}", rule(node));
            let kind = match (group.bonus, group.penalty) {
                (true, _) => "điểm thưởng",
                (_, true) => "điểm trừ",
                _ => "tiêu chí",
            };
            prop_assert!(rule(node).starts_with(&format!("Cộng các {kind}")), "{}", rule(node));
        }
        let points = total.groups.iter().map(|group| group.points);
        let all = crate::scoring::exact::sum(points.chain([set.base.exact()])).unwrap();
        let said = rule(total_node);
        prop_assert!(said.starts_with("Cộng các nhóm"), "{said}");
        prop_assert_eq!(said.contains("giới hạn của bộ tiêu chí"), all != total.sum, "{}", said);
        prop_assert_eq!(said.contains("tạm tính"), total.provisional, "{}", said);
        let base = said.trim_start_matches("Cộng các nhóm: ").starts_with(&set.base.to_string().replace('.', ","));
        prop_assert!(set.base.is_zero() || base, "{said}");
    }
}

#[test]
fn the_rule_of_each_kind_and_each_condition_is_said_with_its_figures() {
    let set = set("nd335-staff");
    let base = set.criterion(1).unwrap().clone();
    let said = |rule: Rule| {
        let criterion = Criterion { rule, max: points("10").exact(), ..base.clone() };
        rule_text(&criterion, &Default::default()).map(|said| said.vi).unwrap_or_default()
    };
    assert_eq!(said(Rule::TwoLevel { low: Points::ZERO }), "Đạt: 10 điểm; không đạt: 0");
    assert_eq!(said(Rule::TwoLevel { low: points("40") }), "Đạt: 100% của 10; không đạt: 40%");
    let deduct = |more: &str| Rule::Deduct { each: points("0.5"), more: points(more), split: vec![] };
    assert_eq!(said(deduct("0")), "Mỗi lần trừ 0,5 điểm, trừ nhiều nhất 10");
    assert_eq!(said(deduct("1")), "Mỗi lần trừ 0,5 điểm, lần sau thêm 1, trừ nhiều nhất 10");
    assert_eq!(said(Rule::Count { each: points("2") }), "Mỗi lần 2 điểm, tối đa 10");

    let asks = |is_meant: fn(&Rule) -> bool, value: &str| {
        let all = SHIPPED.iter().flat_map(|set| set.criteria().map(move |it| (set, it)));
        let (set, criterion) = all.into_iter().find(|(_, criterion)| is_meant(&criterion.rule)).unwrap();
        let condition =
            Condition::Criterion { criterion: criterion.number, is: Comparison::Equal, value: points(value) };
        let said = condition_text(set, &condition).vi;
        said.strip_prefix(&criterion.title.vi).map(str::to_owned).expect("it begins with the title")
    };
    assert_eq!(asks(|rule| matches!(rule, Rule::PassFail), "0"), " = không");
    assert_eq!(asks(|rule| matches!(rule, Rule::PassFail), "1"), " = có");
    let days = |rule: &Rule| matches!(rule, Rule::Figure { unit, .. } if unit.vi == "ngày");
    assert_eq!(asks(days, "2.5"), " = 2,5 ngày");
    assert_eq!(asks(|rule| matches!(rule, Rule::Points), "4"), " = 4");
}

#[test]
fn a_level_is_named_as_the_set_names_it() {
    let set = SHIPPED.iter().find(|set| set.levels.iter().any(|it| it.label.is_some()));
    let set = set.expect("a set with names of its own");
    for from in &set.levels {
        let said = level_value(set, Outcome::Level(from.level)).vi;
        let label = from.label.as_ref().map_or(String::new(), |label| format!(" ({})", label.vi));
        assert_eq!(said, format!("{}{label}", level_name(from.level).vi));
    }
}

/// A score that can be told from those of other criteria.
fn score_of(criterion: u16) -> ExplainScore {
    let nobody = Text::default();
    ExplainScore {
        column: Column::Own,
        counts: false,
        value: Text { vi: criterion.to_string(), en: criterion.to_string() },
        note: String::new(),
        written: Written {
            author: String::new(),
            code: String::new(),
            position: nobody,
            device: String::new(),
            at: 0,
            clock_wrong: false,
            received: None,
            place: Place::Waiting,
        },
        frame: None,
        signature_fits: false,
        by_server: false,
    }
}

#[test]
fn a_criterion_shows_its_answer_its_source_and_its_scores() {
    let has_facts = |set: &&Ruleset| set.criteria().any(|it| matches!(it.rule, Rule::PassFail));
    let mut definition: crate::ruleset::Definition = SHIPPED.iter().find(has_facts).unwrap().clone().into();
    let first = definition.groups.iter_mut().flat_map(|group| &mut group.criteria).next().unwrap();
    first.source = Some(Text { vi: "Điều 5".into(), en: "Article 5".into() });
    let set: Ruleset = definition.try_into().unwrap();
    let fact = set.criteria().find(|criterion| matches!(criterion.rule, Rule::PassFail)).unwrap().number;
    let plan = Plan::new(terms(&set, &[])).unwrap();
    let shown = |answer: Option<Points>| {
        let mut answers = Answers::default();
        if let Some(answer) = answer {
            answers.points.insert(fact, answer);
        }
        let scores = |number: u16| vec![score_of(number)];
        let root = explain(&plan, &as_counted(&set, &answers), Outside::default(), &scores).unwrap();
        let groups = root.children.last().unwrap().children.clone();
        groups.into_iter().flat_map(|group| group.children).collect::<Vec<_>>()
    };
    let of_fact = |answer| {
        let at = set.criteria().position(|criterion| criterion.number == fact).unwrap();
        shown(answer)[at].value.vi.clone()
    };
    assert_eq!(of_fact(Some(Points::ZERO)), "Không");
    assert_eq!(of_fact(Some(Points::whole(1))), "Có");
    assert_eq!(of_fact(None), "–", "what gives no points has no maximum to show");
    for (node, criterion) in shown(None).iter().zip(set.criteria()) {
        assert_eq!(node.source, criterion.source);
        assert_eq!(node.scores, [score_of(criterion.number)]);
        assert_eq!(node.value.vi.starts_with("–/"), criterion.has_points(), "{}", node.value.vi);
    }
}

#[test]
fn a_criterion_without_an_answer_says_what_that_means() {
    let mut definition: crate::ruleset::Definition = set("demo-c").into();
    definition.groups[0].criteria[0].columns = vec![Column::Appraised];
    let by_one_column: Ruleset = definition.try_into().unwrap();
    for set in SHIPPED.iter().chain([&by_one_column]) {
        let plan = Plan::new(terms(set, &[])).unwrap();
        let columns = as_counted(set, &Answers::default());
        let root = explain(&plan, &columns, Outside::default(), &|_| Vec::new()).unwrap();
        let groups = &root.children.last().unwrap().children;
        let position = plan.terms().position;
        let theirs = set.criteria().filter(|criterion| criterion.applies.to(position));
        for (node, criterion) in groups.iter().flat_map(|group| &group.children).zip(theirs) {
            let said = node.rule.clone().unwrap().vi;
            let expected = match criterion.rule {
                _ if criterion.is_deduction() => "Không có điểm trừ",
                _ if set.requires(criterion) => "Chưa chấm, không phải 0 điểm",
                Rule::Bonus => "Không có điểm thưởng",
                _ => "Không có số liệu",
            };
            assert!(said.starts_with(expected), "{said}");
            let asked = set.requires(criterion) && !criterion.columns.is_empty();
            assert_eq!(said.contains("; do cột: "), asked && !criterion.is_deduction(), "{said}");
        }
    }
}

#[test]
fn a_ratio_of_the_completed_is_shown_with_the_completed() {
    let mut definition: crate::ruleset::Definition = set("nd335-staff").into();
    for criterion in definition.groups.iter_mut().flat_map(|group| &mut group.criteria) {
        if let Rule::ConvertedWork { denominator, .. } = &mut criterion.rule {
            *denominator = Denominator::Completed;
        }
    }
    let set: Ruleset = definition.try_into().unwrap();
    let work = set.criteria().find(|it| matches!(it.rule, Rule::ConvertedWork { .. })).unwrap().number;
    let product = products()[0].number;
    let mut answers = Answers::default();
    let figures =
        [(Measure::Assigned, 6), (Measure::Completed, 4), (Measure::QualityOk, 2), (Measure::OnTime, 2)];
    for (measure, figure) in figures {
        answers.quantities.insert((work, product, measure), Points::whole(figure));
    }
    let products = &products()[..1];
    let plan = Plan::new(terms(&set, products)).unwrap();
    let root = explain(&plan, &as_counted(&set, &answers), Outside::default(), &|_| Vec::new()).unwrap();
    let groups = &root.children.last().unwrap().children;
    let criteria = groups.iter().flat_map(|group| &group.children);
    let ratios = &criteria.into_iter().find(|node| !node.children.is_empty()).unwrap().children;
    let said: Vec<String> = ratios.iter().map(|node| node.rule.clone().unwrap().vi).collect();
    assert!(said[1].contains("× 2) ÷ (") && said[1].contains("× 4)"), "{said:?}");
}
