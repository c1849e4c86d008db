//! What can be wrong in a criteria set: a code, and a sentence that says what would be right.

use super::error::{level_code, text};
use super::{Position, Standing};
use crate::points::{Points, vietnamese};
use crate::view::{Level, Text};

/// A rule for criteria sets that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A code is empty, too long or has other characters than allowed.
    Code,
    /// A version or number is 0.
    Zero,
    /// A text is empty in one of the languages.
    EmptyText,
    /// A text is longer than 4,000 characters.
    LongText,
    /// A text is not in Unicode form NFC.
    NotNfc,
    /// Not a day as `YYYY-MM-DD`.
    Date,
    /// The last day is before the first one.
    EndsBeforeItBegins,
    /// Two versions of one set are in force on one day: the code and version of the other.
    DatesOverlap(String),
    /// The list is empty.
    Empty,
    /// More than this many.
    TooMany(usize),
    /// The same thing twice.
    Duplicate,
    /// A column that the set does not have, or a group that it does not have.
    Unknown,
    /// A criterion that the set does not have.
    NoSuchCriterion(u16),
    /// The subject's own column can never count.
    OwnCounts,
    /// No column that may answer the criterion ever counts.
    NeverCounts,
    /// More than four decimals.
    Decimals,
    /// Not the four official levels, best first.
    Levels,
    /// A level without a threshold.
    NoThreshold,
    /// A threshold in a set that gives no points.
    ThresholdWithoutPoints,
    /// The level begins at or above the next better one.
    LevelOrder(Level),
    /// Points from the first figure up to the second have no level, or no band.
    LevelGap(Points, Points),
    /// Points from the first figure up to the second have two levels.
    LevelOverlap(Points, Points),
    /// The best level ends.
    BestEnds,
    /// The lowest level has conditions, so that there could be none at all.
    LowestHasConditions,
    /// A gate that caps at the best level.
    CapsNothing,
    /// A condition on a figure above the largest that can be entered, which is this.
    NeverHolds(Points),
    /// Points above the highest total that can be reached.
    Unreachable(Points),
    /// Points that must be more than 0 and at most 10,000.
    Range,
    /// A percentage that must be from 0 to 100.
    Percent,
    /// A maximum where the rule gives no points.
    NoPoints,
    /// The step does not divide the maximum.
    Step,
    /// A step where the rule says itself what is entered.
    StepOfWork,
    /// A group's maximum is not the sum of its criteria, which is this for this position.
    GroupMax(Points, Position),
    /// A cap above the sum of what it caps, which is this.
    BonusCap(Points),
    /// The total's cap is below one of its parts, which is this.
    CapBelowPart(Points),
    /// A maximum with more decimals than the set keeps, which are this many: rounding could lift points over it.
    OffRounding(u8),
    /// Bonuses, deductions and other criteria in one group.
    MixedGroup,
    /// Nothing that must be answered: no total could ever be missing.
    OnlyBonus,
    /// Not a quantity that is measured against the assigned one.
    AssignedMeasure,
    /// Not one weight for each measure.
    Weights,
    /// Bands by a criterion that is no figure, or not for the same people.
    NoFigure,
    /// Bands out of order.
    BandOrder,
    /// A band whose points reach into the next higher one's, which begin here.
    BandOverlap(Points),
    /// A band's points beyond the criterion's, or off its step.
    BandRange,
    /// The first key of a ranking is not the total.
    TieTotal,
    /// Shares of a quota that are no percentages, or out of order, or no scope, or one twice.
    Quota,
    /// Sums of ratios in a set that does not have exactly one criterion of converted work without weights.
    NoRatios,
    /// No rule for counted levels, or one that can't hold.
    LevelRules,
}

