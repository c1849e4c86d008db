//! A bundle: messages in a file (`.xlb`), for readers who are not here. It goes by any way that files go.
//!
//! Invariant: who is not a reader learns how large it is, for which department, and how many may read it, not who. A byte that was
//! changed, added or lost spoils all of it, and nothing of it is taken.
//!
//! The content is encrypted to a key of the bundle's own, and that key to each reader, both by Noise `N` (revision 34), the one-way
//! pattern; the sender signs the content. Who has a reader's key later can read it: a file has no forward secrecy.

use ed25519_dalek::SigningKey;
use snow::resolvers::{CryptoResolver, DefaultResolver, FallbackResolver};
use snow::{Builder, params, types};

use super::channel::{agreement_key, agreement_public_key};
use super::message::MESSAGE_BYTES_MAX;
use super::plan::Trust;
use super::stream::{Certificate, Context, sign, verify};
use super::wire::{Reader, WireError, Writer};
use crate::ids::DepartmentId;
use crate::view::Text;

/// Most readers.
pub const READERS_MAX: usize = 32;
/// Most messages.
pub const MESSAGES_MAX: usize = 64;
/// Longest content.
pub const BUNDLE_BYTES_MAX: usize = 64 * 1024 * 1024;

const MAGIC: &[u8; 3] = b"XLB";
const VERSION: u8 = 1;
const PATTERN: &str = "Noise_N_25519_ChaChaPoly_BLAKE2s";
const KEY_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
/// Longest message of Noise.
const PACKET_MAX: usize = 65_535;
/// The bundle's key, encrypted to a reader.
const WRAPPED_BYTES: usize = KEY_BYTES + KEY_BYTES + TAG_BYTES;
/// Before the content: the length that it has.
const LENGTH_BYTES: usize = 8;
const OPENING_BYTES: usize = KEY_BYTES + LENGTH_BYTES + TAG_BYTES;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The device that made it.
    pub sender: Certificate,
    /// When, as its clock claimed, Unix seconds.
    pub made_at: i64,
    /// Messages, each encoded as an answer to nothing.
    pub messages: Vec<Vec<u8>>,
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Something else.
    #[error("not a bundle")]
    NotABundle,
    /// Of a later version.
    #[error("a bundle of a later version")]
    Version,
    /// Of another department.
    #[error("a bundle of another department")]
    OtherDepartment,
    /// For others.
    #[error("not for this reader")]
    NotForReader,
    /// Its end is missing.
    #[error("cut")]
    Cut,
    /// It was changed.
    #[error("altered")]
    Altered,
    /// Its sender is not of the department, or did not sign it.
    #[error("not signed by a device of the department")]
    Unsigned,
    /// More readers, messages or bytes than a bundle may have, or a reader's key that is none.
    #[error("too large")]
    TooLarge,
}

impl BundleError {
    /// Stable code.
    pub fn code(self) -> &'static str {
        self.said().0
    }

    /// What is wrong, whether the data is safe, and what to do.
    pub fn message(self) -> Text {
        let (_, vi, en) = self.said();
        Text { vi: vi.into(), en: en.into() }
    }

    /// Code, Vietnamese, English.
    fn said(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NotABundle => (
                "not_a_bundle",
                "Đây không phải tệp dữ liệu Xếp Loại (.xlb). Chưa nhận gì; hãy chọn đúng tệp.",
                "This is not a file of Xếp Loại (.xlb). Nothing was taken; choose the right file.",
            ),
            Self::Version => (
                "bundle_too_new",
                "Tệp do phiên bản mới hơn ghi. Hãy cập nhật ứng dụng rồi mở lại; tệp vẫn còn nguyên.",
                "The file was written by a newer version. Update the app and open it again; the file is unchanged.",
            ),
            Self::OtherDepartment => (
                "bundle_of_other_department",
                "Tệp này của một Sở khác. Chưa nhận gì.",
                "The file is of another department. Nothing was taken.",
            ),
            Self::NotForReader => (
                "bundle_not_for_you",
                "Tệp này không ghi cho người dùng máy này, hoặc đã hỏng phần đầu. Hãy chuyển tệp cho người nhận hoặc cho Sở; chưa nhận gì.",
                "The file was not made for the people of this device, or its head is damaged. Pass it on to its reader or to the department; nothing was taken.",
            ),
            Self::Cut => (
                "bundle_cut",
                "Tệp bị thiếu phần cuối, có thể do chép dở. Chưa nhận gì; hãy chép lại tệp rồi mở lại.",
                "The end of the file is missing; it may not have been copied whole. Nothing was taken; copy it again.",
            ),
            Self::Altered => (
                "bundle_altered",
                "Tệp bị hỏng hoặc bị sửa. Chưa nhận gì; hãy xin lại tệp.",
                "The file is damaged or was changed. Nothing was taken; ask for it again.",
            ),
            Self::Unsigned => (
                "bundle_unsigned",
                "Tệp không phải do máy đã đăng ký với Sở ghi. Chưa nhận gì.",
                "The file was not made by a device of the department. Nothing was taken.",
            ),
            Self::TooLarge => (
                "bundle_too_large",
                "Tệp quá lớn. Chưa nhận hay ghi gì; hãy đồng bộ qua mạng.",
                "The file is too large. Nothing was taken or written; sync over a network.",
            ),
        }
    }
}

