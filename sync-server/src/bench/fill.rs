//! The workload as if its devices had synced: every author's signed frames, judged like any others, and all months but
//! the last closed.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use ed25519_dalek::SigningKey;
use serde::Deserialize;
use xeploai_core::ids::{AssignmentId, PersonId, UnitId};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::sheet::{Field, Place, SheetKey, Subject, Value};
use xeploai_core::sync::body::{Change, ScoreChange};
use xeploai_core::sync::message::Message;
use xeploai_core::sync::stream::Header;
use xeploai_core::view::Column;

use crate::demo::scores::{Papers, Pen};
use crate::service::Service;

/// A line of the workload: a score and its later review, times in Unix milliseconds.
#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    about: super::Row,
    #[serde(rename = "self")]
    own: f64,
    note: Option<String>,
    ts: i64,
    review: f64,
    rts: i64,
}

/// The department's devices: one a person.
struct Fill<'a> {
    service: &'a Service,
    pens: BTreeMap<String, Pen>,
    sheets: BTreeMap<(AssignmentId, Period), SheetKey>,
}

/// Writes the workload into a department that [`super::install`] has made of it, and closes its months.
///
/// # Errors
/// When the workload can't be read or the database fails.
pub fn fill(service: &Service, workload: &Path) -> Result<()> {
    let config = service.config()?;
    let keys = config.periods.keys().flat_map(|period| config.sheets(*period));
    let sheets = keys.filter_map(|key| match key.subject {
        Subject::Post(post) => Some(((post, key.period), key)),
        Subject::Unit(_) => None,
    });
    let mut fill = Fill { service, pens: BTreeMap::new(), sheets: sheets.collect() };
    let mut rows: Vec<Row> = Vec::new();
    for row in super::rows::<Row>(workload)? {
        let row = row?;
        if rows.last().is_some_and(|last| {
            (&last.about.unit, &last.about.period) != (&row.about.unit, &row.about.period)
        }) {
            fill.month(&rows)?;
            rows.clear();
        }
        rows.push(row);
    }
    fill.month(&rows)?;
    for period in config.periods.keys().rev().skip(1).rev() {
        service.lock_period(*period)?;
    }
    Ok(())
}

impl Fill<'_> {
    /// A unit's month: a frame of each member of staff, and one of the head for each.
    fn month(&mut self, rows: &[Row]) -> Result<()> {
        let sealed_at = rows.last().context("a row")?.rts / 1000;
        let mut papers = Papers::default();
        let mut carrier = None;
        for rows in rows.chunk_by(|one, next| one.about.subject == next.about.subject) {
            let Some(super::Row { unit, subject, period, reviewer, .. }) = rows.first().map(|row| &row.about)
            else {
                continue;
            };
            let department = self.service.department();
            let (person, unit) = (PersonId::of(department, subject), UnitId::of(department, unit));
            let post = AssignmentId::of(person, unit, super::SINCE);
            let key = self.sheets.get(&(post, period.parse()?)).context("a sheet")?.clone();
            let change = |row: &Row, column, field, value, at: i64| {
                let criterion = super::criterion(&row.about.criterion);
                let minutes_before = u32::try_from((sealed_at - at / 1000).max(0) / 60).unwrap_or(u32::MAX);
                let place = Place { criterion, column, field };
                Change::Score(ScoreChange {
                    sheet: key.clone(),
                    place,
                    value,
                    replaces: vec![],
                    minutes_before,
                })
            };
            let points = |row: &Row, column, points: f64, at| {
                change(row, column, Field::Points, Value::Points(Points((points * 10_000.0) as i64)), at)
            };
            let note = |row: &Row| {
                let text = Value::Text(row.note.clone()?);
                Some(change(row, Column::Own, Field::Note, text, row.ts))
            };
            let own = rows.iter().map(|row| points(row, Column::Own, row.own, row.ts));
            let own = own.chain(rows.iter().filter_map(note)).collect();
            let reviews = rows.iter().map(|row| points(row, Column::Superior, row.review, row.rts)).collect();
            self.pen(subject)?.write(&mut papers, &key, sealed_at, own)?;
            let head = self.pen(reviewer)?;
            head.write(&mut papers, &key, sealed_at, reviews)?;
            carrier = Some(head.certificate().header.stream());
        }
        let message = Message { frames: papers.frames, ..Message::default() };
        self.service.receive(carrier.context("a head")?, &message)?;
        Ok(())
    }

    /// The device of a person: its certificate comes to the server with it.
    fn pen(&mut self, code: &str) -> Result<&mut Pen> {
        if !self.pens.contains_key(code) {
            let department = self.service.department();
            let key =
                SigningKey::from_bytes(&blake3::derive_key("xeploai 2026 benchmark key", code.as_bytes()));
            let certificate = self.service.certify(Header {
                department,
                author: PersonId::of(department, code),
                key: key.verifying_key().to_bytes(),
                nonce: [0; 16],
                device: format!("Máy {code}"),
            });
            self.service.admit(vec![certificate.clone()])?;
            self.pens.insert(code.to_owned(), Pen::new(key, certificate));
        }
        self.pens.get_mut(code).context("a pen")
    }
}
