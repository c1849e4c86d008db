//! The file of marks: records of one length, each with its checksum, appended and now and then written anew.
//!
//! Invariant: a crash at any byte leaves the marks as they were before the call or as they are after it, never lower.
//! A record that was not written whole is passed over, and the next append goes over its bytes.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use xeploai_core::ids::{FrameHash, StreamId};
use xeploai_core::sync::{Lane, Scope};

use super::{Mark, raise_in};
use crate::error::ClientError;
use crate::files::{private, replace};

/// Stream, scope, number, frame.
const BODY: usize = 32 + 1 + 16 + 8 + 32;
/// The same and its checksum.
const RECORD: usize = BODY + 8;
/// Records that may stand in the file beside the latest one of each lane before it is written anew.
const SPARE_RECORDS: usize = 256;

/// The marks of one device.
pub(super) struct Marks {
    path: PathBuf,
    lock: PathBuf,
}

/// What the file says.
#[derive(Default)]
struct Log {
    marks: BTreeMap<Lane, Mark>,
    /// Whole records in the file, those that are no longer the latest or can't be read included.
    records: usize,
}

impl Marks {
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: folder.join("marks"), lock: folder.join("lock") }
    }

    /// The marks of all lanes.
    pub(super) fn all(&self) -> Result<Vec<Mark>, ClientError> {
        Ok(self.read()?.marks.into_values().collect())
    }

    /// Raises marks with one sync of the file, however many lanes there are.
    pub(super) fn raise(&self, raised: &[Mark]) -> Result<(), ClientError> {
        // Another process may work on the same store; both read before they write.
        let lock = private().truncate(false).open(&self.lock)?;
        lock.lock()?;
        let mut log = self.read()?;
        let new: Vec<Mark> = raised.iter().filter(|mark| raise_in(&mut log.marks, **mark)).copied().collect();
        if new.is_empty() {
            return Ok(());
        }
        let spare = (log.records + new.len()).saturating_sub(log.marks.len());
        if log.records == 0 || spare > SPARE_RECORDS {
            let all: Vec<u8> = log.marks.values().flat_map(encode).collect();
            replace(&self.path, &all)?;
        } else {
            self.append(log.records, &new)?;
        }
        Ok(())
    }

    fn append(&self, records: usize, new: &[Mark]) -> std::io::Result<()> {
        let mut file = private().truncate(false).open(&self.path)?;
        // Behind the last whole record: a piece of one that a crash left there is shorter than what is written now.
        file.seek(SeekFrom::Start((records * RECORD) as u64))?;
        file.write_all(&new.iter().flat_map(encode).collect::<Vec<u8>>())?;
        file.sync_data()
    }

    fn read(&self) -> Result<Log, ClientError> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Log::default()),
            Err(error) => return Err(error.into()),
        };
        let mut log = Log::default();
        let (records, _) = bytes.as_chunks::<RECORD>();
        for record in records {
            log.records += 1;
            if let Some(mark) = decode(record) {
                raise_in(&mut log.marks, mark);
            }
        }
        Ok(log)
    }
}

/// The context's own hash is the same for every record.
static EMPTY: LazyLock<blake3::Hasher> =
    LazyLock::new(|| blake3::Hasher::new_derive_key("xeploai 2026 mark"));

fn checksum(body: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    EMPTY.clone().update(body).finalize_xof().fill(&mut sum);
    sum
}

fn encode(mark: &Mark) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[..32].copy_from_slice(&mark.lane.stream.0);
    record[32] = mark.lane.scope.kind();
    record[33..49].copy_from_slice(&mark.lane.scope.id());
    record[49..57].copy_from_slice(&mark.number.to_le_bytes());
    record[57..BODY].copy_from_slice(&mark.frame.0);
    let sum = checksum(&record[..BODY]);
    record[BODY..].copy_from_slice(&sum);
    record
}

