//! One sync: read what waits → let go of the store → ask the server → write what came.
//!
//! Invariant: what came and the cursor that says so are one transaction; "received" is set by a signed verdict alone.

use std::sync::TryLockError;

use xeploai_core::ids::FrameHash;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::{SyncRequest, SyncResponse};
use xeploai_core::sync::stream::Certificate;
use xeploai_core::view::{ErrorView, Place, SheetSummary, SyncReport, SyncSummary, SyncView, Text};

use super::{conflict, hand_over, home, seal};
use crate::app::App;
use crate::carrier::Server;
use crate::error::{ClientError, Refused};
use crate::session::Session;
use crate::tables::{accounts, frames, meta, outbox, streams, verdicts};
use crate::transact::{Write, transact};
use crate::view::refusal;

/// Most frames in a request: a message stays far below its limit.
const FRAMES_PER_REQUEST: usize = 256;
/// Most bytes of frames in a request.
const BYTES_PER_REQUEST: usize = 1024 * 1024;
/// Most exchanges in one sync: an end, whatever the server says.
const EXCHANGES_MAX: usize = 10_000;

/// What a sync has moved so far.
#[derive(Default)]
struct Moved {
    sent: u32,
    came: u32,
}

/// Exchanges everything with the server.
pub(crate) fn sync(app: &App) -> Result<SyncReport, ClientError> {
    let _running = match app.syncing().try_lock() {
        Ok(running) => running,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return Err(Refused::SyncRunning.into()),
    };
    let mut moved = Moved::default();
    let ended = exchange_all(app, &mut moved);
    app.with(|session| {
        let failure = ended.as_ref().err().map(ClientError::view);
        let now = session.now;
        transact(session.connection, |write| {
            if failure.is_none() {
                meta::set(write, meta::Key::LastSuccess, &now)?;
            }
            meta::set(write, meta::Key::LastFailure, &failure)
        })?;
        report(session, &moved, failure)
    })
}

fn exchange_all(app: &App, moved: &mut Moved) -> Result<(), ClientError> {
    // What could not be sealed stops nothing that is: it is told at the end.
    let sealed = app.with(|session| seal::seal_all(session.connection, session.signer));
    for _ in 0..EXCHANGES_MAX {
        let (request, server, sent) = app.with(|session| request(session))?;
        let answer = app.environment().carrier.exchange(&server, "/sync", request)?;
        let answer = SyncResponse::decode(&answer).map_err(|error| match error {
            xeploai_core::sync::wire::WireError::Cut => Refused::AnswerCut,
            _ => Refused::NotOurServer,
        })?;
        let more = answer.more;
        let done = app.with(|session| take(session, &answer, moved))?;
        // Frames that the server keeps silent about are not asked again in this sync.
        if !more && (done == 0 || sent < FRAMES_PER_REQUEST) {
            return sealed;
        }
    }
    sealed
}

fn request(session: &Session<'_>) -> Result<(Vec<u8>, Server, usize), ClientError> {
    let frames = hand_over::outgoing(session, FRAMES_PER_REQUEST, BYTES_PER_REQUEST)?;
    let sent = frames.len();
    let cursor = accounts::cursor(session.connection, session.me.person)?;
    let request = SyncRequest { stream: session.me.stream, cursor, frames };
    let key = session.key()?;
    Ok((request.encode(session.me.department, &key), session.me.server()?, sent))
}

/// Takes an answer in. Returns how many of our own frames it has judged.
fn take(session: &mut Session<'_>, answer: &SyncResponse, moved: &mut Moved) -> Result<usize, ClientError> {
    let (department, department_key) = (session.me.department, session.me.department_key);
    let person = session.me.person;
    transact(session.connection, |write| {
        for certificate in &answer.certificates {
            if certificate.verify(department, &department_key).is_ok() {
                streams::insert(write, certificate)?;
            }
        }
        for frame in &answer.frames {
            let Some(certificate) = streams::get(write, frame.lane.stream)? else { continue };
            moved.came += take_frame(write, &certificate, frame)?;
        }
        let mut judged = 0;
        for signed in &answer.verdicts {
            let Ok(opened) = signed.open(department, &department_key) else { continue };
            for verdict in &opened.frames {
                judged += usize::from(is_first_verdict(write, verdict.frame, moved)?);
            }
            verdicts::insert(write, signed, &opened)?;
        }
        accounts::set_cursor(write, person, &answer.cursor)?;
        Ok(judged)
    })
}

