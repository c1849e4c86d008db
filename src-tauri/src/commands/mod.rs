//! The bridge: a file a noun, a function a command. Each hands its arguments to the client and its view back.
//!
//! Invariant: a command holds no rule, and rejects with an [`ErrorView`] alone.

pub(crate) mod conflict;
pub(crate) mod enrol;
pub(crate) mod home;
pub(crate) mod ranking;
pub(crate) mod sheet;
pub(crate) mod sync;

use std::path::Path;

use xeploai_client::{App, ClientError};
use xeploai_core::view::ErrorView;

/// What a command answers.
pub(crate) type Answer<T> = Result<T, ErrorView>;

/// The store, or why it could not be opened: the window then says so instead of staying away.
pub(crate) struct Store(Answer<App>);

impl Store {
    /// Opens the store in a folder.
    pub(crate) fn open(folder: &Path) -> Self {
        Self(App::open(folder).map_err(|error| error.view()))
    }

    /// Calls the client, and turns its error into what a screen shows.
    pub(crate) fn call<T>(&self, work: impl FnOnce(&App) -> Result<T, ClientError>) -> Answer<T> {
        let app = self.0.as_ref().map_err(Clone::clone)?;
        work(app).map_err(|error| error.view())
    }
}
