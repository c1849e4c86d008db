//! How contents travel once the frames of a sync are through: both sides, without input or output.
//!
//! Invariant: it ends, whatever the peer answers; it never begins before all frames have gone, so that no score waits for a
//! picture; and what was taken stays taken, so that the next sync goes on where this one broke off.
//!
//! The asker **offers** what the server has given no receipt for, and **wishes** what it lacks and may read, smallest first:
//! thumbnails before photos. The answer wishes what it lacks of the offers, and gives blocks of what was wished.

use std::collections::BTreeSet;

use super::content::{Block, Content, Wish};
use super::exchange::Holdings;
use super::message::Message;

/// What a store holds of contents. One that fails says so to its caller, not here: it answers as if it held nothing.
pub trait Contents {
    /// What is lacking here of a content; nothing when it is whole, when nothing names it, or when there is no room for it.
    fn lacks(&self, content: Content) -> Option<Wish>;
    /// Blocks of a content from a number on, in order, as long as they are here: at most `bytes` of them, but one at least.
    fn blocks(&self, wish: Wish, bytes: usize) -> Vec<Block>;
}

/// Most contents that are offered or wished in one message.
pub const CONTENTS_MAX: usize = 64;
/// Bytes of blocks in one message: what a bad network loses when it breaks.
pub const BLOCKS_BYTES: usize = 256 * 1024;

/// So many answers without what was wished, and the rest is left to the next sync: names of what nobody has are cheap to make.
const BARREN_MAX: u32 = 16;

/// The asking side of a transfer.
#[derive(Debug, Default)]
pub struct Transfer {
    offered: BTreeSet<Content>,
    /// What was wished and did not come.
    denied: BTreeSet<Content>,
    /// What the peer lacks of what was offered.
    pending: Vec<Wish>,
    /// What it has taken whole.
    handed: BTreeSet<Content>,
    /// Answers to wishes that brought nothing.
    barren: u32,
}

impl Transfer {
    /// Whether nothing is left to offer, to give or to wish.
    pub fn is_over(&self, store: &dyn Holdings) -> bool {
        self.pending.is_empty() && store.offers(&self.offered).is_empty() && self.wishes(store).is_empty()
    }

    fn wishes(&self, store: &dyn Holdings) -> Vec<Wish> {
        if self.barren < BARREN_MAX { store.wishes(&self.denied) } else { Vec::new() }
    }

    /// Contents of which the peer has taken the last block.
    pub fn handed(&self) -> &BTreeSet<Content> {
        &self.handed
    }

    /// Fills the next request, with at most `bytes` of blocks.
    pub fn ask(&mut self, store: &dyn Holdings, bytes: usize, request: &mut Message) {
        request.blocks = filled(store, self.pending.iter().copied(), bytes);
        if request.blocks.is_empty() {
            // Let go of meanwhile: what can't be given would be asked for again and again.
            self.pending.clear();
        }
        // What is under way goes along, so that the peer says what it still lacks.
        request.offers = self.pending.iter().map(|wish| wish.content).collect();
        request.offers.extend(store.offers(&self.offered));
        request.offers.truncate(CONTENTS_MAX);
        self.offered.extend(&request.offers);
        request.wishes = self.wishes(store);
        request.wishes.truncate(CONTENTS_MAX);
    }

    /// Takes note of an answer whose content is in the store by now.
    pub fn took(&mut self, asked: &Message, answer: &Message, store: &dyn Holdings) {
        let is_refused = |wish: &Wish| {
            asked.blocks.iter().any(|block| block.content == wish.content && block.number >= wish.from)
        };
        self.pending = answer.wishes.clone();
        self.pending.retain(|wish| self.offered.contains(&wish.content) && !is_refused(wish));
        for block in &asked.blocks {
            let is_last = block.number + 1 == block.content.blocks();
            if is_last && !answer.wishes.iter().any(|wish| wish.content == block.content) {
                self.handed.insert(block.content);
            }
        }
        self.barren += u32::from(!asked.wishes.is_empty() && answer.blocks.is_empty());
        // Blocks come in the order of the wishes: what was passed over is not there, what has not grown was not believed.
        let came = |wish: &Wish| answer.blocks.iter().any(|block| block.content == wish.content);
        let tried = asked.wishes.iter().rposition(came).map_or(asked.wishes.len(), |last| last + 1);
        for wish in &asked.wishes[..tried] {
            if store.lacks(wish.content) == Some(*wish) {
                self.denied.insert(wish.content);
            }
        }
    }
}

/// The answering side: says what is lacking of the offers, and gives what is wished and `gives` allows.
pub fn reply(asked: &Message, store: &dyn Contents, gives: impl Fn(Content) -> bool, answer: &mut Message) {
    answer.wishes = asked.offers.iter().filter_map(|content| store.lacks(*content)).collect();
    let wishes = asked.wishes.iter().copied().filter(|wish| gives(wish.content));
    answer.blocks = filled(store, wishes, BLOCKS_BYTES);
}

fn filled(store: &dyn Contents, wishes: impl Iterator<Item = Wish>, bytes: usize) -> Vec<Block> {
    let (mut blocks, mut used) = (Vec::new(), 0);
    for wish in wishes {
        if used >= bytes {
            break;
        }
        for block in store.blocks(wish, bytes - used) {
            used += block.bytes.len();
            blocks.push(block);
        }
    }
    blocks
}

#[cfg(test)]
#[path = "transfer_tests.rs"]
mod tests;
