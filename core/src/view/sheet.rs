//! A sheet, open: columns, groups, criteria, and what stands in each cell.

use serde::{Deserialize, Serialize};

use super::{
    Action, ActionView, Column, ExplainNode, Level, MinutesPart, MinutesView, Place, SheetSummary, Text,
    TotalView, Trust,
};
use crate::points::Points;

view! {
    /// A sheet, open.
    struct SheetView {
        /// Its line in lists.
        pub summary: SheetSummary,
        /// Criteria set: code and version, `A.1`.
        pub ruleset: String,
        /// How far its figures may be trusted.
        pub trust: Trust,
        /// Where the set comes from.
        pub source: Text,
        /// Thresholds for the ruler, ascending.
        pub thresholds: Vec<Threshold>,
        /// Maximum total on the ruler.
        pub maximum: Points,
        /// Columns in order.
        pub columns: Vec<ColumnView>,
        /// Groups in order.
        pub groups: Vec<GroupView>,
        /// What can be done.
        pub actions: Vec<ActionView>,
        /// What has been done, oldest first.
        pub acts: Vec<ActView>,
        /// From the total down to the signed scores.
        pub explanation: ExplainNode,
        /// The sheet in its place, when its period has another criteria set by now.
        pub replaced: Option<ReplacedView>,
        /// The minutes of a visit; absent where none is made: of a person, or under a set that nobody appraises.
        pub minutes: Option<MinutesView>,
    }

    /// What stands in the place of a sheet whose criteria set was replaced.
    struct ReplacedView {
        /// Id of the sheet under the criteria set that the period has now.
        pub by: String,
        /// What became of this one, and what to do.
        pub notice: Text,
    }

    /// A threshold of a level.
    struct Threshold {
        /// Level reached.
        pub level: Level,
        /// From these points on.
        pub from: Points,
    }

    /// A column of a sheet.
    struct ColumnView {
        /// Which.
        pub column: Column,
        /// Whether the user may write it now.
        pub editable: bool,
        /// Whether it is the one that counts at present.
        pub counts: bool,
        /// Its total.
        pub total: TotalView,
    }

    /// A group of criteria.
    struct GroupView {
        /// Code in the set.
        pub code: String,
        /// Title.
        pub title: Text,
        /// Maximum points.
        pub max: Points,
        /// Criteria in order.
        pub criteria: Vec<CriterionView>,
    }

    /// How a criterion is answered.
    enum CriterionKind {
        /// Points with a step.
        Points,
        /// Points within the range that a percentage allows.
        Banded,
        /// Bonus: unanswered counts as nothing and is never missing.
        Bonus,
        /// A number of times.
        Count,
        /// Met or not.
        TwoLevel,
        /// Yes or no, without points.
        PassFail,
        /// A number, without points.
        Figure,
        /// A number of times, each taking points.
        Deduct,
        /// A number of days late.
        DeductLate,
        /// Converted work: quantities for each product line.
        Work,
    }

    /// A criterion of a sheet.
    struct CriterionView {
        /// Number in the set, from 1.
        pub number: u16,
        /// Shown number, such as `II.4`.
        pub label: String,
        /// Title.
        pub title: Text,
        /// How it is answered.
        pub kind: CriterionKind,
        /// Maximum points, rounded; of a deduction: the most that it takes.
        pub max: Points,
        /// Largest figure that is entered: for points the maximum.
        pub most: Points,
        /// Step of what is entered; 0: none.
        pub step: Points,
        /// Unit of measure of what is entered, where it is no points.
        pub unit: Option<Text>,
        /// What becomes of what is entered, in words; absent for plain points.
        pub rule: Option<Text>,
        /// Whether it counts only with evidence in a note.
        pub evidence: bool,
        /// Whether nothing can be concluded while it is unanswered.
        pub required: bool,
        /// A cell for each column of the sheet, in order.
        pub cells: Vec<CellView>,
        /// Counted points of the last period, for reference only.
        pub last_period: Option<Points>,
        /// Product lines, for [`CriterionKind::Work`].
        pub lines: Vec<WorkLineView>,
    }

    /// What stands in one column of one criterion.
    struct CellView {
        /// Which column.
        pub column: Column,
        /// Whether the criterion may be answered in this column at all.
        pub takes: bool,
        /// Points, written or computed, negative for a deduction; absent: unanswered, or what is entered does not count.
        pub points: Option<Points>,
        /// What was entered: points, times, days, a number, or 1 for yes and 0 for no. Absent: nothing; of work always.
        pub entered: Option<Points>,
        /// Heads shown for the points: give it back when writing.
        pub token: String,
        /// Note or reason.
        pub note: String,
        /// Heads shown for the note.
        pub note_token: String,
        /// Who wrote the points, and when.
        pub written: Option<Written>,
        /// Whether two values stand in the points or the note.
        pub conflict: bool,
        /// Evidence, in the order of its slots.
        pub evidence: Vec<EvidenceView>,
    }

    /// A piece of evidence.
    struct EvidenceView {
        /// Slot that it stands in.
        pub slot: u8,
        /// What the file is called.
        pub name: String,
        /// What it is, `image/jpeg`.
        pub media: String,
        /// Length of the file, in bytes.
        pub size: u32,
        /// Name of its content: the BLAKE3 hash in hexadecimal.
        pub content: String,
        /// Whether the file is on this device whole.
        pub here: bool,
        /// Name of its thumbnail's content, when that is here.
        pub thumbnail: Option<String>,
        /// Where record and file are: received by the server's receipts on both alone. Empty while the file is not here.
        pub place: Place,
        /// Who attached it, and when.
        pub written: Written,
        /// Whether the user may take it away.
        pub removable: bool,
    }

    /// A product line of a work criterion.
    struct WorkLineView {
        /// Product's number in the unit's list.
        pub product: u16,
        /// Title.
        pub title: Text,
        /// Unit of measure.
        pub measure_unit: Text,
        /// Coefficient against the standard product.
        pub coefficient: Points,
        /// Quantities, column by column.
        pub quantities: Vec<QuantityView>,
    }

    /// What is counted of a product.
    #[derive(Copy, PartialOrd, Ord, Hash)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    enum Measure {
        /// Được giao.
        Assigned,
        /// Hoàn thành.
        Completed,
        /// Đạt chất lượng.
        QualityOk,
        /// Đúng tiến độ.
        OnTime,
        /// Lỗi chất lượng: products with a content fault.
        Faults,
        /// Chậm tiến độ: products that were late.
        Delays,
        /// Lỗi do khách quan: of the faults, those whose objective cause the competent authority has confirmed.
        ExcusedFaults,
        /// Chậm do khách quan: of the delays, those whose objective cause the competent authority has confirmed.
        ExcusedDelays,
    }

    /// One quantity.
    struct QuantityView {
        /// Which column.
        pub column: Column,
        /// What is counted.
        pub measure: Measure,
        /// The quantity; absent: unanswered.
        pub value: Option<Points>,
        /// Heads shown.
        pub token: String,
        /// Whether two values stand here.
        pub conflict: bool,
    }

    /// Who wrote a value, where and when.
    struct Written {
        /// Full name.
        pub author: String,
        /// Staff code.
        pub code: String,
        /// Position.
        pub position: Text,
        /// Device's name.
        pub device: String,
        /// Time as claimed.
        pub at: i64,
        /// Whether that is well after the server received it: the device's clock was wrong.
        pub clock_wrong: bool,
        /// Received by the server (its clock), if it was.
        pub received: Option<i64>,
        /// Where it is.
        pub place: Place,
    }

    /// Something done to a sheet.
    struct ActView {
        /// What.
        pub action: Action,
        /// Who and when.
        pub by: Written,
        /// Reason, for a return.
        pub reason: String,
        /// Whether something changed after it.
        pub outdated: bool,
    }

    /// What a field of a sheet is, for writing it.
    enum FieldName {
        /// Points of a criterion.
        Points,
        /// Note (own) or reason (superior, appraised).
        Note,
        /// A quantity of a product line.
        Quantity {
            /// Product's number.
            product: u16,
            /// What is counted.
            measure: Measure,
        },
        /// A part of the visit's minutes; it stands at criterion 0.
        Minutes(MinutesPart),
    }

    /// A file to attach to a criterion.
    struct AttachRequest {
        /// Sheet's id.
        pub sheet: String,
        /// Criterion's number.
        pub criterion: u16,
        /// Column.
        pub column: Column,
        /// What the file is called.
        pub name: String,
    }

    /// A piece of evidence, to take away.
    struct EvidenceRef {
        /// Sheet's id.
        pub sheet: String,
        /// Criterion's number.
        pub criterion: u16,
        /// Column.
        pub column: Column,
        /// Slot.
        pub slot: u8,
        /// Name of its content.
        pub content: String,
    }

    /// A write of one field.
    struct ScoreRequest {
        /// Sheet's id.
        pub sheet: String,
        /// Criterion's number.
        pub criterion: u16,
        /// Column.
        pub column: Column,
        /// Field.
        pub field: FieldName,
        /// What was typed; empty clears the field.
        pub text: String,
        /// The token of the heads that were shown when the edit began.
        pub token: String,
    }
}
