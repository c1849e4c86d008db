//! Everybody against everything, as tables: what is not in them is not allowed.

use super::*;
use crate::ids::UnitId;
use crate::org::testing::{PEOPLE, config, november, period_record, person, sheet, unit, with};
use crate::org::{Document, Grant};
use crate::period::Period;
use crate::points::Points;
use crate::sheet::{Field, Place, Value};
use crate::sync::body::{DocumentChange, WitnessChange};
use crate::view::Column;

/// What everybody is to every sheet of November 2022: `o` writes the own column, `s` is the superior, `a` an appraiser;
/// `i` has something to do in the sheet's scope and nothing to write; `-` has nothing to do there.
const CAPACITIES: &str = "
sheet of         staff deputy head officer director supervisor boss other tt pvh
director         i     i      i    s       o        s          i    i     i  i
leader           i     i      s    s       i        s          -    -     s  -
idle-leader      -     -      -    -       -        -          -    -     -  -
synthesis        i     i      i    i       i        i          i    i     i  i
supervisor       a     a      a    a       a        o          -    -     a  -
idle-supervisor  -     -      -    -       -        -          -    -     -  -
officer          -     -      -    o       -        -          -    -     -  -
head             s     s      o    -       -        -          -    -     o  -
deputy           s     o      i    -       -        -          -    -     i  -
scorer           -     -      -    -       -        -          -    -     o  -
staff            o     -      -    -       -        -          -    -     i  -
ex-head          i     i      i    -       -        -          -    -     i  -
mover            i     i      i    -       -        -          -    -     i  i
boss             -     -      -    -       -        -          o    sa    -  o
other            -     -      -    -       -        -          -    o     -  i
stranger         -     -      -    -       -        -          -    -     -  -
server           i     i      i    i       i        i          i    i     i  i
";

/// The verdict on every kind of change by capacity (`u`: appraiser of a unit's sheet; `O`: who writes its own column)
/// and state of the period:
/// `A` accepted; held as `L` period locked, `U` unknown here; rejected as `.` not allowed, `r` reason missing.
const VERDICTS: &str = "
                    open            locked          unknown
by                  o s a O u i -   o s a O u i -   o s a O u i -
own                 A . . A . . .   L . . L . . .   U U U U U U .
superior            . A . . . . .   . L . . . . .   U U U U U U .
appraised           . . A . A . .   . . L . L . .   U U U U U U .
submit              A . . A . . .   L . . L . . .   U U U U U U .
withdraw            A . . A . . .   L . . L . . .   U U U U U U .
approve             . A . . A . .   . L . . L . .   U U U U U U .
return              . A . . A . .   . L . . L . .   U U U U U U .
adopt               A A . A . . .   L L . L . . .   U U U U U U .
retract             A . . A . . .   L . . L . . .   U U U U U U .
delegation-signs    . . . . A . .   . . . . L . .   U U U U U U .
unit-signs          . . . A . . .   . . . L . . .   U U U U U U .
submit-silently     A . . A . . .   L . . L . . .   U U U U U U .
withdraw-silently   A . . A . . .   L . . L . . .   U U U U U U .
approve-silently    . A . . A . .   . L . . L . .   U U U U U U .
return-silently     . r . . r . .   . r . . r . .   U U U U U U .
adopt-silently      A r . A . . .   L r . L . . .   U U U U U U .
retract-silently    r . . r . . .   r . . r . . .   U U U U U U .
";

/// Rows of a table as words.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.trim().is_empty()).map(|line| line.split_whitespace().collect())
}

fn id(code: &str) -> PersonId {
    if code == "server" { Header::SERVER } else { person(code) }
}

fn change(kind: &str, sheet: &SheetKey) -> Change {
    let sheet = sheet.clone();
    let columns = [("own", Column::Own), ("superior", Column::Superior), ("appraised", Column::Appraised)];
    if let Some((_, column)) = columns.into_iter().find(|(name, _)| *name == kind) {
        let place = Place { criterion: 1, column, field: Field::Points };
        let value = Value::Points(Points::whole(1));
        return Change::Score(ScoreChange { sheet, place, value, replaces: vec![], minutes_before: 0 });
    }
    let (name, reason) =
        kind.strip_suffix("-silently").map_or((kind, "theo biên bản"), |name| (name, " "));
    let names =
        ["submit", "withdraw", "approve", "return", "adopt", "retract", "delegation-signs", "unit-signs"];
    let at = names.iter().position(|known| *known == name).unwrap();
    let kind = ActKind::ALL[at];
    Change::Act(ActChange { sheet, kind, digest: [0; 16], reason: reason.into(), minutes_before: 0 })
}

