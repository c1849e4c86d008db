//! The hub: it listens on this device's own networks, lets in whoever has read its invitation, and counts what it takes.
//!
//! Invariant: everything that a stranger can make it do has a limit: links at a time, links from one address, tries of the
//! secret, bytes of a message, seconds of silence. It closes by itself when nobody comes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use xeploai_core::ids::PersonId;
use xeploai_core::sync::invitation::{Invitation, PORT, key_name};
use xeploai_core::view::{HubView, LinkState, LinkView, Text};

use super::link::{Guest, Identity, Link, Met};
use super::listen::Ears;
use super::newcomer::Waiting;
use super::{identity, locked, meeting};
use crate::app::App;
use crate::background::Background;
use crate::error::{ClientError, Refused};
use crate::ops::take::Moved;
use crate::view::qr;

/// Most meetings that are shown.
const SHOWN_MAX: usize = 500;
/// Wrong secrets until there is another one.
const WRONG_MAX: u32 = 20;
const GREETING_MAX: Duration = Duration::from_secs(10);
/// How long a guest may take for its next request.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// First byte of an answer.
pub(super) const ANSWER: u8 = 0;
/// First byte of a refusal, an [`xeploai_core::view::ErrorView`] as JSON.
pub(super) const REFUSAL: u8 = 1;

/// Where and for how long a hub listens.
#[derive(Debug, Clone)]
pub struct HubOptions {
    /// Addresses; those of the device's interfaces when absent.
    pub addresses: Option<Vec<IpAddr>>,
    /// Port; any free one when it is taken, or 0.
    pub port: u16,
    /// Seconds without a guest until it closes.
    pub idle_s: i64,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self { addresses: None, port: PORT, idle_s: 30 * 60 }
    }
}

/// What a guest is told.
pub(super) type Answer = Result<Vec<u8>, ClientError>;

/// A hub that is open, or was.
pub struct Hub {
    pub(super) shared: Arc<Shared>,
    background: Option<Background>,
}

pub(super) struct Shared {
    pub(super) app: Arc<App>,
    /// Whose hub it is, whoever uses the device meanwhile.
    pub(super) person: PersonId,
    identity: Identity,
    idle_s: i64,
    pub(super) state: Mutex<State>,
    changed: Condvar,
}

pub(super) struct State {
    pub(super) open: bool,
    /// Counts what a screen would show differently.
    revision: u64,
    pub(super) invitation: Invitation,
    closes_at: i64,
    wrong: u32,
    /// Links that are up, by address.
    pub(super) linked: BTreeMap<IpAddr, usize>,
    /// By number, in the order in which they came.
    pub(super) meetings: BTreeMap<u32, LinkView>,
    came: u32,
    /// New devices that wait for this person's word, by number.
    pub(super) applications: BTreeMap<u32, Waiting>,
    /// What all guests have brought.
    moved: Moved,
    conflicts: u32,
}

impl Hub {
    /// Opens a hub of the active person.
    ///
    /// # Errors
    /// [`Refused::NoNetwork`] when the device has no address that others can reach, [`Refused::NotEnrolled`]; or when the
    /// store or the system fails.
    pub fn open(app: &Arc<App>, options: HubOptions) -> Result<Self, ClientError> {
        let (person, identity) = identity(app)?;
        let HubOptions { addresses, port, idle_s } = options;
        let own = identity.certificate.header.key;
        if app.with(|session| Ok(session.config.revocations.contains_key(&own)))? {
            return Err(Refused::DeviceRevoked.into());
        }
        let secret = app.environment().bytes()?;
        let key = key_name(identity.trust.department, &own, &secret);
        let state = State {
            open: true,
            revision: 0,
            invitation: Invitation { addresses: Vec::new(), port, key, secret },
            closes_at: app.environment().clock.now() + idle_s,
            wrong: 0,
            linked: BTreeMap::new(),
            meetings: BTreeMap::new(),
            came: 0,
            applications: BTreeMap::new(),
            moved: Moved::default(),
            conflicts: 0,
        };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        let shared = Arc::new(Shared { app: Arc::clone(app), person, identity, idle_s, state, changed });
        let background = Background::start("xeploai-hub")?;
        let mut ears = Ears::new(&shared, addresses);
        let ears = background.run(async move {
            ears.adapt().await;
            ears
        })?;
        if !ears.hear() {
            return Err(Refused::NoNetwork.into());
        }
        background.handle()?.spawn(ears.keep_listening());
        Ok(Self { shared, background: Some(background) })
    }

