//! One sync: read what waits → let go of the store → ask the server → write what came.
//!
//! Invariant: what came and the cursor that says so are one transaction; "received" is set by a signed verdict alone.

use std::sync::{MutexGuard, TryLockError};

use xeploai_core::ids::FrameHash;
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::exchange::{Ending, Exchange, Peer};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::{Nothing, PeerHas};
use xeploai_core::sync::policy;
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::wire::WireError;
use xeploai_core::view::{ErrorView, Place, SheetSummary, SyncReport, SyncSummary, SyncView, Text};

use super::shelf::Shelf;
use super::take::{Moved, take};
use super::{clock, conflict, doubt, hand_over, home, retention, witness};
use crate::app::App;
use crate::environment::Uptime;
use crate::error::{ClientError, Refused};
use crate::session::Session;
use crate::tables::{contents, frames, meta, outbox, streams};
use crate::transact::{transact, transact_unhurried};
use crate::view::refusal;

/// Exchanges everything with the server.
pub(crate) fn sync(app: &App) -> Result<SyncReport, ClientError> {
    let _running = running(app)?;
    let mut syncing = Syncing::begin(app, None)?;
    let ended = exchange_all(app, &mut syncing);
    syncing.end(ended)
}

/// Held while a sync runs.
///
/// # Errors
/// [`Refused::SyncRunning`] when another one does.
pub(crate) fn running(app: &App) -> Result<MutexGuard<'_, ()>, ClientError> {
    match app.syncing().try_lock() {
        Ok(running) => Ok(running),
        Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => Err(Refused::SyncRunning.into()),
    }
}

/// Exchanges everything, and says nothing of it.
pub(crate) fn exchange(app: &App) -> Result<(), ClientError> {
    exchange_all(app, &mut Syncing::begin(app, None)?)
}

fn exchange_all(app: &App, syncing: &mut Syncing<'_>) -> Result<(), ClientError> {
    let server = app.with(|session| session.me.server())?;
    while let Some(request) = syncing.ask()? {
        syncing.took(app.environment().carrier.exchange(&server, "/sync", request))?;
    }
    Ok(())
}

/// Fetches the signatures, and where needed the frames, that stand behind the snapshots of closed periods.
pub(crate) fn fetch_history(app: &App) -> Result<SyncReport, ClientError> {
    let mut syncing = Syncing::begin(app, None)?;
    syncing.exchange = Exchange::for_history();
    let ended = exchange_all(app, &mut syncing);
    syncing.end(ended)
}

/// A sync that is under way, step by step: whoever carries the bytes may be the network, a test, or nobody any more.
/// Nothing of the store is held between two steps.
pub struct Syncing<'a> {
    app: &'a App,
    exchange: Exchange,
    peer: Peer,
    /// Public key of the device that is asked.
    key: [u8; 32],
    /// What could not be sealed stops nothing that is: it is told at the end.
    sealed: Result<(), ClientError>,
    /// Whether the own certificate goes along: the peer may not know this device.
    introduce: bool,
    /// Whether the server's time is asked for, and this device's time and uptime when it was.
    wants_beacon: bool,
    /// See [`doubt`]: verdicts that go with the present request, those that the server has taken, and whether the exchange was
    /// begun once more to show some.
    doubts: Vec<i64>,
    dispelled: Vec<i64>,
    again: bool,
    beacon_asked: Option<(i64, Option<Uptime>)>,
    asked: Option<Message>,
    moved: Moved,
    /// Frames that the peer has taken.
    handed: u32,
}

