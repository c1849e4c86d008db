//! A link: two devices of a department that have proved themselves to each other, and the encrypted messages between them.
//!
//! Invariant: no record leaves either side before the other has proved to hold the key of a certificate of the department;
//! who answers is the device whose invitation was read, and who comes has read it. A new device has proved its key alone, and
//! gets nothing but what a person gives it: [`crate::ops::delegate`].
//!
//! The handshake is Noise (revision 34) `XXpsk3`: the static keys are the devices' own, the pre-shared key is the secret of
//! the invitation. It comes in last, so that nobody can try secrets but against the hub itself. See `core/PROTOCOL.md`.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use snow::{Builder, HandshakeState, TransportState};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use xeploai_core::sync::channel::{agreement_key, agreement_public_key};
use xeploai_core::sync::invitation::{Invitation, SECRET_BYTES, key_name};
use xeploai_core::sync::message::MESSAGE_BYTES_MAX;
use xeploai_core::sync::plan::Trust;
use xeploai_core::sync::stream::{Certificate, Header};

use crate::error::Refused;
use crate::ops::delegate::Application;

const PATTERN: &str = "Noise_XXpsk3_25519_ChaChaPoly_BLAKE2s";
const PROLOGUE: &[u8] = b"xeploai hub 1";
/// Longest message of Noise, with its tag.
const PACKET_MAX: usize = 65_535;
const TAG_BYTES: usize = 16;
/// Longest message of a handshake: two keys, two tags, a certificate with a device's name, and a person's.
const GREETING_MAX: usize = 2048;
/// Longest name of a person or a unit that is told, in characters.
const NAME_CHARS_MAX: usize = 120;
/// Before a message's bytes stands how many they are.
const LENGTH_BYTES: usize = 4;
/// A message, and a byte that says what it is.
const CONTENT_MAX: usize = MESSAGE_BYTES_MAX + 1;

/// What a device proves itself with, and how its person is called.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) key: ed25519_dalek::SigningKey,
    pub(super) certificate: Certificate,
    pub(super) trust: Trust,
    pub(super) card: Card,
}

/// How a device calls its person: those of other units may have no record of him. Nobody vouches for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Card {
    pub(super) name: String,
    pub(super) unit: String,
}

impl Card {
    /// Of names that are not longer than they may be.
    pub(super) fn new(name: &str, unit: &str) -> Self {
        let short = |text: &str| text.chars().filter(|it| !it.is_control()).take(NAME_CHARS_MAX).collect();
        Self { name: short(name), unit: short(unit) }
    }

    fn encode(&self) -> Result<Vec<u8>, Refused> {
        serde_json::to_vec(self).map_err(broken)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        let Self { name, unit } = serde_json::from_slice(bytes).map_err(broken)?;
        Ok(Self::new(&name, &unit))
    }
}

/// Whom a device has met.
#[derive(Clone)]
pub(super) struct Met {
    /// The device on the other side.
    pub(super) peer: Certificate,
    /// Six digits that are the same on both sides, and on no others.
    pub(super) code: String,
    /// How it calls its person.
    pub(super) card: Card,
    /// Frames that the guest has to hand over.
    pub(super) announced: u32,
}

/// Who has come to a hub.
pub(super) enum Guest {
    /// A device of the department.
    Device(Box<Met>),
    /// A new one, with the six digits that both sides show.
    Newcomer(Application, String),
}

/// A link that is up.
pub(super) struct Link<S> {
    stream: S,
    noise: TransportState,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    /// Proves this device to the hub of an invitation.
    ///
    /// # Errors
    /// [`Refused::NotTheHub`] when another answers, [`Refused::WrongSecret`] when the hub does not let this device in,
    /// [`Refused::LinkBroken`] when the link breaks.
    pub(super) async fn join(
        stream: S,
        identity: &Identity,
        invitation: &Invitation,
        announced: u32,
    ) -> Result<(Self, Met), Refused> {
        let (greeting, peer) = Greeting::of_guest(stream, &identity.key, invitation).await?;
        of_department(&peer, &identity.trust).map_err(|_| Refused::NotTheHub)?;
        let certificate = identity.certificate.encode();
        let length = u16::try_from(certificate.len()).map_err(broken)?;
        let own =
            [&announced.to_le_bytes()[..], &length.to_le_bytes(), &certificate, &identity.card.encode()?];
        greeting.introduce(peer, &own.concat(), announced).await
    }

    /// As [`Self::join`], by a new device, which has no certificate: of whichever department the hub is.
    ///
    /// # Errors
    /// As there.
    pub(super) async fn apply(
        stream: S,
        key: &SigningKey,
        application: &Application,
        invitation: &Invitation,
    ) -> Result<(Self, Met), Refused> {
        let (greeting, peer) = Greeting::of_guest(stream, key, invitation).await?;
        let (nothing_to_hand_over, no_certificate) = (0_u32.to_le_bytes(), 0_u16.to_le_bytes());
        let own = [&nothing_to_hand_over[..], &no_certificate, &application.encode()];
        greeting.introduce(peer, &own.concat(), 0).await
    }

