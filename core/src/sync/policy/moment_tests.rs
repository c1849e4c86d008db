//! The moment: what the writer had seen, what stood when a witness got it, what is locked since.

use super::*;
use crate::ids::AssignmentId;
use crate::org::testing::{
    assignment, config, documents, month, november, period_record, person, person_record, post, sheet, unit,
    unit_record,
};
use crate::org::{Assignment, Document, History, Role, Unit};
use crate::points::Points;
use crate::sheet::{Field, Place, Subject, Value};
use crate::view::Column;

const CHANGED: (Status, Reason) = (Status::Held, Reason::RightsChanged);
const LOCKED: (Status, Reason) = (Status::Held, Reason::PeriodLocked);
const ON_TIME: (Status, Reason) = (Status::Held, Reason::OnTimeByWitness);
const UNKNOWN: (Status, Reason) = (Status::Held, Reason::Unknown);
const ACCEPTED: (Status, Reason) = (Status::Accepted, Reason::None);

/// The department at counter 1, time 100; then each change with the next counter, 100 seconds later.
fn history(changes: impl IntoIterator<Item = Document>) -> History {
    let mut history = History::default();
    history.push(1, 100, documents());
    for (turn, change) in (2..).zip(changes) {
        history.push(turn, turn as i64 * 100, vec![change]);
    }
    history
}

fn score(sheet: &SheetKey, column: Column) -> Change {
    let (sheet, place) = (sheet.clone(), Place { criterion: 1, column, field: Field::Points });
    let value = Value::Points(Points::whole(1));
    Change::Score(ScoreChange { sheet, place, value, replaces: vec![], minutes_before: 0 })
}

/// The verdict on a score by somebody who had seen a revision, handed to a witness at a time.
fn judged(
    history: &History,
    author: &str,
    (sheet, column): (&SheetKey, Column),
    revision: u64,
    witnessed_at: Option<i64>,
) -> (Status, Reason) {
    let (now, earlier) = (history.latest(), history.at_revision(revision));
    let seen = if revision > now.revision {
        Seen::Later
    } else if revision == now.revision {
        Seen::Now
    } else {
        Seen::Earlier(&earlier)
    };
    let handed = witnessed_at.map(|at| history.at_time(at));
    let moment = Moment { now: &now, seen, handed: handed.as_ref() };
    let exceptions = judge_frame(&moment, person(author), sheet.scope(), &[score(sheet, column)]);
    exceptions.first().map_or(ACCEPTED, |&(_, status, reason)| (status, reason))
}

fn retired(code: &str) -> Document {
    Document::Assignment(Assignment { until: Some(month("2022-10")), ..assignment(code) })
}

#[test]
fn who_had_not_seen_his_removal_is_accepted_by_a_witness_from_before_else_held_for_a_person() {
    let dismissed = Document::Assignment(Assignment { head: false, ..assignment("head") });
    let history = history([Document::Period(period_record(month("2022-12"), false)), dismissed]);
    let staff = sheet("staff", november());
    let judged = |revision, witness| judged(&history, "head", (&staff, Column::Superior), revision, witness);
    assert_eq!(judged(1, None), CHANGED);
    assert_eq!(judged(2, None), CHANGED);
    assert_eq!(judged(3, None), NOT_ALLOWED, "he had seen it");
    assert_eq!(judged(2, Some(299)), ACCEPTED, "handed over before");
    assert_eq!(judged(1, Some(250)), ACCEPTED, "a change in between that took nothing from him");
    assert_eq!(judged(2, Some(300)), CHANGED, "handed over when it was in force");
    assert_eq!(judged(3, Some(250)), NOT_ALLOWED, "he had seen it, whatever a witness says");
}

