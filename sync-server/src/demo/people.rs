//! Made-up people. Every name is drawn from common given names and family names by a seed; none is of the source.

use xeploai_core::ids::{AssignmentId, DepartmentId, PersonId};
use xeploai_core::org::{Assignment, Person, Role, Unit, UnitKind};
use xeploai_core::period::{InvalidPeriod, Period};
use xeploai_core::view::Text;

use super::commune;
use super::dice::Dice;
use super::units::{COMMUNE, text};

const FAMILY: [&str; 12] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hà", "Đinh"];
const MIDDLE: [&str; 10] = ["Văn", "Thị", "Hữu", "Thu", "Đức", "Minh", "Thanh", "Ngọc", "Quang", "Hồng"];
const GIVEN: [&str; 20] = [
    "An", "Bình", "Cường", "Dung", "Giang", "Hà", "Hải", "Hạnh", "Hương", "Khánh", "Lan", "Linh", "Long",
    "Mai", "Nam", "Oanh", "Phương", "Sơn", "Thủy", "Yến",
];

/// Deputy directors of the department.
const LEADERS: [&str; 2] = ["SO-PGD1", "SO-PGD2"];
/// Supervisors of the department.
const SUPERVISORS: [&str; 2] = ["SO-TD1", "SO-TD2"];
/// Units whose head has named a deputy.
const DEPUTY_IN: [&str; 5] = ["PVH-01", "PVH-07", "TT-02", "TT-13", "DAI-01"];
/// Number of the deputy among a unit's staff.
const DEPUTY: u32 = 3;

/// A person with the post that he holds.
pub(crate) struct Staff {
    /// The person.
    pub(crate) person: Person,
    /// His post.
    pub(crate) post: Assignment,
}

/// Staff of one unit: in a district's unit a head and four, in the commune's office more, in the department its leaders and eight.
pub(crate) fn staff(
    department: DepartmentId,
    unit: &Unit,
    dice: &mut Dice,
) -> Result<Vec<Staff>, InvalidPeriod> {
    let since = if unit.code == COMMUNE { Period::month(2026, 1)? } else { Period::month(2022, 1)? };
    let mut member = |code: String, position: Text, head: bool, roles: Vec<Role>| {
        let person = PersonId::of(department, &code);
        Staff {
            person: Person { id: person, code, name: name(dice), roles },
            post: Assignment {
                id: AssignmentId::of(person, unit.id, &since.to_string()),
                person,
                unit: unit.id,
                position,
                task_group: None,
                head,
                since,
                until: None,
            },
        }
    };
    if unit.kind == UnitKind::Department {
        let supervisor = || text("Thành viên đoàn thẩm định", "Supervisor");
        let mut staff = vec![
            member("SO-GD".into(), text("Giám đốc Sở", "Director"), true, vec![Role::Director]),
            member(
                "SO-TH".into(),
                text("Chuyên viên tổng hợp", "Synthesis officer"),
                false,
                vec![Role::Synthesis],
            ),
            member(SUPERVISORS[0].into(), supervisor(), false, vec![Role::Supervisor]),
            member(SUPERVISORS[1].into(), supervisor(), false, vec![Role::Supervisor]),
        ];
        for number in 1..=8 {
            staff.push(member(format!("SO-{number:02}"), text("Chuyên viên", "Officer"), false, vec![]));
        }
        // Last, so that the names of the others stay as they were.
        for code in LEADERS {
            let position = text("Phó Giám đốc Sở", "Deputy director");
            staff.push(member(code.into(), position, false, vec![Role::Leader]));
        }
        return Ok(staff);
    }
    let head = match unit.kind {
        UnitKind::Centre => text("Giám đốc Trung tâm", "Head of the centre"),
        UnitKind::Station => text("Trưởng Đài", "Head of the station"),
        UnitKind::Office | UnitKind::Department => text("Trưởng phòng", "Head of the office"),
    };
    let mut staff = vec![member(format!("{}-00", unit.code), head, true, vec![])];
    let officer = if unit.kind == UnitKind::Office { "Chuyên viên" } else { "Viên chức" };
    for number in 1..=if unit.code == COMMUNE { commune::STAFF } else { 4 } {
        let is_deputy = number == DEPUTY && DEPUTY_IN.contains(&unit.code.as_str());
        let position = if is_deputy { text("Cấp phó", "Deputy head") } else { text(officer, "Officer") };
        staff.push(member(format!("{}-{number:02}", unit.code), position, false, vec![]));
    }
    Ok(staff)
}

/// A unit with the people who answer for it. The head of a district's unit names all four for filling in its sheet, in
/// a few units a deputy too; one deputy director has the offices, the other the centres and the station.
pub(crate) fn in_charge(department: DepartmentId, unit: Unit) -> Unit {
    let of = |codes: &[&str]| codes.iter().map(|code| PersonId::of(department, code)).collect();
    let of_unit = |number: u32| PersonId::of(department, &format!("{}-{number:02}", unit.code));
    let (deputies, leader, supervisors) = match unit.kind {
        UnitKind::Department => (of(&LEADERS), None, of(&SUPERVISORS)),
        UnitKind::Office => (Vec::new(), Some(LEADERS[0]), of(&SUPERVISORS[..1])),
        UnitKind::Centre | UnitKind::Station => {
            (Vec::new(), Some(LEADERS[1]), of(&[SUPERVISORS[1], SUPERVISORS[0]]))
        }
    };
    let has_deputy = DEPUTY_IN.contains(&unit.code.as_str());
    Unit {
        scorers: unit.league.as_ref().map_or_else(Vec::new, |_| (1..=4).map(of_unit).collect()),
        deputies: if has_deputy { vec![of_unit(DEPUTY)] } else { deputies },
        leader: leader.map(|code| PersonId::of(department, code)),
        supervisors,
        ..unit
    }
}

fn name(dice: &mut Dice) -> String {
    format!("{} {} {}", dice.pick(&FAMILY), dice.pick(&MIDDLE), dice.pick(&GIVEN))
}
