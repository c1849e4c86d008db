//! Who wrote a value, where and when.

use xeploai_core::clock;
use xeploai_core::sheet::state::Origin;
use xeploai_core::sync::Status;
use xeploai_core::sync::policy::may_vouch;
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::view::{CarriedView, Place, Text, Written};

use crate::error::ClientError;
use crate::session::Session;
use crate::tables::streams;
use crate::tables::witnessed::{self, Statement};

/// The writer of a change. A person whose record this device may not read is shown without a name.
pub(crate) fn written(session: &Session<'_>, origin: &Origin) -> Result<Written, ClientError> {
    let config = &session.config;
    let person = config.people.get(&origin.author);
    let post = config.assignments_of(origin.author).into_iter().next();
    let certificate = streams::get(session.connection, origin.lane.stream)?;
    Ok(Written {
        author: person.map(|person| person.name.clone()).unwrap_or_default(),
        code: person.map(|person| person.code.clone()).unwrap_or_default(),
        position: post.map_or(Text { vi: String::new(), en: String::new() }, |post| post.position.clone()),
        device: certificate.map(|certificate| certificate.header.device).unwrap_or_default(),
        at: origin.at,
        clock_wrong: clock::was_wrong(origin.at, origin.received_at),
        received: origin.received_at,
        place: place(session, origin)?,
    })
}

/// Where a single change is: set by the server's verdict alone. One whose receipt no longer stands, because the server
/// was restored, waits again.
pub(super) fn place(session: &Session<'_>, origin: &Origin) -> Result<Place, ClientError> {
    let waits = match origin.status {
        Status::Unjudged => true,
        Status::Accepted | Status::Held => origin.received_at.is_none(),
        Status::Rejected | Status::Annulled | Status::Quarantined | Status::Refused => false,
    };
    Ok(match origin.status {
        _ if waits && is_carried(session, std::iter::once(origin))? => Place::Carried,
        _ if waits => Place::Waiting,
        Status::Unjudged | Status::Accepted => Place::Received,
        Status::Rejected | Status::Annulled | Status::Quarantined | Status::Refused => Place::Rejected,
        Status::Held => Place::Held,
    })
}

/// Whether there are some changes and a witness who may vouch for them states to have been handed each. That is no
/// receipt: they go on waiting for the server's.
pub(crate) fn is_carried<'a>(
    session: &Session<'_>,
    waiting: impl Iterator<Item = &'a Origin>,
) -> Result<bool, ClientError> {
    Ok(carried(session, waiting)?.is_some())
}

/// Who was handed the last of some changes, when each was handed to somebody who may vouch for it.
pub(crate) fn carried<'a>(
    session: &Session<'_>,
    waiting: impl Iterator<Item = &'a Origin>,
) -> Result<Option<CarriedView>, ClientError> {
    let mut last: Option<CarriedView> = None;
    for origin in waiting {
        let Some(carried) = carried_one(session, origin)? else { return Ok(None) };
        if last.as_ref().is_none_or(|last| last.at <= carried.at) {
            last = Some(carried);
        }
    }
    Ok(last)
}

/// Who was handed a change; of several the first who can tell when. What a device that was put out carries need not arrive.
fn carried_one(session: &Session<'_>, origin: &Origin) -> Result<Option<CarriedView>, ClientError> {
    let Some(id) = origin.id else { return Ok(None) };
    let mut best: Option<CarriedView> = None;
    for Statement { witness, at, stream } in witnessed::of(session.connection, id.frame)? {
        let vouches = may_vouch(&session.config, witness, origin.author, origin.lane.scope);
        let better = best.as_ref().is_none_or(|best| best.at.is_none() && at.is_some());
        let Some(certificate) = streams::get(session.connection, stream)? else { continue };
        if vouches && better && !session.config.revocations.contains_key(&certificate.header.key) {
            best = Some(CarriedView { by: called(session, &certificate), at });
        }
    }
    Ok(best)
}

/// The name of a device's person, or of the device where this one has no record of him.
pub(crate) fn called(session: &Session<'_>, certificate: &Certificate) -> String {
    let Header { author, device, .. } = &certificate.header;
    session.config.people.get(author).map_or(device, |person| &person.name).clone()
}
