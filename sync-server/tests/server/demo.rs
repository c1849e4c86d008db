//! The demonstration: what the commune's office of 2026 shows.

use xeploai_core::period::Period;
use xeploai_core::view::{ClassifiedRow, Level};
use xeploai_server::demo;
use xeploai_server::service::Service;

const SEED: u64 = 2022;

#[test]
fn the_commune_of_2026_shows_two_criteria_sets_a_gate_and_people_over_the_quota() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::init(folder.path(), "Sở thử nghiệm", true).unwrap();
    demo::install(&service, SEED).unwrap();
    let view = service.classification(Period::month(2026, 11).unwrap()).unwrap();
    let [unit] = view.units.as_slice() else { panic!("one unit: {:?}", view.units) };
    let codes = |chosen: &dyn Fn(&ClassifiedRow) -> bool| -> Vec<&str> {
        unit.people.iter().filter(|row| chosen(row)).map(|row| row.code.as_str()).collect()
    };
    assert_eq!(unit.people.len(), 9);
    assert_eq!(codes(&|row| row.rank == Some(1)).len(), 2, "the first of each of two sets");
    assert_eq!(unit.people[0].code, "ND-335-00", "set by set");
    assert_eq!(codes(&|row| row.level == Some(Level::Khtnv)), ["ND-335-04"]);
    assert_eq!(codes(&|row| !row.gates.is_empty()), ["ND-335-04"]);
    assert_eq!(codes(&|row| row.total.is_none()), ["ND-335-02"], "who has not begun has no total");
    let whole = &unit.quotas[0];
    assert_eq!((whole.count, whole.limit, whole.over.len()), (2, 1, 1), "{whole:?}");
}
