//! Laws of levels, ranking, explanation and hashing, on the shipped sets and on sets that are made by chance.

mod aggregate;
mod document;
mod examples;
mod explained;
mod quota;
mod signals;

use proptest::prelude::*;

use super::*;
use crate::points::{Exact, Points};
use crate::ruleset::{Criterion, RoundingAt, Rule, Ruleset, shipped_json};
use crate::scoring::testing::{
    any_answers, any_set, any_sheet, as_counted, full, points, products, raised, set, terms, total_of,
};
use crate::scoring::{Answers, Columns, Plan, Product, Sums};
use crate::view::{ExplainNode, Level};

#[test]
fn a_level_begins_exactly_at_its_threshold() {
    let set = set("demo-c");
    let at = |text: &str| {
        let figure = |_| Ok(None);
        let case = Case {
            terms: terms(&set, &[]),
            value: Some(points(text).exact()),
            figure,
            outside: Outside::default(),
        };
        propose(&case, |_| {}).unwrap().level()
    };
    assert_eq!(
        (at("100"), at("90"), at("89.99")),
        (Some(Level::Htxsnv), Some(Level::Htxsnv), Some(Level::Httnv))
    );
    assert_eq!((at("70"), at("69.99")), (Some(Level::Httnv), Some(Level::Htnv)));
    assert_eq!((at("50"), at("49.99"), at("0")), (Some(Level::Htnv), Some(Level::Khtnv), Some(Level::Khtnv)));
}

#[test]
fn a_roster_places_every_sheet_and_ranks_those_with_a_total() {
    let set = set("demo-c");
    let plan = Plan::new(terms(&set, &[])).unwrap();
    let mut lower = full(&set);
    lower.points.insert(1, Points::ZERO);
    let sheets = [Answers::default(), lower, full(&set), full(&set)].map(|it| as_counted(&set, &it));
    let entry = |(key, columns)| Entry { key, order: format!("TT{key}"), plan: &plan, columns };
    let entries = sheets.iter().enumerate().map(entry).collect();
    let placed = roster(entries, Outside::default(), &mut Sums::default()).unwrap();
    let lines: Vec<_> = placed.iter().map(|line| (line.key, line.rank, line.tied)).collect();
    assert_eq!(lines, [(2, Some(1), true), (3, Some(1), true), (1, Some(3), false), (0, None, false)]);
}

#[test]
fn the_people_of_a_unit_are_counted_by_level() {
    let people = People::from_iter([Level::Httnv, Level::Htxsnv, Level::Htnv, Level::Httnv]);
    let counts = [(Level::Khtnv, 0), (Level::Htnv, 1), (Level::Httnv, 2), (Level::Htxsnv, 1)];
    assert_eq!(people.by_level(), counts.into());
    let share = |level| people.share(level).map(|share| share.to_string());
    assert_eq!([Level::Khtnv, Level::Httnv].map(share), [Some("100/1".into()), Some("75/1".into())]);
    assert_eq!(People::default().share(Level::Khtnv), None, "nobody is rated");
}

#[test]
fn a_change_is_places_gained() {
    assert_eq!(
        (change(Some(5), Some(2)), change(Some(1), Some(2)), change(Some(3), Some(3))),
        (Some(3), Some(-1), Some(0))
    );
    assert_eq!((change(None, Some(1)), change(Some(1), None)), (None, None));
}

#[test]
fn the_tie_rule_is_said_in_words() {
    let text = tie_rule_text(&set("demo-c")).vi;
    assert!(
        text.starts_with("Xếp theo tổng điểm đã làm tròn, từ cao xuống thấp; bằng điểm thì xét nhóm I; vẫn"),
        "{text}"
    );
}

fn explained(set: &Ruleset, answers: &Answers) -> ExplainNode {
    let products: Vec<Product> = products();
    let plan = Plan::new(terms(set, &products)).unwrap();
    explain(&plan, &as_counted(set, answers), Outside::default(), &|_| Vec::new()).unwrap()
}

