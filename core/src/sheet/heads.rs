//! Which writes of a field stand: how two edits merge.
//!
//! Invariant: [`heads`] is a pure function of the set of writes; order of arrival and duplicates change nothing,
//! and a field with a write that counts always has a head.
//!
//! A write replaces what its `replaces` names (what was shown when the edit began), and what its author wrote
//! earlier on the same branch of the same lane. A write is a head when it counts and no other write that counts
//! reaches it over such edges, through writes of any verdict. Two heads with different values are a conflict: a
//! person settles it by a write that replaces both.

use std::collections::BTreeMap;

use super::{ChangeId, Value};
use crate::ids::FrameHash;
use crate::sync::{Lane, Status};

/// One write of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Its name; absent while it is not sealed, which happens to at most one write of each person on the device, his
    /// latest.
    pub id: Option<ChangeId>,
    /// Lane that it stands in.
    pub lane: Lane,
    /// What the server said, if it did.
    pub status: Status,
    /// Value written.
    pub value: Value,
    /// Heads that were shown when the edit began.
    pub replaces: Vec<ChangeId>,
    /// Claimed time, Unix seconds.
    pub at: i64,
    /// Logical counter of its frame.
    pub counter: u64,
}

/// How frames follow each other: enough of the lanes to tell a later frame on a branch from one on a fork.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    links: BTreeMap<FrameHash, (FrameHash, u64)>,
}

impl Chain {
    /// Adds a frame: its hash, the hash before it, its number in the lane.
    pub fn add(&mut self, hash: FrameHash, previous: FrameHash, number: u64) {
        self.links.insert(hash, (previous, number));
    }

    /// Whether `earlier` stands before `later` on one branch. Unknown frames stand before nothing.
    pub fn is_before(&self, earlier: FrameHash, later: FrameHash) -> bool {
        let Some(&(_, floor)) = self.links.get(&earlier) else { return false };
        let mut at = later;
        while let Some(&(previous, number)) = self.links.get(&at) {
            // Numbers fall by one along an honest chain; a liar's chain ends here instead of looping.
            if number <= floor {
                return false;
            }
            if previous == earlier {
                return true;
            }
            at = previous;
        }
        false
    }
}

/// Indexes of the heads among `writes`, smallest change id first, unsealed last.
///
/// `counts` says which verdicts count: accepted ones for the official state, unjudged ones too for the provisional.
pub fn heads(writes: &[Write], chain: &Chain, counts: impl Fn(Status) -> bool) -> Vec<usize> {
    let mut reached = vec![false; writes.len()];
    for (start, write) in writes.iter().enumerate() {
        if counts(write.status) {
            mark_below(start, writes, chain, &mut reached);
        }
    }
    let mut heads: Vec<usize> =
        (0..writes.len()).filter(|&index| counts(writes[index].status) && !reached[index]).collect();
    heads.sort_by_key(|&index| (writes[index].id.is_none(), writes[index].id));
    // What has no name yet is of another person each time, and never twice the same.
    heads.dedup_by(|later, earlier| writes[*later].id.is_some() && writes[*later].id == writes[*earlier].id);
    heads
}

/// Marks every write that `start` reaches, itself not included.
fn mark_below(start: usize, writes: &[Write], chain: &Chain, reached: &mut [bool]) {
    let mut seen = vec![false; writes.len()];
    seen[start] = true;
    let mut open = vec![start];
    while let Some(from) = open.pop() {
        for (to, below) in writes.iter().enumerate() {
            if !seen[to] && replaces(&writes[from], below, chain) {
                seen[to] = true;
                reached[to] = true;
                open.push(to);
            }
        }
    }
}

