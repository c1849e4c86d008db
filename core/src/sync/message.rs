//! One exchange: a message out, a message in, over any carrier. Both are of one type, and each fits one HTTP body.
//!
//! Invariant: what is not a whole message of ours (HTML of a captive portal, an empty or a cut body) is an error that
//! changes nothing: the device's frames go on waiting. Lengths are checked before anything is allocated.
//!
//! A message is a list of sections (kind, length, bytes), at most one of each kind. A kind that a reader does not know is
//! passed over, so that neighbours in version understand each other; what is left out costs nothing.

mod request;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use request::Request;

use super::channel::Channel;
use super::content::{Block, Content, Wish};
use super::epoch::SignedEpochs;
use super::frame::{Frame, read_all, write_all};
use super::inventory::{Root, SCOPES_MAX, read_roots, read_scope, write_roots, write_scope};
use super::names::{Known, PeerHas, Short, read_names, write_names};
use super::snapshot::{Proof, SignedSnapshot};
use super::stream::Certificate;
use super::transfer::CONTENTS_MAX;
use super::verdict::SignedVerdicts;
use super::wire::{Reader, WireError, Writer};
use super::{PROTOCOL_VERSION, Scope, version};
use crate::ids::{FrameHash, StreamId};

/// Longest message, in bytes, packed and unpacked.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most frames in a message.
pub const FRAMES_MAX: usize = 4096;
/// Most certificates in a message.
pub const CERTIFICATES_MAX: usize = 4096;
/// Most snapshots in a message.
pub const SNAPSHOTS_MAX: usize = 1024;
/// Most blocks in a message.
pub const BLOCKS_MAX: usize = 1024;
/// Longest cursor, in bytes.
pub const CURSOR_BYTES_MAX: usize = 256;

const MAGIC: &[u8; 4] = b"XLSY";
/// Flag of the envelope: the payload is compressed with Zstandard (RFC 8878).
const PACKED: u8 = 1;
/// Payloads below this are never worth compressing.
const PACK_FROM_BYTES: usize = 192;
/// Fast, and within a few per cent of the best that is affordable on a phone.
const PACK_LEVEL: i32 = 6;

/// Everything that an exchange can carry. An empty field is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Asking: where the device left off, as the server gave it. Answering: where to go on the next time; empty when that
    /// has not changed.
    pub cursor: Vec<u8>,
    /// Where the device left off in the frames behind snapshots; see [`super::snapshot`].
    pub history: Vec<u8>,
    /// Answering: there is more than fitted; ask again.
    pub more: bool,
    /// Name everything in full: something that was named briefly is not here.
    pub full: bool,
    /// Asking: a batch of verdicts on no frame, of this moment: a witness states times by it, and a wrong clock is found.
    pub beacon: bool,
    /// What the asking side understands beyond the version: see [`version`].
    pub capabilities: u64,
    /// The server's epochs, when the asking side does not know the present one.
    pub epochs: Option<SignedEpochs>,
    /// Certificates of streams that the other side may lack.
    pub certificates: Vec<Certificate>,
    /// Frames.
    pub frames: Vec<Frame>,
    /// Verdicts: of the server, or earlier ones of its that it may have lost.
    pub verdicts: Vec<SignedVerdicts>,
    /// Signed states of closed periods.
    pub snapshots: Vec<SignedSnapshot>,
    /// Signatures of the frames behind snapshots.
    pub proofs: Vec<Proof>,
    /// Answering: one root over all that the asker may read, when nothing is left to send.
    pub root: Option<[u8; 16]>,
    /// A root for each scope, when the one root differs.
    pub roots: Option<BTreeMap<Scope, Root>>,
    /// The frames of scopes that differ.
    pub have: Vec<(Scope, Vec<Short>)>,
    /// Frames that the other side is asked for.
    pub want: Vec<Short>,
    /// Asking: contents that the other side may lack.
    pub offers: Vec<Content>,
    /// What the one who says so lacks of contents.
    pub wishes: Vec<Wish>,
    /// Blocks of contents.
    pub blocks: Vec<Block>,
}

