//! Evidence on a sheet: what it is, whether it is here, and whether the server has it.

use xeploai_core::sheet::evidence::{Evidence, SLOTS};
use xeploai_core::sheet::state::{Head, Sheet};
use xeploai_core::sheet::{Field, Value};
use xeploai_core::sync::policy::may_write;
use xeploai_core::view::{Column, EvidenceView, Place};

use super::written;
use crate::error::ClientError;
use crate::ops::evidence::called;
use crate::session::Session;
use crate::tables::contents;

/// The evidence of a criterion in a column.
pub(super) fn views(
    session: &Session<'_>,
    sheet: &Sheet,
    criterion: u16,
    column: Column,
) -> Result<Vec<EvidenceView>, ClientError> {
    let mut views = Vec::new();
    for slot in 0..SLOTS {
        let place = xeploai_core::sheet::Place { criterion, column, field: Field::Evidence(slot) };
        for head in sheet.fields.get(&place).into_iter().flatten() {
            if let Value::Evidence(evidence) = &head.value {
                views.push(view(session, sheet, (slot, column), head, evidence)?);
            }
        }
    }
    Ok(views)
}

fn view(
    session: &Session<'_>,
    sheet: &Sheet,
    (slot, column): (u8, Column),
    head: &Head,
    evidence: &Evidence,
) -> Result<EvidenceView, ClientError> {
    let is_here = |content| contents::missing(session.connection, content).map(|wish| wish.is_none());
    let here = is_here(evidence.content)?;
    let mut thumbnail = None;
    if let Some(small) = evidence.thumbnail
        && is_here(small)?
    {
        thumbnail = Some(called(small));
    }
    let locked = session.config.periods.get(&sheet.key.period).is_none_or(|period| period.locked);
    Ok(EvidenceView {
        slot,
        name: evidence.name.clone(),
        media: evidence.media.name().to_owned(),
        size: evidence.content.size,
        content: called(evidence.content),
        here,
        thumbnail,
        place: if here { place(session, head, evidence)? } else { Place::Empty },
        written: written::written(session, &head.origin)?,
        removable: !locked && may_write(&session.config, session.me.person, &sheet.key, column),
    })
}

/// Where evidence that is here is. The record says less than record and file: a file that nobody has taken waits.
fn place(session: &Session<'_>, head: &Head, evidence: &Evidence) -> Result<Place, ClientError> {
    let of_record = written::place(session, &head.origin)?;
    let (mut received, mut handed) = (true, true);
    for content in evidence.contents() {
        let is_received = contents::receipt(session.connection, content)?.is_some();
        received &= is_received;
        handed &= is_received || contents::is_handed(session.connection, content)?;
    }
    Ok(match of_record {
        Place::Received if received => Place::Received,
        Place::Received | Place::Carried if handed => Place::Carried,
        Place::Received | Place::Carried => Place::Waiting,
        of_record => of_record,
    })
}