impl Bundle {
    /// Encrypts it to the devices with these public keys. `seed` is 32 bytes that nobody else knows, used once.
    ///
    /// # Errors
    /// [`BundleError::TooLarge`].
    pub fn seal(
        &self,
        key: &SigningKey,
        readers: &[[u8; 32]],
        seed: &[u8; 32],
    ) -> Result<Vec<u8>, BundleError> {
        let content = self.content(key)?;
        let department = self.sender.header.department;
        let counted = u8::try_from(readers.len()).map_err(|_| BundleError::TooLarge)?;
        if readers.len() > READERS_MAX || content.len() > BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLarge);
        }
        let own = derived(seed, 0);
        let mut file = [&MAGIC[..], &[VERSION], &department.0, &[counted]].concat();
        for (number, reader) in readers.iter().enumerate() {
            let public = agreement_public_key(reader).map_err(|_| BundleError::TooLarge)?;
            let mut noise = writer(&public, &department.0, derived(seed, number as u64 + 2))?;
            file.extend(written(|packet| noise.write_message(&own, packet))?);
        }
        let public = snow_public_key(&own)?;
        let mut opening = writer(&public, &file, derived(seed, 1))?;
        let length = (content.len() as u64).to_le_bytes();
        file.extend(written(|packet| opening.write_message(&length, packet))?);
        let mut noise = opening.into_transport_mode().map_err(altered)?;
        for part in content.chunks(PACKET_MAX - TAG_BYTES) {
            file.extend(written(|packet| noise.write_message(part, packet))?);
        }
        Ok(file)
    }

    /// Decrypts a file with the key of one of its readers' devices.
    ///
    /// # Errors
    /// [`BundleError`], see there: then nothing is known of it.
    pub fn open(file: &[u8], key: &SigningKey, trust: &Trust) -> Result<Self, BundleError> {
        let own = unwrapped(file, key, trust.department)?;
        let header_bytes = header_bytes(file);
        let (header, rest) = file.split_at_checked(header_bytes).ok_or(BundleError::Cut)?;
        let (opening, sealed) = rest.split_at_checked(OPENING_BYTES).ok_or(BundleError::Cut)?;
        let mut noise = reader(&own, header)?;
        let length = read(|plain| noise.read_message(opening, plain), LENGTH_BYTES)?;
        let length = length.try_into().map(u64::from_le_bytes).map_err(altered)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= BUNDLE_BYTES_MAX);
        let length = length.ok_or(BundleError::TooLarge)?;
        let whole = length + TAG_BYTES * length.div_ceil(PACKET_MAX - TAG_BYTES);
        match sealed.len() {
            have if have < whole => return Err(BundleError::Cut),
            have if have > whole => return Err(BundleError::Altered),
            _ => {}
        }
        let mut noise = noise.into_transport_mode().map_err(altered)?;
        let mut content = Vec::with_capacity(length);
        for packet in sealed.chunks(PACKET_MAX) {
            content.extend(read(|plain| noise.read_message(packet, plain), packet.len() - TAG_BYTES)?);
        }
        Self::of_content(&content, trust)
    }

    fn content(&self, key: &SigningKey) -> Result<Vec<u8>, BundleError> {
        let fits = |message: &Vec<u8>| message.len() <= MESSAGE_BYTES_MAX;
        if self.messages.len() > MESSAGES_MAX || !self.messages.iter().all(fits) {
            return Err(BundleError::TooLarge);
        }
        let mut writer = Writer::new();
        self.sender.write(&mut writer);
        writer.signed(self.made_at).number(self.messages.len() as u64);
        for message in &self.messages {
            writer.bytes(message);
        }
        let mut content = writer.finish();
        let signature = sign(key, Context::Bundle, self.sender.header.department, &content);
        content.extend(signature);
        Ok(content)
    }

    fn of_content(content: &[u8], trust: &Trust) -> Result<Self, BundleError> {
        let (signed, signature) = content.split_last_chunk::<64>().ok_or(BundleError::Unsigned)?;
        let bundle = Self::parse(signed).map_err(|_| BundleError::Unsigned)?;
        let header = &bundle.sender.header;
        bundle.sender.verify(trust.department, &trust.key).map_err(|_| BundleError::Unsigned)?;
        verify(&header.key, Context::Bundle, trust.department, signed, signature)
            .map_err(|_| BundleError::Unsigned)?;
        Ok(bundle)
    }

    fn parse(signed: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(signed);
        let sender = Certificate::read(&mut reader)?;
        let made_at = reader.signed()?;
        let count = reader.at_most(MESSAGES_MAX)?;
        let mut messages = Vec::with_capacity(count);
        for _ in 0..count {
            messages.push(reader.bytes(MESSAGE_BYTES_MAX)?.to_vec());
        }
        reader.finish()?;
        Ok(Self { sender, made_at, messages })
    }
}