#[test]
fn a_right_that_never_stood_is_rejected_whatever_was_seen() {
    let history = history([Document::Period(period_record(month("2022-12"), false))]);
    for (author, column) in
        [("other", Column::Own), ("staff", Column::Superior), ("idle-supervisor", Column::Appraised)]
    {
        let sheet = sheet("staff", november());
        for (revision, witness) in [(0, None), (1, None), (1, Some(150)), (2, None)] {
            assert_eq!(
                judged(&history, author, (&sheet, column), revision, witness),
                NOT_ALLOWED,
                "{author}"
            );
        }
    }
}

#[test]
fn a_right_that_came_after_the_writer_s_revision_counts() {
    let history = history([person_record("idle-leader", &[Role::Leader]), {
        Document::Unit(Unit { leader: Some(person("idle-leader")), ..unit_record("tt") })
    }]);
    let sheet = sheet("head", november());
    assert_eq!(judged(&history, "idle-leader", (&sheet, Column::Superior), 0, None), ACCEPTED);
    assert_eq!(judged(&history, "leader", (&sheet, Column::Superior), 2, None), CHANGED, "another leads now");
    assert_eq!(judged(&history, "leader", (&sheet, Column::Superior), 3, None), NOT_ALLOWED);
}

#[test]
fn a_role_that_is_taken_back_is_a_change_of_rights() {
    let history = history([person_record("supervisor", &[])]);
    let sheet = sheet("tt", november());
    let judged = |witness| judged(&history, "supervisor", (&sheet, Column::Appraised), 1, witness);
    assert_eq!(judged(None), CHANGED);
    assert_eq!(judged(Some(199)), ACCEPTED);
}

#[test]
fn a_restored_server_holds_what_its_lost_frames_may_have_allowed() {
    let sheet = sheet("staff", november());
    let history = history([]);
    assert_eq!(judged(&history, "other", (&sheet, Column::Own), 9, None), UNKNOWN);
    assert_eq!(judged(&history, "staff", (&sheet, Column::Own), 9, None), ACCEPTED);
}

#[test]
fn case_12_a_locked_period_takes_nothing_and_a_witness_from_before_the_lock_is_told() {
    let lock = Document::Period(period_record(november(), true));
    let history = history([lock, retired("head")]);
    let sheet = sheet("staff", november());
    let own = |revision, witness| judged(&history, "staff", (&sheet, Column::Own), revision, witness);
    for revision in 0..=3 {
        assert_eq!(own(revision, None), LOCKED);
        assert_eq!(own(revision, Some(200)), LOCKED, "handed over when it was locked");
        assert_eq!(own(revision, Some(199)), ON_TIME);
    }
    let superior = |witness| judged(&history, "head", (&sheet, Column::Superior), 1, witness);
    assert_eq!(superior(None), CHANGED, "who decides must see that the right is gone");
    assert_eq!(superior(Some(150)), ON_TIME);
    assert_eq!(superior(Some(250)), LOCKED, "his right still stood, the lock did not wait");
}

#[test]
fn a_period_opened_again_takes_what_comes() {
    let history = history([true, false].map(|locked| Document::Period(period_record(november(), locked))));
    assert_eq!(judged(&history, "staff", (&sheet("staff", november()), Column::Own), 1, None), ACCEPTED);
}

#[test]
fn who_headed_a_unit_in_the_period_and_who_heads_it_now_both_review() {
    let (config, october) = (config(), month("2022-10"));
    let may = |code: &str, subject: &str, period| {
        may_write(&config, person(code), &sheet(subject, period), Column::Superior)
    };
    assert!(may("ex-head", "staff", october) && may("head", "staff", october));
    assert!(!may("ex-head", "staff", november()) && may("head", "staff", november()));
    assert!(
        may("deputy", "staff", october) && may("mover", "staff", october),
        "both were deputies in October"
    );
    assert!(!may("mover", "staff", november()));
    let own = |code: &str, period| may_write(&config, person(code), &sheet("tt", period), Column::Own);
    assert!(own("mover", october) && !own("mover", november()), "a scorer while he had a post there");
    assert!(own("ex-head", october) && own("head", october) && !own("ex-head", november()));
}

