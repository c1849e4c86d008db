//! Laws of levels, ranking, explanation and hashing, on the shipped sets.

mod aggregate;
mod document;
mod examples;
mod quota;
mod signals;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::points::{Exact, Points};
use crate::ruleset::{Ruleset, shipped_json};
use crate::scoring::testing::{any_answers, any_sheet, full, points, products, set};
use crate::scoring::{count, total};
use crate::view::{Column, ExplainNode, Level};

#[test]
fn a_level_begins_exactly_at_its_threshold() {
    let set = set("demo-c");
    let at = |text: &str| {
        let mut total = total(&set, &full(&set), &[]).unwrap();
        total.total = Some(points(text));
        level(&set, &total)
    };
    assert_eq!(
        (at("100"), at("90"), at("89.99")),
        (Some(Level::Htxsnv), Some(Level::Htxsnv), Some(Level::Httnv))
    );
    assert_eq!((at("70"), at("69.99")), (Some(Level::Httnv), Some(Level::Htnv)));
    assert_eq!((at("50"), at("49.99"), at("0")), (Some(Level::Htnv), Some(Level::Khtnv), Some(Level::Khtnv)));
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

#[test]
fn work_is_explained_with_its_figures() {
    let set = set("nd335-staff");
    let columns = BTreeMap::from([(Column::Superior, full(&set))]);
    let root = explain(&set, &columns, &products(), &|_| Vec::new()).unwrap();
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

/// A value as the tree shows it: before the maximum, or the fraction of the rule when decimals do not end.
fn shown(node: &ExplainNode) -> Option<Exact> {
    let (value, _) = node.value.en.split_once('/')?;
    if !value.starts_with('≈') {
        return Points::parse(value.trim_start_matches("Not enough data, so far ")).ok().map(Points::exact);
    }
    let rule = &node.rule.as_ref()?.en;
    let (_, fraction) = rule.split_once("(= ")?;
    let (numer, denom) = fraction.split_once(')')?.0.split_once('/')?;
    Some(Exact::new(numer.parse().ok()?, denom.parse().ok()?))
}

/// The ratio that ends a ratio node's rule.
fn shown_ratio(node: &ExplainNode) -> Exact {
    let rule = node.rule.as_ref().unwrap().en.split(';').next().unwrap().to_owned();
    let (numer, denom) = rule.rsplit_once(" = ").unwrap().1.split_once('/').unwrap();
    Exact::new(numer.parse().unwrap(), denom.parse().unwrap()).min(Exact::from_integer(1))
}

fn sum_shown<'a>(nodes: impl IntoIterator<Item = &'a ExplainNode>) -> Exact {
    // An unanswered criterion shows a dash and adds nothing.
    nodes.into_iter().filter_map(shown).sum()
}

fn contestants(set: &Ruleset, all: &[crate::scoring::Answers]) -> Vec<Contestant<usize>> {
    let contestant = |(key, answers)| Contestant {
        key,
        order: format!("TT{key:02}"),
        total: Some(total(set, answers, &products()).unwrap()),
    };
    all.iter().enumerate().map(contestant).collect()
}

proptest! {
    #[test]
    fn what_an_explanation_shows_adds_up_to_the_total((set, columns) in any_sheet()) {
        let counted = count(&set, &columns);
        let total = total(&set, &counted.answers, &products()).unwrap();
        let root = explain(&set, &columns, &products(), &|_| Vec::new()).unwrap();
        prop_assert_eq!((root.level, root.children.len()), (total.level, 1));
        let groups = &root.children[0].children;
        for (node, group) in groups.iter().zip(&set.groups) {
            prop_assert_eq!(sum_shown(&node.children).min(group.max.exact()), shown(node).unwrap());
            for (criterion_node, criterion) in node.children.iter().zip(&group.criteria) {
                if let (Some(value), false) = (shown(criterion_node), criterion_node.children.is_empty()) {
                    let ratios: Exact = criterion_node.children.iter().map(shown_ratio).sum();
                    prop_assert_eq!(ratios / Exact::from_integer(3) * criterion.max.exact(), value);
                }
            }
        }
        prop_assert_eq!(sum_shown(groups).min(set.maximum().exact()), total.sum);
        prop_assert_eq!(shown(&root.children[0]), Some(total.so_far.exact()));
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
        let ranked = rank(contestants(&set, &all), &set);
        let totals: Vec<_> = all.iter().map(|answers| total(&set, answers, &products()).unwrap()).collect();
        let mut turned = contestants(&set, &all);
        turned.rotate_left(turn.min(all.len()));
        prop_assert_eq!(&rank(turned, &set), &ranked);
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
        let counted = count(&set, &columns);
        let total = total(&set, &counted.answers, &products()).unwrap();
        let line = |unit: &'static str| HashRow {
            unit, ruleset: set.id(), content_hash: set.content_hash(), counted: &counted, total: total.total, level: total.level, rank: Some(1),
        };
        let hash = result_hash("2022-11", &[line("TT01"), line("TT02")]);
        prop_assert_eq!(result_hash("2022-11", &[line("TT02"), line("TT01")]), hash);
        prop_assert_ne!(result_hash("2022-12", &[line("TT01"), line("TT02")]), hash);
        prop_assert_ne!(result_hash("2022-11", &[line("TT01")]), hash);
        let reworded = HashRow { content_hash: [0; 32], ..line("TT02") };
        prop_assert_ne!(result_hash("2022-11", &[line("TT01"), reworded]), result_hash("2022-11", &[line("TT01"), line("TT02")]));
        let other = HashRow { rank: Some(2), ..line("TT02") };
        prop_assert_ne!(result_hash("2022-11", &[line("TT01"), other]), hash);
    }
}
