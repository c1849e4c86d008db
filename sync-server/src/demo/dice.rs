//! Deterministic choices: the same seed makes the same demonstration on every machine.

/// A stream of numbers from a seed: the extendable output of BLAKE3.
pub(crate) struct Dice {
    stream: blake3::OutputReader,
}

impl Dice {
    /// Choices for one purpose.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 demonstration");
        hasher.update(&seed.to_le_bytes()).update(purpose.as_bytes());
        Self { stream: hasher.finalize_xof() }
    }

    /// Bytes, for a key or a nonce of the demonstration.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.stream.fill(&mut bytes);
        bytes
    }

    /// A number below `limit` (zero gives zero); the bias of the remainder matters to nobody here.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        u64::from_le_bytes(self.bytes()).checked_rem(limit).unwrap_or_default()
    }

    /// One of several texts.
    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = self.below(from.len() as u64) as usize;
        from.get(index).copied().unwrap_or_default()
    }
}