/// Bytes before the content, as the count of readers says.
fn header_bytes(file: &[u8]) -> usize {
    let readers = file.get(MAGIC.len() + 1 + 16).copied().map_or(0, usize::from);
    MAGIC.len() + 1 + 16 + 1 + readers * WRAPPED_BYTES
}

/// The bundle's key. Nothing says which of the wrapped ones is for whom: each is tried.
fn unwrapped(file: &[u8], key: &SigningKey, department: DepartmentId) -> Result<Vec<u8>, BundleError> {
    let rest = file.strip_prefix(MAGIC).ok_or(BundleError::NotABundle)?;
    let (version, rest) = rest.split_first().ok_or(BundleError::Cut)?;
    if *version != VERSION {
        return Err(BundleError::Version);
    }
    let (of, rest) = rest.split_first_chunk::<16>().ok_or(BundleError::Cut)?;
    if *of != department.0 {
        return Err(BundleError::OtherDepartment);
    }
    let (count, rest) = rest.split_first().ok_or(BundleError::Cut)?;
    let readers = usize::from(*count);
    if readers > READERS_MAX {
        return Err(BundleError::TooLarge);
    }
    let wrapped = rest.get(..readers * WRAPPED_BYTES).ok_or(BundleError::Cut)?;
    let key = agreement_key(key);
    let mut opened = wrapped.chunks(WRAPPED_BYTES).map(|wrapped| {
        let mut noise = reader(&key, &department.0)?;
        read(|plain| noise.read_message(wrapped, plain), KEY_BYTES)
    });
    opened.find_map(Result::ok).ok_or(BundleError::NotForReader)
}

/// Another secret for each use of the seed.
fn derived(seed: &[u8; 32], use_of: u64) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 bundle seed");
    hasher.update(seed).update(&use_of.to_le_bytes());
    *hasher.finalize().as_bytes()
}

fn altered<E>(_: E) -> BundleError {
    BundleError::Altered
}

fn builder(seed: [u8; 32], prologue: &[u8]) -> Result<Builder<'_>, BundleError> {
    let resolver = FallbackResolver::new(Box::new(Seeded(seed)), Box::new(DefaultResolver));
    let pattern = PATTERN.parse().map_err(altered)?;
    Builder::with_resolver(pattern, Box::new(resolver)).prologue(prologue).map_err(altered)
}

fn writer(public: &[u8], prologue: &[u8], seed: [u8; 32]) -> Result<snow::HandshakeState, BundleError> {
    let noise = builder(seed, prologue)?.remote_public_key(public).map_err(altered)?;
    noise.build_initiator().map_err(altered)
}

/// Who reads makes no key, so that no seed is needed.
fn reader(key: &[u8], prologue: &[u8]) -> Result<snow::HandshakeState, BundleError> {
    let noise = builder([0; 32], prologue)?.local_private_key(key).map_err(altered)?;
    noise.build_responder().map_err(altered)
}

fn written(write: impl FnOnce(&mut [u8]) -> Result<usize, snow::Error>) -> Result<Vec<u8>, BundleError> {
    let mut packet = vec![0; PACKET_MAX];
    let length = write(&mut packet).map_err(altered)?;
    packet.truncate(length);
    Ok(packet)
}

fn read(
    read: impl FnOnce(&mut [u8]) -> Result<usize, snow::Error>,
    length: usize,
) -> Result<Vec<u8>, BundleError> {
    let mut plain = vec![0; length];
    let came = read(&mut plain).map_err(altered)?;
    if came == length { Ok(plain) } else { Err(BundleError::Altered) }
}

/// The public half of a bundle's key.
fn snow_public_key(key: &[u8; 32]) -> Result<Vec<u8>, BundleError> {
    let mut pair = DefaultResolver.resolve_dh(&params::DHChoice::Curve25519).ok_or(BundleError::Altered)?;
    pair.set(key);
    Ok(pair.pubkey().to_vec())
}

/// Randomness that the caller brings: this crate has none of its own.
struct Seeded([u8; 32]);

impl CryptoResolver for Seeded {
    fn resolve_rng(&self) -> Option<Box<dyn types::Random>> {
        Some(Box::new(Stream(blake3::Hasher::new_keyed(&self.0).finalize_xof())))
    }

    fn resolve_dh(&self, _: &params::DHChoice) -> Option<Box<dyn types::Dh>> {
        None
    }

    fn resolve_hash(&self, _: &params::HashChoice) -> Option<Box<dyn types::Hash>> {
        None
    }

    fn resolve_cipher(&self, _: &params::CipherChoice) -> Option<Box<dyn types::Cipher>> {
        None
    }
}

struct Stream(blake3::OutputReader);

impl types::Random for Stream {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), snow::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