    /// What its screen shows.
    pub fn view(&self) -> HubView {
        let state = locked(&self.shared.state);
        let invitation = state.invitation.qr();
        HubView {
            open: state.open,
            qr: qr::drawn(&invitation),
            invitation,
            typed: state.invitation.typed(),
            closes_at: state.closes_at,
            links: state.meetings.values().rev().cloned().collect(),
            sentence: state.moved.counted(state.conflicts, nobody_yet()),
        }
    }

    /// Waits until its screen would show something else than at a revision, or a time has passed. Gives the revision.
    pub fn wait(&self, seen: u64, at_most: Duration) -> u64 {
        let state = locked(&self.shared.state);
        let waited = self.shared.changed.wait_timeout_while(state, at_most, |state| state.revision == seen);
        waited.unwrap_or_else(PoisonError::into_inner).0.revision
    }

    /// Closes it. A request that is being taken in is taken in whole or not at all.
    pub fn close(&mut self) {
        self.shared.close();
        self.background = None;
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.close();
    }
}

fn nobody_yet() -> Text {
    Text { vi: "Chưa nhận phiếu nào.".into(), en: "No sheet yet.".into() }
}

/// One guest, from its greeting to its end.
pub(super) async fn attend(shared: &Arc<Shared>, stream: TcpStream) {
    let secret = locked(&shared.state).invitation.secret;
    let _ = stream.set_nodelay(true);
    let greeted = timeout(GREETING_MAX, Link::welcome(stream, &shared.identity, &secret)).await;
    let (link, guest) = match greeted {
        Ok(Ok(greeted)) => greeted,
        Ok(Err(Refused::WrongSecret)) => return shared.count_wrong(),
        // Whoever is not of the department is no business of the screen.
        _ => return,
    };
    match guest {
        Guest::Device(met) => host(shared, link, &met).await,
        Guest::Newcomer(application, code) => shared.introduce(link, application, code).await,
    }
}

/// A device of the department, from its first request to its end.
async fn host(shared: &Arc<Shared>, mut link: Link<TcpStream>, met: &Met) {
    let (mut number, mut moved) = (None, Moved::default());
    let ended = loop {
        let request = match timeout(SILENCE_MAX, link.receive()).await {
            Err(_) | Ok(Ok(None)) => break Err(Refused::LinkBroken.into()),
            Ok(Err(refused)) => break Err(refused.into()),
            Ok(Ok(Some(request))) => request,
        };
        // Nothing to ask: its way to say that all is done.
        if request.is_empty() {
            break Ok(());
        }
        // Shown from here on: who came by two addresses goes on by one of them, and has asked nothing by the other.
        let shown = match number {
            Some(shown) => shown,
            None => {
                let Some(shown) = begun(shared, met).await else { return };
                shown
            }
        };
        number = Some(shown);
        if let Err(error) = answer(shared, &mut link, request, shown, &mut moved).await {
            break Err(error);
        }
    };
    if let Some(number) = number {
        let ending = Arc::clone(shared);
        // Nobody waits for it but the screen.
        drop(tokio::task::spawn_blocking(move || ending.end(number, &moved, ended)));
    }
}

/// Shows a meeting that begins. The store works on a thread of its own.
async fn begun(shared: &Arc<Shared>, met: &Met) -> Option<u32> {
    let (beginning, met) = (Arc::clone(shared), met.clone());
    tokio::task::spawn_blocking(move || beginning.begin(&met)).await.ok().flatten()
}

/// Takes a request in and answers it. The store works on a thread of its own.
async fn answer(
    shared: &Arc<Shared>,
    link: &mut Link<TcpStream>,
    request: Vec<u8>,
    number: u32,
    moved: &mut Moved,
) -> Result<(), ClientError> {
    let taking = Arc::clone(shared);
    let served = tokio::task::spawn_blocking(move || taking.app.serve_as(taking.person, &request)).await;
    let served = served.map_err(|_| ClientError::from(Refused::LinkBroken))?;
    if let Ok(served) = &served {
        moved.add(&served.moved);
        shared.took(number, served.brought, &served.moved);
    }
    let answer = served.and_then(|served| Ok(served.answer.ok_or(Refused::DeviceRevoked)?));
    tell(link, &answer).await?;
    match answer {
        // The guest sends it in parts.
        Err(ClientError::Refused(Refused::MessageTooLarge)) | Ok(_) => Ok(()),
        // It is told of itself, this screen of the other device.
        Err(ClientError::Refused(Refused::DeviceRevoked)) => Err(Refused::PeerRevoked.into()),
        Err(error) => Err(error),
    }
}

