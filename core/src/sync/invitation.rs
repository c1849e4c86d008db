//! The invitation of a hub: what its screen shows, as a QR code and to type, so that another device finds it, knows it for
//! the one in front of it, and is let in.
//!
//! Invariant: one invitation has the same meaning in both forms. It proves nothing by itself: who answers must show a
//! certificate of the department for the very key that is named here, and who comes must know the secret.
//!
//! The secret is short because it can only be guessed by asking the hub, which counts wrong ones; the name of the key
//! because it chooses among certificates that the department has signed.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use crate::ids::DepartmentId;

/// Bytes of the name of a key.
const NAME_BYTES: usize = 5;
/// Bytes of the secret.
pub const SECRET_BYTES: usize = 5;
/// Most addresses of a hub.
pub const ADDRESSES_MAX: usize = 8;
/// Longest text that is looked at.
const TEXT_MAX: usize = 512;
/// Where a hub listens if nobody else does: a person then has no port to type.
pub const PORT: u16 = 47_474;
/// The digits of base 32 that people don't mistake for one another (Crockford): no I, L, O, U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits of the name and the secret together.
const CODE_DIGITS: usize = (NAME_BYTES + SECRET_BYTES) * 8 / 5;
const SCHEME: &str = "XEPLOAI:HUB/";

/// What a hub says to those in front of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Where it listens, all at one port; the likeliest first. None where only the code was typed: then the hub is looked for on
    /// the network.
    pub addresses: Vec<IpAddr>,
    /// The port.
    pub port: u16,
    /// Names its device's key for this visit, see [`key_name`].
    pub key: [u8; NAME_BYTES],
    /// Lets a device in; new for each visit.
    pub secret: [u8; SECRET_BYTES],
}

/// Not an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an invitation of a hub")]
pub struct NoInvitation;

/// The name of a device's key in an invitation. The secret is part of it, so that nobody can have a key with the same name
/// ready before the visit.
pub fn key_name(department: DepartmentId, key: &[u8; 32], secret: &[u8; SECRET_BYTES]) -> [u8; NAME_BYTES] {
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 hub");
    hasher.update(&department.0).update(key).update(secret);
    let mut name = [0; NAME_BYTES];
    hasher.finalize_xof().fill(&mut name);
    name
}

impl Invitation {
    /// As a QR code holds it: in the characters of its alphanumeric mode alone.
    pub fn qr(&self) -> String {
        let mut text = format!("{SCHEME}{}/{}", self.port, self.code());
        for address in &self.addresses {
            // Writing to a string does not fail.
            let _ = write!(text, "/{}", address.to_string().to_uppercase());
        }
        text
    }

    /// As people type it, one text for each address.
    pub fn typed(&self) -> Vec<String> {
        let code = self.code();
        let groups: Vec<&str> = (0..CODE_DIGITS).step_by(4).filter_map(|at| code.get(at..at + 4)).collect();
        let code = groups.join("-");
        let address = |address: &IpAddr| match self.port {
            PORT => address.to_string(),
            port => SocketAddr::new(*address, port).to_string(),
        };
        self.addresses.iter().map(|it| format!("{} {code}", address(it))).collect()
    }

    /// Reads either form; small and capital letters are the same, as are 0 and O, 1 and I and L.
    ///
    /// # Errors
    /// [`NoInvitation`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NoInvitation> {
        if text.len() > TEXT_MAX {
            return Err(NoInvitation);
        }
        let text = text.trim().to_ascii_uppercase();
        match text.strip_prefix(SCHEME) {
            Some(rest) => Self::parse_qr(rest),
            None => Self::parse_typed(&text),
        }
    }

    fn parse_qr(text: &str) -> Result<Self, NoInvitation> {
        let mut parts = text.split('/');
        let port = parts.next().and_then(|port| port.parse().ok()).ok_or(NoInvitation)?;
        let code = parts.next().ok_or(NoInvitation)?;
        let addresses: Vec<IpAddr> =
            parts.map(str::parse).collect::<Result<_, _>>().map_err(|_| NoInvitation)?;
        Self::of(addresses, port, code)
    }

    fn parse_typed(text: &str) -> Result<Self, NoInvitation> {
        let plain = |code: &str| -> String {
            code.chars().filter(|digit| !digit.is_whitespace() && *digit != '-').collect()
        };
        if let Some((key, secret)) = decode(&plain(text)) {
            return Ok(Self { addresses: Vec::new(), port: PORT, key, secret });
        }
        let (address, code) = text.split_once(char::is_whitespace).ok_or(NoInvitation)?;
        let (address, port) = match (address.parse::<IpAddr>(), address.parse::<SocketAddr>()) {
            (Ok(address), _) => (address, PORT),
            (_, Ok(address)) => (address.ip(), address.port()),
            _ => return Err(NoInvitation),
        };
        Self::of(vec![address], port, &plain(code))
    }

    fn of(addresses: Vec<IpAddr>, port: u16, code: &str) -> Result<Self, NoInvitation> {
        if addresses.is_empty() || addresses.len() > ADDRESSES_MAX || port == 0 {
            return Err(NoInvitation);
        }
        let (key, secret) = decode(code).ok_or(NoInvitation)?;
        Ok(Self { addresses, port, key, secret })
    }

    /// Name and secret in digits.
    fn code(&self) -> String {
        let number =
            self.key.iter().chain(&self.secret).fold(0_u128, |all, byte| (all << 8) | u128::from(*byte));
        let digit = |at: usize| DIGITS[(number >> (5 * (CODE_DIGITS - 1 - at))) as usize & 31];
        (0..CODE_DIGITS).map(|at| char::from(digit(at))).collect()
    }
}

