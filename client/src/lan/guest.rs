//! The way to a hub: find it by its invitation, prove this device, exchange everything.
//!
//! Invariant: of several addresses the first that leads to the hub of the invitation is used, and no other learns anything
//! but that somebody has knocked.

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use xeploai_core::sync::invitation::Invitation;
use xeploai_core::view::{ErrorView, LinkState, LinkView, SyncReport};

use super::hub::{ANSWER, REFUSAL};
use super::link::{Identity, Link};
use super::{identity, locked, meeting};
use crate::app::App;
use crate::background::Background;
use crate::error::{ClientError, Refused};
use crate::ops::people;
use crate::ops::sync::{Syncing, running};
use crate::tables::frames;

/// How long an address may take until the hub has let this device in.
const JOIN_MAX: Duration = Duration::from_secs(10);
/// How much later than the one before an address is tried.
const STAGGER: Duration = Duration::from_millis(250);
/// How long the hub may take for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// Comes to a hub; what `watched` shows follows.
pub(super) fn join(
    app: &App,
    text: &str,
    watched: &Mutex<Option<LinkView>>,
) -> Result<SyncReport, ClientError> {
    let invitation = Invitation::parse(text).map_err(|_| Refused::NoInvitation)?;
    let _running = running(app)?;
    *locked(watched) = Some(greeting());
    // What can't be sealed now stops nothing that is: the sync tells of it in the end.
    app.with_store(|store| {
        people::seal_or_later(store);
        Ok(())
    })?;
    let report = come(app, invitation, watched);
    if let Some(view) = &mut *locked(watched) {
        match &report {
            Ok(report) => {
                (view.sentence, view.failure) = (Some(report.sentence.clone()), report.failure.clone())
            }
            Err(error) => view.failure = Some(error.view()),
        }
        view.state = if view.failure.is_none() { LinkState::Done } else { LinkState::Failed };
    }
    report
}

fn greeting() -> LinkView {
    LinkView {
        name: String::new(),
        known: false,
        unit: String::new(),
        device: String::new(),
        code: String::new(),
        state: LinkState::Greeting,
        handed: 0,
        total: 0,
        sentence: None,
        failure: None,
    }
}

fn come(
    app: &App,
    invitation: Invitation,
    watched: &Mutex<Option<LinkView>>,
) -> Result<SyncReport, ClientError> {
    let (_, identity) = identity(app)?;
    let total = app.with(|session| frames::waiting_count(session.connection))?;
    let background = Background::start("xeploai-guest")?;
    let link = background.run(dial(invitation, identity, total))??;
    let met = link.met();
    *locked(watched) = Some(meeting(app, &met)?);
    let mut syncing = app.begin_sync(Some(&met.peer))?;
    let ended = exchange_all(&background, link, &mut syncing, watched);
    syncing.end(ended)
}

fn exchange_all(
    background: &Background,
    mut link: Link<TcpStream>,
    syncing: &mut Syncing<'_>,
    watched: &Mutex<Option<LinkView>>,
) -> Result<(), ClientError> {
    while let Some(request) = syncing.ask()? {
        let (back, answer) = background.run(async move {
            let answer = timeout(ANSWER_MAX, exchange(&mut link, &request)).await;
            (link, answer.unwrap_or(Err(Refused::LinkBroken.into())))
        })?;
        link = back;
        syncing.took(answer)?;
        if let Some(view) = &mut *locked(watched) {
            view.handed = view.total.min(syncing.handed());
        }
    }
    if !syncing.is_complete() {
        return Ok(());
    }
    // All is exchanged, whether or not the hub hears of it.
    let _ = background.run(async move { timeout(JOIN_MAX, link.send(&[])).await })?;
    Ok(())
}

/// One request and its answer.
async fn exchange(link: &mut Link<TcpStream>, request: &[u8]) -> Result<Vec<u8>, ClientError> {
    link.send(request).await?;
    let mut answer = link.receive().await?.ok_or(Refused::LinkBroken)?;
    match answer.first() {
        Some(&ANSWER) => {
            answer.remove(0);
            Ok(answer)
        }
        Some(&REFUSAL) => {
            let view: ErrorView = serde_json::from_slice(&answer[1..]).map_err(|_| Refused::LinkBroken)?;
            Err(ClientError::Server(view))
        }
        _ => Err(Refused::LinkBroken.into()),
    }
}

/// Tries all addresses, one after the other and without waiting for those that do not answer.
async fn dial(invitation: Invitation, identity: Identity, total: u32) -> Result<Link<TcpStream>, Refused> {
    let mut tries = JoinSet::new();
    for (number, address) in (0..).zip(invitation.addresses.clone()) {
        let (invitation, identity) = (invitation.clone(), identity.clone());
        tries.spawn(async move {
            tokio::time::sleep(STAGGER * number).await;
            knock(address, &invitation, &identity, total).await
        });
    }
    let mut worst = Refused::HubUnreachable;
    while let Some(tried) = tries.join_next().await {
        match tried {
            Ok(Ok(link)) => return Ok(link),
            // The hub itself has said no: by another of its addresses it says the same, and counts again.
            Ok(Err(Refused::WrongSecret)) => return Err(Refused::WrongSecret),
            // Whoever answered says more than who did not.
            Ok(Err(refused)) if refused != Refused::HubUnreachable => worst = refused,
            _ => {}
        }
    }
    Err(worst)
}

async fn knock(
    address: IpAddr,
    invitation: &Invitation,
    identity: &Identity,
    total: u32,
) -> Result<Link<TcpStream>, Refused> {
    let connect = TcpStream::connect(SocketAddr::new(address, invitation.port));
    let stream = timeout(JOIN_MAX, connect).await.map_err(|_| Refused::HubUnreachable)?;
    let stream = stream.map_err(|_| Refused::HubUnreachable)?;
    // Requests and answers take turns: nothing is gained by waiting for more.
    stream.set_nodelay(true).map_err(|_| Refused::HubUnreachable)?;
    let joined = timeout(JOIN_MAX, Link::join(stream, identity, invitation, total)).await;
    joined.map_err(|_| Refused::HubBusy)?
}