/// Whether there is an edge from `upper` to `lower`.
fn replaces(upper: &Write, lower: &Write, chain: &Chain) -> bool {
    let Some(lower_id) = lower.id else { return false };
    if upper.replaces.contains(&lower_id) {
        return true;
    }
    if upper.lane != lower.lane {
        return false;
    }
    match upper.id {
        None => true,
        Some(id) if id.frame == lower_id.frame => id.index > lower_id.index,
        Some(id) => chain.is_before(lower_id.frame, id.frame),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{StreamId, UnitId};
    use crate::points::Points;
    use crate::sync::Scope;
    use proptest::prelude::*;

    fn lane(author: u8) -> Lane {
        Lane { stream: StreamId([author; 32]), scope: Scope::unit(UnitId([9; 16])) }
    }

    fn id(frame: u8) -> ChangeId {
        ChangeId { frame: FrameHash([frame; 32]), index: 0 }
    }

    fn write(frame: u8, author: u8, points: i32, replaces: &[u8]) -> Write {
        Write {
            id: Some(id(frame)),
            lane: lane(author),
            status: Status::Accepted,
            value: Value::Points(Points::whole(points)),
            replaces: replaces.iter().map(|&frame| id(frame)).collect(),
            at: 0,
            counter: 0,
        }
    }

    fn accepted(status: Status) -> bool {
        status == Status::Accepted
    }

    fn ids(writes: &[Write], heads: Vec<usize>) -> Vec<ChangeId> {
        heads.into_iter().filter_map(|index| writes[index].id).collect()
    }

    #[test]
    fn two_edits_that_did_not_see_each_other_are_both_heads() {
        let writes = [write(1, 1, 8, &[]), write(2, 2, 9, &[])];
        assert_eq!(heads(&writes, &Chain::default(), accepted), [0, 1]);
    }

    #[test]
    fn a_settlement_that_saw_both_is_the_only_head() {
        let writes = [write(1, 1, 8, &[]), write(2, 2, 9, &[]), write(3, 1, 9, &[1, 2])];
        assert_eq!(heads(&writes, &Chain::default(), accepted), [2]);
    }

    #[test]
    fn replacing_through_a_rejected_write_still_replaces() {
        let mut writes = vec![write(1, 1, 8, &[]), write(2, 2, 9, &[1]), write(3, 3, 7, &[2])];
        writes[1].status = Status::Rejected;
        assert_eq!(heads(&writes, &Chain::default(), accepted), [2]);
        writes[2].status = Status::Rejected;
        assert_eq!(
            heads(&writes, &Chain::default(), accepted),
            [0],
            "a rejected write replaces nothing by itself"
        );
    }

    #[test]
    fn later_on_a_branch_replaces_earlier_and_a_fork_does_not() {
        let writes = [write(1, 1, 1, &[]), write(2, 1, 2, &[]), write(3, 1, 3, &[])];
        let mut chain = Chain::default();
        chain.add(FrameHash([1; 32]), FrameHash([0; 32]), 1);
        chain.add(FrameHash([2; 32]), FrameHash([1; 32]), 2);
        chain.add(FrameHash([3; 32]), FrameHash([1; 32]), 2);
        assert_eq!(heads(&writes, &chain, accepted), [1, 2], "both branches of a clone are kept");
    }

    #[test]
    fn of_two_writes_in_one_frame_the_later_stands() {
        let mut writes = [write(1, 1, 8, &[]), write(1, 1, 9, &[])];
        writes[1].id = Some(ChangeId { index: 1, ..id(1) });
        assert_eq!(heads(&writes, &Chain::default(), accepted), [1]);
        writes.swap(0, 1);
        assert_eq!(heads(&writes, &Chain::default(), accepted), [0], "in whatever order they are read");
    }

    #[test]
    fn an_unsealed_write_replaces_what_its_author_wrote_before() {
        let mut writes = vec![write(1, 1, 1, &[]), write(2, 2, 2, &[]), write(3, 1, 3, &[])];
        writes[2].id = None;
        assert_eq!(heads(&writes, &Chain::default(), accepted), [1, 2]);
    }

    #[test]
    fn unsealed_writes_of_two_people_on_one_device_are_both_heads() {
        let mut writes = vec![write(1, 1, 1, &[]), write(2, 1, 2, &[]), write(3, 2, 3, &[])];
        (writes[1].id, writes[2].id) = (None, None);
        assert_eq!(heads(&writes, &Chain::default(), accepted), [1, 2]);
    }

    #[test]
    fn case_24_a_circle_of_lies_loops_nowhere() {
        let mut chain = Chain::default();
        chain.add(FrameHash([1; 32]), FrameHash([2; 32]), 5);
        chain.add(FrameHash([2; 32]), FrameHash([1; 32]), 5);
        assert!(!chain.is_before(FrameHash([1; 32]), FrameHash([2; 32])));
    }

    #[test]
    fn case_24_a_circle_of_replaces_ends_and_who_saw_it_settles_it() {
        // Hashes can't name each other; this is what it would be if they did.
        let mut writes = vec![write(1, 1, 8, &[2]), write(2, 2, 9, &[1]), write(3, 3, 7, &[3])];
        assert_eq!(heads(&writes, &Chain::default(), accepted), [2], "what replaces itself stands");
        writes.push(write(4, 4, 6, &[1, 2, 3]));
        assert_eq!(heads(&writes, &Chain::default(), accepted), [3]);
    }

    /// Histories in which every write names only writes made before it, as hashes force it to be.
    fn histories() -> impl Strategy<Value = Vec<Write>> {
        let step = (1u8..4, 0i32..3, proptest::collection::vec(any::<prop::sample::Index>(), 0..3), 0u8..3);
        proptest::collection::vec(step, 1..12).prop_map(|steps| {
            let mut writes: Vec<Write> = Vec::new();
            for (number, (author, points, below, status)) in steps.into_iter().enumerate() {
                let replaces: Vec<u8> = match number {
                    0 => vec![],
                    _ => below.iter().map(|index| index.index(number) as u8 + 1).collect(),
                };
                let mut write = write(number as u8 + 1, author, points, &replaces);
                write.status = [Status::Accepted, Status::Rejected, Status::Unjudged][usize::from(status)];
                writes.push(write);
            }
            writes
        })
    }

    fn chain_of(writes: &[Write]) -> Chain {
        let mut chain = Chain::default();
        let mut tips: BTreeMap<Lane, (FrameHash, u64)> = BTreeMap::new();
        for write in writes {
            let (previous, number) = tips.get(&write.lane).copied().unwrap_or((FrameHash([0; 32]), 0));
            let Some(id) = write.id else { continue };
            chain.add(id.frame, previous, number + 1);
            tips.insert(write.lane, (id.frame, number + 1));
        }
        chain
    }

    proptest! {
        #[test]
        fn an_accepted_write_always_leaves_a_head(writes in histories()) {
            let heads = heads(&writes, &chain_of(&writes), accepted);
            prop_assert_eq!(heads.is_empty(), !writes.iter().any(|write| accepted(write.status)));
        }

        #[test]
        fn order_and_duplicates_change_nothing(writes in histories(), seed in any::<u64>()) {
            let chain = chain_of(&writes);
            let expected = ids(&writes, heads(&writes, &chain, accepted));
            let mut shuffled = [writes.clone(), writes].concat();
            shuffled.sort_by_key(|write| blake3::hash(&[&seed.to_le_bytes()[..], &write.id.unwrap().frame.0[..]].concat()).as_bytes()[0]);
            prop_assert_eq!(ids(&shuffled, heads(&shuffled, &chain, accepted)), expected);
        }

        #[test]
        fn a_write_that_saw_all_heads_is_the_only_one(writes in histories()) {
            let chain = chain_of(&writes);
            let seen = ids(&writes, heads(&writes, &chain, accepted));
            let mut settled = writes;
            let mut last = write(200, 9, 1, &[]);
            last.replaces = seen;
            settled.push(last);
            prop_assert_eq!(ids(&settled, heads(&settled, &chain, accepted)), vec![id(200)]);
        }
    }
}
