//! What happens while a sync is under way: limits of the server, edits, answers that come late or in reverse.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use xeploai_client::ClientError;
use xeploai_client::carrier::{Carrier, Server};
use xeploai_client::environment::Environment;
use xeploai_core::points::Points;
use xeploai_core::view::{Column, ErrorView, Place, Text};

use crate::closed::{authority, held};
use crate::office::{Office, PERIOD};

/// A way to the server that takes short requests alone.
struct Narrow {
    line: Arc<dyn Carrier>,
    bytes: usize,
    refused: AtomicU32,
}

impl Carrier for Narrow {
    fn exchange(&self, server: &Server, path: &str, body: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        if path == "/sync" && body.len() > self.bytes {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let message = Text { vi: "Quá lớn.".into(), en: "Too large.".into() };
            return Err(ClientError::Server(ErrorView { code: "message_too_large".into(), message }));
        }
        self.line.exchange(server, path, body)
    }
}

#[test]
fn case_07_a_message_above_the_servers_limit_halves_until_all_of_it_has_arrived() {
    let office = Office::new();
    let narrow = Arc::new(Narrow { line: office.line(), bytes: 400, refused: 0.into() });
    let through =
        |environment| Environment { carrier: Arc::clone(&narrow) as Arc<dyn Carrier>, ..environment };
    let phone = office.phone_with(("tt-1-a", "máy"), through);
    for round in 0..8 {
        phone.score("tt-1-a", 1 + round % 4, Column::Own, if round < 4 { "1" } else { "2" }).unwrap();
        // Begun and left: what was written is sealed in a frame of its own.
        drop(phone.app.begin_sync(None).unwrap());
        assert!(phone.app.conflicts().unwrap().is_empty());
    }
    let report = phone.sync();
    assert!(narrow.refused.load(Ordering::Relaxed) > 0, "it had to be halved");
    assert_eq!((report.waiting, phone.place("tt-1-a")), (0, Place::Received));
    let head = office.phone("tt-1-gd", "máy");
    assert!((1..=4).all(|criterion| head.own("tt-1-a", criterion) == Some(Points::whole(2))));
}

#[test]
fn case_17_what_is_written_while_its_upload_is_under_way_waits_after_the_late_acknowledgement() {
    let office = Office::new();
    let phone = office.phone("tt-1-a", "máy");
    phone.score("tt-1-a", 1, Column::Own, "1").unwrap();
    let mut syncing = phone.app.begin_sync(None).unwrap();
    let request = syncing.ask().unwrap().unwrap();
    phone.score("tt-1-a", 1, Column::Own, "2").unwrap();
    syncing.took(Ok(office.ask(|service| service.sync(&request)).unwrap())).unwrap();
    drop(syncing);
    assert_eq!(phone.place("tt-1-a"), Place::Waiting);
    let head = office.phone("tt-1-gd", "máy");
    assert_eq!(head.own("tt-1-a", 1), Some(Points::whole(1)));
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    head.sync();
    assert_eq!(head.own("tt-1-a", 1), Some(Points::whole(2)));
}

#[test]
fn case_23_a_verdict_that_was_changed_counts_though_the_older_one_is_delivered_last() {
    let office = Office::new();
    let phone = office.phone("tt-1-a", "máy");
    phone.score("tt-1-a", 1, Column::Own, "1").unwrap();
    office.lock();
    let mut slow = phone.app.begin_sync(None).unwrap();
    let request = slow.ask().unwrap().unwrap();
    let older = office.ask(|service| service.sync(&request)).unwrap();
    let late = held(&office);
    office.ask(|service| service.decide(PERIOD.parse().unwrap(), &late, &authority())).unwrap();
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Received, "accepted by the decision");
    slow.took(Ok(older)).unwrap();
    drop(slow);
    assert_eq!(phone.place("tt-1-a"), Place::Received, "and not held again");
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Received);
}
