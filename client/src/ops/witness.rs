//! Witness: this device states, in lanes of its own, what was handed to it, so that what comes late was in time.
//!
//! Invariant: a statement never claims an earlier time than the true one. Its time is the server's own, from a batch of
//! verdicts that was signed after this device had asked for it, plus all that the device's uptime has counted since it
//! asked. Where that can't be told, because the device was restarted or has no such clock, the statement has no time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xeploai_core::ids::FrameHash;
use xeploai_core::org::{Config, Role};
use xeploai_core::sync::Scope;
use xeploai_core::sync::body::{CHANGES_MAX, Change, WitnessChange};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::policy::may_vouch;
use xeploai_core::sync::verdict::Verdicts;

use super::seal;
use crate::environment::Uptime;
use crate::error::ClientError;
use crate::session::Session;
use crate::tables::accounts::Account;
use crate::tables::{frames, meta, streams, witnessed};
use crate::transact::{Write, transact};

/// A time of the server, and this device's uptime when it asked for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Beacon {
    epoch: [u8; 16],
    batch: u64,
    at: i64,
    asked: Uptime,
}

/// Whether a person may be a witness of anything, so that his device asks for the server's time.
pub(crate) fn may_be_witness(config: &Config, me: &Account) -> bool {
    let granted = |it: &xeploai_core::org::Grant| it.reader == me.person && it.witness && !it.revoked;
    config.has_role(me.person, Role::Supervisor) || config.grants.values().any(granted)
}

/// Notes the server's time from the answer to a request that asked for it at this uptime.
pub(crate) fn note_beacon(write: &Write<'_>, beacon: &Verdicts, asked: Uptime) -> Result<(), ClientError> {
    let (epoch, batch, at) = (beacon.epoch, beacon.number, beacon.received_at);
    let beacon = Beacon { epoch, batch, at, asked };
    meta::set(write, meta::Key::Beacon, &beacon)
}

/// States what another device has just handed over, scope by scope. Gives the frames that say so, with those that said
/// so when it was handed over before.
pub(crate) fn state(session: &mut Session<'_>, handed: &[Frame]) -> Result<Vec<Frame>, ClientError> {
    let mut unstated: BTreeMap<Scope, Vec<FrameHash>> = BTreeMap::new();
    let mut said = Vec::new();
    for frame in handed {
        let hash = frame.hash();
        match witnessed::by(session.connection, hash, session.me.person)? {
            Some(statement) => said.push(statement),
            None if is_to_state(session, frame, hash)? => {
                unstated.entry(frame.lane.scope).or_default().push(hash);
            }
            None => {}
        }
    }
    said.sort();
    said.dedup();
    let mut stated = Vec::new();
    for statement in said {
        stated.extend(frames::get(session.connection, statement)?);
    }
    if unstated.is_empty() {
        return Ok(stated);
    }
    let empty = empty_statement(session)?;
    let (signer, me) = (session.signer, &session.me);
    transact(session.connection, |write| {
        for (scope, frames) in &unstated {
            for frames in frames.chunks(CHANGES_MAX) {
                let statement = WitnessChange { frames: frames.to_vec(), ..empty.clone() };
                let frame = seal::seal_now(write, signer, me, *scope, Change::Witness(statement.clone()))?;
                witnessed::insert(write, me.person, &statement, frame.hash())?;
                stated.push(frame);
            }
        }
        Ok(stated)
    })
}

/// Whether a frame is here that the server has no receipt for, and for whose author the user may vouch. Statements are
/// not stated again.
fn is_to_state(session: &Session<'_>, frame: &Frame, hash: FrameHash) -> Result<bool, ClientError> {
    let store = &*session.connection;
    if !frames::holds(store, hash)? || frames::is_received(store, hash)? {
        return Ok(false);
    }
    let Some(certificate) = streams::get(store, frame.lane.stream)? else { return Ok(false) };
    let author = certificate.header.author;
    let body = frame.decode_body().unwrap_or_default();
    let states = body.changes.iter().any(|change| matches!(change, Change::Witness(_)));
    Ok(!states && may_vouch(&session.config, session.me.person, author, frame.lane.scope))
}

/// A statement of this moment, of no frames yet.
fn empty_statement(session: &Session<'_>) -> Result<WitnessChange, ClientError> {
    let beacon: Option<Beacon> = meta::get(session.connection, meta::Key::Beacon)?;
    let now = session.signer.environment.clock.uptime();
    let elapsed_s = beacon.as_ref().zip(now).and_then(|(beacon, now)| {
        let same_start = now.boot == beacon.asked.boot;
        now.seconds.checked_sub(beacon.asked.seconds).filter(|_| same_start)
    });
    let boot = now.map(|now| now.boot).unwrap_or_default();
    let (epoch, batch, beacon_at) = beacon.map(|it| (it.epoch, it.batch, it.at)).unwrap_or_default();
    Ok(WitnessChange { frames: Vec::new(), epoch, batch, beacon_at, boot, elapsed_s })
}
