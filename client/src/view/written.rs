//! Who wrote a value, where and when.

use xeploai_core::sheet::state::Origin;
use xeploai_core::sync::Status;
use xeploai_core::view::{Place, Text, Written};

use crate::error::ClientError;
use crate::session::Session;
use crate::tables::streams;

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
        received: origin.received_at,
        place: place(origin),
    })
}

/// Where a single change is: set by the server's verdict alone. One whose receipt no longer stands, because the server
/// was restored, waits again.
fn place(origin: &Origin) -> Place {
    match origin.status {
        Status::Unjudged => Place::Waiting,
        Status::Accepted | Status::Held if origin.received_at.is_none() => Place::Waiting,
        Status::Accepted => Place::Received,
        Status::Rejected | Status::Annulled | Status::Quarantined | Status::Refused => Place::Rejected,
        Status::Held => Place::Held,
    }
}
