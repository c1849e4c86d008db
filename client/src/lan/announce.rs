//! Multicast DNS (RFC 6762, service discovery RFC 6763): a hub says where it is, so that its code is enough where nobody can type
//! an address.
//!
//! Invariant: a convenience alone. What is said holds nothing of the invitation, and a random name; whoever is found proves to be
//! the hub like at any other address; and where a network carries none of it, nothing else fails.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use mdns_sd::{ServiceDaemon, ServiceEvent, ServiceInfo};

use super::interfaces::reachable;

const SERVICE: &str = "_xeploai._tcp.local.";
/// How long hubs are looked for.
const LOOK_MAX: Duration = Duration::from_secs(4);
/// How long others are waited for once one was found.
const MORE_MAX: Duration = Duration::from_millis(500);
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
        let mut until = Instant::now() + LOOK_MAX;
        while let Ok(event) = events.recv_deadline(until) {
            let ServiceEvent::ServiceResolved(service) = event else { continue };
            let addresses = service.get_addresses().iter().map(mdns_sd::ScopedIp::to_ip_addr);
            found.extend(addresses.filter(reachable).map(|address| SocketAddr::new(address, service.port)));
            until = until.min(Instant::now() + MORE_MAX);
        }
    }
    let _ = daemon.shutdown();
    found.into_iter().take(FOUND_MAX).collect()
}
