//! The way to a hub: find it by its invitation, prove this device, exchange everything.
//!
//! Invariant: of several addresses the first that leads to the hub of the invitation is used, and no other learns anything
//! but that somebody has knocked.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use xeploai_core::sync::invitation::Invitation;
use xeploai_core::view::{ErrorView, LinkState, LinkView, SyncReport};

use super::hub::{ANSWER, REFUSAL};
use super::link::{Link, Met};
use super::newcomer::WORD_MAX;
use super::{announce, identity, locked, meeting};
use crate::app::App;
use crate::background::Background;
use crate::error::{ClientError, Refused};
use crate::ops::delegate::{self, Application};
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
    *locked(watched) = Some(LinkView::greeting());
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

/// Asks a hub to make this device somebody's, and waits for its person's word. A key is of one person: another try has
/// another one.
pub(super) fn apply(
    app: &App,
    invitation: Invitation,
    (device, claim): (&str, &str),
    watched: &Mutex<Option<LinkView>>,
) -> Result<(), ClientError> {
    *locked(watched) = Some(LinkView::greeting());
    let environment = app.environment();
    let key = environment.keys.create(&*environment.random)?;
    let application = Application::new(key.verifying_key().to_bytes(), environment.bytes()?, device, claim);
    let (own, background) = (key.clone(), Background::start("xeploai-guest")?);
    let places = addresses(&invitation);
    let knock = move |stream, invitation: Invitation| {
        let (own, application) = (own.clone(), application.clone());
        async move { Link::apply(stream, &own, &application, &invitation).await }
    };
    let asked = (|| {
        let (mut link, met) = background.run(dial(invitation, places, knock))??;
        *locked(watched) = Some(LinkView {
            name: met.card.name.clone(),
            unit: met.card.unit.clone(),
            device: met.peer.header.device.clone(),
            code: met.code.clone(),
            state: LinkState::Asking,
            ..LinkView::greeting()
        });
        let answer = background.run(async move {
            timeout(WORD_MAX, answer(&mut link)).await.unwrap_or(Err(Refused::LinkBroken.into()))
        })??;
        app.with_store(|store| delegate::keep(store, &answer, &met.peer, &key))
    })();
    if let (Err(error), Some(view)) = (&asked, &mut *locked(watched)) {
        (view.state, view.failure) = (LinkState::Failed, Some(error.view()));
    }
    asked
}

fn come(
    app: &App,
    invitation: Invitation,
    watched: &Mutex<Option<LinkView>>,
) -> Result<SyncReport, ClientError> {
    let (_, identity) = identity(app)?;
    let total = app.with(|session| frames::waiting_count(session.connection))?;
    let background = Background::start("xeploai-guest")?;
    let places = addresses(&invitation);
    let knock = move |stream, invitation: Invitation| {
        let identity = identity.clone();
        async move { Link::join(stream, &identity, &invitation, total).await }
    };
    let (link, met) = background.run(dial(invitation, places, knock))??;
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
    answer(link).await
}

/// What the hub says: the content of its answer, or why there is none.
async fn answer(link: &mut Link<TcpStream>) -> Result<Vec<u8>, ClientError> {
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

/// Where the hub of an invitation may be: where it says, or wherever one is. Waits for the network.
fn addresses(invitation: &Invitation) -> Vec<SocketAddr> {
    if invitation.addresses.is_empty() {
        return announce::found();
    }
    invitation.addresses.iter().map(|address| SocketAddr::new(*address, invitation.port)).collect()
}

/// A link that is up, and who is at its other end.
type Joined = (Link<TcpStream>, Met);

/// Tries all addresses, one after the other and without waiting for those that do not answer. `greet` says who comes.
async fn dial<F>(
    invitation: Invitation,
    addresses: Vec<SocketAddr>,
    greet: impl Fn(TcpStream, Invitation) -> F + Clone + Send + 'static,
) -> Result<Joined, Refused>
where
    F: Future<Output = Result<Joined, Refused>> + Send,
{
    let mut tries = JoinSet::new();
    for (number, address) in (0..).zip(addresses) {
        let (invitation, greet) = (invitation.clone(), greet.clone());
        tries.spawn(async move {
            tokio::time::sleep(STAGGER * number).await;
            let stream = knock(address).await?;
            timeout(JOIN_MAX, greet(stream, invitation)).await.map_err(|_| Refused::HubBusy)?
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

async fn knock(address: SocketAddr) -> Result<TcpStream, Refused> {
    let connect = TcpStream::connect(address);
    let stream = timeout(JOIN_MAX, connect).await.map_err(|_| Refused::HubUnreachable)?;
    let stream = stream.map_err(|_| Refused::HubUnreachable)?;
    // Requests and answers take turns: nothing is gained by waiting for more.
    stream.set_nodelay(true).map_err(|_| Refused::HubUnreachable)?;
    Ok(stream)
}
