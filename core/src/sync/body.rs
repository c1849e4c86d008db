//! What is inside a frame: changes, in columns.
//!
//! Invariant: decoding is total: any bytes give a body or an error, and memory stays in proportion to the limits.
//! A change's index counts over all sections in order, those that this version doesn't know included, so that its
//! name is the same in every version. The sections of one version stand in the order of their kinds, each once: what was
//! read gives each change the same index when it is written again, as a snapshot does.

use super::columns;
use super::numbers::{column_from, field_from, field_number};
use super::wire::{Reader, WireError, Writer};
use super::{PROTOCOL_VERSION, Scope};
use crate::ids::{AssignmentId, FrameHash, UnitId};
use crate::period::Period;
use crate::points::Points;
use crate::ruleset::RulesetId;
use crate::sheet::evidence::Evidence;
use crate::sheet::{ActKind, ChangeId, Digest, Place, SheetKey, Subject, Value};

/// Longest body, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Most changes in a frame.
pub const CHANGES_MAX: usize = 1024;
/// Most heads that one change replaces.
pub const REPLACES_MAX: usize = 64;
/// Longest note or reason, in bytes: 4,000 characters of up to four bytes.
pub const TEXT_BYTES_MAX: usize = 16_000;
/// Longest note or reason, in characters.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// Longest code of a criteria set, in bytes.
const CODE_BYTES_MAX: usize = 64;
/// Claimed times count from 2020-01-01T00:00:00Z, so that today's are short.
const TIME_ORIGIN: i64 = 1_577_836_800;

const SECTION_SCORES: u64 = 1;
const SECTION_ACTS: u64 = 2;
const SECTION_DOCUMENTS: u64 = 3;
const SECTION_WITNESS: u64 = 4;
/// Sections that this version knows.
const SECTIONS: std::ops::RangeInclusive<u64> = SECTION_SCORES..=SECTION_WITNESS;

/// A write of one field of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreChange {
    /// Sheet.
    pub sheet: SheetKey,
    /// Criterion, column, field.
    pub place: Place,
    /// What was written.
    pub value: Value,
    /// Heads that were shown when the edit began.
    pub replaces: Vec<ChangeId>,
    /// How long before sealing it was written, in whole minutes of the device's clock.
    pub minutes_before: u32,
}

/// Something done to a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActChange {
    /// Sheet.
    pub sheet: SheetKey,
    /// What.
    pub kind: ActKind,
    /// Digest of the heads it saw, see [`crate::sheet::state::Sheet::digest`].
    pub digest: Digest,
    /// Why: see [`super::policy::rights::needs_reason`].
    pub reason: String,
    /// How long before sealing, in whole minutes.
    pub minutes_before: u32,
}

/// A whole record of the configuration or a publication, as JSON: see [`crate::org`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentChange {
    /// Kind of record.
    pub kind: u16,
    /// Its id.
    pub id: [u8; 16],
    /// Its content.
    pub json: String,
}

/// A witness's statement: these frames were handed to this device. A signed claim, never a bare clock: the time is the
/// server's own, as it stood in a batch of verdicts that the witness holds, plus what the witness's monotonic clock
/// has counted since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessChange {
    /// The frames that were handed over, of the scope that the statement stands in.
    pub frames: Vec<FrameHash>,
    /// Epoch of the beacon: the latest batch of verdicts that the witness held.
    pub epoch: [u8; 16],
    /// Number of the batch.
    pub batch: u64,
    /// The server's time in that batch, Unix seconds.
    pub beacon_at: i64,
    /// The witness's boot id: a monotonic clock means nothing across two of them.
    pub boot: [u8; 8],
    /// Seconds since the beacon came, by the monotonic clock; nothing when the device was restarted in between.
    pub elapsed_s: Option<u64>,
}

impl WitnessChange {
    /// When the frames were handed over, by the server's time carried forward, Unix seconds; nothing when the monotonic
    /// clock can't say.
    pub fn at(&self) -> Option<i64> {
        self.elapsed_s
            .map(|elapsed| self.beacon_at.saturating_add(i64::try_from(elapsed).unwrap_or(i64::MAX)))
    }
}

/// One change of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A write of a field.
    Score(ScoreChange),
    /// An act.
    Act(ActChange),
    /// A document, by the server alone.
    Document(DocumentChange),
    /// A witness's statement.
    Witness(WitnessChange),
    /// Something of a later version: stored, passed on, applied by nobody here.
    Unknown,
}