impl<'a> Syncing<'a> {
    /// Begins a sync of the active person with the server, or with the device that has this certificate.
    pub(crate) fn begin(app: &'a App, hub: Option<&Certificate>) -> Result<Self, ClientError> {
        let sealed = app.with_store(crate::session::Store::seal_all);
        let (peer, key, wants_beacon) = app.with(|session| match hub {
            Some(hub) => {
                let me = &session.me;
                hub.verify(me.department, &me.department_key).map_err(|_| Refused::BadSignature)?;
                let known = streams::get(session.connection, hub.header.stream())?;
                if !policy::admits(&session.config, known.as_ref().unwrap_or(hub)) {
                    return Err(Refused::UnknownDevice.into());
                }
                if session.config.revocations.contains_key(&hub.header.key) {
                    return Err(Refused::PeerRevoked.into());
                }
                // Who was met once can be written to: see [`super::bundle`].
                if known.is_none() {
                    transact(session.connection, |write| streams::insert(write, hub, false))?;
                }
                Ok((Peer::Hub, hub.header.key, false))
            }
            None => {
                let server = streams::server(session.connection)?.ok_or(Refused::NotEnrolled)?;
                let may_be_witness = witness::may_be_witness(&session.config, &session.me);
                let states_times = may_be_witness && app.environment().clock.uptime().is_some();
                Ok((Peer::Server, server.header.key, states_times || clock::is_due(session)?))
            }
        })?;
        let (exchange, introduce) = (Exchange::with(peer), peer == Peer::Hub);
        let (asked, moved, beacon_asked) = (None, Moved::default(), None);
        Ok(Self {
            app,
            exchange,
            peer,
            key,
            sealed,
            introduce,
            wants_beacon,
            doubts: Vec::new(),
            dispelled: Vec::new(),
            again: false,
            beacon_asked,
            asked,
            moved,
            handed: 0,
        })
    }

    /// The next request; nothing when the sync has ended. From here on its frames may have left the device.
    ///
    /// # Errors
    /// When the store or the key store fails.
    pub fn ask(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        let (exchange, introduce, key, peer) = (&mut self.exchange, self.introduce, self.key, self.peer);
        // Before anything is asked: what has passed since is then counted too much rather than too little.
        let (clock, beacon) = (&self.app.environment().clock, self.wants_beacon);
        self.beacon_asked = beacon.then(|| (clock.now(), clock.uptime()));
        let (doubts, again, dispelled) = (&mut self.doubts, &mut self.again, &self.dispelled);
        let asked = self.app.with(|session| {
            let snapshot = session.connection.unchecked_transaction()?;
            let shelf = Shelf::new(&snapshot, &session.config, session.me.person);
            *doubts = if peer == Peer::Server { doubt::rows(&snapshot)? } else { Vec::new() };
            let shown: &[i64] = if doubts == dispelled { &[] } else { doubts };
            if exchange.ending().is_some() && !shown.is_empty() && !std::mem::replace(again, true) {
                *exchange = Exchange::with(peer);
            }
            let Some(mut message) = exchange.ask(&shelf) else { return shelf.done().map(|()| None) };
            message.beacon = beacon;
            shelf.bring_along(&mut message, peer, shown);
            let own = streams::get(&snapshot, session.me.stream)?.ok_or(Refused::NotEnrolled)?;
            if introduce && !message.certificates.contains(&own) {
                message.certificates.push(own);
            }
            hand_over::raise(&snapshot, &*session.signer.environment.keys, &message.frames)?;
            let channel = Channel::between(&session.key()?, &key, session.me.department)
                .map_err(|_| Refused::BadSignature)?;
            let has: &dyn PeerHas = if message.full || peer == Peer::Hub { &Nothing } else { &shelf };
            let bytes = message.request(session.me.stream, &channel, has);
            shelf.done()?;
            Ok(Some((message, bytes)))
        })?;
        let (message, bytes) = asked.unzip();
        self.asked = message;
        Ok(bytes)
    }

    /// Whether everything was exchanged.
    pub(crate) fn is_complete(&self) -> bool {
        self.exchange.ending() == Some(Ending::Same)
    }

    /// Frames that the peer has taken so far, or had before.
    pub(crate) fn handed(&self) -> u32 {
        self.handed
    }

