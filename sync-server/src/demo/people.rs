//! Made-up people. Every name is drawn from common given names and family names by a seed; none is of the source.

use xeploai_core::ids::{AssignmentId, DepartmentId, PersonId};
use xeploai_core::org::{Assignment, Person, Role, Unit, UnitKind};
use xeploai_core::period::{InvalidPeriod, Period};
use xeploai_core::view::Text;

use super::dice::Dice;
use super::units::{COMMUNE, text};

const FAMILY: [&str; 12] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hà", "Đinh"];
const MIDDLE: [&str; 10] = ["Văn", "Thị", "Hữu", "Thu", "Đức", "Minh", "Thanh", "Ngọc", "Quang", "Hồng"];
const GIVEN: [&str; 20] = [
    "An", "Bình", "Cường", "Dung", "Giang", "Hà", "Hải", "Hạnh", "Hương", "Khánh", "Lan", "Linh", "Long",
    "Mai", "Nam", "Oanh", "Phương", "Sơn", "Thủy", "Yến",
];

/// A person with the post that he holds.
pub(crate) struct Staff {
    /// The person.
    pub(crate) person: Person,
    /// His post.
    pub(crate) post: Assignment,
}

/// Staff of one unit: in a district's unit a head and four, in the department its leaders and eight.
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
            member("SO-TD1".into(), supervisor(), false, vec![Role::Supervisor]),
            member("SO-TD2".into(), supervisor(), false, vec![Role::Supervisor]),
        ];
        for number in 1..=8 {
            staff.push(member(format!("SO-{number:02}"), text("Chuyên viên", "Officer"), false, vec![]));
        }
        return Ok(staff);
    }
    let head = match unit.kind {
        UnitKind::Centre => text("Giám đốc Trung tâm", "Head of the centre"),
        UnitKind::Station => text("Trưởng Đài", "Head of the station"),
        UnitKind::Office | UnitKind::Department => text("Trưởng phòng", "Head of the office"),
    };
    let mut staff = vec![member(format!("{}-00", unit.code), head, true, vec![])];
    for number in 1..=4 {
        let position = if unit.kind == UnitKind::Office { "Chuyên viên" } else { "Viên chức" };
        staff.push(member(format!("{}-{number:02}", unit.code), text(position, "Officer"), false, vec![]));
    }
    Ok(staff)
}

/// The people whom a head names for filling in the unit's sheet: all four.
pub(crate) fn scorers(department: DepartmentId, unit: &Unit) -> Vec<PersonId> {
    match unit.league {
        Some(_) => {
            (1..=4).map(|number| PersonId::of(department, &format!("{}-{number:02}", unit.code))).collect()
        }
        None => Vec::new(),
    }
}

fn name(dice: &mut Dice) -> String {
    format!("{} {} {}", dice.pick(&FAMILY), dice.pick(&MIDDLE), dice.pick(&GIVEN))
}