impl Change {
    /// The sheet that it is about, if it is about one.
    pub fn sheet(&self) -> Option<&SheetKey> {
        match self {
            Self::Score(score) => Some(&score.sheet),
            Self::Act(act) => Some(&act.sheet),
            Self::Document(_) | Self::Witness(_) | Self::Unknown => None,
        }
    }

    /// The piece of evidence that it writes, if that is within the limits.
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Score(ScoreChange { value: Value::Evidence(evidence), .. }) => {
                Some(&**evidence).filter(|evidence| evidence.is_within_limits())
            }
            _ => None,
        }
    }
}

/// A decoded body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body {
    /// Logical counter: one more than the highest that the writer had seen. Orders display, decides nothing.
    pub counter: u64,
    /// When it was sealed, as the device's clock claimed, Unix seconds.
    pub sealed_at: i64,
    /// How much of the configuration the writer had seen: [`crate::org::Config::revision`].
    pub revision: u64,
    /// Changes in order.
    pub changes: Vec<Change>,
}

impl Body {
    /// Encodes the body for a frame of `scope`: scores first, then acts, documents, witness statements; order within
    /// each is kept.
    ///
    /// # Errors
    /// [`WireError::TooLarge`] beyond a limit; [`WireError::Malformed`] when a sheet is of another scope or a change
    /// is [`Change::Unknown`].
    pub fn encode(&self, scope: Scope) -> Result<Vec<u8>, WireError> {
        if self.changes.len() > CHANGES_MAX {
            return Err(WireError::TooLarge);
        }
        let mut frames = FrameTable::default();
        let (mut scores, mut acts, mut documents, mut witnesses) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for change in &self.changes {
            match change {
                Change::Score(score) => scores.push(score),
                Change::Act(act) => acts.push(act),
                Change::Document(document) => documents.push(document),
                Change::Witness(witness) => witnesses.push(witness),
                Change::Unknown => return Err(WireError::Malformed("unknown change")),
            }
        }
        let mut sections = Writer::new();
        if !scores.is_empty() {
            sections.section(SECTION_SCORES, &encode_scores(&scores, scope, &mut frames)?);
        }
        if !acts.is_empty() {
            sections.section(SECTION_ACTS, &encode_acts(&acts, scope)?);
        }
        if !documents.is_empty() {
            sections.section(SECTION_DOCUMENTS, &encode_documents(&documents));
        }
        if !witnesses.is_empty() {
            sections.section(SECTION_WITNESS, &encode_witnesses(&witnesses)?);
        }
        let mut writer = Writer::new();
        writer.byte(PROTOCOL_VERSION).number(self.counter).signed(self.sealed_at.wrapping_sub(TIME_ORIGIN));
        writer.number(self.revision).number(frames.0.len() as u64);
        for hash in &frames.0 {
            writer.raw(&hash.0);
        }
        writer.raw(&sections.finish());
        let bytes = writer.finish();
        let fits = bytes.len() <= BODY_BYTES_MAX && frames.0.len() <= CHANGES_MAX;
        fits.then_some(bytes).ok_or(WireError::TooLarge)
    }

    /// Decodes the body of a frame of `scope`.
    ///
    /// # Errors
    /// When the bytes are not such a body.
    pub fn decode(bytes: &[u8], scope: Scope) -> Result<Self, WireError> {
        if bytes.len() > BODY_BYTES_MAX {
            return Err(WireError::TooLarge);
        }
        let mut reader = Reader::new(bytes);
        match reader.byte()? {
            PROTOCOL_VERSION => {}
            later if later > PROTOCOL_VERSION => return Err(WireError::Version),
            _ => return Err(WireError::Malformed("body version")),
        }
        let mut body = Self {
            counter: reader.number()?,
            sealed_at: reader.signed()?.wrapping_add(TIME_ORIGIN),
            revision: reader.number()?,
            changes: Vec::new(),
        };
        let count = reader.at_most(CHANGES_MAX)?;
        let mut frames = Vec::new();
        for _ in 0..count {
            frames.push(FrameHash(reader.array()?));
        }
        let mut before = 0;
        while let Some((kind, section)) = reader.section()? {
            let left = CHANGES_MAX - body.changes.len();
            let mut section = Reader::new(section);
            let count = section.at_most(left)?;
            if SECTIONS.contains(&kind) && std::mem::replace(&mut before, kind) >= kind {
                return Err(WireError::Malformed("order of sections"));
            }
            match kind {
                SECTION_SCORES => decode_scores(&mut section, count, scope, &frames, &mut body.changes)?,
                SECTION_ACTS => decode_acts(&mut section, count, scope, &mut body.changes)?,
                SECTION_DOCUMENTS => decode_documents(&mut section, count, &mut body.changes)?,
                SECTION_WITNESS => decode_witnesses(&mut section, count, &mut body.changes)?,
                _ => {
                    body.changes.resize(body.changes.len() + count, Change::Unknown);
                    continue;
                }
            }
            section.finish()?;
        }
        Ok(body)
    }

