//! Evidence: a photo or a document that stands behind a score. The record has its name; the bytes travel by themselves.
//!
//! Invariant: a score never waits for its evidence. What is signed is the hash, so nobody can put another picture in its place.

use crate::sync::content::{CONTENT_BYTES_MAX, Content};
use crate::sync::wire::{Reader, WireError, Writer};

/// Most pieces of evidence of one criterion in one column.
pub const SLOTS: u8 = 10;
/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 120;
/// Longest thumbnail, in bytes.
pub const THUMBNAIL_BYTES_MAX: u32 = 24 * 1024;

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum MediaType {
    /// `image/jpeg`.
    Jpeg = 0,
    /// `image/png`.
    Png = 1,
    /// `image/webp`.
    Webp = 2,
    /// `application/pdf`.
    Pdf = 3,
}

impl MediaType {
    /// Every type, in the order of their numbers on the wire.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Webp, Self::Pdf];

    /// The type of a file, by its first bytes; nothing when it is none of these.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            _ => None,
        }
    }

    /// Its name on the web.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
        }
    }
}

/// A piece of evidence, as it stands in a field of a score.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// The file.
    pub content: Content,
    /// What it is.
    pub media: MediaType,
    /// What it is called.
    pub name: String,
    /// A small picture of it, which travels first.
    pub thumbnail: Option<Content>,
}

impl Evidence {
    /// Whether it is within the limits: nothing is kept of what is not.
    pub fn is_within_limits(&self) -> bool {
        let fits = |content: Content, most| (1..=most).contains(&content.size);
        fits(self.content, CONTENT_BYTES_MAX)
            && self.thumbnail.is_none_or(|thumbnail| fits(thumbnail, THUMBNAIL_BYTES_MAX))
            && !self.name.trim().is_empty()
            && self.name.chars().count() <= NAME_CHARS_MAX
    }

    /// Writes it, for a frame and for a device's own rows.
    ///
    /// # Errors
    /// [`WireError::TooLarge`] when its name is too long.
    pub fn write(&self, writer: &mut Writer) -> Result<(), WireError> {
        check_name(&self.name)?;
        self.content.write(writer);
        writer.byte(self.media as u8).text(&self.name).byte(self.thumbnail.is_some().into());
        self.thumbnail.iter().for_each(|thumbnail| thumbnail.write(writer));
        Ok(())
    }

    /// Reads what [`Self::write`] wrote. Sizes beyond the limits are for the policy to reject: they are no reason not to read the
    /// changes beside it.
    ///
    /// # Errors
    /// When it is malformed, or of a type that this version doesn't know.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let content = Content::read(reader)?;
        let media = MediaType::ALL.get(usize::from(reader.byte()?)).copied();
        let name = reader.text(4 * NAME_CHARS_MAX)?.to_owned();
        check_name(&name)?;
        let thumbnail = match reader.byte()? {
            0 => None,
            1 => Some(Content::read(reader)?),
            _ => return Err(WireError::Malformed("thumbnail")),
        };
        Ok(Self { content, media: media.ok_or(WireError::Malformed("media type"))?, name, thumbnail })
    }

    /// The contents that it names, the thumbnail first.
    pub fn contents(&self) -> impl Iterator<Item = Content> {
        self.thumbnail.into_iter().chain([self.content])
    }
}

fn check_name(name: &str) -> Result<(), WireError> {
    (name.chars().count() <= NAME_CHARS_MAX).then_some(()).ok_or(WireError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(size: u32, thumbnail: Option<u32>, name: &str) -> Evidence {
        let content = |size| Content { hash: [7; 32], size };
        Evidence {
            content: content(size),
            media: MediaType::Jpeg,
            name: name.to_owned(),
            thumbnail: thumbnail.map(content),
        }
    }

    #[test]
    fn a_file_a_thumbnail_and_a_name_have_limits() {
        assert!(
            evidence(CONTENT_BYTES_MAX, Some(THUMBNAIL_BYTES_MAX), &"ả".repeat(NAME_CHARS_MAX))
                .is_within_limits()
        );
        assert!(evidence(1, None, "a").is_within_limits());
        for beyond in [
            evidence(0, None, "a"),
            evidence(CONTENT_BYTES_MAX + 1, None, "a"),
            evidence(1, Some(0), "a"),
            evidence(1, Some(THUMBNAIL_BYTES_MAX + 1), "a"),
            evidence(1, None, " "),
            evidence(1, None, &"a".repeat(NAME_CHARS_MAX + 1)),
        ] {
            assert!(!beyond.is_within_limits(), "{beyond:?}");
        }
    }

    #[test]
    fn a_type_is_told_by_the_first_bytes_and_not_by_a_name() {
        assert_eq!(MediaType::of(b"\xff\xd8\xff\xe0"), Some(MediaType::Jpeg));
        assert_eq!(MediaType::of(b"\x89PNG\r\n"), Some(MediaType::Png));
        assert_eq!(MediaType::of(b"RIFF\0\0\0\0WEBPVP8 "), Some(MediaType::Webp));
        assert_eq!(MediaType::of(b"%PDF-1.7"), Some(MediaType::Pdf));
        for other in [&b""[..], b"%PDF", b"MZ\x90", b"<svg", b"RIFF\0\0\0\0WAVE"] {
            assert_eq!(MediaType::of(other), None);
        }
    }
}
