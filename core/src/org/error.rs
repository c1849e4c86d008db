//! Why a change of the organisation is refused.

use crate::view::Text;

/// Code and name of a unit, as a sentence names it.
type Named = (String, String);

/// A change of the organisation that can't be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.code(), self.message().en)]
pub enum OrgError {
    /// Units of one league are scored under two criteria sets.
    MixedLeague {
        /// The unit that is not scored as those before it.
        unit: Named,
        /// Code of the league.
        league: String,
        /// Its criteria set, and that of those before it.
        rulesets: [String; 2],
    },
    /// No unit of the period is in a league with this code.
    UnknownLeague(String),
    /// A criteria set that takes over from another one: the other one scores nothing in the period, or this one is not known
    /// or for another kind of subject.
    UnknownRuleset(String),
    /// There is no unit with this code.
    UnknownUnit(String),
    /// A rename is of one unit to another one, a merger of two or more to one, a split of one to two or more; what is
    /// dissolved is named.
    SuccessionCount(Named),
    /// A unit is named twice on one side, or is its own successor.
    SuccessionCircle(Named),
    /// No legal basis is given.
    SuccessionBasis,
    /// A unit would end before it began.
    EndsBeforeItBegins(Named),
    /// A unit is not there at the time of the succession.
    NotThere(Named, String),
    /// A unit has another succession already.
    SucceededAlready(Named, String),
}

impl OrgError {
    /// Stable code: screens decide on this alone.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MixedLeague { .. } => "league_mixed",
            Self::UnknownLeague(_) => "no_such_league",
            Self::UnknownRuleset(_) => "no_such_ruleset",
            Self::UnknownUnit(_) => "no_such_unit",
            Self::SuccessionCount(_) => "succession_count",
            Self::SuccessionCircle(_) => "succession_circle",
            Self::SuccessionBasis => "succession_basis",
            Self::EndsBeforeItBegins(_) => "unit_ends_before_it_begins",
            Self::NotThere(..) => "unit_not_there",
            Self::SucceededAlready(..) => "unit_succeeded_already",
        }
    }

    /// The sentence, naming the unit.
    #[rustfmt::skip]
    pub fn message(&self) -> Text {
        let named = |(code, name): &Named| format!("{code} ({name})");
        let (vi, en) = match self {
            Self::MixedLeague { unit, league, rulesets: [its, others] } => {
                let unit = named(unit);
                (format!("Không mở được kỳ: trong cụm “{league}”, đơn vị {unit} chấm theo bộ tiêu chí {its}, các đơn vị khác theo {others}. Một cụm chỉ chấm theo một bộ; hãy xếp đơn vị vào cụm khác."),
                 format!("The period can't be opened: in the league “{league}” the unit {unit} is scored under {its}, the others under {others}. A league has one criteria set; put the unit into another league."))
            }
            Self::UnknownLeague(code) => (
                format!("Không có đơn vị nào của kỳ thuộc cụm “{code}”. Hãy kiểm tra mã cụm trong danh sách đơn vị."),
                format!("No unit of the period is in the league “{code}”. Check its code in the list of units.")),
            Self::UnknownRuleset(which) => (
                format!("Không đổi được bộ tiêu chí {which}: bộ cũ phải đang chấm trong kỳ trước; bộ mới phải đã được nhập và cùng chấm người, hoặc cùng chấm đơn vị."),
                format!("The criteria set can't change, {which}: the old one must score something in the period before; the new one must be imported and score people, or units, as the old one does.")),
            Self::UnknownUnit(code) => (
                format!("Chưa có đơn vị mang mã “{code}”. Hãy nhập đơn vị trước."),
                format!("There is no unit with the code “{code}”. Import it first.")),
            Self::SuccessionCount(unit) => (
                format!("Số đơn vị không đúng (đơn vị {}): đổi tên là một thành một; sáp nhập là từ hai đơn vị trở lên thành một; chia tách là một thành từ hai trở lên.", named(unit)),
                format!("Wrong number of units (unit {}): a rename is one to one; a merger two or more to one; a split one to two or more.", named(unit))),
            Self::SuccessionCircle(unit) => (
                format!("Đơn vị {} kế thừa chính nó hoặc được ghi hai lần.", named(unit)),
                format!("The unit {} succeeds itself or is named twice.", named(unit))),
            Self::SuccessionBasis => (
                "Hãy ghi căn cứ pháp lý của việc thay đổi đơn vị.".into(),
                "Give the legal basis of the change.".into()),
            Self::EndsBeforeItBegins(unit) => (
                format!("Đơn vị {} không thể kết thúc trước khi bắt đầu. Hãy kiểm tra kỳ bắt đầu và kỳ kết thúc.", named(unit)),
                format!("The unit {} can't end before it begins. Check its first and last period.", named(unit))),
            Self::NotThere(unit, period) => (
                format!("Đơn vị {} không hoạt động trong kỳ {period}. Hãy kiểm tra kỳ bắt đầu và kỳ kết thúc của đơn vị.", named(unit)),
                format!("The unit {} does not exist in {period}. Check its first and last period.", named(unit))),
            Self::SucceededAlready(unit, period) => (
                format!("Đơn vị {} đã có đơn vị kế thừa từ kỳ {period}.", named(unit)),
                format!("The unit {} has a successor from {period} on already.", named(unit))),
        };
        Text { vi, en }
    }
}