    /// The evidence in it that is within the limits.
    pub fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.changes.iter().filter_map(Change::evidence)
    }

    /// When the change was made, as claimed, Unix seconds.
    pub fn time_of(&self, minutes_before: u32) -> i64 {
        self.sealed_at.saturating_sub(i64::from(minutes_before) * 60)
    }
}

/// Frames that are replaced, each named once.
#[derive(Default)]
struct FrameTable(Vec<FrameHash>);

impl FrameTable {
    fn index(&mut self, hash: FrameHash) -> u64 {
        let found = self.0.iter().position(|known| *known == hash);
        found.unwrap_or_else(|| {
            self.0.push(hash);
            self.0.len() - 1
        }) as u64
    }
}

/// Collects the distinct sheets in order of appearance and the index of each change's sheet.
fn sheet_table<'a>(sheets: impl Iterator<Item = &'a SheetKey>) -> (Vec<&'a SheetKey>, Vec<i64>) {
    let mut table: Vec<&SheetKey> = Vec::new();
    let indexes = sheets
        .map(|sheet| {
            let found = table.iter().position(|known| *known == sheet);
            found.unwrap_or_else(|| {
                table.push(sheet);
                table.len() - 1
            }) as i64
        })
        .collect();
    (table, indexes)
}

fn write_sheets(writer: &mut Writer, sheets: &[&SheetKey], scope: Scope) -> Result<(), WireError> {
    writer.number(sheets.len() as u64);
    for sheet in sheets {
        if sheet.scope() != scope || sheet.ruleset.code.len() > CODE_BYTES_MAX {
            return Err(WireError::Malformed("sheet"));
        }
        // The scope gives the post or the unit.
        writer
            .number(sheet.period.to_number())
            .text(&sheet.ruleset.code)
            .number(sheet.ruleset.version.into());
    }
    Ok(())
}

fn read_sheets(reader: &mut Reader<'_>, scope: Scope) -> Result<Vec<SheetKey>, WireError> {
    let count = reader.at_most(CHANGES_MAX)?;
    let mut sheets = Vec::new();
    for _ in 0..count {
        let unit = Scope::unit(UnitId(scope.id()));
        let subject = if scope == unit {
            Subject::Unit(UnitId(scope.id()))
        } else if scope == Scope::assignment(AssignmentId(scope.id())) {
            Subject::Post(AssignmentId(scope.id()))
        } else {
            return Err(WireError::Malformed("scope of a sheet"));
        };
        let period = Period::from_number(reader.number()?).map_err(|_| WireError::Malformed("period"))?;
        let code = reader.text(CODE_BYTES_MAX)?.to_owned();
        let version = u32::try_from(reader.number()?).map_err(|_| WireError::TooLarge)?;
        sheets.push(SheetKey { subject, period, ruleset: RulesetId { code, version } });
    }
    Ok(sheets)
}

/// Scales that points are divided by on the wire: whole points, halves, quarters, down to ten-thousandths.
const SCALES: [i64; 6] = [10_000, 5_000, 2_500, 1_000, 100, 1];

fn encode_scores(
    scores: &[&ScoreChange],
    scope: Scope,
    frames: &mut FrameTable,
) -> Result<Vec<u8>, WireError> {
    let mut writer = Writer::new();
    writer.number(scores.len() as u64);
    let (sheets, sheet_indexes) = sheet_table(scores.iter().map(|score| &score.sheet));
    write_sheets(&mut writer, &sheets, scope)?;
    let column = |of: fn(&ScoreChange) -> i64| scores.iter().map(|score| of(score)).collect::<Vec<_>>();
    columns::write(&mut writer, &sheet_indexes);
    columns::write(&mut writer, &column(|score| score.place.criterion.into()));
    columns::write(&mut writer, &column(|score| score.place.column as i64));
    columns::write(&mut writer, &column(|score| field_number(score.place.field)));
    columns::write(&mut writer, &column(|score| score.minutes_before.into()));
    columns::write(&mut writer, &column(|score| score.replaces.len() as i64));
    columns::write(&mut writer, &column(|score| value_kind(&score.value)));
    write_points(&mut writer, scores)?;
    for score in scores {
        match &score.value {
            Value::Text(text) => {
                check_text(text)?;
                writer.text(text);
            }
            Value::Evidence(evidence) => evidence.write(&mut writer)?,
            Value::Points(_) | Value::Empty => {}
        }
    }
    for score in scores {
        let no_change = |id: &ChangeId| usize::from(id.index) >= CHANGES_MAX;
        if score.replaces.len() > REPLACES_MAX || score.replaces.iter().any(no_change) {
            return Err(WireError::TooLarge);
        }
        for id in &score.replaces {
            writer.number(frames.index(id.frame)).number(id.index.into());
        }
    }
    Ok(writer.finish())
}