fn decode(record: &[u8; RECORD]) -> Option<Mark> {
    let (body, sum) = record.split_at(BODY);
    if checksum(body) != *sum {
        return None;
    }
    let (stream, rest) = body.split_first_chunk::<32>()?;
    let (kind, rest) = rest.split_first()?;
    let (scope, rest) = rest.split_first_chunk::<16>()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let lane = Lane { stream: StreamId(*stream), scope: Scope::from_parts(*kind, *scope) };
    Some(Mark { lane, number: u64::from_le_bytes(*number), frame: FrameHash(rest.try_into().ok()?) })
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn mark(lane: u8, number: u64) -> Mark {
        let lane = Lane { stream: StreamId([lane; 32]), scope: Scope::from_parts(2, [lane; 16]) };
        Mark { lane, number, frame: FrameHash([number as u8; 32]) }
    }

    fn all(marks: &Marks) -> Vec<Mark> {
        marks.all().unwrap()
    }

    #[test]
    fn a_mark_only_rises_and_is_there_for_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::new(folder.path());
        assert!(all(&marks).is_empty());
        marks.raise(&[mark(1, 3), mark(2, 7)]).unwrap();
        marks.raise(&[mark(1, 2)]).unwrap();
        marks.raise(&[Mark { frame: FrameHash([99; 32]), ..mark(2, 7) }]).unwrap();
        assert_eq!(all(&marks), [mark(1, 3), mark(2, 7)], "lower or as high: stays as it is");
        marks.raise(&[mark(1, 4)]).unwrap();
        let next = Marks::new(folder.path());
        assert_eq!(all(&next), [mark(1, 4), mark(2, 7)]);
    }

    #[test]
    fn a_crash_at_any_byte_of_an_append_leaves_the_marks_before_or_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::new(folder.path());
        marks.raise(&[mark(1, 1), mark(2, 1)]).unwrap();
        let before = std::fs::read(&marks.path).unwrap();
        marks.raise(&[mark(1, 2), mark(3, 1)]).unwrap();
        let after = std::fs::read(&marks.path).unwrap();
        assert_eq!(after[..before.len()], before[..], "an append changes nothing that stood there");
        for end in before.len()..=after.len() {
            // What was not written may read as nothing or as zeros.
            for zeros in [0, after.len() - end] {
                let mut torn = after[..end].to_vec();
                torn.resize(end + zeros, 0);
                std::fs::write(&marks.path, &torn).unwrap();
                let left = all(&marks);
                assert!(left.contains(&mark(2, 1)), "{end}");
                assert!(left.contains(&mark(1, 1)) || left.contains(&mark(1, 2)), "{end}");
                marks.raise(&[mark(1, 2), mark(3, 1)]).unwrap();
                assert_eq!(all(&marks), [mark(1, 2), mark(2, 1), mark(3, 1)], "asked again: {end}, {zeros}");
            }
        }
    }

    #[test]
    fn a_damaged_record_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::new(folder.path());
        marks.raise(&[mark(1, 1)]).unwrap();
        marks.raise(&[mark(2, 1)]).unwrap();
        let mut bytes = std::fs::read(&marks.path).unwrap();
        bytes[3] ^= 1;
        std::fs::write(&marks.path, bytes).unwrap();
        assert_eq!(all(&marks), [mark(2, 1)]);
    }

    #[test]
    fn a_long_life_leaves_a_short_file() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::new(folder.path());
        let rounds = 2 * SPARE_RECORDS as u64;
        for number in 1..=rounds {
            marks.raise(&[mark(1, number), mark(2, number)]).unwrap();
        }
        assert_eq!(all(&marks), [mark(1, rounds), mark(2, rounds)]);
        let length = std::fs::metadata(&marks.path).unwrap().len() as usize;
        assert!(length <= (SPARE_RECORDS + 2) * RECORD, "{length}");
        assert!(!marks.path.with_extension("new").exists());
    }

    #[test]
    fn a_crash_while_the_file_is_written_anew_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::new(folder.path());
        marks.raise(&[mark(1, 5)]).unwrap();
        std::fs::write(marks.path.with_extension("new"), b"half of it").unwrap();
        assert_eq!(all(&marks), [mark(1, 5)]);
        for number in 6..300 {
            marks.raise(&[mark(1, number)]).unwrap();
        }
        assert_eq!(all(&marks), [mark(1, 299)]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::new(folder.path());
        marks.raise(&[mark(1, 5)]).unwrap();
        assert_eq!(std::fs::metadata(&marks.path).unwrap().permissions().mode() & 0o077, 0);
    }

    #[test]
    fn two_processes_lose_no_mark_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for lane in 1..=4 {
                let folder = folder.path();
                scope.spawn(move || {
                    let marks = Marks::new(folder);
                    for number in 1..=200 {
                        marks.raise(&[mark(lane, number)]).unwrap();
                    }
                });
            }
        });
        assert_eq!(all(&Marks::new(folder.path())), [1, 2, 3, 4].map(|lane| mark(lane, 200)));
    }

    #[test]
    fn a_lock_that_is_held_makes_the_next_one_wait_not_fail() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::new(folder.path());
        let held = File::create(&marks.lock).unwrap();
        held.lock().unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| marks.raise(&[mark(1, 1)]));
            assert!(all(&marks).is_empty());
            held.unlock().unwrap();
            waiting.join().unwrap().unwrap();
        });
        assert_eq!(all(&marks), [mark(1, 1)]);
    }
}
