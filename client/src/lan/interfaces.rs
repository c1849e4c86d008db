//! The addresses of this device that others can reach it at.

use std::net::IpAddr;

use xeploai_core::sync::invitation::ADDRESSES_MAX;

/// Addresses of the network interfaces that are up, the likeliest first: those of home and office networks and of a phone's
/// hotspot are private. Without those that lead to this device alone, or that mean nothing without an interface's name.
pub(super) fn addresses() -> Vec<IpAddr> {
    let Ok(interfaces) = if_addrs::get_if_addrs() else { return Vec::new() };
    let up = interfaces.iter().filter(|it| it.is_oper_up() && !it.is_p2p);
    let named = up.map(|it| (is_inside(&it.name), it.ip())).filter(|(_, address)| reachable(address));
    let mut named: Vec<(bool, IpAddr)> = named.collect();
    named.sort_by_key(|(inside, address)| (*inside, likelihood(address), *address));
    let mut addresses: Vec<IpAddr> = named.into_iter().map(|(_, address)| address).collect();
    addresses.dedup();
    addresses.truncate(ADDRESSES_MAX);
    addresses
}

/// Whether an address leads to another device and is told apart without an interface's name.
pub(super) fn reachable(address: &IpAddr) -> bool {
    let alone = address.is_loopback() || address.is_unspecified() || address.is_multicast();
    let unnamed = matches!(address, IpAddr::V6(address) if address.is_unicast_link_local());
    !alone && !unnamed
}

/// Whether an interface, by its name, most likely leads to programs on this device alone: containers, virtual machines,
/// private networks over the internet.
fn is_inside(name: &str) -> bool {
    const INSIDE: [&str; 10] =
        ["docker", "veth", "br-", "virbr", "vmnet", "vboxnet", "tun", "tap", "wg", "tailscale"];
    INSIDE.iter().any(|inside| name.starts_with(inside))
}

/// Private, others of four numbers, private of the newer kind, others.
fn likelihood(address: &IpAddr) -> u8 {
    match address {
        IpAddr::V4(address) if address.is_private() => 0,
        IpAddr::V4(_) => 1,
        IpAddr::V6(address) if address.is_unique_local() => 2,
        IpAddr::V6(_) => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_nowhere_is_left_out_and_the_likeliest_is_first() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        for nowhere in ["127.0.0.1", "::1", "0.0.0.0", "fe80::1", "224.0.0.1"] {
            assert!(!reachable(&address(nowhere)), "{nowhere}");
        }
        assert!(is_inside("docker0") && is_inside("wg0") && !is_inside("wlan0") && !is_inside("ap0"));
        let likely = ["192.168.43.1", "169.254.1.1", "fd00::1", "2001:db8::1"].map(address);
        assert!(likely.iter().all(reachable));
        assert!(likely.is_sorted_by_key(likelihood));
    }
}