/// The scale that all points are whole in, and their column.
fn write_points(writer: &mut Writer, scores: &[&ScoreChange]) -> Result<(), WireError> {
    let points: Vec<i64> = scores
        .iter()
        .filter_map(|score| match &score.value {
            Value::Points(points) => Some(points.0),
            Value::Empty | Value::Text(_) | Value::Evidence(_) => None,
        })
        .collect();
    points.iter().try_for_each(|value| check_points(*value))?;
    let scale = SCALES
        .iter()
        .position(|scale| points.iter().all(|value| value % scale == 0))
        .unwrap_or(SCALES.len() - 1);
    writer.byte(scale as u8);
    columns::write(writer, &points.iter().map(|value| value / SCALES[scale]).collect::<Vec<_>>());
    Ok(())
}

fn value_kind(value: &Value) -> i64 {
    match value {
        Value::Points(_) => 0,
        Value::Text(_) => 1,
        Value::Empty => 2,
        Value::Evidence(_) => 3,
    }
}

fn check_points(value: i64) -> Result<(), WireError> {
    let fits = (-Points::LIMIT.0..=Points::LIMIT.0).contains(&value);
    fits.then_some(()).ok_or(WireError::Malformed("points"))
}

fn check_text(text: &str) -> Result<(), WireError> {
    let fits = text.len() <= TEXT_BYTES_MAX && text.chars().count() <= TEXT_CHARS_MAX;
    fits.then_some(()).ok_or(WireError::TooLarge)
}

fn decode_scores(
    reader: &mut Reader<'_>,
    count: usize,
    scope: Scope,
    frames: &[FrameHash],
    out: &mut Vec<Change>,
) -> Result<(), WireError> {
    let sheets = read_sheets(reader, scope)?;
    let sheet = columns::read(reader, count)?;
    let criterion = columns::read(reader, count)?;
    let column = columns::read(reader, count)?;
    let field = columns::read(reader, count)?;
    let minutes = columns::read(reader, count)?;
    let replaced = columns::read(reader, count)?;
    let kinds = columns::read(reader, count)?;
    let mut values = read_values(reader, &kinds)?.into_iter();
    for index in 0..count {
        let sheet = usize::try_from(sheet[index]).ok().and_then(|at| sheets.get(at));
        let number = |value: i64, name| u16::try_from(value).map_err(|_| WireError::Malformed(name));
        out.push(Change::Score(ScoreChange {
            sheet: sheet.ok_or(WireError::Malformed("sheet index"))?.clone(),
            place: Place {
                criterion: number(criterion[index], "criterion")?,
                column: column_from(column[index])?,
                field: field_from(field[index])?,
            },
            value: values.next().unwrap_or(Value::Empty),
            replaces: read_replaces(reader, replaced[index], frames)?,
            minutes_before: u32::try_from(minutes[index]).map_err(|_| WireError::Malformed("minutes"))?,
        }));
    }
    Ok(())
}

fn read_values(reader: &mut Reader<'_>, kinds: &[i64]) -> Result<Vec<Value>, WireError> {
    let scale = *SCALES.get(usize::from(reader.byte()?)).ok_or(WireError::Malformed("scale"))?;
    let count = kinds.iter().filter(|kind| **kind == 0).count();
    let mut points = columns::read(reader, count)?.into_iter();
    let mut values = Vec::with_capacity(kinds.len());
    for kind in kinds {
        values.push(match kind {
            0 => {
                let value = points.next().and_then(|value| value.checked_mul(scale));
                let value = value.ok_or(WireError::Malformed("points"))?;
                check_points(value)?;
                Value::Points(Points(value))
            }
            1 => {
                let text = reader.text(TEXT_BYTES_MAX)?;
                check_text(text)?;
                Value::Text(text.to_owned())
            }
            2 => Value::Empty,
            3 => Value::Evidence(Box::new(Evidence::read(reader)?)),
            _ => return Err(WireError::Malformed("value kind")),
        });
    }
    Ok(values)
}