    /// Takes what came back for the last request, or why nothing did.
    ///
    /// # Errors
    /// What went wrong on the way, unless another request mends it; or the store's failure.
    pub fn took(&mut self, answer: Result<Vec<u8>, ClientError>) -> Result<(), ClientError> {
        let Some(asked) = self.asked.take() else { return Ok(()) };
        let answer = match answer {
            Err(ClientError::Server(view))
                if view.code == "message_too_large" && self.exchange.halve(&asked) =>
            {
                return Ok(());
            }
            Err(ClientError::Server(view)) if view.code == "unknown_device" && !self.introduce => {
                self.introduce = true;
                return Ok(());
            }
            answer => answer?,
        };
        let (moved, peer) = (&mut self.moved, self.peer);
        let (answer, plan) = self.app.with(|session| {
            let answer = opened(session, &asked, &answer)?;
            let plan = take(session, &answer, peer, moved)?;
            Ok((answer, plan))
        })?;
        // Asked for the same in full, the peer has taken nothing yet.
        if !answer.full {
            self.dispelled = std::mem::take(&mut self.doubts);
        }
        let handed = if answer.full { &[][..] } else { &asked.frames };
        self.handed += handed.len() as u32;
        let moved = &mut self.moved;
        let exchange = &mut self.exchange;
        // The configuration may have come with it, and with it what may be read.
        self.app.with(|session| {
            if let (Some(beacon), Some((at, uptime))) = (plan.beacon(), self.beacon_asked.take()) {
                self.wants_beacon = false;
                let now = session.now;
                transact_unhurried(session.connection, |write| {
                    clock::compare(write, at, beacon.received_at, now)?;
                    uptime.map_or(Ok(()), |uptime| witness::note_beacon(write, beacon, uptime))
                })?;
            }
            moved.handed.extend(hand_over::sheets(session.connection, handed, session.me.department)?);
            let snapshot = session.connection.unchecked_transaction()?;
            let shelf = Shelf::new(&snapshot, &session.config, session.me.person);
            exchange.took(&asked, &answer, &shelf);
            shelf.done()?;
            drop(snapshot);
            // What the server has it says by receipts.
            if peer == Peer::Hub { note_handed(session, exchange, &asked) } else { Ok(()) }
        })
    }

    /// Notes how the sync ended and says so.
    ///
    /// # Errors
    /// When the store fails.
    pub fn end(self, ended: Result<(), ClientError>) -> Result<SyncReport, ClientError> {
        let differs = match (self.exchange.ending(), self.peer) {
            (Some(Ending::Differs), Peer::Server) => Err(Refused::ServerDiffers.into()),
            (Some(Ending::Differs), Peer::Hub) => Err(Refused::PeerDiffers.into()),
            _ => Ok(()),
        };
        let ended = ended.and(self.sealed).and(differs);
        let (moved, peer, dispelled) = (self.moved, self.peer, self.dispelled);
        self.app.with(|session| {
            let failure = ended.as_ref().err().map(ClientError::view);
            if peer == Peer::Server {
                note_end(session, &failure, &dispelled)?;
            }
            report(session, &moved, peer, failure)
        })
    }
}

/// Notes which contents another device has taken whole with the last blocks of a request.
fn note_handed(session: &mut Session<'_>, exchange: &Exchange, asked: &Message) -> Result<(), ClientError> {
    let mut contents = asked.blocks.iter().map(|block| block.content);
    if !contents.any(|content| exchange.handed().contains(&content)) {
        return Ok(());
    }
    transact_unhurried(session.connection, |write| {
        exchange.handed().iter().try_for_each(|content| contents::note_handed(write, *content))
    })
}

/// The message that an answer is.
fn opened(session: &Session<'_>, asked: &Message, answer: &[u8]) -> Result<Message, ClientError> {
    let hashes: Vec<FrameHash> = asked.frames.iter().map(Frame::hash).collect();
    let snapshot = session.connection.unchecked_transaction()?;
    let shelf = Shelf::new(&snapshot, &session.config, session.me.person);
    let opened = Message::decode_answer(answer, &hashes, &shelf);
    shelf.done()?;
    Ok(match opened {
        // It names briefly what is not here: once more, in full.
        Err(WireError::Unresolved) if !asked.full => Message { full: true, ..Message::default() },
        Err(WireError::Cut) => return Err(Refused::AnswerCut.into()),
        Err(WireError::Version) => return Err(Refused::AppTooOld.into()),
        Err(_) => return Err(Refused::NotOurServer.into()),
        Ok(answer) => answer,
    })
}

