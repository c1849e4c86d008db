//! CSV: bad rows are named, good ones are in.

use xeploai_core::ids::UnitId;
use xeploai_core::org::Role;

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

#[test]
fn a_file_without_a_column_is_refused_whole() {
    let office = Office::new();
    let refused = |file: &[u8]| office.service.import_units(file).unwrap_err().view();
    let view = refused(b"code,name,kind\nA,B,office\n");
    assert_eq!(view.code, "column_missing");
    assert!(view.message.vi.contains("short_name"), "{}", view.message.vi);
    assert_eq!(refused(&[0xff, 0xfe, 0x00]).code, "not_csv");
}
