//! Codes: what waits on this device, for a camera in front of its screen; and what a camera has read, taken in.
//!
//! Invariant: as for files. A code is shown to whoever stands there, so that only what its owner has written is in it unless he
//! asks for all that he carries.

use std::collections::BTreeMap;

use xeploai_core::ids::PersonId;
use xeploai_core::sync::exchange::{BYTES_PER_REQUEST, within};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::wire::WireError;
use xeploai_core::view::{BundleView, CodesView, Text};

use super::shelf::Shelf;
use super::{hand_over, one_way};
use crate::error::ClientError;
use crate::qr::{Codes, QrError};
use crate::session::Session;
use crate::tables::streams;
use crate::view::written::called;

/// Makes codes of what the user has written and the server has not received; of everything that waits here, if `all`.
pub(crate) fn codes(session: &mut Session<'_>, all: bool) -> Result<(Codes, CodesView), ClientError> {
    let snapshot = session.connection.unchecked_transaction()?;
    let leaving = leaving(&snapshot, session.me.person, all)?;
    if within(leaving.iter().cloned(), BYTES_PER_REQUEST).len() < leaving.len() {
        return Err(QrError::TooMuch.into());
    }
    let sheets = hand_over::sheets(&snapshot, &leaving, session.me.department)?.len();
    let payload = if leaving.is_empty() {
        Vec::new()
    } else {
        let shelf = Shelf::new(&snapshot, &session.config, session.me.person);
        let payload = one_way::written(&shelf, leaving.clone());
        shelf.done()?;
        payload
    };
    let codes = Codes::new(payload)?;
    hand_over::raise(&snapshot, &*session.signer.environment.keys, &leaving)?;
    let view = shown(&codes, sheets);
    Ok((codes, view))
}

/// What waits, of everybody or of the user alone.
fn leaving(snapshot: &rusqlite::Connection, person: PersonId, all: bool) -> Result<Vec<Frame>, ClientError> {
    let mut leaving = Vec::new();
    for frame in one_way::waiting(snapshot)? {
        if all || streams::is_by(snapshot, frame.lane.stream, person)? {
            leaving.push(frame);
        }
    }
    Ok(leaving)
}

/// Takes in payloads that codes have given.
pub(crate) fn import(session: &mut Session<'_>, payloads: &[Vec<u8>]) -> Result<BundleView, ClientError> {
    let read = |payload: &Vec<u8>| Message::decode_answer(payload, &[], &Nothing).map_err(unread);
    let messages = payloads.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let department = session.me.department;
    let is_foreign = |it: &Certificate| it.header.department != department;
    let foreign = |it: &Message| !it.certificates.is_empty() && it.certificates.iter().all(is_foreign);
    if !messages.is_empty() && messages.iter().all(foreign) {
        return Err(QrError::OtherDepartment.into());
    }
    let bytes = payloads.iter().map(Vec::len).sum();
    let view = one_way::taken(session, messages.iter().map(Ok), bytes)?;
    Ok(BundleView { people: authors(session, &messages)?, ..view })
}

fn unread(error: WireError) -> QrError {
    if error == WireError::Version { QrError::TooNew } else { QrError::Damaged }
}

/// Names of those whose frames were in messages and can be believed.
fn authors(session: &Session<'_>, messages: &[Message]) -> Result<Vec<String>, ClientError> {
    let mut authors: BTreeMap<PersonId, String> = BTreeMap::new();
    for frame in messages.iter().flat_map(|message| &message.frames) {
        if let Some(certificate) = streams::get(session.connection, frame.lane.stream)? {
            let author = certificate.header.author;
            authors.entry(author).or_insert_with(|| called(session, &certificate));
        }
    }
    Ok(authors.into_values().collect())
}

fn shown(codes: &Codes, sheets: usize) -> CodesView {
    let needed = codes.needed();
    let (what_vi, what_en) = match codes.is_series() {
        false => (String::from("Mã QR"), String::from("one QR code")),
        true => (
            format!("Loạt mã QR (cần đọc khoảng {needed} phần bất kỳ)"),
            format!("a series of QR codes, any {needed} or so of which are enough"),
        ),
    };
    CodesView {
        needed,
        sheets: sheets as u32,
        bytes: codes.bytes() as u64,
        sentence: Text {
            vi: format!(
                "{what_vi} có {sheets} phiếu. Ai nhìn thấy màn hình đều đọc được. Bản trên máy này vẫn được giữ đến khi máy chủ nhận."
            ),
            en: format!(
                "Sheets in {what_en}: {sheets}. Whoever sees the screen can read them. They stay on this device until the server has received them."
            ),
        },
    }
}
