//! Laws that hold in every department, however its people are mixed up.

use proptest::prelude::*;

use super::*;
use crate::ids::{AssignmentId, UnitId};
use crate::org::testing::{SHIPPED, november, period_record, ruleset, text, unit_record};
use crate::org::{Assignment, Config, Document, Grant, Person, Reads, Role, Unit};
use crate::period::Period;
use crate::points::Points;
use crate::sheet::{Field, Place, Subject, Value};
use crate::sync::body::WitnessChange;
use crate::view::{Column, MinutesPart};

const PEOPLE: u8 = 4;
const UNITS: [&str; 2] = ["tt", "pvh"];
const ROLES: [Role; 4] = [Role::Director, Role::Leader, Role::Synthesis, Role::Supervisor];
const COLUMNS: [Column; 3] = [Column::Own, Column::Superior, Column::Appraised];

fn person(number: u8) -> PersonId {
    PersonId([number + 1; 16])
}

fn unit(number: usize) -> UnitId {
    crate::org::testing::unit(UNITS[number])
}

/// Post `number` of a department: which person in which unit follows from it, the rest varies.
fn post(number: u8) -> AssignmentId {
    AssignmentId([number + 1; 16])
}

const POSTS: u8 = PEOPLE * 2;

fn people() -> impl Strategy<Value = Vec<PersonId>> {
    proptest::collection::vec((0..PEOPLE).prop_map(person), 0..3)
}

fn any_unit(number: usize) -> impl Strategy<Value = Document> {
    let named = (people(), people(), proptest::option::of((0..PEOPLE).prop_map(person)), people());
    (named, any::<bool>()).prop_map(move |((scorers, deputies, leader, supervisors), ends)| {
        let until = ends.then(|| "2022-10".parse().unwrap());
        let merged_into = ends.then(|| unit(1 - number));
        let record = unit_record(UNITS[number]);
        Document::Unit(Unit { scorers, deputies, leader, supervisors, until, merged_into, ..record })
    })
}

fn any_person(number: u8) -> impl Strategy<Value = Document> {
    proptest::collection::vec(proptest::sample::select(ROLES.to_vec()), 0..3).prop_map(move |roles| {
        let (code, name) = (number.to_string(), String::new());
        Document::Person(Person { id: person(number), code, name, roles }, unit(0))
    })
}

fn any_post(number: u8) -> impl Strategy<Value = Document> {
    (any::<bool>(), 9..12u8, proptest::option::of(9..12u8)).prop_map(move |(head, since, until)| {
        let month = |month| Period::month(2022, month).unwrap();
        Document::Assignment(Assignment {
            id: post(number),
            person: person(number / 2),
            unit: unit(usize::from(number % 2)),
            position: text(),
            task_group: None,
            head,
            since: month(since),
            until: until.map(month),
        })
    })
}

fn any_grant() -> impl Strategy<Value = Document> {
    (any_scope(), 0..PEOPLE, any::<bool>(), any::<bool>()).prop_map(|(scope, reader, witness, revoked)| {
        Document::Grant(Grant { scope, reader: person(reader), witness, revoked })
    })
}

fn any_scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        (0..2usize).prop_map(|number| Scope::unit(unit(number))),
        (0..=POSTS).prop_map(|number| Scope::assignment(post(number))),
        Just(Scope::CONFIGURATION),
        Just(Scope::from_parts(7, [1; 16])),
    ]
}

/// A department with some of its records; others are not known.
fn any_config() -> impl Strategy<Value = Config> {
    let records = (
        (any_unit(0), any_unit(1)),
        (0..PEOPLE).map(any_person).collect::<Vec<_>>(),
        (0..POSTS).map(any_post).collect::<Vec<_>>(),
        proptest::collection::vec(any_grant(), 0..3),
        any::<bool>(),
        any::<u32>(),
    );
    records.prop_map(|((first, second), people, posts, grants, locked, left_out)| {
        let mut config = Config::default();
        let all = [first, second].into_iter().chain(people).chain(posts).chain(grants);
        for (turn, document) in all.enumerate() {
            // One in thirty-two is left out at a time, none mostly.
            if left_out % 64 != turn as u32 {
                config.apply(document);
            }
        }
        for set in SHIPPED.iter().filter(|set| ["demo-a", "demo-c"].contains(&set.code.as_str())) {
            config.apply(Document::Ruleset(Box::new(set.clone())));
        }
        config.apply(Document::Period(period_record(november(), locked)));
        config
    })
}