/// How a sync with the server ended; one with a hub says nothing of the server.
fn note_end(
    session: &mut Session<'_>,
    failure: &Option<ErrorView>,
    dispelled: &[i64],
) -> Result<(), ClientError> {
    let now = session.now;
    transact(session.connection, |write| {
        if failure.is_none() {
            meta::set(write, meta::Key::LastSuccess, &now)?;
            doubt::dispel(write, dispelled)?;
        }
        meta::set(write, meta::Key::LastFailure, failure)
    })?;
    if failure.is_none() {
        retention::forget(session)?;
        retention::forget_evidence(session)?;
    }
    Ok(())
}

fn report(
    session: &Session<'_>,
    moved: &Moved,
    peer: Peer,
    failure: Option<ErrorView>,
) -> Result<SyncReport, ClientError> {
    let sheets = home::all(session)?;
    let waiting = waiting(&sheets);
    let conflicts = conflict::conflicts(session)?.len() as u32;
    let rejected = refusal::refusals(session)?.len() as u32;
    let sentence = match &failure {
        Some(failure) => failure.message.clone(),
        None => {
            let evidence = contents::waiting_count(session.connection)?;
            closing_sentence(moved, peer, (conflicts, rejected, evidence))
        }
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

fn closing_sentence(moved: &Moved, peer: Peer, (conflicts, rejected, evidence): (u32, u32, u32)) -> Text {
    let (sent, came) = (moved.sent, moved.came);
    let mut text = match (sent, came, peer) {
        (_, _, Peer::Hub) => met_sentence(moved),
        (0, 0, Peer::Server) => {
            Text { vi: "Đã đồng bộ, không có gì mới.".into(), en: "Synced; nothing new.".into() }
        }
        (_, _, Peer::Server) => Text {
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
    if evidence > 0 {
        text.vi.push_str(&format!(" Còn {evidence} ảnh, tệp máy chủ chưa nhận."));
        text.en.push_str(&format!(" Photos and files that the server has not received: {evidence}."));
    }
    text
}

/// What became of a meeting with another device. To hand over is not to be received.
fn met_sentence(moved: &Moved) -> Text {
    let (sent, came, handed) = (moved.sent, moved.came, moved.handed.len());
    let parts = [
        (handed > 0, format!("đã trao {handed} phiếu"), format!("handed over sheets: {handed}")),
        (
            sent > 0,
            format!("máy chủ đã nhận {sent} thay đổi"),
            format!("the server has received changes: {sent}"),
        ),
        (
            came > 0,
            format!("máy này nhận {came} thay đổi"),
            format!("this device has received changes: {came}"),
        ),
    ];
    let said: Vec<_> = parts.into_iter().filter_map(|(said, vi, en)| said.then_some((vi, en))).collect();
    let joined = |texts: Vec<&str>| texts.join("; ");
    let (vi, en) = (said.iter().map(|it| it.0.as_str()), said.iter().map(|it| it.1.as_str()));
    let mut text = match said.len() {
        0 => Text { vi: "Hai máy đã có như nhau.".into(), en: "Both devices hold the same.".into() },
        _ => Text {
            vi: format!("Xong: {}.", joined(vi.collect())),
            en: format!("Done: {}.", joined(en.collect())),
        },
    };
    if handed > 0 {
        text.vi.push_str(" Bản trên máy này vẫn được giữ đến khi máy chủ nhận.");
        text.en.push_str(" They stay on this device until the server has received them.");
    }
    text
}

fn waiting(sheets: &[SheetSummary]) -> u32 {
    let waits = |sheet: &&SheetSummary| {
        matches!(sheet.place, Place::Waiting | Place::Sending | Place::Carried | Place::Failed)
    };
    sheets.iter().filter(waits).count() as u32
}

/// Sync in one line.
pub(crate) fn summary(session: &Session<'_>, sheets: &[SheetSummary]) -> Result<SyncSummary, ClientError> {
    Ok(SyncSummary {
        last_success: meta::get(session.connection, meta::Key::LastSuccess)?,
        waiting: waiting(sheets),
        evidence: contents::waiting_count(session.connection)?,
        failure: meta::get::<Option<ErrorView>>(session.connection, meta::Key::LastFailure)?.flatten(),
        clock: clock::notice(session)?,
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