    /// Lets in whoever knows the secret and is of the department, or new.
    ///
    /// # Errors
    /// [`Refused::WrongSecret`], [`Refused::UnknownDevice`], or [`Refused::LinkBroken`] when it breaks before.
    pub(super) async fn welcome(
        stream: S,
        identity: &Identity,
        secret: &[u8; SECRET_BYTES],
    ) -> Result<(Self, Guest), Refused> {
        let mut greeting = Greeting::new(stream, &identity.key, secret, false)?;
        greeting.hear().await?;
        greeting.say(&identity.certificate.encode()).await?;
        let packet = greeting.packet().await?;
        let said = greeting.open(&packet).map_err(|_| Refused::WrongSecret)?;
        let (announced, said) = said.split_first_chunk().ok_or(Refused::UnknownDevice)?;
        let (length, said) = said.split_first_chunk().ok_or(Refused::UnknownDevice)?;
        let length = usize::from(u16::from_le_bytes(*length));
        let (certificate, rest) = said.split_at_checked(length).ok_or(Refused::UnknownDevice)?;
        let guest = greeting.guest(certificate, rest, u32::from_le_bytes(*announced), &identity.trust)?;
        let mut link = greeting.finish()?;
        link.send(&identity.card.encode()?).await?;
        Ok((link, guest))
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`Refused::LinkBroken`].
    pub(super) async fn send(&mut self, content: &[u8]) -> Result<(), Refused> {
        let length = u32::try_from(content.len()).map_err(|_| Refused::MessageTooLarge)?;
        let mut plain = length.to_le_bytes().to_vec();
        plain.extend_from_slice(content);
        let mut packet = vec![0; PACKET_MAX];
        for part in plain.chunks(PACKET_MAX - TAG_BYTES) {
            let sealed = self.noise.write_message(part, &mut packet).map_err(broken)?;
            write(&mut self.stream, &packet[..sealed]).await?;
        }
        self.stream.flush().await.map_err(broken)
    }

    /// The next message; nothing when the other side has ended the link between two.
    ///
    /// # Errors
    /// [`Refused::LinkBroken`]; [`Refused::MessageTooLarge`] before any of it is kept.
    pub(super) async fn receive(&mut self) -> Result<Option<Vec<u8>>, Refused> {
        let Some(packet) = read(&mut self.stream, PACKET_MAX).await? else { return Ok(None) };
        let first = self.open(&packet)?;
        let (length, content) = first.split_first_chunk::<LENGTH_BYTES>().ok_or(Refused::LinkBroken)?;
        let length = u32::from_le_bytes(*length) as usize;
        if length > CONTENT_MAX {
            return Err(Refused::MessageTooLarge);
        }
        let mut content = content.to_vec();
        while content.len() < length {
            let packet = read(&mut self.stream, PACKET_MAX).await?.ok_or(Refused::LinkBroken)?;
            let part = self.open(&packet)?;
            if part.is_empty() {
                return Err(Refused::LinkBroken);
            }
            content.extend_from_slice(&part);
        }
        if content.len() == length { Ok(Some(content)) } else { Err(Refused::LinkBroken) }
    }

    fn open(&mut self, packet: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut plain = vec![0; packet.len()];
        let length = self.noise.read_message(packet, &mut plain).map_err(broken)?;
        plain.truncate(length);
        Ok(plain)
    }
}

