//! Frames: a signed batch of changes of one lane.
//!
//! Invariant: a frame never changes a byte after sealing, however many hands carry it. What verifies under another
//! position, key or department than the one it was sealed with does not exist.

use ed25519_dalek::SigningKey;

use super::body::{BODY_BYTES_MAX, Body};
use super::names::{Known, PeerHas, Short};
use super::stream::{Certificate, Context, SignatureError, sign, verify};
use super::wire::{Reader, WireError, Writer};
use super::{Lane, Scope};
use crate::ids::{DepartmentId, FrameHash, StreamId};

/// A frame as it is stored and travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The lane it stands in.
    pub lane: Lane,
    /// Its number in the lane, from 1.
    pub number: u64,
    /// Hash of the frame before it on its branch; zero for the first.
    pub previous: FrameHash,
    /// The encoded [`Body`], exactly as signed.
    pub body: Vec<u8>,
    /// The author's signature over position and body.
    pub signature: [u8; 64],
}

impl Frame {
    /// Signs an encoded body at a position.
    pub fn seal(
        key: &SigningKey,
        department: DepartmentId,
        lane: Lane,
        number: u64,
        previous: FrameHash,
        body: Vec<u8>,
    ) -> Self {
        let mut frame = Self { lane, number, previous, body, signature: [0; 64] };
        frame.signature = sign(key, Context::Frame, department, &frame.signed_bytes());
        frame
    }

    /// Checks the signature with the stream's certificate, which the caller has verified.
    ///
    /// # Errors
    /// When the frame is of another stream or the signature does not fit.
    pub fn verify(&self, certificate: &Certificate) -> Result<(), SignatureError> {
        if certificate.header.stream() != self.lane.stream {
            return Err(SignatureError::Key);
        }
        let Certificate { header, .. } = certificate;
        verify(&header.key, Context::Frame, header.department, &self.signed_bytes(), &self.signature)
    }

    /// The frame's name: the hash of everything in it. The signature is included, so that a copy with a wrong one is
    /// another frame and can't take this one's place.
    pub fn hash(&self) -> FrameHash {
        let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 frame");
        hasher.update(&self.signed_bytes()).update(&self.signature);
        FrameHash(*hasher.finalize().as_bytes())
    }

    /// The changes inside.
    ///
    /// # Errors
    /// When the body is malformed.
    pub fn decode_body(&self) -> Result<Body, WireError> {
        Body::decode(&self.body, self.lane.scope)
    }

    /// Position (fixed length) and body: what the signature covers.
    fn signed_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&self.lane.stream.0).byte(self.lane.scope.kind()).raw(&self.lane.scope.id());
        writer.raw(&self.number.to_le_bytes()).raw(&self.previous.0).raw(&self.body);
        writer.finish()
    }
}

/// Bits of a frame's first byte in a message.
const SAME_STREAM: u8 = 1;
const SAME_SCOPE: u8 = 2;
/// Its number and previous hash follow from the frame before it in the message.
const FOLLOWS: u8 = 4;
/// Lane, number and previous hash follow from a frame that the reader holds, named briefly.
const FOLLOWS_KNOWN: u8 = 8;
/// The stream is named briefly.
const SHORT_STREAM: u8 = 16;

/// Appends frames. What follows from the frame before, or from what the reader holds, is left out. The first frame's
/// stream is compared with the `sender`'s.
pub fn write_all(writer: &mut Writer, frames: &[Frame], sender: Option<StreamId>, peer: &dyn PeerHas) {
    let mut before: Option<&Frame> = None;
    writer.number(frames.len() as u64);
    for frame in frames {
        let follows = before.is_some_and(|before| {
            frame.lane == before.lane
                && frame.number == before.number.saturating_add(1)
                && frame.previous == before.hash()
        });
        if follows {
            writer.byte(SAME_STREAM | SAME_SCOPE | FOLLOWS);
        } else if frame.number > 1 && peer.frame(frame.previous) {
            writer.byte(FOLLOWS_KNOWN).raw(&Short::of(&frame.previous.0).0);
        } else {
            let same_stream = before.map(|before| before.lane.stream).or(sender) == Some(frame.lane.stream);
            let same_scope = before.is_some_and(|before| before.lane.scope == frame.lane.scope);
            write_position(writer, frame, same_stream, same_scope, peer.stream(frame.lane.stream));
        }
        writer.bytes(&frame.body).raw(&frame.signature);
        before = Some(frame);
    }
}