fn letter(exceptions: &[(u16, Status, Reason)]) -> char {
    match exceptions {
        [] => 'A',
        [(0, Status::Held, Reason::PeriodLocked)] => 'L',
        [(0, Status::Held, Reason::Unknown)] => 'U',
        [(0, Status::Held, Reason::UnknownKind)] => 'K',
        [(0, Status::Rejected, Reason::NotAllowed)] => '.',
        [(0, Status::Rejected, Reason::ReasonMissing)] => 'r',
        [(0, Status::Rejected, Reason::NotAWitness)] => 'w',
        [(0, Status::Rejected, Reason::DocumentNotByServer)] => 'd',
        other => panic!("not in the tables: {other:?}"),
    }
}

fn judged(config: &Config, author: PersonId, scope: Scope, change: Change) -> char {
    letter(&judge_frame(&Moment::now(config), author, scope, &[change]))
}

/// What the tables say: the best that one of the capacities gives.
fn expected(verdicts: &[&str], state: usize, capacities: &str, of_unit: bool) -> char {
    let said = capacities.chars().map(|capacity| {
        let at = match capacity {
            'o' if of_unit => 3,
            'a' if of_unit => 4,
            known => ['o', 's', 'a', 'O', 'u', 'i', '-'].iter().position(|it| *it == known).unwrap(),
        };
        verdicts[1 + state * 7 + at].chars().next().unwrap()
    });
    let said: Vec<char> = said.collect();
    said.iter().copied().find(|letter| *letter != '.').unwrap_or(said[0])
}

#[test]
fn everybody_may_exactly_what_the_tables_say() {
    let locked = with([Document::Period(period_record(november(), true))]);
    let never: Period = "2023-01".parse().unwrap();
    let states = [(config(), november()), (locked, november()), (config(), never)];
    let mut table = rows(CAPACITIES);
    let subjects = table.next().unwrap().split_off(2);
    let mut cells = 0;
    for row in table {
        for (subject, capacities) in subjects.iter().zip(&row[1..]) {
            for verdicts in rows(VERDICTS).skip(2) {
                for (state, (config, period)) in states.iter().enumerate() {
                    let sheet = sheet(subject, *period);
                    let of_unit = matches!(sheet.subject, crate::sheet::Subject::Unit(_));
                    let said = judged(config, id(row[0]), sheet.scope(), change(verdicts[0], &sheet));
                    let expected = expected(&verdicts, state, capacities, of_unit);
                    assert_eq!(
                        said, expected,
                        "{} on the sheet of {subject}: {} {period}",
                        row[0], verdicts[0]
                    );
                    cells += 1;
                }
            }
        }
    }
    assert_eq!(cells, 17 * 10 * 17 * 3, "nobody and nothing is left out");
}

#[test]
fn the_table_names_everybody_of_the_department() {
    let named: Vec<_> = rows(CAPACITIES).skip(1).map(|row| row[0]).collect();
    let everybody = PEOPLE.iter().map(|(code, ..)| *code);
    assert_eq!(named, everybody.chain(["stranger", "server"]).collect::<Vec<_>>());
}

/// Who may be a witness where: `A` accepted, `w` rejected, `U` held since the unit is not known here. Neither the
/// department's own supervisors at home, nor who is scored there, nor who is in charge without the role. `other` has a
/// grant as witness for tt alone; `mover` one for his own former post; `staff` may only read pvh.
const WITNESSES: &str = "
in scope of      staff mover tt so officer pvh nowhere configuration
director         w     w     w  w  w       w   U       w
leader           w     w     w  w  w       w   U       w
idle-leader      w     w     w  w  w       w   U       w
synthesis        w     w     w  w  w       w   U       w
supervisor       A     A     A  w  w       A   U       w
idle-supervisor  A     A     A  w  w       A   U       w
officer          w     w     w  w  w       w   U       w
head             w     w     w  w  w       w   U       w
deputy           w     w     w  w  w       w   U       w
scorer           w     w     w  w  w       w   U       w
staff            w     w     w  w  w       w   U       w
ex-head          w     w     w  w  w       w   U       w
mover            w     w     w  w  w       w   U       w
boss             A     A     A  A  A       w   U       w
other            w     w     A  w  w       w   U       w
stranger         w     w     w  w  w       w   U       w
server           w     w     w  w  w       w   U       w
";