/// A handshake that is under way.
struct Greeting<S> {
    stream: S,
    noise: HandshakeState,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Greeting<S> {
    fn new(stream: S, key: &SigningKey, secret: &[u8; SECRET_BYTES], comes: bool) -> Result<Self, Refused> {
        let key = agreement_key(key);
        let secret = blake3::derive_key("xeploai 2026 hub secret", secret);
        let builder = Builder::new(PATTERN.parse().map_err(broken)?);
        let builder = builder.prologue(PROLOGUE).map_err(broken)?;
        let builder = builder.local_private_key(&key).map_err(broken)?.psk(3, &secret).map_err(broken)?;
        let noise = if comes { builder.build_initiator() } else { builder.build_responder() };
        Ok(Self { stream, noise: noise.map_err(broken)? })
    }

    /// Greets the hub of an invitation, and gives the certificate of whoever has proved to be it.
    async fn of_guest(
        stream: S,
        key: &SigningKey,
        invitation: &Invitation,
    ) -> Result<(Self, Certificate), Refused> {
        let mut greeting = Self::new(stream, key, &invitation.secret, true)?;
        greeting.say(&[]).await.map_err(|_| Refused::HubBusy)?;
        let peer = greeting.hear().await.map_err(|_| Refused::HubBusy)?;
        let peer = greeting.proven(&peer).map_err(|_| Refused::NotTheHub)?;
        if key_name(peer.header.department, &peer.header.key, &invitation.secret) != invitation.key {
            return Err(Refused::NotTheHub);
        }
        Ok((greeting, peer))
    }

    /// Says who comes, and hears whether the hub has understood it.
    async fn introduce(
        mut self,
        peer: Certificate,
        own: &[u8],
        announced: u32,
    ) -> Result<(Link<S>, Met), Refused> {
        self.say(own).await?;
        let code = self.code();
        let mut link = self.finish()?;
        // Its first message says that it has understood the last one, which holds the secret.
        let welcome = link.receive().await?.ok_or(Refused::WrongSecret)?;
        Ok((link, Met { peer, code, card: Card::decode(&welcome)?, announced }))
    }

    /// Who has come, as he says and has proved.
    fn guest(
        &self,
        certificate: &[u8],
        rest: &[u8],
        announced: u32,
        trust: &Trust,
    ) -> Result<Guest, Refused> {
        if certificate.is_empty() {
            let application = Application::decode(rest).map_err(|_| Refused::UnknownDevice)?;
            let proven = self.holds(&application.key);
            return proven.then(|| Guest::Newcomer(application, self.code())).ok_or(Refused::UnknownDevice);
        }
        let peer = self.proven(certificate)?;
        of_department(&peer, trust)?;
        let card = Card::decode(rest)?;
        Ok(Guest::Device(Box::new(Met { peer, code: self.code(), card, announced })))
    }

    async fn say(&mut self, payload: &[u8]) -> Result<(), Refused> {
        let mut packet = [0; GREETING_MAX];
        let length = self.noise.write_message(payload, &mut packet).map_err(broken)?;
        write(&mut self.stream, &packet[..length]).await?;
        self.stream.flush().await.map_err(broken)
    }

    async fn packet(&mut self) -> Result<Vec<u8>, Refused> {
        read(&mut self.stream, GREETING_MAX).await?.ok_or(Refused::LinkBroken)
    }

    fn open(&mut self, packet: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut payload = vec![0; packet.len()];
        let length = self.noise.read_message(packet, &mut payload).map_err(broken)?;
        payload.truncate(length);
        Ok(payload)
    }

    async fn hear(&mut self) -> Result<Vec<u8>, Refused> {
        let packet = self.packet().await?;
        self.open(&packet)
    }

    /// The certificate of the device on the other side, which has proved to hold its key. Who has signed it is another
    /// question.
    fn proven(&self, certificate: &[u8]) -> Result<Certificate, Refused> {
        let certificate = Certificate::decode(certificate).map_err(|_| Refused::UnknownDevice)?;
        let is_device = certificate.header.author != Header::SERVER;
        let proven = is_device && self.holds(&certificate.header.key);
        proven.then_some(certificate).ok_or(Refused::UnknownDevice)
    }

    /// Whether the other side has proved to hold the private half of a key.
    fn holds(&self, key: &[u8; 32]) -> bool {
        agreement_public_key(key).is_ok_and(|key| self.noise.get_remote_static() == Some(&key[..]))
    }

    /// Six digits that are the same on both sides, and on no others, once the handshake is through.
    fn code(&self) -> String {
        digits(self.noise.get_handshake_hash())
    }

    fn finish(self) -> Result<Link<S>, Refused> {
        let noise = self.noise.into_transport_mode().map_err(broken)?;
        Ok(Link { stream: self.stream, noise })
    }
}

/// Whether the department vouches for a device, or somebody in its place.
fn of_department(certificate: &Certificate, trust: &Trust) -> Result<(), Refused> {
    certificate.verify(trust.department, &trust.key).map_err(|_| Refused::UnknownDevice)
}

/// Six digits of a handshake's hash, as people compare them.
fn digits(hash: &[u8]) -> String {
    let number = hash.iter().take(8).fold(0_u64, |all, byte| (all << 8) | u64::from(*byte)) % 1_000_000;
    format!("{number:06}")
}

fn broken<E>(_: E) -> Refused {
    Refused::LinkBroken
}

/// Writes a packet with its length before it.
async fn write(stream: &mut (impl AsyncWrite + Unpin), packet: &[u8]) -> Result<(), Refused> {
    let length = u16::try_from(packet.len()).map_err(broken)?;
    stream.write_all(&length.to_be_bytes()).await.map_err(broken)?;
    stream.write_all(packet).await.map_err(broken)
}

/// Reads a packet; nothing when the stream ends before it.
async fn read(stream: &mut (impl AsyncRead + Unpin), max: usize) -> Result<Option<Vec<u8>>, Refused> {
    let mut length = [0; 2];
    if stream.read(&mut length[..1]).await.map_err(broken)? == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut length[1..]).await.map_err(broken)?;
    let length = usize::from(u16::from_be_bytes(length));
    if length > max {
        return Err(Refused::LinkBroken);
    }
    let mut packet = vec![0; length];
    stream.read_exact(&mut packet).await.map_err(broken)?;
    Ok(Some(packet))
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
