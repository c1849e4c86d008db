//! The year that is measured: every one of its 36,000 sheets stands as its explained evaluation says.

#[path = "../examples/rules/year.rs"]
mod year;

use std::collections::BTreeMap;

use xeploai_core::classify::{Contestant, Entry, Outside, assess, explain, rank, roster};
use xeploai_core::ruleset::Position;
use xeploai_core::scoring::{Plan, Sums, Terms};
use xeploai_core::view::Level;

#[test]
fn every_sheet_of_the_measured_year_stands_as_it_is_explained() {
    let (ruleset, position) = (year::ruleset(), Position::default());
    let plan = Plan::new(Terms { ruleset: &ruleset, position: &position, products: &[] }).unwrap();
    let sheets = year::sheets();
    assert_eq!(sheets.len(), year::MONTHS * year::UNITS * year::PEOPLE);
    let outside = Outside { unit_level: Some(Level::Httnv), people: None };
    let (mut sums, mut outcomes) = (Sums::default(), BTreeMap::<_, usize>::new());
    for (unit, people) in sheets.chunks(year::PEOPLE).enumerate() {
        let entry = |(key, columns)| Entry { key, order: format!("{key:02}"), plan: &plan, columns };
        let placed = roster(people.iter().enumerate().map(entry).collect(), outside, &mut sums).unwrap();
        let mut contestants = Vec::new();
        for (key, columns) in people.iter().enumerate() {
            let assessment = assess(&plan, columns, &ruleset.counting, outside).unwrap();
            let fast = placed.iter().find(|placed| placed.key == key).unwrap();
            assert_eq!(fast.proposal.outcome, assessment.outcome);
            *outcomes.entry(assessment.outcome).or_default() += 1;
            let keys = assessment.keys(&ruleset).unwrap();
            contestants.push(Contestant { key, order: format!("{key:02}"), keys });
            // The whole tree of one unit a month: it is a hundred times as long.
            if unit % year::UNITS == 0 {
                let root = explain(&plan, columns, outside, &|_| Vec::new()).unwrap();
                assert_eq!(root.level, fast.proposal.outcome.level());
            }
        }
        let explained: Vec<_> =
            rank(contestants).into_iter().map(|line| (line.key, line.rank, line.tied)).collect();
        let fast: Vec<_> = placed.into_iter().map(|line| (line.key, line.rank, line.tied)).collect();
        assert_eq!(fast, explained);
    }
    assert!(outcomes.len() >= 5, "all four levels and the not rated are there: {outcomes:?}");
}
