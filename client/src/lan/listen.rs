//! Where a hub listens, and how many it lets in at a time.
//!
//! Invariant: one address never takes all seats, so that whoever holds a few silently keeps nobody else out.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::announce::Announcement;
use super::hub::{Shared, attend};
use super::{interfaces, locked};

/// Most links at a time.
const LINKS_MAX: usize = 32;
/// Most links at a time from one address.
const LINKS_OF_ADDRESS_MAX: usize = 4;
/// How often it is looked whether this device has other addresses by now: a hotspot may be switched on later.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// A pause where the system can't give a connection, for want of files.
const BREATH: Duration = Duration::from_millis(200);

/// Listens at the addresses that this device has.
pub(super) struct Ears {
    shared: Arc<Shared>,
    /// Given by the caller, else those of the interfaces.
    addresses: Option<Vec<IpAddr>>,
    listeners: BTreeMap<IpAddr, JoinHandle<()>>,
    /// Whoever names the addresses says where they are.
    announcement: Option<Announcement>,
}

impl Ears {
    pub(super) fn new(shared: &Arc<Shared>, addresses: Option<Vec<IpAddr>>) -> Self {
        let name = || shared.app.environment().bytes().ok();
        let announcement = if addresses.is_none() { name().and_then(Announcement::new) } else { None };
        Self { shared: Arc::clone(shared), addresses, listeners: BTreeMap::new(), announcement }
    }

    /// Whether anybody can come.
    pub(super) fn hear(&self) -> bool {
        !self.listeners.is_empty()
    }

    pub(super) async fn keep_listening(mut self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if !self.shared.is_open() {
                break;
            }
            self.adapt().await;
        }
        for listener in self.listeners.into_values() {
            listener.abort();
        }
    }

    /// Listens where it can and does not yet, and no longer where it can't.
    pub(super) async fn adapt(&mut self) {
        let addresses = self.addresses.clone().unwrap_or_else(interfaces::addresses);
        self.listeners.retain(|address, listener| {
            let stays = addresses.contains(address) && !listener.is_finished();
            if !stays {
                listener.abort();
            }
            stays
        });
        for address in &addresses {
            if !self.listeners.contains_key(address)
                && let Some(listener) = self.bind(*address).await
            {
                let listening = listen(Arc::clone(&self.shared), listener);
                self.listeners.insert(*address, tokio::spawn(listening));
            }
        }
        let heard: Vec<IpAddr> =
            addresses.into_iter().filter(|address| self.listeners.contains_key(address)).collect();
        if locked(&self.shared.state).invitation.addresses != heard {
            if let Some(announcement) = &self.announcement {
                announcement.say(&heard, locked(&self.shared.state).invitation.port);
            }
            self.shared.change(|state| state.invitation.addresses = heard);
        }
    }

    /// All addresses have one port. When the usual one is taken, the first of them chooses another.
    async fn bind(&self, address: IpAddr) -> Option<TcpListener> {
        let port = locked(&self.shared.state).invitation.port;
        let listener = match TcpListener::bind(SocketAddr::new(address, port)).await {
            Err(_) if self.listeners.is_empty() => TcpListener::bind(SocketAddr::new(address, 0)).await,
            bound => bound,
        };
        let listener = listener.ok()?;
        let port = listener.local_addr().ok()?.port();
        self.shared.change(|state| state.invitation.port = port);
        Some(listener)
    }
}

async fn listen(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let Some(seat) = Seat::take(&shared, from.ip()) else { continue };
        tokio::spawn(async move {
            attend(&seat.shared, stream).await;
            drop(seat);
        });
    }
}

/// One of the seats for links, given back when dropped.
struct Seat {
    shared: Arc<Shared>,
    from: IpAddr,
}

impl Seat {
    fn take(shared: &Arc<Shared>, from: IpAddr) -> Option<Self> {
        let mut state = locked(&shared.state);
        let (all, here) = (state.linked.values().sum::<usize>(), state.linked.get(&from).copied());
        if !state.open || all >= LINKS_MAX || here.unwrap_or_default() >= LINKS_OF_ADDRESS_MAX {
            return None;
        }
        *state.linked.entry(from).or_default() += 1;
        Some(Self { shared: Arc::clone(shared), from })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = locked(&self.shared.state);
        let left = state.linked.get(&self.from).map_or(0, |links| links.saturating_sub(1));
        match left {
            0 => drop(state.linked.remove(&self.from)),
            _ => drop(state.linked.insert(self.from, left)),
        }
    }
}
