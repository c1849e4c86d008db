//! The minutes of a visit, from the sheet that they stand on.

use xeploai_core::ruleset::Ruleset;
use xeploai_core::sheet::state::Sheet;
use xeploai_core::sheet::{ActKind, Value};
use xeploai_core::view::{CriterionView, GroupView, MinutesPart, MinutesPartView, MinutesView};

use super::sheet::{act, token};
use super::written;
use crate::error::ClientError;
use crate::session::Session;

/// The document; nothing where no visit is made. `groups` are the sheet's own.
pub(crate) fn view(
    session: &Session<'_>,
    ruleset: &Ruleset,
    sheet: &Sheet,
    groups: &[GroupView],
) -> Result<Option<MinutesView>, ClientError> {
    if !ruleset.is_visited() {
        return Ok(None);
    }
    let checked = sheet.checked();
    let criteria = groups.iter().flat_map(|group| &group.criteria);
    let items: Vec<CriterionView> = criteria.filter(|it| checked.contains(&it.number)).cloned().collect();
    let digest = sheet.digest(ActKind::SignForUnit);
    let signed = [ActKind::SignForDelegation, ActKind::SignForUnit].iter().all(|side| sheet.is_signed(*side));
    Ok(Some(MinutesView {
        parts: MinutesPart::ALL.iter().map(|it| part(session, sheet, *it)).collect::<Result<_, _>>()?,
        items,
        stamp: stamp(sheet),
        digest: digest.map(|digest| data_encoding::HEXLOWER.encode(&digest)),
        signatures: sheet.signatures().into_iter().map(|it| act(session, it)).collect::<Result<_, _>>()?,
        signed,
    }))
}

/// Names what is signed as people see it, with or without names of changes: what was shown is what stands, if it is the same.
pub(crate) fn stamp(sheet: &Sheet) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 minutes as shown");
    for (place, heads) in sheet.fields.iter().filter(|(place, _)| ActKind::SignForUnit.vouches_for(**place)) {
        let values: Vec<&Value> = heads.iter().map(|head| &head.value).collect();
        hasher.update(format!("{place:?} {values:?}\n").as_bytes());
    }
    data_encoding::HEXLOWER.encode(&hasher.finalize().as_bytes()[..16])
}

fn part(session: &Session<'_>, sheet: &Sheet, part: MinutesPart) -> Result<MinutesPartView, ClientError> {
    let place = part.place();
    let head = sheet.fields.get(&place).and_then(|heads| heads.first());
    let said = head.filter(|head| head.value != Value::Empty);
    Ok(MinutesPartView {
        part,
        column: place.column,
        text: said.map(|head| head.value.to_string()).unwrap_or_default(),
        token: token(sheet, place),
        written: said.map(|head| written::written(session, &head.origin)).transpose()?,
        conflict: sheet.conflicts().contains(&place),
    })
}
