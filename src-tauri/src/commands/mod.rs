//! The bridge: a file a noun, a function a command. Each hands its arguments to the client and its view back.
//!
//! Invariant: a command holds no rule, and rejects with an [`ErrorView`] alone.

pub(crate) mod bundle;
pub(crate) mod conflict;
pub(crate) mod enrol;
pub(crate) mod evidence;
pub(crate) mod home;
pub(crate) mod qr;
pub(crate) mod ranking;
pub(crate) mod sheet;
pub(crate) mod sync;
pub(crate) mod visit;

use std::path::Path;
use std::sync::Arc;

use xeploai_client::lan::Visit;
use xeploai_client::screen::Screen;
use xeploai_client::{App, ClientError};
use xeploai_core::view::ErrorView;

/// What a command answers.
pub(crate) type Answer<T> = Result<T, ErrorView>;

/// The store, the visits that it is on and the codes of its screen, or why it could not be opened: the window then says so instead
/// of staying away.
pub(crate) struct Store(Answer<(Arc<App>, Visit, Screen)>);

impl Store {
    /// Opens the store in a folder.
    pub(crate) fn open(folder: &Path) -> Self {
        let opened = App::open(folder).map(Arc::new);
        let with_its_own = |app: Arc<App>| (app.clone(), Visit::new(app.clone()), Screen::new(app));
        Self(opened.map(with_its_own).map_err(|error| error.view()))
    }

    /// Calls the client, and turns its error into what a screen shows.
    pub(crate) fn call<T>(&self, work: impl FnOnce(&App) -> Result<T, ClientError>) -> Answer<T> {
        let (app, ..) = self.0.as_ref().map_err(Clone::clone)?;
        work(app).map_err(|error| error.view())
    }

    /// Calls what the client does on visits.
    pub(crate) fn visit<T>(&self, work: impl FnOnce(&Visit) -> Result<T, ClientError>) -> Answer<T> {
        let (_, visit, _) = self.0.as_ref().map_err(Clone::clone)?;
        work(visit).map_err(|error| error.view())
    }

    /// Calls what the client does with codes.
    pub(crate) fn screen<T>(&self, work: impl FnOnce(&Screen) -> Result<T, ClientError>) -> Answer<T> {
        let (_, _, screen) = self.0.as_ref().map_err(Clone::clone)?;
        work(screen).map_err(|error| error.view())
    }
}