#[test]
fn work_is_explained_with_its_figures() {
    let set = set("nd335-staff");
    let root = explained(&set, &full(&set));
    assert_eq!((root.value.vi.as_str(), root.level), ("Hoàn thành xuất sắc nhiệm vụ", Some(Level::Htxsnv)));
    assert_eq!(root.rule.as_ref().unwrap().vi, "100 ≥ 90 (xét trên điểm chưa làm tròn)");
    let sum = &root.children[0];
    assert_eq!((root.children.len(), sum.value.vi.as_str()), (1, "100/100"));
    let work = &sum.children[3].children[0];
    assert_eq!(work.rule.as_ref().unwrap().vi, "Lấy cột: Cấp trên trực tiếp; (a + b + c) ÷ 3 × 70");
    let ratio = &work.children[0];
    assert_eq!((ratio.title.vi.as_str(), ratio.value.vi.as_str()), ("a. Số lượng", "100%"));
    let formula = "Σ(K × hoàn thành) ÷ Σ(K × được giao) = (1 × 6) ÷ (1 × 6) = 1/1";
    assert_eq!(ratio.rule.as_ref().unwrap().vi, formula);
}

#[test]
fn a_title_with_a_number_sign_stays_whole() {
    let part = |vi: &str| words::text(vi, vi);
    assert_eq!(words::fill("#. #", "#. #", &[part("#1"), part("C#")]), part("#1. C#"));
}

