//! Epochs: which receipts still stand after a server was restored.
//!
//! Invariant: a receipt (epoch, number) stands exactly when the server's present state descends from it: its epoch is the
//! present one, or one of its ancestors and the number is not above the last one that this server has of it.
//!
//! The server begins a new epoch at every start, so that two servers made from one backup never share one. Nothing asks a
//! clock.

use ed25519_dalek::SigningKey;

use super::stream::{Context, SignatureError, sign, verify};
use super::wire::{Reader, WireError, Writer};
use crate::ids::DepartmentId;

/// Most ancestors that a server names: forty years of daily starts.
pub const EPOCHS_MAX: usize = 16_384;

/// An epoch that has ended, as far as this server has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its id.
    pub epoch: [u8; 16],
    /// Number of the last batch of verdicts of it that this server has.
    pub last: u64,
}

/// The server's present epoch and those it descends from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Epochs {
    /// The present one.
    pub epoch: [u8; 16],
    /// Its order: one more than the highest that the server had seen.
    pub order: u32,
    /// Its ancestors, oldest first. One that wrote nothing is left out.
    pub ended: Vec<Ended>,
}

impl Epochs {
    /// Whether a receipt with this epoch and number stands.
    pub fn covers(&self, epoch: [u8; 16], number: u64) -> bool {
        epoch == self.epoch || self.ended.iter().any(|ended| ended.epoch == epoch && number <= ended.last)
    }

    /// Whether a copy of all up to one batch has another batch in it: both (epoch, number) stand, and the other does not
    /// come after.
    pub fn reaches(&self, copy: ([u8; 16], u64), other: ([u8; 16], u64)) -> bool {
        let place = |epoch| self.ended.iter().position(|ended| ended.epoch == epoch).unwrap_or(usize::MAX);
        let stand = self.covers(copy.0, copy.1) && self.covers(other.0, other.1);
        stand && (place(other.0), other.1) <= (place(copy.0), copy.1)
    }

    /// Encodes and signs.
    pub fn sign(&self, department: DepartmentId, key: &SigningKey) -> SignedEpochs {
        let mut writer = Writer::new();
        writer.raw(&self.epoch).number(self.order.into()).number(self.ended.len() as u64);
        for ended in &self.ended {
            writer.raw(&ended.epoch).number(ended.last);
        }
        let bytes = writer.finish();
        let signature = sign(key, Context::Epochs, department, &bytes);
        SignedEpochs { bytes, signature }
    }

    /// Reads epochs whose signature was checked when they came.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let (epoch, order) = (reader.array()?, reader.number()?);
        let order = u32::try_from(order).map_err(|_| WireError::TooLarge)?;
        let mut epochs = Self { epoch, order, ended: Vec::new() };
        for _ in 0..reader.at_most(EPOCHS_MAX)? {
            epochs.ended.push(Ended { epoch: reader.array()?, last: reader.number()? });
        }
        reader.finish()?;
        Ok(epochs)
    }
}

/// Epochs with the department's signature: only the department can void a receipt, or say that one stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedEpochs {
    /// The encoded [`Epochs`], exactly as signed.
    pub bytes: Vec<u8>,
    /// The department's signature.
    pub signature: [u8; 64],
}

/// Longest encoded [`Epochs`].
const BYTES_MAX: usize = EPOCHS_MAX * 26 + 64;

impl SignedEpochs {
    /// The epochs, when the department has signed them.
    ///
    /// # Errors
    /// When the signature does not fit or the bytes are malformed.
    pub fn open(
        &self,
        department: DepartmentId,
        department_key: &[u8; 32],
    ) -> Result<Epochs, super::verdict::VerdictError> {
        let checked: Result<(), SignatureError> =
            verify(department_key, Context::Epochs, department, &self.bytes, &self.signature);
        checked?;
        Ok(Epochs::decode(&self.bytes)?)
    }

    /// Appends them.
    pub fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.bytes).raw(&self.signature);
    }

    /// Takes what [`Self::write`] wrote.
    ///
    /// # Errors
    /// When the bytes are cut or over the limit.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { bytes: reader.bytes(BYTES_MAX)?.to_vec(), signature: reader.array()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation::{edits, mutated};
    use proptest::prelude::*;

    const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);

    fn epochs() -> Epochs {
        let ended = vec![Ended { epoch: [1; 16], last: 57 }, Ended { epoch: [2; 16], last: 3 }];
        Epochs { epoch: [3; 16], order: 3, ended }
    }

    #[test]
    fn what_was_acknowledged_after_the_backup_no_longer_stands() {
        let restored = epochs();
        assert!(restored.covers([3; 16], 1), "the present epoch");
        assert!(restored.covers([1; 16], 57), "before the backup");
        assert!(!restored.covers([1; 16], 58), "after it");
        assert!(!restored.covers([9; 16], 1), "another server made from the same backup");
    }

    #[test]
    fn a_copy_reaches_what_stood_before_it_and_nothing_else() {
        let (before, now) = ([2; 16], [3; 16]);
        assert!(epochs().reaches((now, 0), (before, 3)), "of an earlier epoch");
        assert!(epochs().reaches((before, 2), (before, 2)), "the last one in it");
        assert!(!epochs().reaches((before, 2), (before, 3)), "after it");
        assert!(!epochs().reaches((before, 3), (now, 1)), "of a later epoch");
        assert!(!epochs().reaches((now, 5), (before, 4)), "lost by a restore: in no copy of this server");
        assert!(!epochs().reaches(([9; 16], 9), ([1; 16], 1)), "the copy of another server");
    }

    #[test]
    fn only_the_department_says_which_receipts_stand() {
        let key = SigningKey::from_bytes(&[5; 32]);
        let mut signed = epochs().sign(DEPARTMENT, &key);
        let public = key.verifying_key().to_bytes();
        assert_eq!(signed.open(DEPARTMENT, &public), Ok(epochs()));
        assert!(signed.open(DepartmentId([2; 16]), &public).is_err());
        signed.bytes[20] ^= 1;
        assert!(signed.open(DEPARTMENT, &public).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_epochs_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Epochs::decode(&bytes);
            let _ = SignedEpochs::read(&mut Reader::new(&bytes));
        }
    }

    proptest! {
        #[test]
        fn mutated_epochs_are_refused_or_come_back(edits in edits()) {
            let key = SigningKey::from_bytes(&[5; 32]);
            let bytes = mutated(&epochs().sign(DEPARTMENT, &key).bytes, &edits);
            if let Ok(read) = Epochs::decode(&bytes) {
                prop_assert_eq!(read.sign(DEPARTMENT, &key).bytes, bytes, "one state has one encoding");
            }
            let mut writer = Writer::new();
            epochs().sign(DEPARTMENT, &key).write(&mut writer);
            let _ = SignedEpochs::read(&mut Reader::new(&mutated(&writer.finish(), &edits)));
        }
    }
}
