//! What the targets share: an envelope that fits, a reader that knows every short name, and the laws of messages.
//!
//! Invariant: no target depends on anything but its input. A panic is a finding, a failed law too; so is an allocation above
//! the limit that `cargo xtask fuzz` sets.

use ed25519_dalek::SigningKey;
use xeploai_core::ids::{DepartmentId, FrameHash, StreamId};
use xeploai_core::sync::message::{Message, Request};
use xeploai_core::sync::names::{Known, Nothing, Short, Standing};
use xeploai_core::sync::verdict::Verdicts;
use xeploai_core::sync::{Lane, PROTOCOL_VERSION, Scope};

/// The department in whose name is signed.
pub const DEPARTMENT: DepartmentId = DepartmentId([0x11; 16]);
/// Flags of an envelope whose payload stands as it is.
pub const PLAIN: u8 = 0;
/// Flags of an envelope whose payload is compressed.
pub const PACKED: u8 = 1;

/// The department's key.
pub fn key() -> SigningKey {
    SigningKey::from_bytes(&[0x44; 32])
}

/// The stream that asks.
pub fn sender() -> StreamId {
    StreamId([1; 32])
}

/// Frames that were asked with.
pub fn asked() -> Vec<FrameHash> {
    (0..8).map(|at| FrameHash([at; 32])).collect()
}

/// Knows every name: a hash that begins with it.
pub struct Everything;

fn whole(name: Short) -> [u8; 32] {
    let mut hash = [0xee; 32];
    hash[..8].copy_from_slice(&name.0);
    hash
}

impl Known for Everything {
    fn stream(&self, name: Short) -> Option<StreamId> {
        Some(StreamId(whole(name)))
    }
    fn frame(&self, name: Short) -> Option<Standing> {
        let lane = Lane { stream: sender(), scope: Scope::from_parts(name.0[0], [name.0[1]; 16]) };
        // No store holds a frame with the number 0: the decoder refuses it.
        let number = u64::from_le_bytes(name.0).max(1);
        Some(Standing { hash: FrameHash(whole(name)), lane, number })
    }
}

/// The payload in an envelope whose checksum fits.
pub fn envelope(flags: u8, payload: &[u8]) -> Vec<u8> {
    let sum = blake3::derive_key("xeploai 2026 message", payload);
    [b"XLSY", &[PROTOCOL_VERSION, flags][..], &sum[..4], payload].concat()
}

/// Reads an answer: what was read comes back.
pub fn answer(bytes: &[u8]) {
    let asked = asked();
    let read = |bytes: &[u8]| Message::decode_answer(bytes, &asked, &Everything);
    if let Ok(message) = read(bytes)
        && readable(&message)
    {
        assert_eq!(read(&message.answer(&asked, &Nothing)), Ok(message));
    }
}

/// Reads a request as the server does.
pub fn request(bytes: &[u8]) {
    let Ok(request) = Request::decode(bytes) else { return };
    let certificates = request.certificates();
    if let Ok(message) = request.message(sender(), &Everything) {
        assert_eq!(certificates, Ok(message.certificates));
    }
    let _ = request.message(sender(), &Nothing);
}

/// Whether the message's verdicts are: nobody passes others on.
fn readable(message: &Message) -> bool {
    message.verdicts.iter().all(|signed| Verdicts::decode(&signed.bytes).is_ok())
}
