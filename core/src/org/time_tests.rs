//! The organisation over time: who is where as of a period, what became of whom, and what a period keeps.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::testing::*;
use super::*;
use crate::ids::UnitId;
use crate::period::Period;
use crate::points::Points;
use crate::ruleset::SubjectKind;
use crate::scoring::Product;
use crate::view::{PastRank, RankRow, RankingView, SuccessionKind, Trust};

fn member(league: &str, since: Option<&str>, until: Option<&str>) -> Membership {
    Membership { league: league.into(), since: since.map(month), until: until.map(month) }
}

fn lasting(code: &str, since: Option<&str>, until: Option<&str>) -> Unit {
    Unit {
        id: unit(code),
        code: code.into(),
        since: since.map(month),
        until: until.map(month),
        ..unit_record("tt")
    }
}

fn succession(kind: SuccessionKind, from: &[&str], to: &[&str], since: &str) -> Succession {
    let ids = |codes: &[&str]| codes.iter().map(|code| unit(code)).collect();
    Succession { kind, from: ids(from), to: ids(to), since: month(since), basis: "NQ 1".into() }
}

/// Units a to d: a and b end with June 2023, c begins in July; d is there all the time.
fn department(successions: &[Succession]) -> Config {
    let mut config = Config::default();
    for (code, since, until) in [
        ("a", None, Some("2023-06")),
        ("b", None, Some("2023-06")),
        ("c", Some("2023-07"), None),
        ("d", None, None),
    ] {
        config.apply(Document::Unit(lasting(code, since, until)));
    }
    successions.iter().cloned().for_each(|it| config.apply(Document::Succession(it)));
    config
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

#[test]
fn a_rename_is_followed_and_a_merger_a_split_and_a_takeover_are_not() {
    use SuccessionKind::*;
    let line = |it: Succession, unit_code, earlier| {
        department(&[it]).lineage(unit(unit_code), month("2023-07"), month(earlier))
    };
    let rename = || succession(Rename, &["a"], &["c"], "2023-07");
    assert_eq!(line(rename(), "c", "2023-06"), Lineage::Of(unit("a")));
    assert_eq!(line(rename(), "c", "2023-07"), Lineage::Of(unit("c")), "it does not hold earlier");
    assert_eq!(line(rename(), "d", "2023-06"), Lineage::Of(unit("d")), "another unit");
    for (kind, from, to) in [
        (Merge, &["a", "b"][..], &["c"][..]),
        (Merge, &["a", "c"], &["c"]),
        (Split, &["a"], &["c", "d"]),
        (Dissolve, &["a"], &["c"]),
    ] {
        let broken = succession(kind, from, to, "2023-07");
        assert_eq!(line(broken, "c", "2023-06"), Lineage::Broken(kind));
    }
    let twice =
        [succession(Rename, &["a"], &["b"], "2023-03"), succession(Rename, &["b"], &["c"], "2023-07")];
    let config = department(&twice);
    assert_eq!(config.lineage(unit("c"), month("2023-07"), month("2023-01")), Lineage::Of(unit("a")));
    assert_eq!(config.lineage(unit("c"), month("2023-Q3"), month("2023-Q2")), Lineage::Of(unit("b")));
}

#[test]
fn a_merger_of_the_old_form_breaks_the_line_too() {
    let mut config = department(&[]);
    config
        .apply(Document::Unit(Unit { merged_into: Some(unit("d")), ..lasting("a", None, Some("2023-06")) }));
    let line = |now, earlier| config.lineage(unit("d"), month(now), month(earlier));
    assert_eq!(line("2023-07", "2023-06"), Lineage::Broken(SuccessionKind::Merge));
    assert_eq!(line("2023-08", "2023-07"), Lineage::Of(unit("d")));
    assert_eq!(line("2023-06", "2023-05"), Lineage::Of(unit("d")));
}

#[test]
fn a_succession_that_can_not_be_is_refused_with_the_unit_s_name() {
    use SuccessionKind::*;
    let known = [succession(Rename, &["b"], &["c"], "2023-07")];
    let config = department(&known);
    for (kind, from, to, since, code, named) in [
        (Merge, &["a"][..], &["c"][..], "2023-07", "succession_count", "a"),
        (Rename, &["a", "d"], &["c"], "2023-07", "succession_count", "a"),
        (Split, &["a"], &["c"], "2023-07", "succession_count", "a"),
        (Dissolve, &[], &["c"], "2023-07", "succession_count", "c"),
        (Rename, &["a"], &["a"], "2023-07", "succession_circle", "a"),
        (Merge, &["a", "a"], &["c"], "2023-07", "succession_circle", "a"),
        (Split, &["a"], &["c", "c"], "2023-07", "succession_circle", "c"),
        (Rename, &["c"], &["b"], "2024-01", "succession_circle", "c"),
        (Dissolve, &["b"], &["d"], "2023-06", "unit_succeeded_already", "b"),
        (Rename, &["c"], &["d"], "2023-07", "unit_ends_before_it_begins", "c"),
        (Rename, &["a"], &["d"], "2023-09", "unit_not_there", "a"),
        (Rename, &["d"], &["a"], "2023-07", "unit_not_there", "a"),
        (Rename, &["x"], &["a"], "2023-07", "no_such_unit", "x"),
    ] {
        let error = succession(kind, from, to, since).check(&config).unwrap_err();
        let name = if named == "x" { unit("x").to_string() } else { format!("{named} (") };
        assert_eq!(error.code(), code, "{kind:?} {from:?} {to:?}");
        assert!(error.message().vi.contains(&name) && error.message().en.contains(&name), "{error}");
    }
    let unfounded = Succession { basis: " ".into(), ..succession(Rename, &["a"], &["d"], "2023-07") };
    assert_eq!(unfounded.check(&config).unwrap_err().code(), "succession_basis");
    for fine in [
        succession(Merge, &["a", "d"], &["d"], "2023-07"),
        succession(Split, &["d"], &["c", "d"], "2023-07"),
        succession(Dissolve, &["a"], &[], "2023-07"),
        known[0].clone(),
    ] {
        assert_eq!(fine.check(&config), Ok(()), "{fine:?}");
    }
}

#[test]
fn a_succession_ends_the_units_that_do_not_go_on() {
    let config = department(&[]);
    let ended = |it: Succession| it.ended(&config).map(|unit| (unit.code, unit.until)).collect::<Vec<_>>();
    let may = Some(month("2023-05"));
    assert_eq!(
        ended(succession(SuccessionKind::Merge, &["a", "d"], &["d"], "2023-06")),
        [("a".to_owned(), may)]
    );
    assert_eq!(ended(succession(SuccessionKind::Split, &["d"], &["d", "b"], "2023-06")), []);
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

fn publication(period: &str, league: &str, rows: &[(&str, u32)]) -> Publication {
    let row = |(code, rank): &(&str, u32)| RankRow {
        rank: Some(*rank),
        tied: false,
        unit: unit(code).to_string(),
        code: (*code).into(),
        name: String::new(),
        short_name: String::new(),
        total: Some(Points::whole(90)),
        bonus: Points::ZERO,
        level: None,
        change: None,
        reorganised: None,
        past: Vec::new(),
        mine: false,
    };
    let period = month(period);
    let ranking = RankingView {
        period: period_record(period, true).view(),
        league: league.into(),
        title: text(),
        published: true,
        published_at: None,
        result_hash: None,
        tie_rule: text(),
        thresholds: Vec::new(),
        maximum: Points::ZERO,
        trust: Trust::Demonstration,
        rows: rows.iter().map(row).collect(),
    };
    Publication { period, ranking }
}

fn past(config: &Config, period: &str, rows: &[(&str, u32)]) -> Vec<Vec<(String, Option<u32>)>> {
    let mut ranking = publication(period, "centres", rows).ranking;
    config.add_past(&mut ranking);
    let figures = |past: Vec<PastRank>| past.into_iter().map(|it| (it.period, it.rank)).collect();
    ranking.rows.into_iter().map(|row| figures(row.past)).collect()
}

#[test]
fn earlier_ranks_are_of_the_same_league_and_kind_as_far_as_they_compare() {
    let rename = succession(SuccessionKind::Rename, &["a"], &["c"], "2023-07");
    let takeover = succession(SuccessionKind::Dissolve, &["b"], &["d"], "2023-06");
    let mut config = department(&[rename, takeover]);
    for (period, league, rows) in [
        ("2023-05", "centres", &[("a", 2), ("d", 1)][..]),
        ("2023-06", "centres", &[("a", 3), ("d", 4)]),
        ("2023-06", "others", &[("a", 9)]),
        ("2023-Q2", "centres", &[("a", 8)]),
        ("2023-08", "centres", &[("c", 7)]),
    ] {
        config.apply(Document::Publication(Box::new(publication(period, league, rows))));
    }
    let told = past(&config, "2023-07", &[("c", 1), ("d", 2), ("b", 3)]);
    let at = |period: &str, rank| (period.to_owned(), Some(rank));
    assert_eq!(told, [vec![at("2023-06", 3), at("2023-05", 2)], vec![at("2023-06", 4)], vec![]]);
    let before = |code| config.rank_before(unit(code), month("2023-07"), "centres");
    assert_eq!((before("c"), before("d"), before("b")), (Ok(Some(3)), Ok(Some(4)), Ok(None)));
    assert_eq!(config.rank_before(unit("d"), month("2023-06"), "centres"), Err(SuccessionKind::Dissolve));
}

#[test]
fn at_most_eleven_earlier_periods_are_told() {
    let mut config = department(&[]);
    for number in 1..=12u8 {
        let period = Period::month(2024, number).unwrap().to_string();
        let it = publication(&period, "centres", &[("d", u32::from(number))]);
        config.apply(Document::Publication(Box::new(it)));
    }
    let [told] = past(&config, "2025-01", &[("d", 1)]).try_into().unwrap();
    assert_eq!((told.len(), told[0].1, told[10].1), (PAST_PERIODS_MAX, Some(12), Some(2)));
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