fn scope(name: &str) -> Scope {
    match name {
        "configuration" => Scope::CONFIGURATION,
        "nowhere" => Scope::unit(UnitId([9; 16])),
        "so" | "tt" | "pvh" => Scope::unit(unit(name)),
        code => sheet(code, november()).scope(),
    }
}

fn statement() -> Change {
    let frames = vec![Default::default()];
    let (epoch, batch, beacon_at, boot) = ([1; 16], 1, 1_669_000_000, [2; 8]);
    Change::Witness(WitnessChange { frames, epoch, batch, beacon_at, boot, elapsed_s: Some(60) })
}

#[test]
fn witnesses_are_supervisors_and_granted_people_of_other_units() {
    let grant = |reader, scope, witness| Grant { scope, reader: person(reader), witness, revoked: false };
    let config = with([
        Document::Grant(grant("other", scope("tt"), true)),
        Document::Grant(grant("mover", scope("mover"), true)),
        Document::Grant(grant("staff", scope("pvh"), false)),
    ]);
    let mut table = rows(WITNESSES);
    let scopes = table.next().unwrap().split_off(3);
    for row in table {
        for (name, expected) in scopes.iter().zip(&row[1..]) {
            let said = judged(&config, id(row[0]), scope(name), statement());
            assert_eq!(said.to_string(), *expected, "{} in {name}", row[0]);
            assert_eq!(may_witness(&config, id(row[0]), scope(name)), *expected == "A");
        }
    }
    assert!(may_vouch(&config, person("supervisor"), person("head"), scope("tt")));
    let own = may_vouch(&config, person("supervisor"), person("supervisor"), scope("tt"));
    assert!(!own, "nobody vouches for his own frames");
}

#[test]
fn a_revoked_grant_makes_no_witness() {
    let grant = Grant { scope: scope("tt"), reader: person("other"), witness: true, revoked: true };
    assert!(!may_witness(&with([Document::Grant(grant)]), person("other"), scope("tt")));
}

#[test]
fn documents_are_the_server_s_and_unknown_kinds_are_held_whoever_wrote_them_where() {
    let document = || Change::Document(DocumentChange { kind: 1, id: [0; 16], json: "{}".into() });
    for author in rows(CAPACITIES).skip(1).map(|row| row[0]) {
        for name in ["staff", "tt", "nowhere", "configuration"] {
            let expected = if author == "server" { 'A' } else { 'd' };
            assert_eq!(judged(&config(), id(author), scope(name), document()), expected, "{author} {name}");
            assert_eq!(judged(&config(), id(author), scope(name), Change::Unknown), 'K', "{author} {name}");
        }
    }
}

#[test]
fn a_sheet_of_another_scope_is_not_allowed() {
    let sheet = sheet("staff", november());
    assert_eq!(judged(&config(), person("staff"), scope("tt"), change("own", &sheet)), '.');
    assert_eq!(judged(&config(), person("staff"), Scope::CONFIGURATION, change("own", &sheet)), '.');
}

#[test]
fn where_nobody_is_named_nobody_may() {
    let nobody = |unit: &str| {
        let record = crate::org::testing::unit_record(unit);
        let (scorers, deputies, supervisors) = (vec![], vec![], vec![]);
        Document::Unit(crate::org::Unit { scorers, deputies, leader: None, supervisors, ..record })
    };
    let config = with(["so", "tt", "pvh"].map(nobody));
    let writers = |subject: &str, column| {
        let sheet = sheet(subject, november());
        let all = PEOPLE.iter().map(|(code, ..)| *code);
        all.filter(|code| may_write(&config, person(code), &sheet, column)).collect::<Vec<_>>()
    };
    assert_eq!(writers("staff", Column::Superior), ["head"]);
    assert_eq!(writers("tt", Column::Own), ["head"]);
    for (subject, column) in
        [("head", Column::Superior), ("tt", Column::Superior), ("director", Column::Superior)]
    {
        assert_eq!(writers(subject, column), Vec::<&str>::new(), "no leader is named");
    }
    for subject in ["staff", "head", "officer", "tt"] {
        assert_eq!(writers(subject, Column::Appraised), Vec::<&str>::new(), "no supervisor is named");
    }
}

#[test]
fn a_name_without_its_role_gives_nothing() {
    let plain = ["leader", "supervisor"].map(|code| crate::org::testing::person_record(code, &[]));
    let config = with(plain);
    assert!(!may_write(&config, person("leader"), &sheet("head", november()), Column::Superior));
    assert!(!may_write(&config, person("supervisor"), &sheet("staff", november()), Column::Appraised));
    assert!(!config.may_read(person("supervisor"), sheet("staff", november()).scope()));
}