fn read_replaces(
    reader: &mut Reader<'_>,
    count: i64,
    frames: &[FrameHash],
) -> Result<Vec<ChangeId>, WireError> {
    let count =
        usize::try_from(count).ok().filter(|count| *count <= REPLACES_MAX).ok_or(WireError::TooLarge)?;
    let mut replaces = Vec::new();
    for _ in 0..count {
        let frame = frames.get(reader.at_most(CHANGES_MAX)?).ok_or(WireError::Malformed("frame index"))?;
        let index = reader.at_most(CHANGES_MAX - 1)? as u16;
        replaces.push(ChangeId { frame: *frame, index });
    }
    Ok(replaces)
}

fn encode_acts(acts: &[&ActChange], scope: Scope) -> Result<Vec<u8>, WireError> {
    let mut writer = Writer::new();
    writer.number(acts.len() as u64);
    let (sheets, indexes) = sheet_table(acts.iter().map(|act| &act.sheet));
    write_sheets(&mut writer, &sheets, scope)?;
    for (act, index) in acts.iter().zip(indexes) {
        check_text(&act.reason)?;
        writer.number(index as u64).byte(act.kind as u8).raw(&act.digest);
        writer.number(act.minutes_before.into()).text(&act.reason);
    }
    Ok(writer.finish())
}

fn decode_acts(
    reader: &mut Reader<'_>,
    count: usize,
    scope: Scope,
    out: &mut Vec<Change>,
) -> Result<(), WireError> {
    let sheets = read_sheets(reader, scope)?;
    for _ in 0..count {
        let sheet =
            sheets.get(reader.at_most(CHANGES_MAX)?).ok_or(WireError::Malformed("sheet index"))?.clone();
        let kind = ActKind::ALL.get(usize::from(reader.byte()?)).copied();
        let digest = reader.array()?;
        let minutes_before = u32::try_from(reader.number()?).map_err(|_| WireError::Malformed("minutes"))?;
        let reason = reader.text(TEXT_BYTES_MAX)?.to_owned();
        check_text(&reason)?;
        // A kind of a later version is known to be an act and no more.
        out.push(match kind {
            Some(kind) => Change::Act(ActChange { sheet, kind, digest, reason, minutes_before }),
            None => Change::Unknown,
        });
    }
    Ok(())
}

fn encode_documents(documents: &[&DocumentChange]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.number(documents.len() as u64);
    for document in documents {
        writer.number(document.kind.into()).raw(&document.id).text(&document.json);
    }
    writer.finish()
}

fn decode_documents(reader: &mut Reader<'_>, count: usize, out: &mut Vec<Change>) -> Result<(), WireError> {
    for _ in 0..count {
        let kind = reader.at_most(usize::from(u16::MAX))? as u16;
        let (id, json) = (reader.array()?, reader.text(BODY_BYTES_MAX)?.to_owned());
        out.push(Change::Document(DocumentChange { kind, id, json }));
    }
    Ok(())
}

fn encode_witnesses(witnesses: &[&WitnessChange]) -> Result<Vec<u8>, WireError> {
    let mut writer = Writer::new();
    writer.number(witnesses.len() as u64);
    for witness in witnesses {
        if witness.frames.len() > CHANGES_MAX {
            return Err(WireError::TooLarge);
        }
        writer.raw(&witness.epoch).number(witness.batch).signed(witness.beacon_at.wrapping_sub(TIME_ORIGIN));
        writer.raw(&witness.boot);
        match witness.elapsed_s {
            Some(elapsed) => writer.byte(1).number(elapsed),
            None => writer.byte(0),
        };
        writer.number(witness.frames.len() as u64);
        for frame in &witness.frames {
            writer.raw(&frame.0);
        }
    }
    Ok(writer.finish())
}

fn decode_witnesses(reader: &mut Reader<'_>, count: usize, out: &mut Vec<Change>) -> Result<(), WireError> {
    for _ in 0..count {
        let (epoch, batch) = (reader.array()?, reader.number()?);
        let beacon_at = reader.signed()?.wrapping_add(TIME_ORIGIN);
        let boot = reader.array()?;
        let elapsed_s = match reader.byte()? {
            0 => None,
            1 => Some(reader.number()?),
            _ => return Err(WireError::Malformed("elapsed")),
        };
        let mut frames = Vec::new();
        for _ in 0..reader.at_most(CHANGES_MAX)? {
            frames.push(FrameHash(reader.array()?));
        }
        out.push(Change::Witness(WitnessChange { frames, epoch, batch, beacon_at, boot, elapsed_s }));
    }
    Ok(())
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
