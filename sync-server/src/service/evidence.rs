//! The bytes of evidence: what is taken, and the receipt for it.
//!
//! Invariant: a content gets its receipt in the transaction in which its last block becomes durable, or later; never before.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Transaction;
use xeploai_core::sync::content::{Block, Content, Wish};
use xeploai_core::sync::epoch::Epochs;
use xeploai_core::sync::transfer::{CONTENTS_MAX, Contents};

use super::Service;
use super::store::Fallible;
use crate::error::ServerError;
use crate::storage::contents;

impl Service {
    /// Keeps blocks that were checked. Gives the batches that are receipts for what is whole here by now, of these contents and of
    /// those that were offered.
    pub(super) fn keep_contents(
        &self,
        write: &Transaction<'_>,
        blocks: &[Block],
        offers: &[Content],
        epochs: &Epochs,
        now: i64,
    ) -> Result<BTreeSet<i64>, ServerError> {
        for block in blocks {
            // Asked once more: others may have taken the room since the blocks were wished.
            let content = block.content;
            let begun = contents::missing(write, content)?.is_none_or(|wish| wish.from > 0);
            if begun || contents::has_room(write, content)? {
                contents::insert(write, block)?;
            }
        }
        let (mut batches, mut new) = (BTreeSet::new(), BTreeMap::<_, Vec<Content>>::new());
        let asked: BTreeSet<Content> =
            blocks.iter().map(|block| block.content).chain(offers.iter().copied()).collect();
        for content in asked {
            if contents::missing(write, content)?.is_some() {
                continue;
            }
            match contents::receipt(write, content, epochs)? {
                Some(batch) => drop(batches.insert(batch)),
                // Whoever reads a receipt learns the names in it, and a name is enough to ask for bytes.
                None => new.entry(contents::scopes(write, content)?).or_default().push(content),
            }
        }
        for contents in new.values().flat_map(|of_scopes| of_scopes.chunks(CONTENTS_MAX)) {
            let batch = self.write_receipt(write, contents.to_vec(), now)?;
            for content in contents {
                contents::link(write, *content, batch)?;
            }
            batches.insert(batch);
        }
        Ok(batches)
    }
}

impl Contents for Fallible<'_> {
    fn lacks(&self, content: Content) -> Option<Wish> {
        let wish = self.ask(|read| contents::missing(read, content))?;
        let is_named = !self.ask(|read| contents::scopes(read, content)).is_empty();
        // Room is asked for at the beginning: what is under way is brought to its end.
        let has_room = || wish.from > 0 || self.ask(|read| contents::has_room(read, content));
        (is_named && has_room()).then_some(wish)
    }

    fn blocks(&self, wish: Wish, bytes: usize) -> Vec<Block> {
        self.ask(|read| contents::blocks(read, wish, bytes))
    }
}