/// Kinds of sections. Numbers are on the wire and never reused.
mod kind {
    pub(super) const CURSOR: u64 = 1;
    pub(super) const HISTORY: u64 = 2;
    pub(super) const FLAGS: u64 = 3;
    pub(super) const CAPABILITIES: u64 = 4;
    pub(super) const EPOCHS: u64 = 5;
    pub(super) const CERTIFICATES: u64 = 6;
    pub(super) const FRAMES: u64 = 7;
    pub(super) const VERDICTS: u64 = 8;
    pub(super) const SNAPSHOTS: u64 = 9;
    pub(super) const ROOT: u64 = 10;
    pub(super) const ROOTS: u64 = 11;
    pub(super) const HAVE: u64 = 12;
    pub(super) const WANT: u64 = 13;
    pub(super) const PROOFS: u64 = 14;
    pub(super) const OFFERS: u64 = 15;
    pub(super) const WISHES: u64 = 16;
    pub(super) const BLOCKS: u64 = 17;
}

const MORE: u8 = 1;
const FULL: u8 = 2;
const BEACON: u8 = 4;

/// What both sides of an exchange can tell from what they hold.
struct Context<'a> {
    /// The stream that asks.
    sender: Option<StreamId>,
    /// The frames of the request, when this is its answer.
    asked: &'a [FrameHash],
}

impl Message {
    /// Whether it is about contents: then it is answered as such alone.
    pub fn is_about_contents(&self) -> bool {
        !(self.offers.is_empty() && self.wishes.is_empty() && self.blocks.is_empty())
    }