fn write_position(writer: &mut Writer, frame: &Frame, same_stream: bool, same_scope: bool, short: bool) {
    let short = short && !same_stream;
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    writer.byte(flag(same_stream, SAME_STREAM) | flag(same_scope, SAME_SCOPE) | flag(short, SHORT_STREAM));
    match (same_stream, short) {
        (true, _) => {}
        (false, true) => {
            writer.raw(&Short::of(&frame.lane.stream.0).0);
        }
        (false, false) => {
            writer.raw(&frame.lane.stream.0);
        }
    }
    if !same_scope {
        writer.byte(frame.lane.scope.kind()).raw(&frame.lane.scope.id());
    }
    writer.number(frame.number);
    if frame.number > 1 {
        writer.raw(&frame.previous.0);
    }
}

/// Takes what [`write_all`] wrote, at most `limit` frames.
///
/// # Errors
/// When the bytes are cut, malformed or over a limit; [`WireError::Unresolved`] when a frame is named that is not here.
pub fn read_all(
    reader: &mut Reader<'_>,
    limit: usize,
    sender: Option<StreamId>,
    known: &dyn Known,
) -> Result<Vec<Frame>, WireError> {
    let count = reader.at_most(limit)?;
    let mut frames: Vec<Frame> = Vec::new();
    for _ in 0..count {
        let frame = read_one(reader, frames.last(), sender, known)?;
        frames.push(frame);
    }
    Ok(frames)
}

fn read_one(
    reader: &mut Reader<'_>,
    before: Option<&Frame>,
    sender: Option<StreamId>,
    known: &dyn Known,
) -> Result<Frame, WireError> {
    let flags = reader.byte()?;
    let (lane, number, previous) = match flags {
        FOLLOWS_KNOWN => {
            let standing = known.frame(Short(reader.array()?)).ok_or(WireError::Unresolved)?;
            (standing.lane, standing.number.saturating_add(1), standing.hash)
        }
        _ if flags & FOLLOWS != 0 => match before {
            Some(before) if flags == (SAME_STREAM | SAME_SCOPE | FOLLOWS) => {
                (before.lane, before.number.saturating_add(1), before.hash())
            }
            _ => return Err(WireError::Malformed("frame flags")),
        },
        _ => read_position(reader, flags, before, sender, known)?,
    };
    let body = reader.bytes(BODY_BYTES_MAX)?.to_vec();
    Ok(Frame { lane, number, previous, body, signature: reader.array()? })
}

