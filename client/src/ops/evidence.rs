//! Evidence of a score: attaching a file, taking it away, opening it.
//!
//! Invariant: the bytes are durable in the transaction that writes the score's field, so that nothing is named that is not here.

use unicode_normalization::UnicodeNormalization;
use xeploai_core::sheet::evidence::{Evidence, MediaType, NAME_CHARS_MAX, SLOTS};
use xeploai_core::sheet::state::{Head, Sheet};
use xeploai_core::sheet::{Field, Place, SheetKey, Value};
use xeploai_core::sync::content::{CONTENT_BYTES_MAX, Content, split};
use xeploai_core::view::{AttachRequest, EvidenceRef};

use super::{score, sheet};
use crate::error::{ClientError, Refused};
use crate::photo::Prepared;
use crate::session::Session;
use crate::tables::contents;

/// Attaches a file that is ready to a criterion, in the first slot that is free.
///
/// # Errors
/// When it is no photo or document, too long, one too many, or the user may not write there. Nothing is changed then.
pub(crate) fn attach(
    session: &mut Session<'_>,
    key: &SheetKey,
    request: &AttachRequest,
    ready: Prepared,
) -> Result<(), ClientError> {
    if ready.bytes.len() > CONTENT_BYTES_MAX as usize {
        return Err(Refused::EvidenceTooLarge.into());
    }
    let (content, mut blocks) = split(&ready.bytes);
    let small = ready.thumbnail.as_deref().map(split);
    let thumbnail = small.as_ref().map(|(content, _)| *content).filter(|thumbnail| *thumbnail != content);
    blocks.extend(small.into_iter().flat_map(|(_, blocks)| blocks));
    let evidence =
        Evidence { content, media: ready.media, name: name(&request.name, ready.media), thumbnail };
    let (place, shown) = free(&sheet::load(session, key.clone())?, request)?;
    let edit = (place, Value::Evidence(Box::new(evidence.clone())), shown);
    score::write_with(session, key, vec![edit], |write| {
        contents::name(write, key.scope(), &evidence, false)?;
        blocks.iter().try_for_each(|block| contents::insert(write, block))
    })
}

/// The first slot in which nothing stands, with the heads that say so.
fn free(
    sheet: &Sheet,
    request: &AttachRequest,
) -> Result<(Place, Vec<xeploai_core::sheet::ChangeId>), ClientError> {
    let place =
        |slot| Place { criterion: request.criterion, column: request.column, field: Field::Evidence(slot) };
    let is_free = |place: &Place| heads(sheet, *place).iter().all(|head| head.value == Value::Empty);
    let place = (0..SLOTS).map(place).find(is_free).ok_or(Refused::EvidenceFull)?;
    Ok((place, score::shown(sheet, place)))
}

fn heads(sheet: &Sheet, place: Place) -> &[Head] {
    sheet.fields.get(&place).map(Vec::as_slice).unwrap_or_default()
}

/// What a file is called: its last part, without what no screen shows, and with the ending of what it has become.
fn name(file: &str, media: MediaType) -> String {
    let last = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let ending = if media == MediaType::Pdf { ".pdf" } else { ".jpg" };
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let shown = stem.nfc().filter(|letter| !letter.is_control()).take(NAME_CHARS_MAX - ending.len());
    let shown: String = shown.collect();
    match shown.trim_matches(['.', ' ']) {
        "" => format!("minh chứng{ending}"),
        shown => format!("{shown}{ending}"),
    }
}

/// Takes a piece of evidence away. Its bytes stay; what somebody else has put into the same slot meanwhile stays too.
///
/// # Errors
/// When there is none any more, or the user may not write there.
pub(crate) fn detach(
    session: &mut Session<'_>,
    key: &SheetKey,
    request: &EvidenceRef,
) -> Result<(), ClientError> {
    let sheet = sheet::load(session, key.clone())?;
    let place =
        Place { criterion: request.criterion, column: request.column, field: Field::Evidence(request.slot) };
    let is_meant = |head: &&Head| content_of(head).is_some_and(|it| called(it) == request.content);
    let meant = heads(&sheet, place).iter().find(is_meant).ok_or(Refused::NoSuchEvidence)?;
    // A later write of ours replaces an earlier one in any case: what else of ours stands there is written again.
    let others = heads(&sheet, place).iter().filter(|head| head.origin.id != meant.origin.id);
    let ours = others.into_iter().find(|head| {
        head.origin.lane == xeploai_core::sync::Lane { stream: session.me.stream, scope: key.scope() }
    });
    let value = ours.map_or(Value::Empty, |head| head.value.clone());
    let shown = [Some(meant), ours].into_iter().flatten().filter_map(|head| head.origin.id).collect();
    score::write(session, key, vec![(place, value, shown)])
}