fn any_sheet() -> impl Strategy<Value = SheetKey> {
    (0..POSTS + 2, any::<bool>()).prop_map(|(number, known)| {
        let subject = match number.checked_sub(POSTS) {
            Some(number) => Subject::Unit(unit(usize::from(number))),
            None => Subject::Post(post(number)),
        };
        let code = if matches!(subject, Subject::Unit(_)) { "demo-c" } else { "demo-a" };
        let period = if known { november() } else { "2030-01".parse().unwrap() };
        SheetKey { subject, period, ruleset: ruleset(code) }
    })
}

fn any_change() -> impl Strategy<Value = Change> {
    let score = (any_sheet(), 0..3usize, 0..4u16, 0..30i32).prop_map(|(sheet, column, criterion, points)| {
        let place = Place { criterion, column: COLUMNS[column], field: Field::Points };
        let value = Value::Points(Points::whole(points));
        Change::Score(ScoreChange { sheet, place, value, replaces: vec![], minutes_before: 0 })
    });
    let parts = proptest::sample::select(MinutesPart::ALL.to_vec());
    let minutes = (any_sheet(), 0..3usize, 0..2u16, parts).prop_map(|(sheet, column, criterion, part)| {
        let place = Place { criterion, column: COLUMNS[column], field: Field::Minutes(part) };
        let value = Value::Text("theo biên bản".into());
        Change::Score(ScoreChange { sheet, place, value, replaces: vec![], minutes_before: 0 })
    });
    let act = (any_sheet(), 0..ActKind::ALL.len(), any::<bool>()).prop_map(|(sheet, kind, says)| {
        let reason = if says { "lý do".into() } else { String::new() };
        Change::Act(ActChange { sheet, kind: ActKind::ALL[kind], digest: [0; 16], reason, minutes_before: 0 })
    });
    let (frames, epoch, boot) = (vec![], [0; 16], [0; 8]);
    let witness = WitnessChange { frames, epoch, batch: 0, beacon_at: 0, boot, elapsed_s: None };
    prop_oneof![6 => score, 3 => minutes, 3 => act, 1 => Just(Change::Witness(witness)), 1 => Just(Change::Unknown)]
}

fn any_author() -> impl Strategy<Value = PersonId> {
    (0..=PEOPLE).prop_map(|number| if number == PEOPLE { Header::SERVER } else { person(number) })
}

/// A change with the scope that it stands in: mostly its sheet's.
fn any_written() -> impl Strategy<Value = (Scope, Change)> {
    (any_change(), any_scope(), 0..8u8).prop_map(|(change, other, turn)| {
        let scope = match &change {
            Change::Score(score) if turn > 0 => score.sheet.scope(),
            Change::Act(act) if turn > 0 => act.sheet.scope(),
            _ => other,
        };
        (scope, change)
    })
}