#[test]
fn a_head_is_reviewed_by_the_leader_and_never_by_his_own_deputy() {
    let (config, october) = (config(), month("2022-10"));
    let reviewers = |subject: &str, period| {
        let all = crate::org::testing::PEOPLE.iter().map(|(code, ..)| *code);
        let sheet = sheet(subject, period);
        all.filter(|code| may_write(&config, person(code), &sheet, Column::Superior)).collect::<Vec<_>>()
    };
    assert_eq!(reviewers("ex-head", october), ["leader"], "he headed the unit then");
    assert_eq!(reviewers("head", november()), ["leader"]);
    // The new head was nobody's head in October, had he had a post then.
    let (mut config, id) = (config.clone(), post("head"));
    let since = month("2022-01");
    let earlier = Assignment {
        id: AssignmentId([7; 16]),
        since,
        until: Some(october),
        head: false,
        ..assignment("head")
    };
    config.apply(Document::Assignment(earlier.clone()));
    assert!(config.assignments.contains_key(&id));
    let sheet = SheetKey { subject: Subject::Post(earlier.id), ..sheet("head", october) };
    let may = |code: &str| may_write(&config, person(code), &sheet, Column::Superior);
    assert!(may("ex-head") && may("leader"), "his head of then, and the leader of now");
    assert!(!may("head") && !may("deputy"), "not he himself, not his deputy");
}

/// Case 13: a person moves while he is offline.
#[test]
fn what_a_person_wrote_before_he_knew_of_his_move_is_kept_untouched() {
    let moved = Assignment {
        id: AssignmentId::of(person("staff"), unit("pvh"), "2022-11"),
        unit: unit("pvh"),
        since: november(),
        ..assignment("staff")
    };
    let history = history([retired("staff"), Document::Assignment(moved.clone())]);
    let here = |period| judged(&history, "staff", (&sheet("staff", month(period)), Column::Own), 1, None);
    assert_eq!(here("2022-10"), ACCEPTED, "the month that the post still covers");
    assert_eq!(here("2022-11"), CHANGED, "the month that is scored elsewhere now waits for a person");
    let witnessed = judged(&history, "staff", (&sheet("staff", november()), Column::Own), 1, Some(150));
    assert_eq!(witnessed, ACCEPTED);
    let there = SheetKey { subject: Subject::Post(moved.id), ..sheet("staff", november()) };
    assert_eq!(judged(&history, "staff", (&there, Column::Own), 3, None), ACCEPTED);
}

/// Case 13: a unit is merged into another.
#[test]
fn a_merged_unit_keeps_its_months_and_gives_the_other_s_head_nothing() {
    let until = Some(month("2022-10"));
    let merged = Unit { merged_into: Some(unit("pvh")), until, ..unit_record("tt") };
    let history = history([Document::Unit(merged)]);
    let of = |period| sheet("staff", month(period));
    let own = |period, revision| judged(&history, "staff", (&of(period), Column::Own), revision, None);
    assert_eq!((own("2022-10", 1), own("2022-10", 2)), (ACCEPTED, ACCEPTED));
    assert_eq!((own("2022-11", 1), own("2022-11", 2)), (CHANGED, UNKNOWN));
    for period in ["2022-10", "2022-11"] {
        let boss = judged(&history, "boss", (&of(period), Column::Superior), 2, None);
        assert_eq!(boss, NOT_ALLOWED, "a merger gives no right over the months before it");
    }
}

#[test]
fn only_few_reasons_ask_for_an_earlier_configuration() {
    let asks: Vec<u64> = (0..12).filter(|it| asks_seen(Reason::from_number(*it))).collect();
    assert_eq!(asks, [1, 5, 11]);
    let asks: Vec<u64> = (0..12).filter(|it| asks_witness(Reason::from_number(*it))).collect();
    assert_eq!(asks, [4, 9]);
}
