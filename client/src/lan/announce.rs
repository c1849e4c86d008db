//! Multicast DNS (RFC 6762, service discovery RFC 6763): a hub says where it is, so that its code is enough where nobody can type
//! an address.
//!
//! Invariant: a convenience alone. What is said holds nothing of the invitation, and a random name; whoever is found proves to be
//! the hub like at any other address; and where a network carries none of it, nothing else fails.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mdns_sd::{ServiceDaemon, ServiceEvent, ServiceInfo};

use super::interfaces::reachable;

const SERVICE: &str = "_xeploai._tcp.local.";
/// Hubs are looked for by so many turns of silence, and others by so many once one was found.
const TURN: Duration = Duration::from_millis(100);
const TURNS_MAX: u32 = 40;
const MORE_TURNS_MAX: u32 = 5;
/// Most that is listened to: whoever talks all the time is not listened to for ever.
const EVENTS_MAX: usize = 1000;
/// Most addresses that are tried.
const FOUND_MAX: usize = 16;

/// What is said of a hub, until it is dropped.
pub(super) struct Announcement {
    daemon: ServiceDaemon,
    name: String,
}

impl Announcement {
    /// Nothing is said yet; nothing at all where the system does not let it.
    pub(super) fn new(name: [u8; 4]) -> Option<Self> {
        let name = data_encoding::HEXLOWER.encode(&name);
        ServiceDaemon::new().ok().map(|daemon| Self { daemon, name })
    }

    /// Says where the hub is now, in place of what was said before.
    pub(super) fn say(&self, addresses: &[IpAddr], port: u16) {
        let (host, nothing) = (format!("xeploai-{}.local.", self.name), &[] as &[(&str, &str)]);
        if let Ok(service) = ServiceInfo::new(SERVICE, &self.name, &host, addresses, port, nothing) {
            // Who is not heard is found by his address.
            let _ = self.daemon.register(service);
        }
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        let _ = self.daemon.shutdown();
    }
}

/// Where hubs say that they are. Waits for the network.
pub(super) fn found() -> Vec<SocketAddr> {
    let Ok(daemon) = ServiceDaemon::new() else { return Vec::new() };
    let mut found = BTreeSet::new();
    if let Ok(events) = daemon.browse(SERVICE) {
        let mut turns = TURNS_MAX;
        for _ in 0..EVENTS_MAX {
            match events.recv_timeout(TURN) {
                Ok(ServiceEvent::ServiceResolved(service)) => {
                    let addresses = service.get_addresses().iter().map(mdns_sd::ScopedIp::to_ip_addr);
                    let reachable = addresses.filter(reachable);
                    found.extend(reachable.map(|address| SocketAddr::new(address, service.port)));
                    turns = turns.min(MORE_TURNS_MAX);
                }
                Ok(_) => {}
                Err(_) if turns == 0 => break,
                Err(_) => turns -= 1,
            }
        }
    }
    let _ = daemon.shutdown();
    found.into_iter().take(FOUND_MAX).collect()
}