fn decode(code: &str) -> Option<([u8; NAME_BYTES], [u8; SECRET_BYTES])> {
    if code.len() != CODE_DIGITS {
        return None;
    }
    let mut number = 0_u128;
    for digit in code.bytes() {
        let digit = match digit {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            digit => digit,
        };
        number = (number << 5) | DIGITS.iter().position(|it| *it == digit)? as u128;
    }
    let bytes = number.to_be_bytes();
    let (rest, secret) = bytes.split_last_chunk()?;
    Some((*rest.last_chunk()?, *secret))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn invitations() -> impl Strategy<Value = Invitation> {
        let address =
            prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from),];
        (
            vec(address, 1..=ADDRESSES_MAX),
            prop_oneof![Just(PORT), 1..=u16::MAX],
            any::<[u8; 5]>(),
            any::<[u8; 5]>(),
        )
            .prop_map(|(addresses, port, key, secret)| Invitation { addresses, port, key, secret })
    }

    fn example() -> Invitation {
        Invitation {
            addresses: vec![IpAddr::from([192, 168, 43, 1]), "2001:db8::1".parse().unwrap()],
            port: PORT,
            key: [0x11; 5],
            secret: [0xff; 5],
        }
    }

    #[test]
    fn an_invitation_reads_as_the_protocol_says() {
        let example = example();
        assert_eq!(example.qr(), "XEPLOAI:HUB/47474/248H248HZZZZZZZZ/192.168.43.1/2001:DB8::1");
        assert_eq!(example.typed(), ["192.168.43.1 248H-248H-ZZZZ-ZZZZ", "2001:db8::1 248H-248H-ZZZZ-ZZZZ"]);
        let elsewhere = Invitation { port: 9, ..example };
        assert_eq!(elsewhere.typed()[1], "[2001:db8::1]:9 248H-248H-ZZZZ-ZZZZ");
    }

    #[test]
    fn people_type_as_they_type() {
        let one = Invitation { addresses: vec![IpAddr::from([192, 168, 43, 1])], ..example() };
        for typed in ["192.168.43.1 248h248hzzzzzzzz", " 192.168.43.1  248H 248H-ZZZZ ZZZZ\n"] {
            assert_eq!(Invitation::parse(typed), Ok(one.clone()), "{typed}");
        }
        let zero = Invitation { key: [0; 5], secret: [0; 5], ..one.clone() };
        assert_eq!(Invitation::parse("192.168.43.1 OOOO-oooo-0000-0000"), Ok(zero));
        let ones = Invitation::parse("192.168.43.1 1111-1111-1111-1111");
        assert_eq!(Invitation::parse("192.168.43.1 ILil-ILil-1111-1111"), ones);
    }

    #[test]
    fn the_code_alone_is_an_invitation_to_look_for() {
        let anywhere = Invitation { addresses: Vec::new(), ..example() };
        for typed in ["248H-248H-ZZZZ-ZZZZ", "248h248hzzzzzzzz", " 248H 248H ZZZZ ZZZZ\n"] {
            assert_eq!(Invitation::parse(typed), Ok(anywhere.clone()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_invitation_is_refused() {
        let long = "1".repeat(TEXT_MAX + 1);
        let nine = "/10.0.0.1".repeat(ADDRESSES_MAX + 1);
        for text in [
            "",
            "192.168.43.1",
            "192.168.43.1 248H-248H-ZZZZ",
            "192.168.43.1 248H-248H-ZZZZ-ZZZU",
            "192.168.43.1:0 248H-248H-ZZZZ-ZZZZ",
            "192.168.43 248H-248H-ZZZZ-ZZZZ",
            "192.168.43.1 248H-248H-ZZZZ-ZZZĐ",
            "https://may.chu/#ABC",
            "XEPLOAI:HUB/47474/248H248HZZZZZZZZ",
            "XEPLOAI:HUB/0/248H248HZZZZZZZZ/10.0.0.1",
            "XEPLOAI:HUB/99999/248H248HZZZZZZZZ/10.0.0.1",
            "XEPLOAI:HUB/47474/248H248HZZZZZZZZ/may.chu",
            &format!("XEPLOAI:HUB/47474/248H248HZZZZZZZZ{nine}"),
            &long,
        ] {
            assert_eq!(Invitation::parse(text), Err(NoInvitation), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_in_either_form(invitation in invitations()) {
            prop_assert_eq!(Invitation::parse(&invitation.qr()), Ok(invitation.clone()));
            for (typed, address) in invitation.typed().iter().zip(&invitation.addresses) {
                let one = Invitation { addresses: vec![*address], ..invitation.clone() };
                prop_assert_eq!(Invitation::parse(typed), Ok(one));
            }
        }

        #[test]
        fn nothing_that_is_read_or_scanned_panics(text in "\\PC{0,80}") {
            let _ = Invitation::parse(&text);
            let _ = Invitation::parse(&format!("{SCHEME}{text}"));
        }

        #[test]
        fn a_qr_code_takes_it_in_its_alphanumeric_mode(invitation in invitations()) {
            let alphanumeric = |it: char| it.is_ascii_digit() || it.is_ascii_uppercase() || " $%*+-./:".contains(it);
            prop_assert!(invitation.qr().chars().all(alphanumeric));
        }
    }
}
