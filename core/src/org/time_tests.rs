//! The organisation over time: who is where as of a period, and what a period keeps.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::testing::*;
use super::*;
use crate::ids::UnitId;
use crate::period::Period;
use crate::points::Points;
use crate::ruleset::{Ruleset, SubjectKind};
use crate::scoring::Product;
use crate::view::{RankRow, SuccessionKind};

fn member(league: &str, since: Option<&str>, until: Option<&str>) -> Membership {
    Membership { league: league.into(), since: since.map(month), until: until.map(month) }
}

#[test]
fn a_unit_is_there_from_its_first_month_to_its_last() {
    let unit = lasting("c", Some("2022-05"), Some("2022-08"));
    let there = |period| unit.is_in(month(period));
    assert!(there("2022-05") && there("2022-08") && there("2022-Q2") && there("2022-Q3") && there("2022"));
    assert!(
        !there("2022-04") && !there("2022-09") && !there("2022-Q1") && !there("2022-Q4") && !there("2023")
    );
    let by_quarter = lasting("c", Some("2022-Q2"), Some("2022-Q3"));
    assert!(by_quarter.is_in(month("2022-04")) && by_quarter.is_in(month("2022-09")));
    assert!(!by_quarter.is_in(month("2022-03")) && !by_quarter.is_in(month("2022-10")));
}

#[test]
fn a_unit_is_in_several_leagues_each_for_its_time() {
    let mut unit = lasting("c", None, None);
    unit.league = Some("centres".into());
    unit.leagues = vec![
        member("mien-nui", Some("2022-03"), Some("2022-10")),
        member("trung-du", Some("2022-11"), None),
        member("centres", Some("2022-01"), None),
    ];
    assert_eq!(unit.leagues_in(month("2022-02")), ["centres"]);
    assert_eq!(unit.leagues_in(month("2022-10")), ["centres", "mien-nui"]);
    assert_eq!(unit.leagues_in(month("2022-11")), ["centres", "trung-du"]);
    assert_eq!(unit.leagues_in(month("2022")), ["centres", "mien-nui", "trung-du"]);
}