pub(super) async fn tell<S: AsyncRead + AsyncWrite + Unpin>(
    link: &mut Link<S>,
    answer: &Answer,
) -> Result<(), ClientError> {
    let (head, body) = match answer {
        Ok(answer) => (ANSWER, answer.clone()),
        Err(error) => (REFUSAL, serde_json::to_vec(&error.view())?),
    };
    let content = [&[head][..], &body].concat();
    Ok(timeout(SILENCE_MAX, link.send(&content)).await.map_err(|_| Refused::LinkBroken)??)
}

impl Shared {
    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = locked(&self.state);
        change(&mut state);
        state.revision += 1;
        self.changed.notify_all();
    }

    /// Whether it takes guests; closes it when nobody has come for long.
    pub(super) fn is_open(&self) -> bool {
        let now = self.app.environment().clock.now();
        let state = locked(&self.state);
        // Who is at it has put that off with each request.
        let (open, idle) = (state.open, now >= state.closes_at);
        drop(state);
        if open && idle {
            self.close();
        }
        open && !idle
    }

    fn close(&self) {
        self.change(|state| {
            state.open = false;
            // Whoever waits for a word hears that none comes.
            state.applications.clear();
            for meeting in state.meetings.values_mut() {
                if matches!(meeting.state, LinkState::Greeting | LinkState::Asking | LinkState::Exchanging) {
                    meeting.state = LinkState::Failed;
                    meeting.failure = Some(ClientError::from(Refused::LinkBroken).view());
                }
            }
        });
    }

    fn count_wrong(&self) {
        let fresh = self.app.environment().bytes();
        self.change(|state| {
            state.wrong += 1;
            if let (true, Ok(secret)) = (state.wrong.is_multiple_of(WRONG_MAX), fresh) {
                let Identity { trust, certificate, .. } = &self.identity;
                state.invitation.key = key_name(trust.department, &certificate.header.key, &secret);
                state.invitation.secret = secret;
            }
        });
    }

    /// Shows a meeting that begins; nothing when the hub is closed.
    fn begin(&self, met: &Met) -> Option<u32> {
        let view = meeting(&self.app, met).ok()?;
        let mut number = None;
        self.change(|state| number = state.show(view));
        number
    }

    fn took(&self, number: u32, brought: u32, moved: &Moved) {
        let closes_at = self.app.environment().clock.now() + self.idle_s;
        self.change(|state| {
            state.closes_at = closes_at;
            state.moved.add(moved);
            if let Some(meeting) = state.meetings.get_mut(&number) {
                meeting.handed = meeting.total.min(meeting.handed.saturating_add(brought));
            }
        });
    }

    fn end(&self, number: u32, moved: &Moved, ended: Result<(), ClientError>) {
        let sheets = locked(&self.state).moved.sheets.clone();
        let conflicts = |sheets: &BTreeSet<_>| self.app.conflicts_of(self.person, sheets).unwrap_or_default();
        let (here, all) = (conflicts(&moved.sheets), conflicts(&sheets));
        self.change(|state| {
            state.conflicts = all;
            let Some(meeting) = state.meetings.get_mut(&number) else { return };
            meeting.sentence = Some(moved.counted(here, nobody_yet()));
            meeting.failure = ended.as_ref().err().map(ClientError::view);
            meeting.state = if ended.is_ok() { LinkState::Done } else { LinkState::Failed };
        });
    }
}

impl State {
    /// Shows a meeting under the next number; nothing when the hub is closed.
    pub(super) fn show(&mut self, view: LinkView) -> Option<u32> {
        if !self.open {
            return None;
        }
        self.came += 1;
        self.meetings.insert(self.came, LinkView { number: self.came, ..view });
        if self.meetings.len() > SHOWN_MAX {
            self.meetings.pop_first();
        }
        Some(self.came)
    }
}
