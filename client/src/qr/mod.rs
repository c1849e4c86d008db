//! Records as QR codes on a screen, for a camera in front of it: what a person's month takes is one code, more is an animated
//! series of them. Reading order: `base45`, `codes` (what is shown), `collector` (what is read), `picture` (pixels),
//! `error`.
//!
//! Invariants: nothing here touches the store or the system; a code carries one message, whose frames are signed, and nothing
//! else proves anything. It is not encrypted: who sees the screen may read what is on it, as he could before.
//!
//! A series is a fountain code (RaptorQ, RFC 6330): whichever parts a camera catches, in whatever order, about as many as the
//! payload is long are enough, so that nobody waits for the one that he missed.

mod base45;
mod codes;
mod collector;
mod error;
mod picture;

pub use codes::{CODE_BYTES_MAX, Codes, PAYLOAD_BYTES_MAX, SYMBOL_BYTES};
pub use collector::{Collector, Progress};
pub use error::QrError;
pub use picture::{PIXELS_MAX, png, texts};

use raptorq::ObjectTransmissionInformation;

/// What every text of ours begins with.
const SCHEME: &str = "XEPLOAI:";
const ONE: &str = "XEPLOAI:QR/";
const SERIES: &str = "XEPLOAI:QRS/";
/// Bytes of a payload's name.
const NAME_BYTES: usize = 8;
/// Bytes of a payload's length in a part, and of the part's number.
const NUMBER_BYTES: usize = 3;
/// Parts are numbered by so many numbers, then from 0 again: all that the fountain code has.
const PARTS: u32 = 1 << (8 * NUMBER_BYTES);

/// Tells the parts of a payload from those of another one, and whether they were put together rightly.
fn name(payload: &[u8]) -> [u8; NAME_BYTES] {
    let mut name = [0; NAME_BYTES];
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 qr");
    hasher.update(payload).finalize_xof().fill(&mut name);
    name
}

/// How many symbols a payload has, and how the fountain code is to take them: as one block, each symbol for itself.
fn layout(length: usize) -> (u32, ObjectTransmissionInformation) {
    let symbols = length.div_ceil(SYMBOL_BYTES);
    let layout =
        ObjectTransmissionInformation::new((symbols * SYMBOL_BYTES) as u64, SYMBOL_BYTES as u16, 1, 1, 1);
    (symbols as u32, layout)
}

#[cfg(test)]
mod laws;
