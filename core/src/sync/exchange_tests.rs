//! Two replicas that met hold the same, whatever each of them had before and however small the messages are.

use super::*;
use crate::sync::testing::{Author, Replica};
use proptest::prelude::*;

/// Lets the asker sync with a hub to the end; gives how many messages it took.
fn meet(asker: &mut Replica, hub: &mut Replica, bytes: usize) -> usize {
    let mut exchange = Exchange::with(Peer::Hub);
    exchange.bytes = bytes;
    let mut messages = 0;
    while let Some(asked) = exchange.ask(asker) {
        messages += 1;
        let answer = hub.answer(&asked);
        asker.take(&answer);
        exchange.took(&asked, &answer, asker);
    }
    assert_eq!(exchange.ending(), Some(Ending::Same));
    messages
}

#[test]
fn two_that_hold_the_same_need_one_message() {
    let author = Author::new(1);
    let mut phone = Replica::default();
    let hash = phone.write(&author, 1);
    phone.receipts.insert(hash);
    let mut hub = Replica { frames: phone.frames.clone(), ..Replica::default() };
    assert_eq!(meet(&mut phone, &mut hub, 1000), 1);
}

#[test]
fn a_scope_that_a_hub_does_not_give_is_neither_named_nor_offered() {
    let author = Author::new(1);
    let (mut phone, mut hub) = (Replica::default(), Replica::default());
    let mine = phone.write(&author, 1);
    phone.receipts.insert(mine);
    let theirs = hub.write(&Author::new(2), 1);
    hub.withheld.insert(phone.frames[&mine].lane.scope);
    assert_eq!(meet(&mut phone, &mut hub, 1000), 1);
    assert!(!phone.frames.contains_key(&theirs) && !hub.frames.contains_key(&mine));
    let want = vec![Short::of(&theirs.0)];
    assert!(hub.answer(&Message { want, ..Message::default() }).frames.is_empty());
}

#[test]
fn all_that_waits_goes_to_a_hub_in_however_small_messages_and_whatever_it_gives() {
    let author = Author::new(1);
    let (mut phone, mut hub) = (Replica::default(), Replica::default());
    for _ in 0..9 {
        let hash = phone.write(&author, 1);
        hub.withheld.insert(phone.frames[&hash].lane.scope);
    }
    meet(&mut phone, &mut hub, 1);
    assert_eq!(hub.frames, phone.frames);
}

#[test]
fn a_hub_that_names_what_it_never_gives_ends_as_differing() {
    let phone = Replica::default();
    let mut exchange = Exchange::with(Peer::Hub);
    let mut messages = 0;
    while let Some(asked) = exchange.ask(&phone) {
        messages += 1;
        let named = asked.roots.is_some().then(|| (Scope::CONFIGURATION, vec![Short([7; 8])]));
        let answer = Message { have: named.into_iter().collect(), ..Message::default() };
        exchange.took(&asked, &answer, &phone);
    }
    assert_eq!(exchange.ending(), Some(Ending::Differs));
    assert!(messages < 10, "{messages}");
}

#[test]
fn a_hub_that_asks_for_a_scope_that_it_would_not_give_gets_nothing_of_it() {
    let author = Author::new(1);
    let mut phone = Replica::default();
    let read = phone.write(&author, 1);
    phone.receipts.insert(read);
    let scope = phone.frames[&read].lane.scope;
    phone.withheld.insert(scope);
    let mut exchange = Exchange::with(Peer::Hub);
    while let Some(asked) = exchange.ask(&phone) {
        assert!(asked.frames.is_empty(), "what was read is not what waits");
        let answer = Message { have: vec![(scope, Vec::new())], ..Message::default() };
        exchange.took(&asked, &answer, &phone);
    }
    assert_eq!(exchange.ending(), Some(Ending::Same));
}

#[test]
fn case_07_a_message_that_is_too_large_is_halved_down_to_one_frame() {
    let author = Author::new(1);
    let mut phone = Replica::default();
    for _ in 0..8 {
        phone.write(&author, 1);
    }
    let mut exchange = Exchange::with(Peer::Server);
    let mut sizes = Vec::new();
    loop {
        let asked = exchange.ask(&phone).unwrap();
        sizes.push(asked.frames.len());
        if !exchange.halve(&asked) {
            break;
        }
    }
    assert_eq!(sizes, [8, 4, 2, 1]);
}

