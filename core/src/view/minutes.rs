//! The minutes of a visit (F5, biên bản kiểm tra): a document made of a unit's sheet.

use serde::{Deserialize, Serialize};

use super::{ActView, Column, CriterionView, Written};

view! {
    /// What is written of a visit to the sheet as a whole; see [`crate::sheet::minutes`].
    #[derive(Copy, PartialOrd, Ord, Hash)]
    enum MinutesPart {
        /// Đoàn kiểm tra: its members.
        Delegation,
        /// Where it was.
        Place,
        /// When it came, as claimed.
        Arrived,
        /// When it left, as claimed.
        Left,
        /// Nhận xét, kiến nghị of the delegation.
        Remarks,
        /// Who represents the unit.
        Representative,
        /// Ý kiến của đơn vị.
        Opinion,
    }

    /// The minutes: the same on every device that has the same heads.
    struct MinutesView {
        /// Its parts in order, empty ones too.
        pub parts: Vec<MinutesPartView>,
        /// Items checked: the criteria that are answered in the appraised column, with what stands in the others.
        pub items: Vec<CriterionView>,
        /// Names what is shown: give it back when signing.
        pub stamp: String,
        /// Hash of what is signed, in hex; absent while something of it has no name yet.
        pub digest: Option<String>,
        /// The last signature of each person, oldest first.
        pub signatures: Vec<ActView>,
        /// Whether both sides have signed what stands now.
        pub signed: bool,
    }

    /// One part of it.
    struct MinutesPartView {
        /// Which.
        pub part: MinutesPart,
        /// Column in whose right it is written: the unit's own, or the appraisers'.
        pub column: Column,
        /// What stands there.
        pub text: String,
        /// Heads shown: give it back when writing.
        pub token: String,
        /// Who wrote it, and when.
        pub written: Option<Written>,
        /// Whether two texts stand here.
        pub conflict: bool,
    }
}