    /// Encodes a request of the device whose stream is `sender`.
    pub fn request(&self, sender: StreamId, channel: &Channel, peer: &dyn PeerHas) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.byte(PROTOCOL_VERSION).raw(&Short::of(&sender.0).0);
        self.write(&mut writer, &Context { sender: Some(sender), asked: &[] }, peer);
        let mut payload = writer.finish();
        let code = channel.code(&payload);
        payload.extend_from_slice(&code);
        // The version stands in the envelope; in front of the payload it was only to be covered by the code.
        seal_envelope(&payload[1..])
    }

    /// Encodes the answer to a request that brought the frames `asked`.
    pub fn answer(&self, asked: &[FrameHash], peer: &dyn PeerHas) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer, &Context { sender: None, asked }, peer);
        seal_envelope(&writer.finish())
    }

    /// Decodes the answer to a request that brought the frames `asked`.
    ///
    /// # Errors
    /// When the bytes are not a whole message; [`WireError::Unresolved`] when it names what is not known here: ask again
    /// with [`Message::full`].
    pub fn decode_answer(message: &[u8], asked: &[FrameHash], known: &dyn Known) -> Result<Self, WireError> {
        let (_, payload) = open_envelope(message)?;
        Self::read(&payload, &Context { sender: None, asked }, known)
    }

    fn write(&self, writer: &mut Writer, context: &Context<'_>, peer: &dyn PeerHas) {
        let mut section = |kind: u64, wanted: bool, fill: &dyn Fn(&mut Writer)| {
            if wanted {
                let mut bytes = Writer::new();
                fill(&mut bytes);
                writer.section(kind, &bytes.finish());
            }
        };
        let flags = [(self.more, MORE), (self.full, FULL), (self.beacon, BEACON)];
        let flags = flags.iter().filter(|flag| flag.0).fold(0, |all, flag| all | flag.1);
        section(kind::CURSOR, !self.cursor.is_empty(), &|to| {
            to.raw(&self.cursor);
        });
        section(kind::HISTORY, !self.history.is_empty(), &|to| {
            to.raw(&self.history);
        });
        section(kind::FLAGS, flags != 0, &|to| {
            to.byte(flags);
        });
        section(kind::CAPABILITIES, self.capabilities != 0, &|to| {
            to.number(self.capabilities);
        });
        section(kind::EPOCHS, self.epochs.is_some(), &|to| {
            self.epochs.iter().for_each(|epochs| epochs.write(to));
        });
        section(kind::CERTIFICATES, !self.certificates.is_empty(), &|to| {
            list(to, &self.certificates, |to, certificate| certificate.write(to));
        });
        section(kind::FRAMES, !self.frames.is_empty(), &|to| {
            write_all(to, &self.frames, context.sender, peer);
        });
        section(kind::VERDICTS, !self.verdicts.is_empty(), &|to| {
            let named = self.named(context);
            let places: HashMap<FrameHash, usize> =
                named.iter().enumerate().map(|(at, hash)| (*hash, at)).collect();
            list(to, &self.verdicts, |to, verdicts| verdicts.write(to, &|hash| places.get(&hash).copied()));
        });
        section(kind::SNAPSHOTS, !self.snapshots.is_empty(), &|to| {
            list(to, &self.snapshots, |to, snapshot| snapshot.write(to));
        });
        section(kind::PROOFS, !self.proofs.is_empty(), &|to| {
            list(to, &self.proofs, |to, proof| proof.write(to));
        });
        section(kind::ROOT, self.root.is_some(), &|to| {
            self.root.iter().for_each(|root| {
                to.raw(root);
            })
        });
        section(kind::ROOTS, self.roots.is_some(), &|to| {
            self.roots.iter().for_each(|roots| write_roots(to, roots));
        });
        section(kind::HAVE, !self.have.is_empty(), &|to| {
            list(to, &self.have, |to, (scope, names)| {
                write_scope(to, *scope);
                write_names(to, names);
            });
        });
        section(kind::WANT, !self.want.is_empty(), &|to| write_names(to, &self.want));
        section(kind::OFFERS, !self.offers.is_empty(), &|to| {
            list(to, &self.offers, |to, content| content.write(to));
        });
        section(kind::WISHES, !self.wishes.is_empty(), &|to| {
            list(to, &self.wishes, |to, wish| wish.write(to));
        });
        section(kind::BLOCKS, !self.blocks.is_empty(), &|to| {
            list(to, &self.blocks, |to, block| block.write(to));
        });
    }

    /// Frames that verdicts in this message may name by their place: those asked with, then those in it.
    fn named(&self, context: &Context<'_>) -> Vec<FrameHash> {
        context.asked.iter().copied().chain(self.frames.iter().map(Frame::hash)).collect()
    }

    fn read(payload: &[u8], context: &Context<'_>, known: &dyn Known) -> Result<Self, WireError> {
        let mut message = Self::default();
        let (mut sections, mut seen) = (Reader::new(payload), BTreeSet::new());
        while let Some((kind, bytes)) = sections.section()? {
            // Else a message of many small sections of verdicts would have all its frames hashed for each of them.
            if seen.contains(&kind) {
                return Err(WireError::Malformed("section twice"));
            }
            let mut from = Reader::new(bytes);
            if message.read_section(kind, &mut from, context, known)? {
                from.finish()?;
                seen.insert(kind);
            }
        }
        Ok(message)
    }

    /// Reads one section; false when its kind is of a later version.
    fn read_section(
        &mut self,
        kind: u64,
        from: &mut Reader<'_>,
        context: &Context<'_>,
        known: &dyn Known,
    ) -> Result<bool, WireError> {
        match kind {
            kind::CURSOR => self.cursor = short_bytes(from)?,
            kind::HISTORY => self.history = short_bytes(from)?,
            kind::FLAGS => {
                let flags = from.byte()?;
                (self.more, self.full) = (flags & MORE != 0, flags & FULL != 0);
                self.beacon = flags & BEACON != 0;
            }
            kind::CAPABILITIES => self.capabilities = from.number()?,
            kind::EPOCHS => self.epochs = Some(SignedEpochs::read(from)?),
            kind::CERTIFICATES => self.certificates = read_certificates(from)?,
            kind::FRAMES => self.frames = read_all(from, FRAMES_MAX, context.sender, known)?,
            kind::VERDICTS => self.verdicts = read_verdicts(from, &self.named(context))?,
            kind::SNAPSHOTS => self.snapshots = read_list(from, SNAPSHOTS_MAX, SignedSnapshot::read)?,
            kind::PROOFS => self.proofs = read_list(from, SNAPSHOTS_MAX, Proof::read)?,
            kind::ROOT => self.root = Some(from.array()?),
            kind::ROOTS => self.roots = Some(read_roots(from)?),
            kind::HAVE => {
                self.have = read_list(from, SCOPES_MAX, |from| Ok((read_scope(from)?, read_names(from)?)))?;
            }
            kind::WANT => self.want = read_names(from)?,
            kind::OFFERS => self.offers = read_list(from, CONTENTS_MAX, Content::read_limited)?,
            kind::WISHES => self.wishes = read_list(from, CONTENTS_MAX, Wish::read)?,
            kind::BLOCKS => self.blocks = read_list(from, BLOCKS_MAX, Block::read)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn list<T>(to: &mut Writer, items: &[T], write: impl Fn(&mut Writer, &T)) {
    to.number(items.len() as u64);
    items.iter().for_each(|item| write(to, item));
}

fn read_list<T>(
    from: &mut Reader<'_>,
    limit: usize,
    mut read: impl FnMut(&mut Reader<'_>) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    let mut items = Vec::new();
    for _ in 0..from.at_most(limit)? {
        items.push(read(from)?);
    }
    Ok(items)
}

fn read_certificates(from: &mut Reader<'_>) -> Result<Vec<Certificate>, WireError> {
    read_list(from, CERTIFICATES_MAX, Certificate::read)
}

/// Naming frames by place makes a short input long, so a message may bring no more than if it named them in full.
fn read_verdicts(from: &mut Reader<'_>, named: &[FrameHash]) -> Result<Vec<SignedVerdicts>, WireError> {
    let mut left = MESSAGE_BYTES_MAX;
    read_list(from, FRAMES_MAX, |from| {
        let verdicts = SignedVerdicts::read(from, named)?;
        left = left.checked_sub(verdicts.bytes.len()).ok_or(WireError::TooLarge)?;
        Ok(verdicts)
    })
}

fn short_bytes(from: &mut Reader<'_>) -> Result<Vec<u8>, WireError> {
    if from.remaining() > CURSOR_BYTES_MAX {
        return Err(WireError::TooLarge);
    }
    Ok(from.raw(from.remaining())?.to_vec())
}

fn checksum(payload: &[u8]) -> [u8; 4] {
    let mut sum = [0; 4];
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 message");
    hasher.update(payload).finalize_xof().fill(&mut sum);
    sum
}

fn seal_envelope(payload: &[u8]) -> Vec<u8> {
    let packed = pack(payload);
    let (flags, payload) = match &packed {
        Some(packed) => (PACKED, packed.as_slice()),
        None => (0, payload),
    };
    let mut writer = Writer::new();
    writer.raw(MAGIC).byte(PROTOCOL_VERSION).byte(flags).raw(&checksum(payload)).raw(payload);
    writer.finish()
}

/// The payload compressed, with its length in front; nothing when that does not make it shorter.
fn pack(payload: &[u8]) -> Option<Vec<u8>> {
    if payload.len() < PACK_FROM_BYTES {
        return None;
    }
    let compressed = zstd::bulk::compress(payload, PACK_LEVEL).ok()?;
    let mut writer = Writer::new();
    writer.number(payload.len() as u64).raw(&compressed);
    Some(writer.finish()).filter(|packed| packed.len() < payload.len())
}

/// Version and payload.
fn open_envelope(message: &[u8]) -> Result<(u8, Vec<u8>), WireError> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(WireError::TooLarge);
    }
    let mut reader = Reader::new(message);
    if reader.array()? != *MAGIC {
        return Err(WireError::Malformed("not a message of ours"));
    }
    let version = reader.byte()?;
    version::ensure_supported(version)?;
    let flags = reader.byte()?;
    let sum: [u8; 4] = reader.array()?;
    let payload = reader.raw(reader.remaining())?;
    if checksum(payload) != sum {
        return Err(WireError::Cut);
    }
    match flags {
        0 => Ok((version, payload.to_vec())),
        PACKED => Ok((version, unpack(payload)?)),
        _ => Err(WireError::Malformed("envelope flags")),
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut reader = Reader::new(packed);
    let length = reader.at_most(MESSAGE_BYTES_MAX)?;
    let compressed = reader.raw(reader.remaining())?;
    let payload = zstd::bulk::decompress(compressed, length).map_err(|_| WireError::Malformed("packing"))?;
    if payload.len() == length { Ok(payload) } else { Err(WireError::Cut) }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
