//! What became of whom, and what is compared with what.

use super::testing::*;
use super::*;
use crate::period::Period;
use crate::points::Points;
use crate::view::{PastRank, RankRow, RankingView, SuccessionKind, Trust};

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

fn publication(period: &str, league: &str, rows: &[(&str, u32)]) -> Publication {
    let row = |(code, rank): &(&str, u32)| RankRow {
        penalty: Points::ZERO,
        not_rated: false,
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
