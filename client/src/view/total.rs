//! Totals of a sheet, column by column.

use xeploai_core::classify::{Assessment, Outcome, Outside, assess};
use xeploai_core::points::Points;
use xeploai_core::ruleset::{Position, Ruleset};
use xeploai_core::scoring::{Answers, Columns, Plan, Product, Terms};
use xeploai_core::sheet::Value;
use xeploai_core::sheet::state::{Head, Sheet};
use xeploai_core::view::{Column, Measure, TotalView};

use crate::error::ClientError;
use crate::session::Session;

/// A sheet with what it is computed under.
pub(crate) struct Scored<'a> {
    pub(crate) sheet: &'a Sheet,
    pub(crate) ruleset: &'a Ruleset,
    pub(crate) products: &'a [Product],
    pub(crate) position: Position,
}

/// What of two values that stand in a conflict is taken.
#[derive(Clone, Copy)]
enum Choice {
    /// The stand-in, as everywhere.
    First,
    /// The values that make the total lowest.
    Lowest,
    /// The values that make the total highest.
    Highest,
}

impl<'a> Scored<'a> {
    /// The sheet under the configuration that this device knows.
    pub(crate) fn new(session: &'a Session<'_>, ruleset: &'a Ruleset, sheet: &'a Sheet) -> Self {
        let subject = sheet.key.subject;
        let (products, position) =
            (session.config.products_of(&sheet.key), session.config.position_of(subject));
        Self { sheet, ruleset, products, position }
    }

    /// What it is computed under.
    pub(crate) fn terms(&self) -> Terms<'_> {
        Terms { ruleset: self.ruleset, position: &self.position, products: self.products }
    }

    /// The answers of all columns of the set.
    pub(crate) fn columns(&self) -> Columns {
        self.columns_with(Choice::First)
    }

    fn columns_with(&self, choice: Choice) -> Columns {
        let answers = |column: &Column| {
            let of = self.sheet.answers_with(*column, |heads| choose(heads, choice));
            // More of what lowers a total makes it lower: those come from the other end.
            let opposite = self.sheet.answers_with(*column, |heads| choose(heads, turned(choice)));
            (*column, self.with_lowering_of(of, opposite))
        };
        self.ruleset.columns.iter().map(answers).collect()
    }

    fn with_lowering_of(&self, mut answers: Answers, opposite: Answers) -> Answers {
        for (number, figure) in opposite.points.as_slice() {
            if self.ruleset.criterion(*number).is_some_and(|criterion| criterion.is_deduction()) {
                answers.points.insert(*number, *figure);
            }
        }
        let lowers =
            |measure: Measure| matches!(measure, Measure::Assigned | Measure::Faults | Measure::Delays);
        answers.quantities.extend(opposite.quantities.into_iter().filter(|((.., of), _)| lowers(*of)));
        answers
    }

    /// What counts, as everywhere.
    pub(crate) fn counted(&self) -> Result<Assessment<'_>, ClientError> {
        self.assess(&self.columns(), &self.ruleset.counting)
    }

    fn assess(&self, columns: &Columns, order: &[Column]) -> Result<Assessment<'_>, ClientError> {
        Ok(assess(&Plan::new(self.terms())?, columns, order, Outside::default())?)
    }

    /// The total of one column; what the column does not answer is not missing in it.
    pub(crate) fn of_column(&self, column: Column) -> Result<TotalView, ClientError> {
        let conflict = self.sheet.conflicts().iter().any(|place| place.column == column);
        let total = self.view(&[column], conflict)?;
        let plan = Plan::new(self.terms())?;
        let elsewhere = plan.items().iter().filter(|it| it.required && !it.criterion.takes(column)).count();
        Ok(TotalView {
            criteria: total.criteria.saturating_sub(elsewhere as u32),
            provisional: self.ruleset.counting.first() != Some(&column) || self.sheet.waits(),
            ..total
        })
    }

    /// The total of what counts: of the subject's own column as long as nobody else has scored.
    pub(crate) fn of_sheet(&self) -> Result<TotalView, ClientError> {
        let counted = self.counted()?.total;
        if counted.columns.is_empty() {
            return Ok(TotalView { provisional: true, ..self.of_column(Column::Own)? });
        }
        let in_conflict = |place: &xeploai_core::sheet::Place| {
            counted.columns.get(&place.criterion) == Some(&place.column) && place.field.is_answer()
        };
        let conflict = self.sheet.conflicts().iter().any(in_conflict);
        let total = self.view(&self.ruleset.counting, conflict)?;
        Ok(TotalView { provisional: counted.provisional || self.sheet.waits(), ..total })
    }

    fn view(&self, order: &[Column], conflict: bool) -> Result<TotalView, ClientError> {
        let columns = self.columns();
        let assessment = self.assess(&columns, order)?;
        let so_far = |choice| -> Result<Points, ClientError> {
            Ok(self.assess(&self.columns_with(choice), order)?.total.so_far)
        };
        let range =
            conflict.then(|| Ok::<_, ClientError>((so_far(Choice::Lowest)?, so_far(Choice::Highest)?)));
        let total = &assessment.total;
        Ok(TotalView {
            total: total.total,
            so_far: total.so_far,
            possible: total.possible,
            level: assessment.outcome.level(),
            not_rated: assessment.outcome == Outcome::NotRated,
            range: range.transpose()?,
            provisional: total.provisional,
            answered: total.answered,
            criteria: total.criteria,
        })
    }
}

fn choose(heads: &[Head], choice: Choice) -> &Value {
    let values = heads.iter().map(|head| &head.value);
    let chosen = match choice {
        Choice::First => None,
        Choice::Lowest => values.min(),
        Choice::Highest => values.max(),
    };
    chosen.unwrap_or(&heads[0].value)
}

fn turned(choice: Choice) -> Choice {
    match choice {
        Choice::First => Choice::First,
        Choice::Lowest => Choice::Highest,
        Choice::Highest => Choice::Lowest,
    }
}
