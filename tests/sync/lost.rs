//! Nothing acknowledged is missing later: the server is restored, a device has a hole, grants change.

use xeploai_core::points::Points;
use xeploai_core::view::{Column, Place};

use crate::office::{Office, month};
use crate::phone::Phone;

#[test]
fn case_03_after_a_restore_received_goes_back_to_waiting_and_everything_comes_back() {
    let office = Office::new();
    let phone = office.phone("tt-1-a", "máy");
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    phone.sync();
    let backup = office.back_up();
    phone.score("tt-1-a", 2, Column::Own, "2").unwrap();
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    office.restore(&backup);

    // The phone hears of the new epoch, and hands nothing over yet.
    office.step(&phone);
    assert_eq!(phone.place("tt-1-a"), Place::Waiting, "the receipt of a server that is no more");
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    let head = office.phone("tt-1-gd", "máy");
    assert_eq!(head.own("tt-1-a", 1), Some(Points(15_000)));
    assert_eq!(head.own("tt-1-a", 2), Some(Points::whole(2)));
}

#[test]
fn case_03_what_only_a_reader_still_has_comes_back_through_him() {
    let office = Office::new();
    let backup = office.back_up();
    let phone = office.phone("tt-1-a", "máy");
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    phone.sync();
    let head = office.phone("tt-1-gd", "máy");
    assert_eq!(head.own("tt-1-a", 1), Some(Points(15_000)));
    drop(phone);
    // The author's phone is gone, and the server knows neither the record nor either device.
    office.restore(&backup);
    head.sync();
    let reader = office.phone("so-th", "máy");
    assert_eq!(reader.own("tt-1-a", 1), Some(Points(15_000)));
}

#[test]
fn a_hole_behind_the_cursor_is_found_by_the_root_and_filled() {
    let office = Office::new();
    month(&office);
    // A supervisor's phone asks for the server's time too, which is no news.
    for reader in [office.phone("so-th", "máy"), office.supervisor()] {
        reader.sync();
        let before = reader.sheet("tt-1-a");
        lose_a_frame(&reader);
        let frames = reader.count("frames");
        reader.sync();
        assert_eq!(reader.count("frames"), frames + 1);
        assert_eq!(reader.sheet("tt-1-a"), before);
    }
}

fn lose_a_frame(phone: &Phone) {
    let store = phone.store();
    // Also from the sum: a disk that lost pages lost them consistently.
    let hash: Vec<u8> = store
        .query_row("SELECT hash FROM frames WHERE scope_kind = 2 ORDER BY hash LIMIT 1", [], |row| row.get(0))
        .unwrap();
    let (id, root): (Vec<u8>, Vec<u8>) = store
        .query_row(
            "SELECT id, root FROM scopes JOIN frames ON scope_kind = kind AND scope_id = id WHERE hash = ?1",
            [&hash],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let sum = u128::from_le_bytes(root.try_into().unwrap());
    let without = sum.wrapping_sub(u128::from_le_bytes(hash[..16].try_into().unwrap()));
    store
        .execute("UPDATE scopes SET root = ?2 WHERE kind = 2 AND id = ?1", (&id, without.to_le_bytes()))
        .unwrap();
    store.execute("DELETE FROM frame_sheets WHERE frame = ?1", [&hash]).unwrap();
    store.execute("DELETE FROM frames WHERE hash = ?1", [&hash]).unwrap();
}

#[test]
fn an_idle_sync_brings_and_sends_nothing() {
    let office = Office::new();
    let phones = month(&office);
    for phone in &phones {
        let report = phone.sync();
        assert_eq!((report.sent, report.came, report.waiting), (0, 0, 0));
    }
}
