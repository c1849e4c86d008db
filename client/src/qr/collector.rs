//! The reading side: texts come one by one, as a camera happens to catch them, and payloads come out.
//!
//! Invariant: what is kept is bounded, whatever is read: so many series, of each so many parts as its payload may need.

use std::collections::BTreeMap;

use raptorq::{EncodingPacket, PayloadId, SourceBlockDecoder};
use xeploai_core::sync::invitation::Invitation;

use super::{
    CODE_BYTES_MAX, NAME_BYTES, NUMBER_BYTES, ONE, PAYLOAD_BYTES_MAX, QrError, SCHEME, SERIES, SYMBOL_BYTES,
    base45, layout, name,
};
use crate::ops::enrol;

/// Series that are collected at once: somebody begins anew, another screen is in the picture.
const SERIES_MAX: usize = 8;
/// Parts beyond those needed, after which there was a wrong one among them: the fountain code needs three more once in millions.
const SURPLUS_MAX: u32 = 32;
/// Longest text that a code can hold.
const TEXT_MAX: usize = 4296;

/// Puts payloads together.
#[derive(Default)]
pub struct Collector {
    /// The one that was fed last is the last.
    series: Vec<Series>,
}

/// What a text has led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Parts that are here, of the series that it belongs to.
    pub received: u32,
    /// Parts that will be enough; one more when so many were not.
    pub needed: u32,
    /// The payload, with the part that completes it.
    pub payload: Option<Vec<u8>>,
}

struct Series {
    name: [u8; NAME_BYTES],
    length: usize,
    /// The parts, by number; none any more once it is whole.
    parts: BTreeMap<u32, Vec<u8>>,
    whole: bool,
}

/// A part as it was read.
struct Part {
    name: [u8; NAME_BYTES],
    length: usize,
    number: u32,
    symbol: Vec<u8>,
}

impl Collector {
    /// Takes the text of a code.
    ///
    /// # Errors
    /// When it is none of ours, or damaged: then nothing changes, but for a series whose parts fit no payload, which begins anew.
    pub fn take(&mut self, text: &str) -> Result<Progress, QrError> {
        if let Some(text) = text.strip_prefix(SERIES) {
            return self.add(Part::read(text).ok_or(QrError::Damaged)?);
        }
        let Some(text) = text.strip_prefix(ONE) else { return Err(other(text)) };
        let payload = bytes(text).filter(|it| !it.is_empty() && it.len() <= CODE_BYTES_MAX);
        Ok(Progress { received: 1, needed: 1, payload: Some(payload.ok_or(QrError::Damaged)?) })
    }

    /// What is missing of the series that is nearest to its end.
    pub fn incomplete(&self) -> Option<QrError> {
        let open = self.series.iter().filter(|it| !it.whole);
        let nearest = open.min_by_key(|it| it.needed().saturating_sub(it.received()))?;
        Some(QrError::Incomplete { received: nearest.received(), needed: nearest.needed() })
    }

    /// Forgets the series that are whole: read again, they give their payloads again.
    pub fn forget_whole(&mut self) {
        self.series.retain(|it| !it.whole);
    }

    fn add(&mut self, part: Part) -> Result<Progress, QrError> {
        let known = self.series.iter().position(|it| (it.name, it.length) == (part.name, part.length));
        let mut series = match known {
            Some(at) => self.series.remove(at),
            None => Series::new(&part),
        };
        let payload = series.add(part)?;
        let progress = Progress { received: series.received(), needed: series.needed(), payload };
        if self.series.len() >= SERIES_MAX {
            self.series.remove(0);
        }
        self.series.push(series);
        Ok(progress)
    }
}

impl Series {
    fn new(part: &Part) -> Self {
        Self { name: part.name, length: part.length, parts: BTreeMap::new(), whole: false }
    }

    fn received(&self) -> u32 {
        if self.whole { self.needed() } else { self.parts.len() as u32 }
    }

    fn needed(&self) -> u32 {
        let (symbols, _) = layout(self.length);
        if self.whole { symbols } else { symbols.max(self.parts.len() as u32 + u32::from(self.is_short())) }
    }

    /// Whether as many parts as the payload has symbols were not enough.
    fn is_short(&self) -> bool {
        self.parts.len() as u32 >= layout(self.length).0
    }

    /// Adds a part, and gives the payload when it completes it.
    fn add(&mut self, part: Part) -> Result<Option<Vec<u8>>, QrError> {
        if self.whole || self.parts.contains_key(&part.number) {
            return Ok(None);
        }
        self.parts.insert(part.number, part.symbol);
        let Some(payload) = self.solved() else {
            let too_many = self.parts.len() as u32 > layout(self.length).0 + SURPLUS_MAX;
            return if too_many { Err(QrError::Damaged) } else { Ok(None) };
        };
        if name(&payload) != self.name {
            return Err(QrError::Damaged);
        }
        (self.whole, self.parts) = (true, BTreeMap::new());
        Ok(Some(payload))
    }

    fn solved(&self) -> Option<Vec<u8>> {
        if !self.is_short() {
            return None;
        }
        let (symbols, layout) = layout(self.length);
        let mut decoder = SourceBlockDecoder::new(0, &layout, u64::from(symbols) * SYMBOL_BYTES as u64);
        let packet = |(number, symbol): (&u32, &Vec<u8>)| {
            EncodingPacket::new(PayloadId::new(0, *number), symbol.clone())
        };
        let mut payload = decoder.decode(self.parts.iter().map(packet))?;
        payload.truncate(self.length);
        Some(payload)
    }
}

impl Part {
    fn read(text: &str) -> Option<Self> {
        let bytes = bytes(text)?;
        let (name, rest) = bytes.split_first_chunk::<NAME_BYTES>()?;
        let (length, rest) = rest.split_first_chunk::<NUMBER_BYTES>()?;
        let (number, symbol) = rest.split_first_chunk::<NUMBER_BYTES>()?;
        let number_of = |it: &[u8; NUMBER_BYTES]| u32::from_le_bytes([it[0], it[1], it[2], 0]);
        let length = number_of(length) as usize;
        let fits = (1..=PAYLOAD_BYTES_MAX).contains(&length) && symbol.len() == SYMBOL_BYTES;
        fits.then(|| Self { name: *name, length, number: number_of(number), symbol: symbol.to_vec() })
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.len() > TEXT_MAX { None } else { base45::read(text) }
}

/// What a code is that shows no records.
fn other(text: &str) -> QrError {
    if Invitation::parse(text).is_ok() {
        QrError::Invitation
    } else if text.starts_with(SCHEME) {
        QrError::TooNew
    } else if text.len() <= TEXT_MAX && enrol::is_code(text) {
        QrError::Enrolment
    } else {
        QrError::Foreign
    }
}
