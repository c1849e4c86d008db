//! New devices at a hub: they wait until its person has said whose they are, or has sent them away.
//!
//! Invariant: a device that waits has read the invitation and proved its key; it is given nothing but the word of the hub's own
//! person, and what it is then told is all that goes to it before it comes again as that person's: [`crate::ops::delegate`].

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::timeout;
use xeploai_core::ids::PersonId;
use xeploai_core::view::{LinkState, LinkView};

use super::hub::{Answer, Hub, Shared, tell};
use super::link::Link;
use super::locked;
use crate::error::{ClientError, Refused};
use crate::ops::delegate::Application;

/// How long a new device waits for a word.
pub(super) const WORD_MAX: Duration = Duration::from_secs(5 * 60);

/// A new device, and the way to tell it.
pub(super) type Waiting = (Application, oneshot::Sender<Answer>);

impl Hub {
    /// Certifies the new device of a meeting as a person's.
    ///
    /// # Errors
    /// [`Refused::NoApplication`] when it does not wait any more; what keeps this person from enrolling that one: then it
    /// goes on waiting.
    pub fn enrol(&self, number: u32, person: PersonId) -> Result<(), ClientError> {
        let shared = &self.shared;
        // Whoever has gone meanwhile is given nothing: it would count.
        let there = |(_, word): &&Waiting| !word.is_closed();
        let waiting = locked(&shared.state).applications.get(&number).filter(there).map(|it| it.0.clone());
        let application = waiting.ok_or(Refused::NoApplication)?;
        // Whoever uses the device meanwhile has no word in it.
        if shared.app.with(|session| Ok(session.me.person))? != shared.person {
            return Err(Refused::NotEnrollable.into());
        }
        let granted = shared.app.delegate(shared.person, &application, person)?;
        shared.settle(number, Ok(granted))
    }

    /// Sends the new device of a meeting away.
    ///
    /// # Errors
    /// [`Refused::NoApplication`].
    pub fn decline(&self, number: u32) -> Result<(), ClientError> {
        self.shared.settle(number, Err(Refused::EnrolmentDeclined.into()))
    }
}

impl Shared {
    /// A new device, until this person has said whose it is or sent it away.
    pub(super) async fn introduce<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut link: Link<S>,
        application: Application,
        code: String,
    ) {
        let view = LinkView {
            name: application.claim.clone(),
            device: application.device.clone(),
            code,
            state: LinkState::Asking,
            ..LinkView::greeting()
        };
        let (word, said) = oneshot::channel();
        let mut number = None;
        self.change(|state| {
            number = state.show(view);
            state.applications.extend(number.map(|number| (number, (application, word))));
        });
        let Some(number) = number else { return };
        let answer = tokio::select! {
            said = timeout(WORD_MAX, said) => {
                said.ok().and_then(Result::ok).unwrap_or_else(|| Err(Refused::EnrolmentDeclined.into()))
            }
            // It has nothing to say: it has given up.
            _ = link.receive() => Err(Refused::LinkBroken.into()),
        };
        let told = tell(&mut link, &answer).await;
        self.change(|state| {
            state.applications.remove(&number);
            let Some(meeting) = state.meetings.get_mut(&number) else { return };
            meeting.failure = answer.and(told).err().map(|error| error.view());
            meeting.state = if meeting.failure.is_none() { LinkState::Enrolled } else { LinkState::Failed };
        });
    }

    fn settle(&self, number: u32, answer: Answer) -> Result<(), ClientError> {
        let mut waiting = None;
        self.change(|state| waiting = state.applications.remove(&number));
        let (_, word) = waiting.ok_or(Refused::NoApplication)?;
        Ok(word.send(answer).map_err(|_| Refused::NoApplication)?)
    }
}
