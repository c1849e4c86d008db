//! A payload as the texts of codes.

use raptorq::SourceBlockEncoder;
use xeploai_core::view::QrView;

use super::{NUMBER_BYTES, ONE, PARTS, QrError, SERIES, base45, layout, name};
use crate::view::qr;

/// Longest payload of a single code: version 20, 97 modules on a side, is what cheap phones still read from another one's screen at
/// arm's length. There, level L holds these bytes; up to 639 of them, level M is used, which mends twice as much.
pub const CODE_BYTES_MAX: usize = 825;
/// Bytes of a symbol: a part is then a code of version 15 at level M, 77 modules on a side. It is in sight for a fraction of a second
/// and the hands move, so that it is coarser than a single code.
pub const SYMBOL_BYTES: usize = 376;
/// Longest payload of a series: some seven hundred parts, two minutes at six a second. A file or a link is better for more.
pub const PAYLOAD_BYTES_MAX: usize = 256 * 1024;

/// What a screen shows of a payload: one code, or a series without an end.
pub struct Codes {
    payload: Vec<u8>,
    /// Of a series, what every part begins with, and what makes its symbols.
    series: Option<(Vec<u8>, SourceBlockEncoder)>,
}

impl Codes {
    /// Makes the codes of a payload.
    ///
    /// # Errors
    /// [`QrError::NothingWaits`] when it is empty, [`QrError::TooMuch`] when it is too long.
    pub fn new(payload: Vec<u8>) -> Result<Self, QrError> {
        if payload.is_empty() {
            return Err(QrError::NothingWaits);
        }
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(QrError::TooMuch);
        }
        Ok(if payload.len() > CODE_BYTES_MAX {
            Self::series(payload)
        } else {
            Self { payload, series: None }
        })
    }

    fn series(payload: Vec<u8>) -> Self {
        let mut head = name(&payload).to_vec();
        head.extend_from_slice(&number(payload.len() as u32));
        let (symbols, layout) = layout(payload.len());
        let mut padded = payload.clone();
        padded.resize(symbols as usize * SYMBOL_BYTES, 0);
        let series = Some((head, SourceBlockEncoder::new(0, &layout, &padded)));
        Self { payload, series }
    }

    /// Whether there are parts to show by turns.
    pub fn is_series(&self) -> bool {
        self.series.is_some()
    }

    /// How many parts a reader needs at least; one or two more where some of them were missed, rarely.
    pub fn needed(&self) -> u32 {
        if self.is_series() { layout(self.payload.len()).0 } else { 1 }
    }

    /// Length of the payload.
    pub fn bytes(&self) -> usize {
        self.payload.len()
    }

    /// The text of a part. A series has as many as anybody asks for, and no two alike before 16,777,216; one code has one.
    pub fn text(&self, part: u32) -> String {
        let Some((head, encoder)) = &self.series else {
            let mut text = ONE.to_owned();
            base45::write(&mut text, &self.payload);
            return text;
        };
        let (part, needed) = (part % PARTS, self.needed());
        let mut bytes = head.clone();
        bytes.extend_from_slice(&number(part));
        match part.checked_sub(needed) {
            None => bytes.extend_from_slice(&self.piece(part as usize)),
            Some(repair) => {
                bytes.extend(encoder.repair_packets(repair, 1).iter().flat_map(|it| it.data().to_vec()));
            }
        }
        let mut text = SERIES.to_owned();
        text.reserve(base45::length(bytes.len()));
        base45::write(&mut text, &bytes);
        text
    }

    /// A part, drawn for a screen.
    pub fn drawn(&self, part: u32) -> QrView {
        qr::drawn(&self.text(part))
    }

    /// A piece of the payload itself, filled up with zeros.
    fn piece(&self, at: usize) -> Vec<u8> {
        let rest = self.payload.get(at * SYMBOL_BYTES..).unwrap_or_default();
        let mut piece = rest.iter().take(SYMBOL_BYTES).copied().collect::<Vec<_>>();
        piece.resize(SYMBOL_BYTES, 0);
        piece
    }
}

fn number(number: u32) -> [u8; NUMBER_BYTES] {
    let [low, middle, high, _] = number.to_le_bytes();
    [low, middle, high]
}
