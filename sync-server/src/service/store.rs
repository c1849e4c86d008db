//! The database as the sync rules of the core see it: questions that cannot fail there, and here are asked afterwards
//! whether one of them did.

use std::cell::RefCell;

use rusqlite::Connection;
use xeploai_core::ids::StreamId;
use xeploai_core::sync::names::{Known, Short, Standing};

use crate::error::ServerError;
use crate::storage::{frames, streams};

/// A snapshot of the database that remembers its first failure.
pub(super) struct Fallible<'a> {
    read: &'a Connection,
    failed: RefCell<Option<ServerError>>,
}

impl<'a> Fallible<'a> {
    pub(super) fn new(read: &'a Connection) -> Self {
        Self { read, failed: RefCell::new(None) }
    }

    /// Asks; a failure is remembered, and answers with nothing.
    pub(super) fn ask<T: Default>(&self, ask: impl FnOnce(&Connection) -> Result<T, ServerError>) -> T {
        ask(self.read).unwrap_or_else(|failure| {
            self.failed.borrow_mut().get_or_insert(failure);
            T::default()
        })
    }

    /// # Errors
    /// The first failure, if there was one: then what was computed from the answers means nothing.
    pub(super) fn done(self) -> Result<(), ServerError> {
        self.failed.into_inner().map_or(Ok(()), Err)
    }
}

impl Known for Fallible<'_> {
    fn stream(&self, name: Short) -> Option<StreamId> {
        self.ask(|read| streams::named(read, name))
    }

    fn frame(&self, name: Short) -> Option<Standing> {
        let stored = self.ask(|read| frames::named(read, name))?;
        Some(Standing { hash: stored.frame.hash(), lane: stored.frame.lane, number: stored.frame.number })
    }
}
