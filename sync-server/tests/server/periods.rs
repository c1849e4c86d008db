//! Ranking, locking, opening, explaining.

use xeploai_core::ids::UnitId;
use xeploai_core::sync::Status;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::view::{Column, ExplainNode, ExplainScore};

use crate::fixture::{Office, appraise, november, ruleset, score, verdict};

fn leaves(node: &ExplainNode) -> Vec<ExplainScore> {
    node.scores.iter().cloned().chain(node.children.iter().flat_map(leaves)).collect()
}

#[test]
fn a_unit_without_enough_data_is_last_and_unranked() {
    let office = Office::new();
    appraise(&office, &office.sheet("TT-02"), 100);
    let [ranking] = office.service.rank(november()).unwrap().try_into().unwrap();
    let rows: Vec<_> =
        ranking.rows.iter().map(|row| (row.code.as_str(), row.rank, row.total.is_some())).collect();
    assert_eq!(rows, [("TT-02", Some(1), true), ("TT-01", None, false)]);
    assert!(!ranking.published && ranking.result_hash.is_none());
    assert_eq!(office.service.rank("2001-01".parse().unwrap()).unwrap_err().view().code, "no_such_period");
}

#[test]
fn an_explanation_ends_at_scores_whose_signatures_fit() {
    let office = Office::new();
    appraise(&office, &office.sheet("TT-02"), 100);
    let unit = UnitId::of(office.service.department(), "TT-02");
    let scores = leaves(&office.service.explain_unit(november(), unit).unwrap());
    assert_eq!(scores.len(), ruleset().criteria().count());
    for score in scores {
        assert!(score.counts && score.signature_fits && score.frame.is_some());
        assert_eq!(score.written.code, "SO-TD");
    }
}

#[test]
fn a_locked_period_stays_as_it_was_published_and_the_next_one_compares_with_it() {
    let office = Office::new();
    appraise(&office, &office.sheet("TT-02"), 100);
    let published = office.service.lock_period(november()).unwrap();
    assert!(published[0].published && published[0].result_hash.is_some() && published[0].period.locked);
    assert_eq!(office.service.lock_period(november()).unwrap_err().view().code, "period_locked");

    let mut supervisor = office.phone("SO-TD");
    let sheet = office.sheet("TT-02");
    let late = supervisor.write(&sheet, vec![score(&sheet, Column::Appraised, 1, 0, &[])]);
    let answer = supervisor.sync(&office, std::slice::from_ref(&late));
    assert_eq!(verdict(&office, &answer, &late).unwrap().of(0), (Status::Held, Reason::PeriodLocked));
    assert_eq!(office.service.rank(november()).unwrap(), published);

    let december = "2022-12".parse().unwrap();
    let opened = office.service.open_period(december).unwrap();
    assert!(!opened.locked && opened.rules.len() == 1);
    assert_eq!(office.service.open_period(december).unwrap_err().view().code, "period_exists");
}
