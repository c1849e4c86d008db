//! CSV: bad rows are named, good ones are in.

use xeploai_core::ids::{PersonId, UnitId};
use xeploai_core::org::{Role, Unit};

use crate::fixture::Office;

#[test]
fn bad_rows_are_reported_and_the_others_imported() {
    let office = Office::new();
    let file = "\u{feff}code;name;short_name;kind;league\n\
        TT-03;Trung tâm Ba;Ba;centre;centres\n\
        TT-03;Hai lần;Hai;centre;centres\n\
        ;Không mã;X;centre;\n\
        TT-04;Trung tâm Bốn;Bốn;garage;\n\
        TT-05;Năm\n\
        SO-2;Sở khác;Sở;department;\n\
        PVH-01;Phòng Một;Một;office;\n";
    let report = office.service.import_units(file.as_bytes()).unwrap();
    assert_eq!(report.imported, 2);
    let rejected: Vec<_> = report.rejected.iter().map(|row| (row.row, row.code.as_str())).collect();
    assert_eq!(
        rejected,
        [
            (3, "row_doubled"),
            (4, "row_empty"),
            (5, "row_bad_kind"),
            (6, "row_unreadable"),
            (7, "row_second_department")
        ]
    );
    let config = office.service.config().unwrap();
    let unit = &config.units[&UnitId::of(office.service.department(), "TT-03")];
    assert_eq!((unit.name.as_str(), unit.league.as_deref()), ("Trung tâm Ba", Some("centres")));
}

#[test]
fn people_move_with_a_file_and_the_same_file_twice_changes_nothing() {
    let office = Office::new();
    let file = "code,name,unit,position,head,roles\n\
        TT-01-01,Nguyễn Văn An,TT-02,Viên chức,,\n\
        SO-09,Trần Thị Bình,SO,Chuyên viên,0,synthesis|supervisor\n\
        X-1,Ai đó,KHONG-CO,Viên chức,,\n\
        X-2,Ai đó,TT-01,Viên chức,maybe,\n\
        X-3,Ai đó,TT-01,Viên chức,,king\n";
    let report = office.service.import_people(file.as_bytes()).unwrap();
    assert_eq!(report.imported, 2);
    let codes: Vec<_> = report.rejected.iter().map(|row| row.code.as_str()).collect();
    assert_eq!(codes, ["row_no_such_unit", "row_bad_head", "row_bad_role"]);
    let config = office.service.config().unwrap();
    let mover = config.person_by_code("TT-01-01").unwrap();
    let posts = config.assignments_of(mover.id);
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0].unit, UnitId::of(office.service.department(), "TT-02"));
    assert_eq!(
        (posts[0].since.to_string(), posts[1].until.unwrap().to_string()),
        ("2022-11".into(), "2022-10".into())
    );
    let officer = config.person_by_code("SO-09").unwrap();
    assert_eq!(officer.roles, [Role::Synthesis, Role::Supervisor]);

    office.service.import_people(file.as_bytes()).unwrap();
    let again = office.service.config().unwrap();
    assert_eq!(again.assignments, config.assignments);
    assert_eq!(again.people, config.people);
}

const PEOPLE: &str = "code,name,unit,position,head,roles\n\
    SO-PGD,Phó Giám đốc,SO,Phó Giám đốc Sở,,leader\n\
    TT-01-03,Cấp phó,TT-01,Cấp phó,,\n";

#[test]
fn who_is_in_charge_comes_with_the_units_and_stays_when_a_file_does_not_speak_of_it() {
    let office = Office::new();
    assert_eq!(office.service.import_people(PEOPLE.as_bytes()).unwrap().imported, 2);
    let head = "code,name,short_name,kind,league,scorers,deputies,leader,supervisors\n";
    let row = "TT-01,Trung tâm Một,Một,centre,centres,TT-01-01|TT-01-03,TT-01-03,SO-PGD,SO-TD\n";
    assert_eq!(office.service.import_units(format!("{head}{row}").as_bytes()).unwrap().imported, 1);
    let department = office.service.department();
    let person = |code: &str| PersonId::of(department, code);
    let unit = || office.service.config().unwrap().units[&UnitId::of(department, "TT-01")].clone();
    let named = unit();
    assert_eq!(named.scorers, [person("TT-01-01"), person("TT-01-03")]);
    assert_eq!(
        (named.deputies.as_slice(), named.leader),
        (&[person("TT-01-03")][..], Some(person("SO-PGD")))
    );
    assert_eq!(named.supervisors, [person("SO-TD")]);

    let short = "code,name,short_name,kind,league\nTT-01,Tên mới,Một,centre,centres\n";
    office.service.import_units(short.as_bytes()).unwrap();
    assert_eq!(unit(), Unit { name: "Tên mới".into(), ..named });
    let emptied = format!("{head}TT-01,Tên mới,Một,centre,centres,,,,\n");
    office.service.import_units(emptied.as_bytes()).unwrap();
    assert_eq!((unit().leader, unit().supervisors.len(), unit().deputies.len()), (None, 0, 0));
}

#[test]
fn who_can_not_be_in_charge_is_refused_row_by_row() {
    let office = Office::new();
    office.service.import_people(PEOPLE.as_bytes()).unwrap();
    let rows = [
        ("AI-DO,,,", "row_no_such_person"),
        (",TT-02-00,,", "row_not_of_unit"),
        ("TT-02-00,,,", "row_not_of_unit"),
        (",,TT-01-03,", "row_no_leader"),
        (",,SO-PGD|SO-PGD,", "row_no_leader"),
        (",,,SO-TH", "row_no_supervisor"),
        (",,,SO-TD|SO-X", "row_no_such_person"),
    ];
    let mut file = "code,name,short_name,kind,league,scorers,deputies,leader,supervisors\n".to_owned();
    for (named, _) in rows {
        file.push_str(&format!("TT-01,Trung tâm,Một,centre,centres,{named}\n"));
    }
    let report = office.service.import_units(file.as_bytes()).unwrap();
    let codes: Vec<_> = report.rejected.iter().map(|row| row.code.as_str()).collect();
    assert_eq!((report.imported, codes), (0, rows.map(|(_, code)| code).to_vec()));
}

#[test]
fn a_file_without_a_column_is_refused_whole() {
    let office = Office::new();
    let refused = |file: &[u8]| office.service.import_units(file).unwrap_err().view();
    let view = refused(b"code,name,kind\nA,B,office\n");
    assert_eq!(view.code, "column_missing");
    assert!(view.message.vi.contains("short_name"), "{}", view.message.vi);
    assert_eq!(refused(&[0xff, 0xfe, 0x00]).code, "not_csv");
}
