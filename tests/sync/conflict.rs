//! Two phones of one person, both offline for weeks, on the same sheet.

use xeploai_core::points::Points;
use xeploai_core::view::Column;

use crate::office::Office;

#[test]
fn case_10_two_phones_of_one_person_offline_for_weeks_leave_one_conflict_a_field_settled_once_everywhere() {
    let office = Office::new();
    let (one, two) = (office.phone("tt-1-a", "một"), office.phone("tt-1-a", "hai"));
    for criterion in 1..=3 {
        one.score("tt-1-a", criterion, Column::Own, "1").unwrap();
        two.score("tt-1-a", criterion, Column::Own, "2").unwrap();
    }
    one.sync();
    two.sync();
    one.sync();
    for phone in [&one, &two] {
        let conflicts = phone.app.conflicts().unwrap();
        assert_eq!(conflicts.len(), 3);
        assert!(conflicts.iter().all(|conflict| conflict.values.len() == 2));
    }
    for conflict in two.app.conflicts().unwrap() {
        two.app.resolve(&conflict.id, "1,5", &conflict.token).unwrap();
    }
    two.sync();
    one.sync();
    for phone in [&one, &two, &office.phone("tt-1-gd", "máy")] {
        assert!(phone.app.conflicts().unwrap().is_empty());
        for criterion in 1..=3 {
            assert_eq!(phone.own("tt-1-a", criterion), Some(Points(15_000)));
        }
    }
}
