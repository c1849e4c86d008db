//! Long records: a criteria set of hundreds of criteria is larger than a frame, and says the same words again and again.
//!
//! Invariant: short records travel as they are; what was packed comes back as it was, and takes no more than the limit.

use std::borrow::Cow;

use data_encoding::BASE64_NOPAD;

/// JSON from this length on is packed, in bytes.
const PACK_FROM: usize = 24 * 1024;
/// Longest JSON of a record, in bytes: that of a criteria set's file.
const JSON_LEN_MAX: usize = crate::ruleset::Ruleset::LEN_MAX;
/// No JSON begins like this.
const PREFIX: &str = "zstd:";
/// Zstandard's level: written once, read by every device.
const LEVEL: i32 = 19;

/// The text that travels for a record's JSON.
pub(super) fn packed(json: String) -> String {
    if json.len() < PACK_FROM || json.len() > JSON_LEN_MAX {
        return json;
    }
    match zstd::bulk::compress(json.as_bytes(), LEVEL) {
        Ok(bytes) => format!("{PREFIX}{}", BASE64_NOPAD.encode(&bytes)),
        Err(_) => json,
    }
}

/// The JSON of a text that came; nothing when it is packed and can't be unpacked, or is longer than the limit.
pub(super) fn unpacked(text: &str) -> Option<Cow<'_, str>> {
    let Some(packed) = text.strip_prefix(PREFIX) else { return Some(Cow::Borrowed(text)) };
    let bytes = BASE64_NOPAD.decode(packed.as_bytes()).ok()?;
    let json = zstd::bulk::decompress(&bytes, JSON_LEN_MAX).ok()?;
    String::from_utf8(json).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_short_records_travel_as_they_are() {
        let long = format!("{{\"text\":\"{}\"}}", "Hoàn thành tốt nhiệm vụ. ".repeat(20_000));
        let text = packed(long.clone());
        assert!(text.starts_with(PREFIX) && text.len() < 10_000, "{}", text.len());
        assert_eq!(unpacked(&text).as_deref(), Some(long.as_str()));
        assert_eq!(packed("{}".to_owned()), "{}");
        assert_eq!(unpacked("{}").as_deref(), Some("{}"));
    }

    #[test]
    fn what_is_cut_forged_or_too_long_is_refused() {
        let text = packed(format!("\"{}\"", "a".repeat(PACK_FROM)));
        assert_eq!(unpacked(&text[..text.len() - 4]), None);
        assert_eq!(unpacked("zstd:!"), None);
        let bomb = zstd::bulk::compress(&vec![b'a'; JSON_LEN_MAX + 1], LEVEL).unwrap();
        assert_eq!(unpacked(&format!("{PREFIX}{}", BASE64_NOPAD.encode(&bomb))), None);
    }
}
