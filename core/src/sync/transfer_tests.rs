//! Contents arrive whole, thumbnails first, whatever breaks on the way and whatever the peer answers.

use super::*;
use crate::sync::content::{BLOCK_BYTES, split};
use crate::sync::testing::Replica;
use proptest::prelude::*;

fn bytes(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 + at / 977) as u8 ^ seed).collect()
}

/// A store that has these contents whole.
fn holder(lengths: &[usize]) -> Replica {
    let mut replica = Replica::default();
    for (seed, length) in (0..).zip(lengths) {
        let (content, blocks) = split(&bytes(seed, *length));
        replica.named.insert(content);
        replica.blocks.extend(blocks.into_iter().map(|block| ((content, block.number), block)));
    }
    replica
}

/// One that has heard of the same and has nothing of it.
fn hearer(of: &Replica) -> Replica {
    Replica { named: of.named.clone(), durable: of.named.clone(), ..Replica::default() }
}

/// Transfers until it is over, or for so many messages; gives the contents in the order in which blocks went out.
fn transfer(asker: &mut Replica, peer: &mut Replica, messages: usize) -> (Vec<Content>, Transfer) {
    let (mut transfer, mut order) = (Transfer::default(), Vec::new());
    for _ in 0..messages {
        if transfer.is_over(asker) {
            break;
        }
        let mut asked = Message::default();
        transfer.ask(asker, BLOCKS_BYTES, &mut asked);
        let answer = peer.answer(&asked);
        asker.take(&answer);
        transfer.took(&asked, &answer, asker);
        order.extend(asked.blocks.iter().chain(&answer.blocks).map(|block| block.content));
    }
    order.dedup();
    (order, transfer)
}

/// More messages than any of these transfers takes.
const ENOUGH: usize = 1000;

#[test]
fn what_is_offered_arrives_smallest_first_and_is_known_to_be_handed_over() {
    let mut phone = holder(&[BLOCK_BYTES * 9 + 1, 20_000, 24_000, BLOCK_BYTES * 3]);
    let mut server = hearer(&phone);
    let (order, done) = transfer(&mut phone, &mut server, ENOUGH);
    assert_eq!(server.blocks, phone.blocks);
    assert!(order.is_sorted_by_key(|content| content.size), "thumbnails before photos: {order:?}");
    assert_eq!(done.handed(), &phone.named);
}

#[test]
fn what_is_wished_comes_smallest_first_and_nothing_is_asked_for_again() {
    let mut server = holder(&[BLOCK_BYTES * 9 + 1, 20_000, BLOCK_BYTES * 3]);
    let mut phone = hearer(&server);
    let (order, _) = transfer(&mut phone, &mut server, ENOUGH);
    assert_eq!(phone.blocks, server.blocks);
    assert!(order.is_sorted_by_key(|content| content.size));
    assert_eq!(transfer(&mut phone, &mut server, ENOUGH).0, []);
}

#[test]
fn a_transfer_that_breaks_after_each_message_goes_on_where_it_stopped() {
    let mut phone = holder(&[BLOCK_BYTES * 11 + 5, 700]);
    let mut server = hearer(&phone);
    let mut went = 0;
    for _ in 0..10 {
        let before = server.blocks.len();
        // The first message asks what is lacking, the second brings it.
        transfer(&mut phone, &mut server, 2);
        went += server.blocks.len() - before;
    }
    assert_eq!(server.blocks, phone.blocks);
    assert_eq!(went, phone.blocks.len(), "no block went twice");
}

#[test]
fn names_of_what_nobody_has_cost_so_many_messages_and_no_more() {
    let made_up =
        (1..=u32::try_from(CONTENTS_MAX).unwrap() * 100).map(|size| Content { hash: [7; 32], size });
    let mut phone = Replica { named: made_up.collect(), ..Replica::default() };
    let (_, done) = transfer(&mut phone, &mut Replica::default(), BARREN_MAX as usize);
    assert!(done.is_over(&phone));
}

#[test]
fn a_peer_that_never_gives_and_never_takes_ends_the_transfer() {
    let mut phone = holder(&[BLOCK_BYTES * 3, 500]);
    phone.named.extend(holder(&[1, 2, 700_000]).named);
    let mut deaf = Replica::default();
    let (order, done) = transfer(&mut phone, &mut deaf, ENOUGH);
    assert!(done.is_over(&phone) && order.is_empty());
}

#[test]
fn a_peer_that_asks_for_the_same_block_again_and_again_gets_it_once() {
    let mut phone = holder(&[BLOCK_BYTES * 2]);
    let wish = Wish { content: *phone.named.first().unwrap(), from: 0 };
    let (mut transfer, mut given) = (Transfer::default(), 0);
    for _ in 0..ENOUGH {
        if transfer.is_over(&phone) {
            break;
        }
        let mut asked = Message::default();
        transfer.ask(&phone, BLOCK_BYTES, &mut asked);
        given += asked.blocks.len();
        let answer = Message { wishes: vec![wish], ..Message::default() };
        phone.take(&answer);
        transfer.took(&asked, &answer, &phone);
    }
    assert!(transfer.is_over(&phone));
    assert_eq!(given, 1);
    assert!(transfer.handed().is_empty(), "what it still asks for it has not taken");
}

#[test]
fn a_wrong_block_is_not_kept_and_does_not_stop_the_others() {
    let mut server = holder(&[BLOCK_BYTES * 3, 900, BLOCK_BYTES * 5]);
    let mut phone = hearer(&server);
    let whole = server.blocks.clone();
    let bad = *server.named.iter().find(|content| content.blocks() == 3).unwrap();
    server.blocks.get_mut(&(bad, 1)).unwrap().bytes[7] ^= 1;
    let (_, done) = transfer(&mut phone, &mut server, ENOUGH);
    assert!(done.is_over(&phone));
    let missing: Vec<_> = whole.keys().filter(|key| !phone.blocks.contains_key(key)).collect();
    assert_eq!(missing, [&(bad, 1)], "only what was wrong is lacking");
    assert!(phone.blocks.iter().all(|(key, block)| whole[key] == *block));
}

#[test]
fn what_no_frame_names_is_not_taken() {
    let mut phone = holder(&[800]);
    let mut server = Replica::default();
    let (content, blocks) = split(&bytes(3, 5000));
    server.take(&Message { blocks, ..Message::default() });
    assert!(server.blocks.is_empty() && server.lacks(content).is_none());
    transfer(&mut phone, &mut server, ENOUGH);
    assert!(server.blocks.is_empty());
}

proptest! {
    #[test]
    fn two_that_each_have_a_part_both_have_all_in_the_end(
        lengths in proptest::collection::vec(1usize..400_000, 0..6),
        kept in proptest::collection::vec(any::<(bool, bool)>(), 40),
    ) {
        let whole = holder(&lengths);
        let (mut phone, mut hub) = (hearer(&whole), hearer(&whole));
        phone.durable.clear();
        for ((key, block), (by_phone, by_hub)) in whole.blocks.iter().zip(kept.iter().cycle()) {
            // Each content is whole on one side at least; the other side has a beginning of it or holes.
            let is_phones = key.0.hash[0] % 2 == 0;
            if is_phones || *by_phone {
                phone.blocks.insert(*key, block.clone());
            }
            if !is_phones || *by_hub {
                hub.blocks.insert(*key, block.clone());
            }
        }
        let (_, done) = transfer(&mut phone, &mut hub, ENOUGH);
        prop_assert!(done.is_over(&phone));
        prop_assert_eq!(&phone.blocks, &whole.blocks);
        prop_assert_eq!(&hub.blocks, &whole.blocks);
    }
}
