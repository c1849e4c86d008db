//! Pictures of codes: written for a screen or paper, and read as a camera took them.

use std::io::Cursor;

use image::{GrayImage, ImageError, ImageFormat, ImageReader, Limits, Luma};
use rqrr::PreparedImage;

use super::{QrError, SCHEME};
use crate::view::qr;

/// Most pixels of a picture that is read: the largest that phones take, below what would fill their memory.
pub const PIXELS_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a pixel with its colours, while a picture is decoded.
const COLOUR_BYTES: u64 = 4;
/// Light modules around a code, as the standard wants them.
const QUIET: usize = 4;
/// Pixels of a module's side.
const SCALE: usize = 8;
const DARK: Luma<u8> = Luma([0]);
const LIGHT: Luma<u8> = Luma([255]);

/// A text as the picture of a code, PNG. Nothing when no code holds it.
pub fn png(text: &str) -> Option<Vec<u8>> {
    let code = qr::code(text)?;
    let side = ((code.size + 2 * QUIET) * SCALE) as u32;
    let dark = |x: u32, y: u32| {
        let module = |at: u32| (at as usize / SCALE).checked_sub(QUIET).filter(|at| *at < code.size);
        module(y).zip(module(x)).is_some_and(|(row, column)| code[row][column].value())
    };
    let picture = GrayImage::from_fn(side, side, |x, y| if dark(x, y) { DARK } else { LIGHT });
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).ok()?;
    Some(file.into_inner())
}

/// The texts of all codes in a file: a picture, PNG or JPEG, or a text with one in a line. Lines that hold none are remarks.
///
/// # Errors
/// [`QrError::NotAPicture`], [`QrError::PictureTooLarge`]; [`QrError::NoCode`] when none is in it that can be read.
pub fn texts(file: &[u8]) -> Result<Vec<String>, QrError> {
    match std::str::from_utf8(file) {
        Ok(text) => {
            // A text of ours may end with a space, so that lines are not trimmed.
            let is_code = |line: &&str| line.starts_with(SCHEME) || line.contains("://");
            let lines: Vec<String> = text.lines().filter(is_code).map(str::to_owned).collect();
            if lines.is_empty() { Err(QrError::NotAPicture) } else { Ok(lines) }
        }
        Err(_) => in_picture(&opened(file)?),
    }
}

/// A picture in shades of grey.
fn opened(file: &[u8]) -> Result<GrayImage, QrError> {
    let reader = || {
        let reader = ImageReader::new(Cursor::new(file)).with_guessed_format();
        reader.map_err(|_| QrError::NotAPicture)
    };
    let (width, height) = reader()?.into_dimensions().map_err(unread)?;
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(QrError::PictureTooLarge);
    }
    let (mut reader, mut limits) = (reader()?, Limits::default());
    limits.max_alloc = Some(PIXELS_MAX * COLOUR_BYTES);
    reader.limits(limits);
    Ok(reader.decode().map_err(unread)?.into_luma8())
}

fn unread(error: ImageError) -> QrError {
    match error {
        ImageError::Limits(_) => QrError::PictureTooLarge,
        _ => QrError::NotAPicture,
    }
}

fn in_picture(picture: &GrayImage) -> Result<Vec<String>, QrError> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let shade = |x: usize, y: usize| picture.get_pixel(x as u32, y as u32).0[0];
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, shade);
    let grids = prepared.detect_grids();
    let texts: Vec<String> = grids.iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect();
    if texts.is_empty() { Err(QrError::NoCode) } else { Ok(texts) }
}