#[test]
fn facts_that_do_not_fit_are_refused_with_a_code() {
    let code = |facts: &str| evaluate(shipped_json()[4], facts).unwrap_err().code();
    assert_eq!(code("{"), "facts.json");
    assert_eq!(code(r#"{"columns":{},"notes":1}"#), "facts.json");
    assert_eq!(code(r#"{"columns":{"appraised":{}}}"#), "facts.unknown_column");
    let quantity = r#"{"criterion":11,"product":1,"measure":"assigned","value":"1"}"#;
    let twice = format!(r#"{{"columns":{{"own":{{"quantities":[{quantity},{quantity}]}}}}}}"#);
    assert_eq!(code(&twice), "facts.duplicate_quantity");
    assert_eq!(code(r#"{"columns":{"own":{"points":{"99":"1"}}}}"#), "scoring.unknown_criterion");
    assert_eq!(evaluate("{}", "{}").unwrap_err().code(), "ruleset.json");
}

#[test]
fn who_is_not_rated_is_not_ranked_either() {
    let set = set("ha-tinh-thang");
    let mut answers = full(&set);
    answers.points.insert(21, Points::whole(1));
    let (plan, columns) = (Plan::new(terms(&set, &[])).unwrap(), as_counted(&set, &answers));
    let assessment = assess(&plan, &columns, &set.counting, Outside::default()).unwrap();
    let proposal = classify(&plan, &columns, Outside::default(), &mut Sums::default()).unwrap();
    assert_eq!((assessment.outcome, proposal.outcome), (Outcome::NotRated, Outcome::NotRated));
    assert!(assessment.total.total.is_some(), "a total is shown all the same");
    assert_eq!((assessment.keys(&set), proposal.value), (Ok(None), None));
}

#[test]
fn a_group_that_is_rounded_is_not_said_to_be_capped() {
    let mut definition: crate::ruleset::Definition = set("nd335-staff").into();
    definition.rounding.at = RoundingAt::Groups;
    let set = Ruleset::try_from(definition).unwrap();
    let mut answers = full(&set);
    answers.quantities.insert((11, 1, crate::view::Measure::Completed), Points::whole(5));
    let root = explained(&set, &answers);
    let work = &root.children[0].children[3];
    assert_eq!(work.value.vi, "66,11/70");
    assert_eq!(work.rule.as_ref().unwrap().vi, "Cộng các tiêu chí: ≈ 66,11 (= 595/9)");
}

/// A value as the tree shows it: before the maximum, or the fraction of the rule when decimals do not end.
fn shown(node: &ExplainNode) -> Option<Exact> {
    let (value, _) = node.value.en.split_once('/')?;
    if !value.starts_with('≈') {
        return Points::parse(value.trim_start_matches("Not enough data, so far ")).ok().map(Points::exact);
    }
    let rule = &node.rule.as_ref()?.en;
    let (_, fraction) = rule.split_once("(= ")?;
    let (numer, denom) = fraction.split_once(')')?.0.split_once('/')?;
    Exact::new(numer.parse().ok()?, denom.parse().ok()?)
}

/// The ratio that ends a ratio node's rule; 0 where it says that nothing was completed.
fn shown_ratio(node: &ExplainNode) -> Exact {
    let rule = node.rule.as_ref().unwrap().en.split(';').next().unwrap().to_owned();
    let Some((numer, denom)) = rule.rsplit_once(" = ").unwrap().1.split_once('/') else { return Exact::ZERO };
    Exact::new(numer.parse().unwrap(), denom.parse().unwrap()).unwrap().min(Exact::ONE)
}

/// What the ratios below a criterion of converted work come to by its weights.
fn work_shown(node: &ExplainNode, criterion: &Criterion) -> Exact {
    let Rule::ConvertedWork { weights, .. } = &criterion.rule else {
        panic!("{} has no ratios", criterion.number)
    };
    let weight = |at: usize| weights.get(at).map_or(Exact::ONE, |weight| weight.exact());
    let ratios = node.children.iter().enumerate();
    let weighted = ratios.clone().map(|(at, ratio)| weight(at).checked_mul(shown_ratio(ratio)).unwrap());
    let all = crate::scoring::exact::sum(ratios.map(|(at, _)| weight(at))).unwrap();
    let mean = crate::scoring::exact::sum(weighted).unwrap().checked_div(all).unwrap();
    mean.checked_mul(criterion.max).unwrap()
}

/// Rounded, if the set rounds at one of these.
fn rounded_at(set: &Ruleset, at: &[RoundingAt], value: Exact) -> Exact {
    let rounds = at.contains(&set.rounding.at);
    if rounds { crate::scoring::exact::round(value, set.rounding).unwrap().exact() } else { value }
}

fn sum_shown<'a>(nodes: impl IntoIterator<Item = &'a ExplainNode>) -> Exact {
    // An unanswered criterion shows a dash and adds nothing.
    crate::scoring::exact::sum(nodes.into_iter().filter_map(shown)).unwrap()
}

fn contestants(set: &Ruleset, all: &[crate::scoring::Answers]) -> Vec<Contestant<usize>> {
    let products = products();
    let plan = Plan::new(terms(set, &products)).unwrap();
    let contestant = |(key, answers)| Contestant {
        key,
        order: format!("TT{key:02}"),
        keys: assess(&plan, &as_counted(set, answers), &set.counting, Outside::default())
            .unwrap()
            .keys(set)
            .unwrap(),
    };
    all.iter().enumerate().map(contestant).collect()
}

proptest! {
    #[test]
    fn what_an_explanation_shows_adds_up_to_the_total((set, columns) in any_sheet()) {
        let products = products();
        let plan = Plan::new(terms(&set, &products)).unwrap();
        let assessment = assess(&plan, &columns, &set.counting, Outside::default()).unwrap();
        let root = explain(&plan, &columns, Outside::default(), &|_| Vec::new()).unwrap();
        prop_assert_eq!(root.level, assessment.outcome.level());
        let (total, total_node) = (&assessment.total, root.children.last().unwrap());
        let groups = &total_node.children;
        let [mut plain, mut bonus, mut penalty] = [Exact::ZERO; 3];
        for (node, group) in groups.iter().zip(&set.groups) {
            let max = group.max.exact();
            let sum = sum_shown(&node.children).min(max).max(max.negated().unwrap());
            let value = shown(node).unwrap();
            prop_assert_eq!(rounded_at(&set, &[RoundingAt::Groups, RoundingAt::Criteria], sum), value);
            let kind = if group.bonus { &mut bonus } else if group.penalty { &mut penalty } else { &mut plain };
            *kind = kind.checked_add(value).unwrap();
            let theirs = group.criteria.iter().filter(|criterion| criterion.applies.to(plan.terms().position));
            for (criterion_node, criterion) in node.children.iter().zip(theirs) {
                if let (Some(value), false) = (shown(criterion_node), criterion_node.children.is_empty()) {
                    prop_assert_eq!(rounded_at(&set, &[RoundingAt::Criteria], work_shown(criterion_node, criterion)), value);
                }
            }
        }
        let bonus = set.bonus_cap.map_or(bonus, |cap| bonus.min(cap.exact()));
        let penalty = set.penalty_cap.map_or(penalty, |cap| penalty.max(cap.exact().negated().unwrap()));
        let all = crate::scoring::exact::sum([set.base.exact(), plain, bonus, penalty]).unwrap();
        let all = all.max(Exact::ZERO);
        prop_assert_eq!(set.total_cap.map_or(all, |cap| all.min(cap.exact())), total.sum);
        if set.has_points() {
            prop_assert_eq!(shown(total_node), Some(total.so_far.exact()));
        }
    }

    #[test]
    fn a_higher_score_never_lowers_a_level_where_no_gate_and_no_condition_acts(
        (set, answers, pick) in any_set().prop_flat_map(|set| {
            (Just(set.clone()), any_answers(&set), any::<prop::sample::Index>())
        }),
    ) {
        let products = products();
        let plan = Plan::new(terms(&set, &products)).unwrap();
        let raised = raised(&set, &answers, pick);
        prop_assume!(raised.is_some());
        let assessment = |answers: &Answers| {
            assess(&plan, &as_counted(&set, answers), &set.counting, Outside::default()).unwrap()
        };
        let (before, after) = (assessment(&answers), assessment(&raised.unwrap()));
        let free = |of: &Assessment<'_>| of.steps.iter().all(|step| matches!(step, Step::Reached(_) | Step::Unchecked(_)));
        prop_assume!(free(&before) && free(&after));
        prop_assert!(after.outcome >= before.outcome);
    }

    #[test]
    fn a_ranking_is_one_order_whatever_order_units_come_in(
        all in any_answers(&set("demo-c")).prop_flat_map(|one| {
            // Some answer alike, so that there are ties.
            prop::collection::vec(prop_oneof![Just(one), any_answers(&set("demo-c"))], 0..8)
        }),
        turn in 0_usize..8,
    ) {
        let set = set("demo-c");
        let ranked = rank(contestants(&set, &all));
        let totals: Vec<_> = all.iter().map(|answers| total_of(&set, answers, &products()).unwrap()).collect();
        let mut turned = contestants(&set, &all);
        turned.rotate_left(turn.min(all.len()));
        prop_assert_eq!(&rank(turned), &ranked);
        let unranked = ranked.iter().position(|line| line.rank.is_none()).unwrap_or(ranked.len());
        prop_assert!(ranked[unranked..].iter().all(|line| line.rank.is_none() && !line.tied), "without a rank: last");
        for (index, line) in ranked[..unranked].iter().enumerate() {
            let alike = |other: &&Ranked<usize>| other.rank == line.rank;
            let first = ranked.iter().position(|other| other.rank == line.rank).unwrap();
            prop_assert_eq!(line.rank, Some(first as u32 + 1), "shared ranks skip the next");
            prop_assert_eq!(line.tied, ranked.iter().filter(alike).count() > 1);
            if let Some(next) = ranked[..unranked].get(index + 1) {
                let (a, b) = (&totals[line.key], &totals[next.key]);
                let (a, b) = ((a.total, a.groups[0].rounded), (b.total, b.groups[0].rounded));
                prop_assert!(a >= b && (a == b) == (line.rank == next.rank));
                prop_assert!(a != b || line.key < next.key);
            }
        }
    }

    #[test]
    fn a_result_hash_depends_on_the_figures_and_not_on_their_order((set, columns) in any_sheet()) {
        let facts = Facts {
            columns: columns.iter().filter(|(column, _)| set.columns.contains(column)).map(|(column, answers)| (*column, answers.into())).collect(),
            products: products(),
            ..Facts::default()
        };
        let sets = std::collections::BTreeMap::from([(set.id(), set.clone())]);
        let result = |period: &str, units: &[&str]| {
            let rows = units.iter().map(|unit| ((*unit).to_owned(), set.id(), facts.clone())).collect();
            PublishedResult::compute(period, "centres", &sets, rows).unwrap()
        };
        let one = result("2022-11", &["TT01", "TT02"]);
        let hash = one.hash().unwrap();
        prop_assert_eq!(result("2022-11", &["TT02", "TT01"]).hash().unwrap(), hash);
        prop_assert_ne!(result("2022-12", &["TT01", "TT02"]).hash().unwrap(), hash);
        prop_assert_ne!(result("2022-11", &["TT01"]).hash().unwrap(), hash);
        let read = PublishedResult::parse(&one.canonical().unwrap()).unwrap();
        prop_assert_eq!(&read, &one);
        prop_assert_eq!(read.verify(), Ok(()));
        let mut forged = one.clone();
        forged.rows[1].total = Some(crate::points::Points(1));
        prop_assert_eq!(forged.verify().unwrap_err().code(), "result.differs");
        let mut reworded = one;
        let mut definition: crate::ruleset::Definition = set.clone().into();
        definition.title.vi.push('!');
        reworded.rulesets[0] = definition.try_into().unwrap();
        prop_assert_ne!(reworded.hash().unwrap(), hash);
    }

    #[test]
    fn a_row_of_a_result_says_what_the_assessment_of_its_facts_says((set, columns) in any_sheet()) {
        let known = columns.iter().filter(|(column, _)| set.columns.contains(column)).cloned();
        let columns = Columns::from_iter(known);
        let facts = Facts {
            columns: columns.iter().map(|(column, answers)| (*column, answers.into())).collect(),
            products: products(),
            ..Facts::default()
        };
        for (column, answers) in columns.iter() {
            prop_assert_eq!(facts.columns[column].answers().unwrap(), answers.clone(), "facts are the answers");
        }
        let products = products();
        let plan = Plan::new(terms(&set, &products)).unwrap();
        let assessment = assess(&plan, &columns, &set.counting, Outside::default()).unwrap();
        let sets = std::collections::BTreeMap::from([(set.id(), set.clone())]);
        let rows = vec![("TT01".to_owned(), set.id(), facts)];
        let result = PublishedResult::compute("2022-11", "centres", &sets, rows).unwrap();
        let row = &result.rows[0];
        prop_assert_eq!((row.total, row.level), (assessment.total.total, assessment.outcome.level()));
        prop_assert_eq!(row.not_rated, assessment.outcome == Outcome::NotRated);
        prop_assert_eq!(row.rank, assessment.keys(&set).unwrap().map(|_| 1));
    }

    #[test]
    fn thousands_of_sheets_stand_as_each_is_explained((set, columns) in any_sheet()) {
        let products = products();
        let plan = Plan::new(terms(&set, &products)).unwrap();
        let assessment = assess(&plan, &columns, &set.counting, Outside::default()).unwrap();
        let mut sums = Sums::default();
        let proposal = classify(&plan, &columns, Outside::default(), &mut sums).unwrap();
        prop_assert_eq!(proposal.outcome, assessment.outcome);
        let fast = proposal.value.map(|value| keys(&set, value, &sums.capped).unwrap());
        prop_assert_eq!(fast, assessment.keys(&set).unwrap());
    }
}