/// Keeps a frame whose signature fits; one that does not is passed over and stops nothing.
fn take_frame(write: &Write<'_>, certificate: &Certificate, frame: &Frame) -> Result<u32, ClientError> {
    let Ok(body) = frame.decode_body() else { return Ok(0) };
    if frame.verify(certificate).is_err() {
        return Ok(0);
    }
    let new = frames::insert(write, certificate.header.department, frame, &body)?;
    if new && streams::is_own(write, frame.lane.stream)? {
        accounts::mark_restored(write, frame.lane.stream)?;
    }
    Ok(if new { body.changes.len() as u32 } else { 0 })
}

fn is_first_verdict(write: &Write<'_>, hash: FrameHash, moved: &mut Moved) -> Result<bool, ClientError> {
    let Some(frame) = frames::get(write, hash)? else { return Ok(false) };
    if !streams::is_own(write, frame.lane.stream)? || verdicts::of_frame(write, hash)?.is_some() {
        return Ok(false);
    }
    moved.sent += frame.decode_body()?.changes.len() as u32;
    Ok(true)
}

fn report(
    session: &Session<'_>,
    moved: &Moved,
    failure: Option<ErrorView>,
) -> Result<SyncReport, ClientError> {
    let sheets = home::all(session)?;
    let waiting = waiting(&sheets);
    let conflicts = conflict::conflicts(session)?.len() as u32;
    let rejected = refusal::refusals(session)?.len() as u32;
    let sentence = match &failure {
        Some(failure) => failure.message.clone(),
        None => closing_sentence(moved, conflicts, rejected),
    };
    Ok(SyncReport {
        ok: failure.is_none(),
        sent: moved.sent,
        came: moved.came,
        waiting,
        rejected,
        conflicts,
        sentence,
        failure,
    })
}

fn closing_sentence(moved: &Moved, conflicts: u32, rejected: u32) -> Text {
    let (sent, came) = (moved.sent, moved.came);
    let mut text = match (sent, came) {
        (0, 0) => {
            Text { vi: "Đã đồng bộ, không có gì mới.".into(), en: "Synced; nothing new.".into() }
        }
        _ => Text {
            vi: format!("Đã đồng bộ: máy chủ nhận {sent} thay đổi, máy này nhận {came} thay đổi."),
            en: format!("Synced: the server has received {sent} changes, this device {came}."),
        },
    };
    if conflicts > 0 {
        text.vi.push_str(&format!(" {conflicts} mục cần xem lại."));
        text.en.push_str(&format!(" {conflicts} to settle."));
    }
    if rejected > 0 {
        text.vi.push_str(&format!(" {rejected} mục bị từ chối."));
        text.en.push_str(&format!(" {rejected} rejected."));
    }
    text
}

fn waiting(sheets: &[SheetSummary]) -> u32 {
    let waits =
        |sheet: &&SheetSummary| matches!(sheet.place, Place::Waiting | Place::Sending | Place::Failed);
    sheets.iter().filter(waits).count() as u32
}

/// Sync in one line.
pub(crate) fn summary(session: &Session<'_>, sheets: &[SheetSummary]) -> Result<SyncSummary, ClientError> {
    Ok(SyncSummary {
        last_success: meta::get(session.connection, meta::Key::LastSuccess)?,
        waiting: waiting(sheets),
        failure: meta::get::<Option<ErrorView>>(session.connection, meta::Key::LastFailure)?.flatten(),
    })
}

/// The sync screen: what is not received first.
pub(crate) fn status(session: &Session<'_>) -> Result<SyncView, ClientError> {
    let mut items = home::all(session)?;
    let summary = summary(session, &items)?;
    items.retain(|item| item.place != Place::Empty);
    items.sort_by_key(|item| item.place == Place::Received);
    Ok(SyncView { summary, server: session.me.server.clone(), items, rejected: refusal::refusals(session)? })
}

/// Whether something of a scope waits in the outbox or unjudged; used to tell a failed try from a quiet wait.
pub(crate) fn last_failure(session: &Session<'_>) -> Result<Option<ErrorView>, ClientError> {
    if outbox::is_empty(session.connection)? && frames::waiting(session.connection, 1)?.is_empty() {
        return Ok(None);
    }
    Ok(meta::get::<Option<ErrorView>>(session.connection, meta::Key::LastFailure)?.flatten())
}
