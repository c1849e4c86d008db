//! Versions of the protocol, as data: what each number means, since when, and which of them this program speaks.
//!
//! Invariant: a number is never given another meaning. Within a version, what is new stands in sections, kinds of
//! records and scopes that an older program passes over, stores and hands on; so neighbours interoperate without
//! agreeing on anything first. A new version is needed only when signed bytes must be read in another way.

use super::PROTOCOL_VERSION;
use super::wire::WireError;

/// A version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its number, in every signature, body and message.
    pub number: u8,
    /// Since when, `YYYY-MM-DD`.
    pub since: &'static str,
    /// What it stands for.
    pub meaning: &'static str,
}

/// Every version that was ever used by a department.
pub const VERSIONS: [Version; 1] = [Version {
    number: PROTOCOL_VERSION,
    since: "2026-11-24",
    meaning: "frames, verdicts, epochs, snapshots, inventories; sections that may grow",
}];

/// The oldest version of a message that is still understood: two before the present one, once there are three.
pub const OLDEST: u8 = 1;

/// Capability: takes the signed state of a closed period instead of its frames.
pub const SNAPSHOTS: u64 = 1;

/// What this program understands beyond the version.
pub const CAPABILITIES: u64 = SNAPSHOTS;

/// Whether a message of this version can be read.
///
/// # Errors
/// [`WireError::Version`] for a later one; [`WireError::Malformed`] for one that is too old.
pub fn ensure_supported(version: u8) -> Result<(), WireError> {
    match version {
        OLDEST..=PROTOCOL_VERSION => Ok(()),
        later if later > PROTOCOL_VERSION => Err(WireError::Version),
        _ => Err(WireError::Malformed("message version")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbered_without_holes_and_the_present_one_is_the_last() {
        for (at, version) in VERSIONS.iter().enumerate() {
            assert_eq!(usize::from(version.number), at + 1);
        }
        assert_eq!(VERSIONS.last().map(|version| version.number), Some(PROTOCOL_VERSION));
    }

    #[test]
    fn a_later_version_is_told_from_nonsense() {
        assert_eq!(ensure_supported(PROTOCOL_VERSION), Ok(()));
        assert_eq!(ensure_supported(PROTOCOL_VERSION + 1), Err(WireError::Version));
        assert!(matches!(ensure_supported(0), Err(WireError::Malformed(_))));
    }
}