#[test]
fn records_from_before_read_alike_and_keep_their_bytes() {
    let old = r#"{"id":"00000000000000000000000000000001","code":"TT","name":"T","short_name":"T","kind":"centre","league":"centres","scorers":[],"until":"2022-10"}"#;
    let unit: Unit = serde_json::from_str(old).unwrap();
    assert_eq!((unit.since, unit.leagues_in(november())), (None, vec!["centres"]));
    assert_eq!(serde_json::to_string(&unit).unwrap(), old);
    let json = serde_json::to_string(&period_record(november(), false)).unwrap();
    assert!(!json.contains(r#""leagues":[],"units""#), "what is not frozen costs nothing: {json}");
    let row: RankRow = serde_json::from_str(
        r#"{"rank":1,"tied":false,"unit":"","code":"","name":"","short_name":"","total":null,"bonus":"0","level":null,"change":null,"mine":false}"#,
    )
    .unwrap();
    assert_eq!((row.reorganised, row.past.len()), (None, 0));
}

/// The period of November with its units frozen, the centre tt in a league.
fn frozen(config: &mut Config) -> PeriodRecord {
    let tt = Unit { league: Some("centres".into()), ..unit_record("tt") };
    config.apply(Document::Unit(tt));
    let leagues = vec![League { code: "centres".into(), title: text() }];
    let record = PeriodRecord { leagues, ..period_record(november(), false) }.freeze(config.units.values());
    config.apply(Document::Period(record.clone()));
    record
}

#[test]
fn a_league_of_two_criteria_sets_is_refused_with_the_unit_s_name() {
    let mut config = config();
    let mut record = frozen(&mut config);
    assert_eq!(record.check_leagues(&config.units), Ok(()));
    record.units.iter_mut().for_each(|unit| unit.leagues = vec!["centres".into()]);
    assert_eq!(record.check_leagues(&config.units), Ok(()), "three units under one set");
    record.rules[0].units = vec![unit("pvh"), unit("so")];
    record.rules.push(PeriodRule {
        units: vec![unit("tt")],
        subject: SubjectKind::Unit,
        ruleset: ruleset("demo-b"),
    });
    let error = record.check_leagues(&config.units).unwrap_err();
    assert_eq!(error.code(), "league_mixed");
    let sentence = error.message().vi;
    assert!(sentence.contains("tt (tt)") && sentence.contains("demo-b.1"), "{sentence}");
    record.rules[2].subject = SubjectKind::Person;
    assert_eq!(record.check_leagues(&config.units), Ok(()), "people's sets are not ranked");
}

#[test]
fn a_locked_period_counts_by_the_product_list_that_it_was_locked_with() {
    let list = |coefficient| {
        let (title, measure_unit) = (text(), text());
        let product = Product { number: 1, title, measure_unit, coefficient: Points::whole(coefficient) };
        Document::Products(ProductList { unit: unit("tt"), products: vec![product] })
    };
    let lock = |period| Document::Period(period_record(period, true));
    let october = month("2022-10");
    let config = with([lock(october), list(1), lock(november()), list(2), list(3)]);
    let counts = |period| {
        let list = config.products_of(&sheet("staff", period));
        list.first().map(|product| product.coefficient)
    };
    assert_eq!(counts(october), None, "there was none yet");
    assert_eq!(counts(november()), Some(Points::whole(1)));
    assert_eq!(counts(month("2022-12")), Some(Points::whole(3)));
}

#[test]
fn a_version_of_a_criteria_set_stays_as_a_locked_period_was_scored_by_it() {
    let again = |code: &str| {
        let mut set = serde_json::to_value(SHIPPED.iter().find(|set| set.code == code).unwrap()).unwrap();
        set["title"]["vi"] = "Khác".into();
        Document::Ruleset(Box::new(Ruleset::parse(&set.to_string()).unwrap()))
    };
    let lock = || Document::Period(period_record(november(), true));
    let title = |config: &Config, code| config.rulesets[&ruleset(code)].title.vi.clone();
    assert_eq!(title(&with([again("demo-c")]), "demo-c"), "Khác", "no period is closed");
    let closed = with([lock(), again("demo-c"), again("demo-b")]);
    assert_ne!(title(&closed, "demo-c"), "Khác");
    assert_eq!(title(&closed, "demo-b"), "Khác", "the closed period is not scored by it");
    let mut late = closed;
    late.rulesets.clear();
    late.apply(again("demo-c"));
    assert_eq!(title(&late, "demo-c"), "Khác", "one that is not known yet comes in");
}

const CODES: [&str; 3] = ["so", "tt", "pvh"];

/// Anything that may be written of a unit later.
fn any_unit() -> impl Strategy<Value = Unit> {
    let ends = (proptest::option::of(1..13u8), proptest::option::of(1..13u8));
    (0..CODES.len(), "[a-z]{0,3}", proptest::option::of("[ab]"), "[ab]", ends).prop_map(
        |(number, name, league, dated, (since, until))| {
            let at = |month: Option<u8>| month.map(|month| Period::month(2022, month).unwrap());
            let leagues = vec![Membership { league: dated, since: at(until), until: at(since) }];
            let record = unit_record(CODES[number]);
            Unit { name, league, leagues, since: at(since), until: at(until), ..record }
        },
    )
}

fn any_succession() -> impl Strategy<Value = Succession> {
    use SuccessionKind::*;
    let kinds = proptest::sample::select(vec![Rename, Merge, Split, Dissolve]);
    let some = || proptest::sample::subsequence(CODES.to_vec(), 1..3);
    (kinds, some(), some(), 1..13u8).prop_map(|(kind, from, to, since)| {
        succession(kind, &from, &to, &Period::month(2022, since).unwrap().to_string())
    })
}

/// What is known of units as of a period.
fn as_of(config: &Config, period: Period) -> Vec<(bool, Vec<String>, Lineage)> {
    let earlier = Period::month(2022, 1).unwrap();
    let state = |code: &&str| {
        let unit = unit(code);
        let record = config.units.get(&unit);
        let leagues = record.map(|it| it.leagues_in(period).into_iter().map(Into::into).collect());
        let there = record.is_some_and(|it| it.is_in(period));
        (there, leagues.unwrap_or_default(), config.lineage(unit, period, earlier))
    };
    CODES.iter().map(state).collect()
}

proptest! {
    #[test]
    fn what_is_known_as_of_a_period_does_not_depend_on_the_order_of_documents_of_different_units(
        units in proptest::collection::vec(any_unit(), 0..4),
        successions in proptest::collection::vec(any_succession(), 0..4),
        number in 1..13u8,
    ) {
        // One document a unit and one a succession: of one that is written again the last one counts.
        let units: BTreeMap<UnitId, Unit> = units.into_iter().map(|it| (it.id, it)).collect();
        let successions: BTreeMap<_, _> = successions.into_iter().map(|it| (it.key(), it)).collect();
        let documents: Vec<Document> = units
            .into_values()
            .map(Document::Unit)
            .chain(successions.into_values().map(Document::Succession))
            .collect();
        let period = Period::month(2022, number).unwrap();
        let (mut forward, mut backward) = (Config::default(), Config::default());
        documents.iter().cloned().for_each(|it| forward.apply(it));
        documents.into_iter().rev().for_each(|it| backward.apply(it));
        prop_assert_eq!(as_of(&forward, period), as_of(&backward, period));
    }

    #[test]
    fn what_is_written_later_changes_nothing_that_a_period_has_frozen(
        units in proptest::collection::vec(any_unit(), 0..6),
        successions in proptest::collection::vec(any_succession(), 0..3),
    ) {
        let mut config = config();
        let record = frozen(&mut config);
        let known = |config: &Config| {
            let units: Vec<_> = CODES.iter().map(|it| config.unit_in(november(), unit(it)).unwrap().into_owned()).collect();
            (units, config.sheets(november()), config.periods[&november()].members(&config.units, "centres"))
        };
        let before = known(&config);
        prop_assert_eq!(before.2.len(), 1);
        units.into_iter().for_each(|it| config.apply(Document::Unit(it)));
        successions.into_iter().for_each(|it| config.apply(Document::Succession(it)));
        prop_assert_eq!(known(&config), before);
        prop_assert_eq!(record.clone().freeze(config.units.values()), record, "frozen once");
    }
}
