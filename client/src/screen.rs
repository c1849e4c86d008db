//! Codes between the calls of a window: those that its screen shows by turns, and what its camera has read of another one's.
//!
//! Invariant: what was read of a series stays until it is whole, whichever way its parts come.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use xeploai_core::sync::invitation::Invitation;
use xeploai_core::view::{CodesView, QrView, ReadView};

use crate::app::App;
use crate::error::{ClientError, Refused};
use crate::qr::{Codes, Collector, QrError};

/// A device's screen, and its camera.
pub struct Screen {
    app: Arc<App>,
    shown: Mutex<Option<Codes>>,
    read: Mutex<Collector>,
}

impl Screen {
    /// Nothing is shown and nothing was read.
    pub fn new(app: Arc<App>) -> Self {
        Self { app, shown: Mutex::default(), read: Mutex::default() }
    }

    /// Makes the codes of what the user has written and the server has not received, for [`Self::part`].
    ///
    /// # Errors
    /// As [`App::qr_codes`]; then nothing is shown any more.
    pub fn show(&self) -> Result<CodesView, ClientError> {
        *locked(&self.shown) = None;
        let (codes, view) = self.app.qr_codes(false)?;
        *locked(&self.shown) = Some(codes);
        Ok(view)
    }

    /// One of them, drawn.
    ///
    /// # Errors
    /// [`QrError::NothingWaits`] before any were made.
    pub fn part(&self, part: u32) -> Result<QrView, ClientError> {
        let shown = locked(&self.shown);
        Ok(shown.as_ref().ok_or(QrError::NothingWaits)?.drawn(part))
    }

    /// Takes the texts of codes that were seen together, and takes in what they make whole.
    ///
    /// # Errors
    /// Why the first of them was refused, when all were. When what is whole can't be taken in: it may be read again.
    pub fn read(&self, texts: &[String]) -> Result<ReadView, ClientError> {
        let mut collector = locked(&self.read);
        let (mut payloads, mut last, mut refused) = (Vec::new(), None, None);
        for text in texts {
            match collector.take(text) {
                Ok(mut progress) => {
                    payloads.extend(progress.payload.take());
                    last = Some(progress);
                }
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        let progress = last.ok_or(refused.unwrap_or(QrError::NoCode))?;
        payloads.sort();
        payloads.dedup();
        let taken = if payloads.is_empty() { Ok(None) } else { self.app.import_qr(&payloads).map(Some) };
        collector.forget_whole();
        Ok(ReadView {
            received: progress.received,
            needed: progress.needed,
            taken: taken?,
            refused: refused.map(|error| ClientError::from(error).view()),
        })
    }
}

/// The invitation of a hub among the texts of codes that were seen together.
///
/// # Errors
/// [`QrError::Records`] when there are records instead, [`Refused::NoInvitation`] when there is neither.
pub fn invitation(texts: &[String]) -> Result<String, ClientError> {
    if let Some(text) = texts.iter().find(|text| Invitation::parse(text).is_ok()) {
        return Ok(text.clone());
    }
    let is_records = |text: &String| Collector::default().take(text).is_ok();
    Err(if texts.iter().any(is_records) { QrError::Records.into() } else { Refused::NoInvitation.into() })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
