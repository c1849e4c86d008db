//! Files that the system gives a window to open: on a double click, or from another program.
//!
//! Invariant: one waits until somebody who is enrolled has taken it in, or it was refused.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use xeploai_core::view::{BundleView, ErrorView};

use crate::app::App;
use crate::error::{ClientError, Refused};
use crate::files;

/// What came of a file: it was taken in, or refused.
pub type Taken = Result<BundleView, ErrorView>;

/// The files that wait.
#[derive(Debug, Default)]
pub struct Opened(Mutex<VecDeque<PathBuf>>);

impl Opened {
    /// Lets files wait, in this order.
    pub fn add(&self, files: impl IntoIterator<Item = PathBuf>) {
        self.waiting().extend(files);
    }

    /// Takes in the one that has waited longest; nothing when none waits.
    ///
    /// # Errors
    /// [`Refused::NotEnrolled`]: then it waits on.
    pub fn next(&self, app: &App) -> Result<Option<Taken>, ClientError> {
        let Some(path) = self.waiting().pop_front() else { return Ok(None) };
        match files::read(&path).and_then(|file| app.import_bundle(&file)) {
            Err(ClientError::Refused(Refused::NotEnrolled)) => {
                self.waiting().push_front(path);
                Err(Refused::NotEnrolled.into())
            }
            taken => Ok(Some(taken.map_err(|error| error.view()))),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