#[test]
fn what_was_named_briefly_and_is_lost_is_sent_again_in_full() {
    let author = Author::new(1);
    let mut phone = Replica::default();
    phone.write(&author, 1);
    let mut exchange = Exchange::with(Peer::Server);
    let asked = exchange.ask(&phone).unwrap();
    assert!(!asked.full);
    exchange.took(&asked, &Message { full: true, ..Message::default() }, &phone);
    let again = exchange.ask(&phone).unwrap();
    assert!(again.full);
    assert_eq!(again.frames, asked.frames);
}

#[test]
fn a_root_that_never_fits_ends_as_differing_instead_of_looping() {
    let author = Author::new(1);
    let mut phone = Replica::default();
    let hash = phone.write(&author, 1);
    phone.receipts.insert(hash);
    let mut exchange = Exchange::with(Peer::Server);
    let mut messages = 0;
    while let Some(asked) = exchange.ask(&phone) {
        messages += 1;
        let answer = Message { root: Some([7; 16]), ..Message::default() };
        exchange.took(&asked, &answer, &phone);
    }
    assert_eq!(exchange.ending(), Some(Ending::Differs));
    assert!(messages < 10, "{messages}");
}

#[test]
fn a_peer_that_always_has_more_ends_too() {
    let phone = Replica::default();
    let mut exchange = Exchange::with(Peer::Server);
    while let Some(asked) = exchange.ask(&phone) {
        exchange.took(&asked, &Message { more: true, ..Message::default() }, &phone);
    }
    assert_eq!(exchange.ending(), Some(Ending::Endless));
}

/// Syncs with a hub that takes everything and gives what `tamper` leaves of its answer.
fn meet_dishonest(asker: &mut Replica, hub: &mut Replica, tamper: fn(&mut Message)) {
    let mut exchange = Exchange::with(Peer::Hub);
    while let Some(asked) = exchange.ask(asker) {
        let mut answer = hub.answer(&asked);
        tamper(&mut answer);
        asker.take(&answer);
        exchange.took(&asked, &answer, asker);
    }
}

#[test]
fn case_15_what_a_hub_withholds_has_no_receipt_and_goes_another_way() {
    let author = Author::new(1);
    let (mut phone, mut hub, mut other) = (Replica::default(), Replica::default(), Replica::default());
    let written = [1, 2, 3].map(|unit| phone.write(&author, unit));
    meet_dishonest(&mut phone, &mut hub, |answer| *answer = Message::default());
    hub.frames.clear();
    assert!(phone.receipts.is_empty(), "what a hub says is no receipt");
    let waiting = phone.waiting(&BTreeSet::new(), usize::MAX);
    assert_eq!(waiting.len(), written.len(), "all of it is offered again");
    meet(&mut phone, &mut other, 1000);
    assert!(written.iter().all(|hash| other.frames.contains_key(hash)));
}

#[test]
fn case_20_what_a_disabled_phone_has_not_sent_reaches_the_server_through_a_peer() {
    let author = Author::new(1);
    let (mut phone, mut peer, mut server) = (Replica::default(), Replica::default(), Replica::default());
    let written = [phone.write(&author, 1), phone.write(&author, 1)];
    // The server no longer talks to this phone: what it wrote is handed over before it is reset.
    meet(&mut phone, &mut peer, 1000);
    let own = phone.frames.clone();
    drop(phone);
    meet(&mut peer, &mut server, 1000);
    assert!(written.iter().all(|hash| server.frames.contains_key(hash)));
    assert_eq!(server.frames, own, "signed by its author, byte for byte");
}

proptest! {
    #[test]
    fn after_meeting_both_hold_the_union(
        writes in proptest::collection::vec((1u8..4, 1u8..4, 0u8..3), 0..24),
        bytes in 1usize..60,
    ) {
        let authors: Vec<Author> = (1..4).map(Author::new).collect();
        let (mut phone, mut hub) = (Replica::default(), Replica::default());
        for (author, unit, holders) in writes {
            let hash = phone.write(&authors[usize::from(author) - 1], unit);
            let frame = phone.frames[&hash].clone();
            if holders > 0 {
                hub.certificates.insert(frame.lane.stream, phone.certificates[&frame.lane.stream].clone());
                hub.frames.insert(hash, frame);
            }
            if holders == 2 {
                phone.frames.remove(&hash);
            } else {
                phone.receipts.insert(hash);
            }
        }
        let mut all = phone.frames.clone();
        all.extend(hub.frames.clone());
        meet(&mut phone, &mut hub, bytes);
        prop_assert_eq!(&phone.frames, &all);
        prop_assert_eq!(&hub.frames, &all);
    }
}
