//! The organisation of the source: Phú Thọ 2022, 13 districts, each with an office and a centre (in Việt Trì a radio
//! and television station). Spelt as on the province's list of district-level units; staff names are made up.

use xeploai_core::ids::{DepartmentId, UnitId};
use xeploai_core::org::{League, Unit, UnitKind};
use xeploai_core::view::Text;

/// Code of the league of offices.
pub(crate) const OFFICES: &str = "offices";
/// Code of the league of centres and the station.
pub(crate) const CENTRES: &str = "centres";
/// Code of the department's own unit.
pub(crate) const DEPARTMENT: &str = "SO";
/// Code of the 2026 unit that is scored by NĐ 335.
pub(crate) const COMMUNE: &str = "ND-335";

/// Districts in the order of the province's list: prefix in lower case, name.
const DISTRICTS: [(&str, &str); 13] = [
    ("thành phố", "Việt Trì"),
    ("thị xã", "Phú Thọ"),
    ("huyện", "Lâm Thao"),
    ("huyện", "Phù Ninh"),
    ("huyện", "Đoan Hùng"),
    ("huyện", "Hạ Hòa"),
    ("huyện", "Thanh Ba"),
    ("huyện", "Cẩm Khê"),
    ("huyện", "Yên Lập"),
    ("huyện", "Tam Nông"),
    ("huyện", "Thanh Thủy"),
    ("huyện", "Thanh Sơn"),
    ("huyện", "Tân Sơn"),
];

/// A text in both languages.
pub(crate) fn text(vi: &str, en: &str) -> Text {
    Text { vi: vi.into(), en: en.into() }
}

/// The two leagues of 2022.
pub(crate) fn leagues() -> Vec<League> {
    vec![
        League {
            code: OFFICES.into(),
            title: text("Phòng Văn hóa và Thông tin", "District offices of culture"),
        },
        League { code: CENTRES.into(), title: text("Trung tâm và Đài", "Centres and the station") },
    ]
}

/// All units: the department, 13 offices, 12 centres and the station, and the commune's office of 2026.
pub(crate) fn units(department: DepartmentId) -> Vec<Unit> {
    let unit = |code: &str, name: String, short_name: &str, kind, league: Option<&str>| Unit {
        id: UnitId::of(department, code),
        code: code.into(),
        name,
        short_name: short_name.into(),
        kind,
        league: league.map(Into::into),
        leagues: Vec::new(),
        scorers: Vec::new(),
        deputies: Vec::new(),
        leader: None,
        supervisors: Vec::new(),
        merged_into: None,
        since: None,
        until: None,
    };
    let name = "Sở Thông tin và Truyền thông Phú Thọ".to_owned();
    let mut units = vec![unit(DEPARTMENT, name, "Sở", UnitKind::Department, None)];
    for (index, (prefix, district)) in DISTRICTS.iter().enumerate() {
        let (number, short) = (index + 1, short_name(prefix, district));
        let office = format!("Phòng Văn hóa và Thông tin {prefix} {district}");
        units.push(unit(&format!("PVH-{number:02}"), office, &short, UnitKind::Office, Some(OFFICES)));
        units.push(if number == 1 {
            let station = format!("Đài Truyền thanh - Truyền hình {prefix} {district}");
            unit("DAI-01", station, "Đài Việt Trì", UnitKind::Station, Some(CENTRES))
        } else {
            let centre = format!("Trung tâm Văn hóa, Thể thao, Du lịch và Truyền thông {prefix} {district}");
            unit(&format!("TT-{number:02}"), centre, &short, UnitKind::Centre, Some(CENTRES))
        });
    }
    let commune = "Phòng Văn hóa - Xã hội xã (minh họa 2026)".to_owned();
    units.push(unit(COMMUNE, commune, "Xã minh họa", UnitKind::Office, None));
    units
}

/// The town of Phú Thọ is named like its province: towns and cities keep their rank before the name.
fn short_name(prefix: &str, district: &str) -> String {
    match prefix {
        "thị xã" => format!("TX {district}"),
        "thành phố" => format!("TP {district}"),
        _ => district.into(),
    }
}