fn status(moment: &Moment<'_>, author: PersonId, (scope, change): &(Scope, Change)) -> (Status, Reason) {
    let exceptions = judge_frame(moment, author, *scope, std::slice::from_ref(change));
    exceptions.first().map_or((Status::Accepted, Reason::None), |&(_, status, reason)| (status, reason))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nobody_is_superior_or_appraiser_of_himself(config in any_config(), sheet in any_sheet()) {
        for number in 0..PEOPLE {
            let may = |column| may_write(&config, person(number), &sheet, column);
            let reviews = may(Column::Superior) || may(Column::Appraised);
            prop_assert!(!(may(Column::Own) && reviews), "who fills a sheet in reviews it");
            match sheet.subject {
                Subject::Post(post) => {
                    let own = config.assignments.get(&post).is_some_and(|post| post.person == person(number));
                    prop_assert!(!(own && reviews));
                }
                Subject::Unit(unit) => {
                    let answers_for = config.assignments.heads(person(number), unit)
                        || config.assignments.headed(person(number), unit, sheet.period)
                        || config.is_scorer(person(number), unit)
                        || config.is_deputy(person(number), unit);
                    prop_assert!(!(answers_for && reviews));
                }
            }
        }
    }

    #[test]
    fn minutes_are_written_and_signed_on_units_sheets_by_who_writes_the_column(
        config in any_config(),
        author in any_author(),
        written in any_written(),
    ) {
        let of_unit = |sheet: &SheetKey| matches!(sheet.subject, Subject::Unit(_));
        let accepted = status(&Moment::now(&config), author, &written).0 == Status::Accepted;
        match &written.1 {
            Change::Score(ScoreChange { sheet, place, .. }) if accepted && place.field.is_minutes() => {
                prop_assert!(of_unit(sheet) && may_write(&config, author, sheet, place.column));
                prop_assert!(MinutesPart::ALL.into_iter().any(|part| part.place() == *place));
            }
            Change::Act(ActChange { sheet, kind, .. }) if accepted && kind.signs_minutes() => {
                let side = if *kind == ActKind::SignForUnit { Column::Own } else { Column::Appraised };
                prop_assert!(of_unit(sheet) && may_write(&config, author, sheet, side));
            }
            _ => {}
        }
    }

    #[test]
    fn a_locked_period_never_accepts(
        (now, seen, handed) in (any_config(), any_config(), any_config()),
        author in any_author(),
        written in any_written(),
    ) {
        let locked = written.1.sheet().is_some_and(|sheet| now.is_locked(sheet.period));
        for seen in [Seen::Now, Seen::Earlier(&seen), Seen::Later] {
            for handed in [None, Some(&handed)] {
                let (status, reason) = status(&Moment { now: &now, seen, handed }, author, &written);
                prop_assert!(!(locked && status == Status::Accepted));
                prop_assert!(reason != Reason::OnTimeByWitness || (locked && handed.is_some()));
            }
        }
    }

    #[test]
    fn an_earlier_revision_gives_no_more_than_now_but_to_a_witness(
        (now, seen, handed) in (any_config(), any_config(), any_config()),
        author in any_author(),
        written in any_written(),
    ) {
        let as_of = |config| status(&Moment::now(config), author, &written);
        let plain = as_of(&now);
        let moment = |seen, handed| status(&Moment { now: &now, seen, handed }, author, &written);
        let late = moment(Seen::Earlier(&seen), None);
        let witnessed = moment(Seen::Earlier(&seen), Some(&handed));
        prop_assert!(late.0 != Status::Accepted || plain.0 == Status::Accepted);
        prop_assert!(plain.0 != Status::Accepted || late.0 == Status::Accepted, "nor less");
        let stood = |config| !matches!(as_of(config).1, Reason::NotAllowed | Reason::Unknown | Reason::NotAWitness);
        let by_witness = stood(&seen) && stood(&handed);
        prop_assert!(witnessed.0 != Status::Accepted || plain.0 == Status::Accepted || by_witness);
        let later = moment(Seen::Later, None);
        prop_assert!(later.0 != Status::Accepted || plain.0 == Status::Accepted);
        if !asks_seen(plain.1) {
            prop_assert_eq!(late, plain, "nobody needs to look back");
        }
        if !asks_witness(late.1) {
            prop_assert_eq!(witnessed, late, "no witness is needed");
        }
    }

    #[test]
    fn a_frame_is_judged_as_its_changes_one_by_one(
        (now, seen) in (any_config(), any_config()),
        author in any_author(),
        sheet in any_sheet(),
        mut changes in proptest::collection::vec(any_change(), 0..24),
    ) {
        let scope = sheet.scope();
        // Mostly of the one sheet, in all columns, as frames are.
        for change in changes.iter_mut().step_by(3) {
            match change {
                Change::Score(score) => score.sheet.subject = sheet.subject,
                Change::Act(act) => act.sheet = sheet.clone(),
                Change::Document(_) | Change::Witness(_) | Change::Unknown => {}
            }
        }
        for change in changes.iter_mut().skip(1).step_by(2) {
            if let Change::Score(score) = change {
                score.sheet = sheet.clone();
            }
        }
        let moment = Moment { now: &now, seen: Seen::Earlier(&seen), handed: None };
        let whole = judge_frame(&moment, author, scope, &changes);
        for (index, change) in changes.iter().enumerate() {
            let alone = status(&moment, author, &(scope, change.clone()));
            let found = whole.iter().find(|exception| usize::from(exception.0) == index);
            prop_assert_eq!(found.map_or((Status::Accepted, Reason::None), |it| (it.1, it.2)), alone);
        }
    }

    #[test]
    fn what_is_listed_as_readable_is_what_may_be_read(config in any_config(), reader in any_author()) {
        let units = (0..2).map(|number| Scope::unit(unit(number)));
        let posts = (0..=POSTS).map(|number| Scope::assignment(post(number)));
        let others = [Scope::CONFIGURATION, Scope::from_parts(7, [1; 16])];
        let reads = config.reads(reader);
        for scope in units.chain(posts).chain(others) {
            let may = config.may_read(reader, scope);
            prop_assert!(may || !config.may_be_handed(reader, scope), "no hub gives more");
            match &reads {
                Reads::Scopes(scopes) => prop_assert_eq!(scopes.contains(&scope), may, "{:?}", scope),
                Reads::Everything => prop_assert!(may || scope.kind() > 2),
            }
        }
    }

    #[test]
    fn nobody_reads_more_by_a_merger(config in any_config(), reader in any_author(), scope in any_scope()) {
        let mut merged = config.clone();
        for number in 0..2 {
            let until = Some("2022-10".parse().unwrap());
            if let Some(record) = config.units.get(&unit(number)) {
                merged.apply(Document::Unit(Unit { merged_into: Some(unit(1 - number)), until, ..record.clone() }));
            }
        }
        prop_assert!(config.may_read(reader, scope) || !merged.may_read(reader, scope));
    }
}