fn content_of(head: &Head) -> Option<Content> {
    match &head.value {
        Value::Evidence(evidence) => Some(evidence.content),
        _ => None,
    }
}

/// A name to save a piece of evidence of a sheet under. Its writer has named it: of that only what a file may be called is left, with
/// the ending of what its bytes are.
///
/// # Errors
/// As [`open`]; [`Refused::EvidenceType`] when the bytes are neither photo nor document.
pub(crate) fn file_name(said: &str, bytes: &[u8]) -> Result<String, ClientError> {
    let media = MediaType::of(bytes).ok_or(Refused::EvidenceType)?;
    let harmless = |letter: &char| letter.is_alphanumeric() || " -_().,".contains(*letter);
    let named = name(said, media);
    let (stem, _) = named.rsplit_once('.').unwrap_or((&named, ""));
    let stem: String = stem.chars().filter(harmless).collect();
    let ending = match media {
        MediaType::Jpeg => "jpg",
        MediaType::Png => "png",
        MediaType::Webp => "webp",
        MediaType::Pdf => "pdf",
    };
    let stem = stem.trim_matches(['.', ' ']);
    Ok(format!("{}.{ending}", if stem.is_empty() { "minh chứng" } else { stem }))
}

/// A content's name for screens.
pub(crate) fn called(content: Content) -> String {
    data_encoding::HEXLOWER.encode(&content.hash)
}

/// The bytes of a piece of evidence of a sheet, or of its thumbnail, by name.
///
/// # Errors
/// [`Refused::NoSuchEvidence`] when nothing on the sheet is called so, or not all of it is here.
pub(crate) fn open(session: &Session<'_>, key: SheetKey, wanted: &str) -> Result<Vec<u8>, ClientError> {
    let sheet = sheet::load(session, key)?;
    let values = sheet.fields.values().flatten().filter_map(|head| match &head.value {
        Value::Evidence(evidence) => Some(evidence),
        _ => None,
    });
    let mut named = values.flat_map(|evidence| evidence.contents());
    let content = named.find(|content| called(*content) == wanted).ok_or(Refused::NoSuchEvidence)?;
    Ok(contents::bytes(session.connection, content)?.ok_or(Refused::NoSuchEvidence)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_has_named_is_saved_as_what_it_is() {
        let cases = [
            ("Quyết định.pdf.exe", &b"%PDF-1.7"[..], "Quyết định.pdf.pdf"),
            ("../../.bashrc", b"%PDF-1.7", "minh chứng.pdf"),
            ("ảnh\u{202e}gpj.exe", b"\xff\xd8\xff\xe0", "ảnhgpj.jpg"),
            (":<>|?*", b"%PDF-1.7", "minh chứng.pdf"),
        ];
        for (said, bytes, saved) in cases {
            assert_eq!(file_name(said, bytes).unwrap(), saved, "{said:?}");
        }
        assert!(file_name("QĐ.pdf", b"MZ\x90").is_err(), "a program is no document");
    }

    #[test]
    fn a_file_is_called_by_its_last_part_and_what_it_has_become() {
        let cases = [
            ("/tmp/Lễ hội.PNG", MediaType::Jpeg, "Lễ hội.jpg"),
            ("C:\\QĐ 12.b.pdf", MediaType::Pdf, "QĐ 12.b.pdf"),
            ("../..\n", MediaType::Jpeg, "minh chứng.jpg"),
            ("ảnh", MediaType::Jpeg, "ảnh.jpg"),
            ("", MediaType::Pdf, "minh chứng.pdf"),
        ];
        for (file, media, called) in cases {
            assert_eq!(name(file, media), called, "{file:?}");
        }
        let long = name(&"ệ".repeat(500), MediaType::Jpeg);
        assert_eq!(long.chars().count(), NAME_CHARS_MAX);
    }
}
