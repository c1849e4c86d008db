//! Where a device left off. Opaque outside: whatever is not exactly ours starts at the beginning.

/// A place in the order of frames and of batches of verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cursor {
    /// Position of the last frame that was looked at for this reader.
    pub(super) position: i64,
    /// The last batch of verdicts that was.
    pub(super) batch: i64,
}

impl Cursor {
    /// The bytes that a device keeps: epoch, position, batch, grants.
    pub(super) fn encode(self, epoch: [u8; 16], grants: [u8; 8]) -> Vec<u8> {
        [&epoch[..], &self.position.to_le_bytes(), &self.batch.to_le_bytes(), &grants].concat()
    }

    /// The place that the bytes stand for; the start for an empty one, another epoch, other grants, or a place that
    /// this database has not reached.
    pub(super) fn decode(bytes: &[u8], epoch: [u8; 16], grants: [u8; 8], last: Self) -> Self {
        let read = || {
            let rest = bytes.strip_prefix(&epoch)?.strip_suffix(&grants)?;
            let (position, batch) = rest.split_first_chunk::<8>()?;
            Some(Self {
                position: i64::from_le_bytes(*position),
                batch: i64::from_le_bytes(batch.try_into().ok()?),
            })
        };
        let reached = |cursor: &Self| {
            (0..=last.position).contains(&cursor.position) && (0..=last.batch).contains(&cursor.batch)
        };
        read().filter(reached).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_one_epoch_and_one_set_of_grants() {
        let (here, last) = (Cursor { position: 7, batch: 3 }, Cursor { position: 9, batch: 3 });
        let bytes = here.encode([1; 16], [2; 8]);
        assert_eq!(Cursor::decode(&bytes, [1; 16], [2; 8], last), here);
        let start = Cursor::default();
        assert_eq!(Cursor::decode(&bytes, [9; 16], [2; 8], last), start, "another epoch");
        assert_eq!(Cursor::decode(&bytes, [1; 16], [9; 8], last), start, "changed grants");
        assert_eq!(Cursor::decode(&bytes, [1; 16], [2; 8], start), start, "a database that was restored");
        assert_eq!(Cursor::decode(&[], [1; 16], [2; 8], last), start);
        assert_eq!(Cursor::decode(&bytes[..30], [1; 16], [2; 8], last), start);
    }
}