fn read_position(
    reader: &mut Reader<'_>,
    flags: u8,
    before: Option<&Frame>,
    sender: Option<StreamId>,
    known: &dyn Known,
) -> Result<(Lane, u64, FrameHash), WireError> {
    let malformed = WireError::Malformed("frame flags");
    let stream = match flags & !SAME_SCOPE {
        0 => StreamId(reader.array()?),
        SAME_STREAM => before.map(|before| before.lane.stream).or(sender).ok_or(malformed)?,
        SHORT_STREAM => known.stream(Short(reader.array()?)).ok_or(WireError::Unresolved)?,
        _ => return Err(malformed),
    };
    let scope = match flags & SAME_SCOPE {
        0 => Scope::from_parts(reader.byte()?, reader.array()?),
        _ => before.ok_or(malformed)?.lane.scope,
    };
    let number = reader.number()?;
    let previous = match number {
        0 => return Err(WireError::Malformed("frame number")),
        1 => FrameHash::default(),
        _ => FrameHash(reader.array()?),
    };
    Ok((Lane { stream, scope }, number, previous))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{PersonId, UnitId};
    use crate::mutation::{edits, mutated};
    use crate::sync::names::{Nothing, Standing};
    use crate::sync::stream::Header;
    use proptest::prelude::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[5; 32])
    }

    fn certificate() -> Certificate {
        let header = Header {
            department: DepartmentId([1; 16]),
            author: PersonId([2; 16]),
            key: key().verifying_key().to_bytes(),
            nonce: [3; 16],
            device: "Điện thoại TS-01".into(),
        };
        Certificate::sign(header, &SigningKey::from_bytes(&[6; 32]))
    }

    fn lane(unit: u8) -> Lane {
        Lane { stream: certificate().header.stream(), scope: Scope::unit(UnitId([unit; 16])) }
    }

    fn sealed(unit: u8, number: u64, previous: FrameHash, body: Vec<u8>) -> Frame {
        Frame::seal(&key(), DepartmentId([1; 16]), lane(unit), number, previous, body)
    }

    /// Three frames that follow each other and one of another scope.
    fn history() -> Vec<Frame> {
        let first = sealed(1, 1, FrameHash::default(), vec![1, 2, 3]);
        let second = sealed(1, 2, first.hash(), vec![4]);
        let third = sealed(1, 3, second.hash(), vec![]);
        let other = sealed(2, 7, FrameHash([9; 32]), vec![5; 300]);
        vec![first, second, third, other]
    }

    #[test]
    fn frames_come_back_byte_for_byte_and_verify() {
        let mut writer = Writer::new();
        write_all(&mut writer, &history(), None, &Nothing);
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes);
        let frames = read_all(&mut reader, 10, None, &Nothing).unwrap();
        assert_eq!(frames, history());
        assert_eq!(reader.finish(), Ok(()));
        assert!(frames.iter().all(|frame| frame.verify(&certificate()).is_ok()));
    }

    #[test]
    fn a_frame_of_a_lane_costs_its_body_and_signature_and_two_bytes() {
        let size = |frames: &[Frame]| {
            let mut writer = Writer::new();
            write_all(&mut writer, frames, None, &Nothing);
            writer.len()
        };
        let history = history();
        assert_eq!(size(&history[..3]) - size(&history[..2]), 64 + 2);
    }

    /// Both sides hold the history.
    struct Both;

    impl PeerHas for Both {
        fn stream(&self, _: StreamId) -> bool {
            true
        }
        fn frame(&self, frame: FrameHash) -> bool {
            history().iter().any(|known| known.hash() == frame)
        }
    }

    impl Known for Both {
        fn stream(&self, name: Short) -> Option<StreamId> {
            let stream = certificate().header.stream();
            (Short::of(&stream.0) == name).then_some(stream)
        }
        fn frame(&self, name: Short) -> Option<Standing> {
            let named = history().into_iter().find(|frame| Short::of(&frame.hash().0) == name)?;
            Some(Standing { hash: named.hash(), lane: named.lane, number: named.number })
        }
    }

    #[test]
    fn a_frame_whose_predecessor_the_reader_has_costs_nine_bytes_beside_body_and_signature() {
        let next = sealed(1, 4, history()[2].hash(), vec![6, 7]);
        let mut writer = Writer::new();
        write_all(&mut writer, std::slice::from_ref(&next), None, &Both);
        let bytes = writer.finish();
        assert_eq!(bytes.len(), 1 + 9 + 1 + 2 + 64);
        assert_eq!(read_all(&mut Reader::new(&bytes), 1, None, &Both), Ok(vec![next]));
        assert_eq!(
            read_all(&mut Reader::new(&bytes), 1, None, &Nothing),
            Err(WireError::Unresolved),
            "who does not have it asks for it in full"
        );
    }

    #[test]
    fn a_stream_that_the_reader_knows_is_named_by_eight_bytes_and_the_senders_own_by_none() {
        let frame = [sealed(3, 1, FrameHash::default(), vec![6])];
        let size = |sender, peer: &dyn PeerHas| {
            let mut writer = Writer::new();
            write_all(&mut writer, &frame, sender, peer);
            let bytes = writer.finish();
            assert_eq!(read_all(&mut Reader::new(&bytes), 1, sender, &Both), Ok(frame.to_vec()));
            bytes.len()
        };
        let own = size(Some(frame[0].lane.stream), &Both);
        assert_eq!(size(None, &Both) - own, 8);
        assert_eq!(size(None, &Nothing) - own, 32);
    }

    #[test]
    fn a_frame_moved_to_another_place_does_not_verify() {
        let frame = sealed(1, 1, FrameHash::default(), vec![1, 2, 3]);
        let moved = [
            Frame { number: 2, ..frame.clone() },
            Frame { previous: FrameHash([1; 32]), ..frame.clone() },
            Frame { lane: lane(2), ..frame.clone() },
            Frame { body: vec![1, 2, 4], ..frame.clone() },
        ];
        for moved in moved {
            assert_eq!(moved.verify(&certificate()), Err(SignatureError::Signature));
            assert_ne!(moved.hash(), frame.hash(), "it is another frame, not the same one changed");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_frames_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read_all(&mut Reader::new(&bytes), 100, None, &Nothing);
        }

        #[test]
        fn mutated_frames_are_refused_or_do_not_verify(at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut writer = Writer::new();
            write_all(&mut writer, &history(), None, &Nothing);
            let mut bytes = writer.finish();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(frames) = read_all(&mut Reader::new(&bytes), 10, None, &Nothing) {
                let good = frames.iter().filter(|frame| frame.verify(&certificate()).is_ok()).count();
                prop_assert!(good < 4 || frames.len() < 4, "a flipped bit went unnoticed");
            }
        }
    }

    proptest! {
        #[test]
        fn a_mutated_list_is_refused_or_comes_back(edits in edits()) {
            let list = |frames: &[Frame]| {
                let mut writer = Writer::new();
                write_all(&mut writer, frames, None, &Both);
                writer.finish()
            };
            let next = sealed(1, 4, history()[2].hash(), vec![6, 7]);
            let bytes = mutated(&list(&[history(), vec![next]].concat()), &edits);
            if let Ok(frames) = read_all(&mut Reader::new(&bytes), 10, None, &Both) {
                prop_assert_eq!(read_all(&mut Reader::new(&list(&frames)), 10, None, &Both), Ok(frames));
            }
        }
    }
}
