//! The answering side: this device as a hub for others, over whatever carries the bytes.
//!
//! Invariant: a hub gives another device nothing but what [`Config::may_be_handed`] lets it have and statements on what
//! that device has itself brought; and it never gives a receipt of its own: what it takes waits here for the server's.
//!
//! [`Config::may_be_handed`]: xeploai_core::org::Config::may_be_handed

use xeploai_core::ids::FrameHash;
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::exchange::Peer;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::{Message, Request};
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::policy;
use xeploai_core::sync::reply::reply;
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::wire::WireError;

use super::shelf::Shelf;
use super::take::{Moved, take};
use super::{hand_over, seal, witness};
use crate::error::{ClientError, Refused};
use crate::session::Session;
use crate::tables::{epochs, streams};

/// An answer to another device, and what was taken from it.
#[derive(Default)]
pub(crate) struct Served {
    /// Nothing for a device that was put out: what it brought is taken, but it is told nothing.
    pub(crate) answer: Option<Vec<u8>>,
    /// Frames that the request brought, new here or not.
    pub(crate) brought: u32,
    pub(crate) moved: Moved,
}

/// Takes what another device brings, states what it may state, and answers.
pub(crate) fn serve(session: &mut Session<'_>, request: &[u8]) -> Result<Served, ClientError> {
    let request = Request::decode(request).map_err(refused)?;
    let asker = asker(session, &request)?;
    let channel = Channel::between(&session.key()?, &asker.header.key, session.me.department)
        .map_err(|_| Refused::BadSignature)?;
    request.check(&channel).map_err(|_| Refused::BadSignature)?;
    let snapshot = session.connection.unchecked_transaction()?;
    let shelf = Shelf::new(&snapshot, &session.config, asker.header.author);
    let asked = request.message(asker.header.stream(), &shelf);
    shelf.done()?;
    drop(snapshot);
    let asked = match asked {
        Err(WireError::Unresolved) => {
            let answer = Message { full: true, ..Message::default() }.answer(&[], &Nothing);
            return Ok(Served { answer: Some(answer), ..Served::default() });
        }
        asked => asked.map_err(refused)?,
    };
    if asked.roots.is_some() {
        // What this device's people wrote is for the guest too; what can't be sealed now is no reason to turn him away.
        let _tried_again_at_hand_over = seal::seal_all(session.connection, session.signer);
    }
    let mut moved = Moved::default();
    take(session, &asked, Peer::Hub, &mut moved)?;
    let stated = witness::state(session, &asked.frames)?;
    let revoked = session.config.revocations.contains_key(&asker.header.key);
    let answer = if revoked { None } else { Some(answer(session, &asker, &asked, stated)?) };
    Ok(Served { answer, brought: asked.frames.len() as u32, moved })
}

/// The device that asks: one that is known here, or one that the department vouches for.
fn asker(session: &Session<'_>, request: &Request) -> Result<Certificate, ClientError> {
    let known = match streams::named(session.connection, request.sender())? {
        Some(stream) => streams::get(session.connection, stream)?,
        None => None,
    };
    let brought = match known {
        None => request.certificate(&session.me.trust()).map_err(refused)?,
        known => known,
    };
    let admitted = brought.filter(|it| policy::admits(&session.config, it));
    Ok(admitted.ok_or(Refused::UnknownDevice)?)
}

fn answer(
    session: &Session<'_>,
    asker: &Certificate,
    asked: &Message,
    stated: Vec<Frame>,
) -> Result<Vec<u8>, ClientError> {
    let snapshot = session.connection.unchecked_transaction()?;
    let shelf = Shelf::new(&snapshot, &session.config, asker.header.author);
    let mut answer = Message { frames: stated, ..Message::default() };
    if asked.roots.is_some() {
        answer.epochs = epochs::signed(&snapshot)?;
    }
    reply(asked, &shelf, &mut answer);
    answer.certificates = shelf.certificates_of(&answer.frames);
    answer.verdicts = shelf.receipts_on(asked.frames.iter().chain(&answer.frames));
    shelf.answer_contents(asked, &mut answer);
    shelf.done()?;
    hand_over::raise(&snapshot, &*session.signer.environment.keys, &answer.frames)?;
    let brought: Vec<FrameHash> = asked.frames.iter().map(Frame::hash).collect();
    Ok(answer.answer(&brought, &Nothing))
}

/// What a request that can't be read is refused with.
fn refused(error: WireError) -> ClientError {
    match error {
        WireError::TooLarge => Refused::MessageTooLarge.into(),
        _ => Refused::NotAMessage.into(),
    }
}
