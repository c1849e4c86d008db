//! Photos as they leave this device: small, upright, and without what a camera writes beside the picture.
//!
//! Invariant: a photo is encoded anew, so that neither the place where it was taken nor anything else of its file goes along.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::error::{ImageError, LimitError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage};
use xeploai_core::sheet::evidence::{MediaType, THUMBNAIL_BYTES_MAX};

use crate::error::Refused;

/// Longest side of a photo, in pixels.
const PHOTO_SIDE: u32 = 2048;
/// Longest side of a thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 320;
/// Longest side of what is read, and most bytes for that: a picture is no way to fill the memory.
const SIDE_MAX: u32 = 20_000;
const MEMORY_MAX: u64 = 512 * 1024 * 1024;
const PHOTO_QUALITY: u8 = 85;
/// Qualities of a thumbnail, until it is short enough.
const THUMBNAIL_QUALITIES: [u8; 4] = [75, 55, 35, 15];

/// A file as it is attached.
pub(crate) struct Prepared {
    pub(crate) bytes: Vec<u8>,
    pub(crate) media: MediaType,
    pub(crate) thumbnail: Option<Vec<u8>>,
}

/// Makes a file ready: a photo upright, at most so large, and with a thumbnail; a document as it is.
///
/// # Errors
/// [`Refused::EvidenceType`] when it is neither, or damaged.
pub(crate) fn prepare(bytes: &[u8]) -> Result<Prepared, Refused> {
    let media = MediaType::of(bytes).ok_or(Refused::EvidenceType)?;
    if media == MediaType::Pdf {
        return Ok(Prepared { bytes: bytes.to_vec(), media, thumbnail: None });
    }
    let photo = flat(read(bytes).map_err(|_| Refused::EvidenceType)?);
    let photo = shrunk(photo, PHOTO_SIDE);
    let bytes = jpeg(&photo, PHOTO_QUALITY)?;
    let small = shrunk(photo, THUMBNAIL_SIDE);
    let thumbnails = THUMBNAIL_QUALITIES.iter().filter_map(|quality| jpeg(&small, *quality).ok());
    let thumbnail = thumbnails.into_iter().find(|bytes| bytes.len() <= THUMBNAIL_BYTES_MAX as usize);
    Ok(Prepared { bytes, media: MediaType::Jpeg, thumbnail })
}

fn read(bytes: &[u8]) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE_MAX), Some(SIDE_MAX));
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    if decoder.total_bytes() > MEMORY_MAX {
        return Err(ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory)));
    }
    // Cameras write pixels as the sensor lies, and beside them how to turn them.
    let orientation = decoder.orientation()?;
    let mut photo = DynamicImage::from_decoder(decoder)?;
    photo.apply_orientation(orientation);
    Ok(photo)
}

/// On white where it is transparent.
fn flat(photo: DynamicImage) -> RgbImage {
    if !photo.color().has_alpha() {
        return photo.into_rgb8();
    }
    let photo = photo.into_rgba8();
    RgbImage::from_fn(photo.width(), photo.height(), |x, y| {
        let [red, green, blue, alpha] = photo.get_pixel(x, y).0.map(u16::from);
        Rgb([red, green, blue].map(|value| ((value * alpha + 255 * (255 - alpha)) / 255) as u8))
    })
}

fn shrunk(photo: RgbImage, side: u32) -> RgbImage {
    if photo.width().max(photo.height()) <= side {
        return photo;
    }
    DynamicImage::ImageRgb8(photo).thumbnail(side, side).into_rgb8()
}

fn jpeg(photo: &RgbImage, quality: u8) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    photo.write_with_encoder(encoder).map_err(|_| Refused::EvidenceType)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A camera's photo: wide pixels, said to be turned by a quarter, with a place beside them.
    fn from_a_camera(width: u32, height: u32) -> Vec<u8> {
        let photo =
            RgbImage::from_fn(width, height, |x, y| Rgb([(x * 7) as u8, (y * 5) as u8, (x ^ y) as u8]));
        let plain = jpeg(&photo, 90).unwrap();
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS 21.3N 105.4E");
        let length = (exif.len() as u16 + 2).to_be_bytes();
        [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat()
    }

    fn size(bytes: &[u8]) -> (u32, u32) {
        let photo = image::load_from_memory(bytes).unwrap();
        (photo.width(), photo.height())
    }

    #[test]
    fn a_photo_leaves_upright_small_and_without_its_place() {
        let taken = from_a_camera(2400, 1200);
        assert!(taken.windows(3).any(|bytes| bytes == b"GPS"));
        let ready = prepare(&taken).unwrap();
        assert_eq!(size(&ready.bytes), (1024, 2048), "turned, and the longer side is 2048");
        assert!(!ready.bytes.windows(4).any(|bytes| bytes == b"Exif" || bytes == b"GPS "));
        let thumbnail = ready.thumbnail.unwrap();
        assert_eq!(size(&thumbnail), (160, 320));
        assert!(thumbnail.len() <= THUMBNAIL_BYTES_MAX as usize);
    }

    #[test]
    fn a_thumbnail_of_noise_is_short_enough_too() {
        let mut seed = 1u32;
        let noise = RgbImage::from_fn(400, 400, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Rgb([(seed >> 8) as u8, (seed >> 16) as u8, (seed >> 24) as u8])
        });
        let ready = prepare(&jpeg(&noise, 95).unwrap()).unwrap();
        assert!(ready.thumbnail.is_some_and(|bytes| bytes.len() <= THUMBNAIL_BYTES_MAX as usize));
        assert_eq!(size(&ready.bytes), (400, 400), "what is small stays as large as it is");
    }

    #[test]
    fn what_is_transparent_becomes_white() {
        let clear = image::RgbaImage::from_pixel(8, 8, image::Rgba([0, 0, 0, 0]));
        let mut png = Vec::new();
        clear.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
        let ready = prepare(&png).unwrap();
        let shown = image::load_from_memory(&ready.bytes).unwrap().into_rgb8();
        assert!(shown.pixels().all(|pixel| pixel.0.iter().all(|value| *value > 250)));
    }

    #[test]
    fn a_document_stays_as_it_is_and_anything_else_is_refused() {
        let ready = prepare(b"%PDF-1.7 ...").unwrap();
        assert_eq!(
            (&ready.bytes[..], ready.media, ready.thumbnail),
            (&b"%PDF-1.7 ..."[..], MediaType::Pdf, None)
        );
        for other in [&b"MZ"[..], b"", b"\xff\xd8\xff\xe0 cut", b"<svg/>"] {
            assert_eq!(prepare(other).err(), Some(Refused::EvidenceType));
        }
    }
}