impl Problem {
    /// Stable code for screens and tests.
    pub fn code(&self) -> &'static str {
        self.said().0
    }

    /// What is wrong, and what would be right.
    pub fn message(&self) -> Text {
        let (_, vi, en) = self.said();
        let figures = self.figures();
        let weave = |pattern: &str, localise: fn(&str) -> String| {
            figures.iter().fold(pattern.to_owned(), |text, figure| text.replacen('#', &localise(figure), 1))
        };
        let mut message = text(&weave(vi, |figure| vietnamese(figure)), &weave(en, str::to_owned));
        if let Self::GroupMax(_, position) = self {
            let Text { vi, en } = for_whom(position);
            message.vi.push_str(&vi);
            message.en.push_str(&en);
        }
        message
    }

    /// The figures that stand at the `#`s of [`Self::said`], in order.
    fn figures(&self) -> Vec<String> {
        match self {
            Self::LevelGap(from, to) | Self::LevelOverlap(from, to) => vec![from.to_string(), to.to_string()],
            Self::Unreachable(points)
            | Self::NeverHolds(points)
            | Self::GroupMax(points, _)
            | Self::BonusCap(points)
            | Self::BandOverlap(points)
            | Self::CapBelowPart(points) => vec![points.to_string()],
            Self::TooMany(most) => vec![most.to_string()],
            Self::OffRounding(decimals) => vec![decimals.to_string()],
            Self::NoSuchCriterion(number) => vec![number.to_string()],
            Self::LevelOrder(better) => vec![level_code(*better).to_owned()],
            Self::DatesOverlap(other) => vec![other.clone()],
            _ => Vec::new(),
        }
    }

    /// Code and sentences.
    #[rustfmt::skip]
    fn said(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Code => ("ruleset.code", "mã không hợp lệ.", "the code is not valid."),
            Self::Zero => ("ruleset.zero", "phải từ 1 trở lên.", "must be 1 or more."),
            Self::EmptyText => ("ruleset.empty_text", "thiếu chữ tiếng Việt hoặc tiếng Anh.", "Vietnamese or English text is missing."),
            Self::LongText => ("ruleset.long_text", "dài quá 4.000 ký tự.", "longer than 4,000 characters."),
            Self::NotNfc => ("ruleset.not_nfc", "chữ không ở dạng Unicode NFC.", "the text is not in Unicode form NFC."),
            Self::Date => ("ruleset.date", "phải là ngày viết NNNN-TT-NN, ví dụ 2026-01-01.", "must be a day written YYYY-MM-DD, such as 2026-01-01."),
            Self::EndsBeforeItBegins => ("ruleset.ends_before_it_begins", "ngày cuối trước ngày đầu.", "the last day is before the first."),
            Self::DatesOverlap(_) => ("ruleset.dates_overlap", "trùng ngày hiệu lực với bản #: hãy sửa ngày cuối của bản cũ.", "is in force at the same time as #: set the last day of the older one."),
            Self::Empty => ("ruleset.empty", "danh sách trống.", "the list is empty."),
            Self::TooMany(_) => ("ruleset.too_many", "nhiều hơn #.", "more than #."),
            Self::Duplicate => ("ruleset.duplicate", "bị trùng.", "appears twice."),
            Self::Unknown => ("ruleset.unknown", "không có trong bộ tiêu chí.", "is not in the set."),
            Self::NoSuchCriterion(_) => ("ruleset.no_such_criterion", "không có tiêu chí số #.", "there is no criterion #."),
            Self::OwnCounts => ("ruleset.own_counts", "cột tự chấm không được dùng để tính.", "the subject's own column never counts."),
            Self::NeverCounts => ("ruleset.never_counts", "không cột nào được chấm lại được dùng để tính.", "none of these columns ever counts."),
            Self::Decimals => ("ruleset.decimals", "nhiều nhất 4 chữ số thập phân.", "at most 4 decimals."),
            Self::Levels => ("ruleset.levels", "phải có đủ bốn mức HTXSNV, HTTNV, HTNV, KHTNV theo thứ tự này.", "must list HTXSNV, HTTNV, HTNV, KHTNV in this order."),
            Self::NoThreshold => ("ruleset.no_threshold", "thiếu ngưỡng điểm.", "the threshold is missing."),
            Self::ThresholdWithoutPoints => ("ruleset.threshold_without_points", "bộ tiêu chí không có điểm thì không có ngưỡng điểm.", "a set without points has no thresholds."),
            Self::LevelOrder(_) => ("ruleset.level_order", "phải thấp hơn ngưỡng của mức #.", "must be lower than the threshold of #."),
            Self::LevelGap(..) => ("ruleset.level_gap", "từ # đến dưới # không có mức nào: hãy hạ ngưỡng trên hoặc nâng ngưỡng dưới, và ghi đó là một cách hiểu.", "from # to below # there is no level: close the gap, and mark it as a reading."),
            Self::LevelOverlap(..) => ("ruleset.level_overlap", "từ # đến dưới # có hai mức.", "from # to below # there are two levels."),
            Self::BestEnds => ("ruleset.best_ends", "mức cao nhất không có điểm kết thúc.", "the best level has no end."),
            Self::LowestHasConditions => ("ruleset.lowest_has_conditions", "mức thấp nhất không được có điều kiện, nếu không sẽ có người không thuộc mức nào.", "the lowest level must have no conditions, or somebody would have no level."),
            Self::CapsNothing => ("ruleset.caps_nothing", "giới hạn ở mức cao nhất thì không giới hạn gì.", "a cap at the best level caps nothing."),
            Self::NeverHolds(_) => ("ruleset.never_holds", "phải từ 0 đến #, số lớn nhất nhập được.", "must be from 0 to #, the largest number that can be entered."),
            Self::Unreachable(_) => ("ruleset.unreachable", "cao hơn tổng điểm tối đa là #.", "above the highest total, which is #."),
            Self::Range => ("ruleset.range", "phải lớn hơn 0 và không quá mức cho phép (10.000 điểm).", "must be more than 0 and within the limit (10,000 points)."),
            Self::Percent => ("ruleset.percent", "phải là tỷ lệ phần trăm từ 0 đến 100.", "must be a percentage from 0 to 100."),
            Self::NoPoints => ("ruleset.no_points", "loại này không cho điểm nên không có điểm tối đa.", "this rule gives no points, so it has no maximum."),
            Self::Step => ("ruleset.step", "bước điểm phải lớn hơn 0 và chia hết điểm tối đa.", "the step must divide the maximum."),
            Self::StepOfWork => ("ruleset.step_of_work", "loại này không có bước điểm.", "this rule has no step."),
            Self::GroupMax(..) => ("ruleset.group_max", "phải bằng tổng điểm tối đa các tiêu chí là #", "must be the sum of the criteria, #"),
            Self::BonusCap(_) => ("ruleset.bonus_cap", "không được cao hơn tổng các phần là #.", "must not be above the sum of its parts, #."),
            Self::CapBelowPart(_) => ("ruleset.cap_below_part", "thấp hơn điểm tối đa của một nhóm là #.", "is below the maximum of one group, which is #."),
            Self::OffRounding(_) => ("ruleset.off_rounding", "mức tối đa có nhiều hơn # chữ số thập phân được giữ khi làm tròn.", "this maximum has more than the # decimals that rounding keeps."),
            Self::MixedGroup => ("ruleset.mixed_group", "điểm thưởng, điểm trừ và tiêu chí khác không ở chung một nhóm.", "bonuses, deductions and other criteria must not share a group."),
            Self::OnlyBonus => ("ruleset.only_bonus", "phải có tiêu chí bắt buộc chấm, không phải điểm thưởng hay điểm trừ.", "needs a criterion that must be answered, no bonus or deduction."),
            Self::AssignedMeasure => ("ruleset.assigned_measure", "chỉ so hoàn thành, chất lượng và tiến độ với lượng được giao.", "only completed, quality and progress are measured against the assigned."),
            Self::Weights => ("ruleset.weights", "phải có một trọng số cho mỗi tỷ lệ.", "needs one weight for each ratio."),
            Self::NoFigure => ("ruleset.no_figure", "phải là số của một tiêu chí loại figure dành cho cùng những người này.", "must be the number of a figure criterion for the same people."),
            Self::BandOrder => ("ruleset.band_order", "các khoảng phải xếp theo thứ tự.", "the bands are out of order."),
            Self::BandOverlap(_) => ("ruleset.band_overlap", "điểm phải thấp hơn khoảng trên, bắt đầu từ #.", "its points must be below the next band's, which begin at #."),
            Self::BandRange => ("ruleset.band_range", "điểm phải trong phạm vi và theo bước của tiêu chí.", "its points must be within the criterion's and on its step."),
            Self::Quota => ("ruleset.quota", "tỷ lệ phải từ 0 đến 100, tỷ lệ cho đơn vị nổi trội không thấp hơn, và có phạm vi.", "the shares must be from 0 to 100, the outstanding one not lower, and there must be a scope."),
            Self::NoRatios => ("ruleset.no_ratios", "cộng dồn tỷ lệ cần đúng một tiêu chí công việc quy đổi không có trọng số.", "sums of ratios need exactly one criterion of converted work without weights."),
            Self::LevelRules => ("ruleset.level_rules", "mỗi quy tắc đếm mức phải có điều kiện, và số ít nhất không quá số nhiều nhất.", "each rule needs conditions, and its least number must not be above its most."),
            Self::TieTotal => ("ruleset.tie_total", "khóa đầu tiên phải là tổng điểm.", "the first key must be the total."),
        }
    }
}

/// ` (cấp phó, Phóng viên).`
fn for_whom(position: &Position) -> Text {
    let (vi, en) = match position.standing {
        Standing::Head => ("người đứng đầu", "head"),
        Standing::Deputy => ("cấp phó", "deputy"),
        Standing::Staff => ("nhân viên", "staff"),
    };
    let title = if position.title.is_empty() { String::new() } else { format!(", {}", position.title) };
    text(&format!(" ({vi}{title})."), &format!(" ({en}{title})."))
}
