//! Groups and criteria: maxima that add up for every position, rules that can be answered.

use super::{CRITERIA_MAX, Findings, POINTS_MAX};
use crate::points::{Exact, Points};
use crate::ruleset::{
    Applies, Band, Criterion, Deduction, Definition, Group, LateBand, Position, Problem, Rule, Standing, sum,
};
use crate::view::Measure;

/// A percentage, at most.
pub(super) const HUNDRED: Points = Points::whole(100);

/// The caps of the groups that `which` chooses, added up.
pub(super) fn sum_of(set: &Definition, which: impl Fn(&Group) -> bool) -> Points {
    sum(set.groups.iter().filter(|group| which(group)).map(|group| group.max))
}

pub(super) fn groups(set: &Definition, found: &mut Findings) {
    found.ensure(!set.groups.is_empty(), "groups", Problem::Empty);
    let criteria: Vec<&Criterion> = set.groups.iter().flat_map(|group| &group.criteria).collect();
    found.ensure(criteria.len() <= CRITERIA_MAX, "criteria", Problem::TooMany(CRITERIA_MAX));
    found.ensure(set.groups.len() <= CRITERIA_MAX, "groups", Problem::TooMany(CRITERIA_MAX));
    if criteria.len() > CRITERIA_MAX || set.groups.len() > CRITERIA_MAX {
        return;
    }
    let positions = positions(set);
    for (index, group) in set.groups.iter().enumerate() {
        let place = format!("groups[{}]", group.code);
        let distinct = set.groups[..index].iter().all(|other| other.code != group.code);
        found.ensure(distinct, &place, Problem::Duplicate);
        self::group(group, &positions, &place, found);
    }
    for (index, criterion) in criteria.iter().enumerate() {
        let place = format!("criteria[{}]", criterion.number);
        let distinct = criteria[..index].iter().all(|other| other.number != criterion.number);
        found.ensure(distinct, &place, Problem::Duplicate);
        self::criterion(set, criterion, &place, found);
    }
    let required = set.required();
    let answers = |position: &Position| {
        criteria.iter().any(|it| it.applies.to(position) && required.contains(&it.number))
    };
    found.ensure(positions.iter().all(answers), "criteria", Problem::OnlyBonus);
}

/// Every position that the set tells apart: each standing, with each title that it names and with another one.
fn positions(set: &Definition) -> Vec<Position> {
    let criteria = set.groups.iter().flat_map(|group| &group.criteria);
    let named = criteria.flat_map(|criterion| &criterion.applies.positions);
    let mut titles: Vec<String> = named.take(CRITERIA_MAX).cloned().collect();
    titles.push(String::new());
    titles.sort();
    titles.dedup();
    let standings = [Standing::Head, Standing::Deputy, Standing::Staff];
    let with = |title: String| standings.map(|standing| Position { standing, title: title.clone() });
    titles.into_iter().flat_map(with).collect()
}

fn group(group: &Group, positions: &[Position], place: &str, found: &mut Findings) {
    found.label(&group.code, &format!("{place}.code"));
    found.text(&group.title, &format!("{place}.title"));
    found.ensure(!group.criteria.is_empty(), &format!("{place}.criteria"), Problem::Empty);
    let bonus = |criterion: &Criterion| criterion.rule == Rule::Bonus;
    let scored = || group.criteria.iter().filter(|criterion| criterion.has_points());
    let pure = scored()
        .all(|criterion| bonus(criterion) == group.bonus && criterion.is_deduction() == group.penalty);
    found.ensure(pure, &format!("{place}.criteria"), Problem::MixedGroup);
    let max = format!("{place}.max");
    let least = if scored().next().is_some() { Points(1) } else { Points::ZERO };
    found.ensure(group.max >= least && group.max <= POINTS_MAX, &max, Problem::Range);
    let sum = |position: &Position| {
        let theirs = group.criteria.iter().filter(|criterion| criterion.applies.to(position));
        theirs.map(|criterion| criterion.max).try_fold(Exact::ZERO, Exact::checked_add)
    };
    let sums: Vec<(Exact, &Position)> =
        positions.iter().filter_map(|position| Some((sum(position)?, position))).collect();
    if group.bonus || group.penalty {
        let most = sums.iter().map(|(sum, _)| *sum).max().unwrap_or_default();
        let shown = crate::scoring::exact::shown(most);
        return found.ensure(Exact::from(group.max) <= most, &max, Problem::BonusCap(shown));
    }
    // A group that is for some only has nothing to add up for the others.
    let wrong = |(sum, _): &&(Exact, &Position)| *sum != Exact::from(group.max) && !sum.is_zero();
    let nobody = !sums.iter().any(|(sum, _)| *sum == Exact::from(group.max));
    if let Some((sum, position)) = sums.iter().find(wrong).or(sums.first().filter(|_| nobody)) {
        let sum = crate::scoring::exact::shown(*sum);
        found.ensure(false, &max, Problem::GroupMax(sum, (*position).clone()));
    }
}

fn criterion(set: &Definition, criterion: &Criterion, place: &str, found: &mut Findings) {
    found.ensure(criterion.number > 0, place, Problem::Zero);
    found.label(&criterion.label, &format!("{place}.label"));
    found.text(&criterion.title, &format!("{place}.title"));
    found.source(&criterion.source, place);
    applies(&criterion.applies, place, found);
    let columns = format!("{place}.columns");
    found.distinct(&criterion.columns, &columns);
    let known = criterion.columns.iter().all(|column| set.columns.contains(column));
    found.ensure(known, &columns, Problem::Unknown);
    let counts = criterion.columns.is_empty() || set.counting.iter().any(|column| criterion.takes(*column));
    found.ensure(counts, &columns, Problem::NeverCounts);
    let max = criterion.max;
    let range = if criterion.has_points() {
        max > Exact::ZERO && max <= Exact::from(POINTS_MAX)
    } else {
        max.is_zero()
    };
    found.ensure(
        range,
        &format!("{place}.max"),
        if criterion.has_points() { Problem::Range } else { Problem::NoPoints },
    );
    let entered = matches!(criterion.rule, Rule::Points | Rule::Bonus | Rule::Banded { .. });
    let figure = matches!(criterion.rule, Rule::Figure { .. });
    let step = format!("{place}.step");
    if entered {
        let on_step = |max: Points| criterion.step > Points::ZERO && max.is_on_step(criterion.step);
        found.ensure(max.as_points().is_some_and(on_step), &step, Problem::Step);
    } else if figure {
        found.ensure(criterion.step >= Points::ZERO, &step, Problem::Step);
    } else {
        found.ensure(criterion.step == Points::ZERO, &step, Problem::StepOfWork);
    }
    rule(set, criterion, &format!("{place}.rule"), found);
}

pub(super) fn applies(applies: &Applies, place: &str, found: &mut Findings) {
    found.distinct(&applies.standings, &format!("{place}.applies.standings"));
    found.distinct(&applies.positions, &format!("{place}.applies.positions"));
    let titled = applies.positions.iter().all(|title| !title.trim().is_empty());
    found.ensure(titled, &format!("{place}.applies.positions"), Problem::EmptyText);
}

fn rule(set: &Definition, criterion: &Criterion, place: &str, found: &mut Findings) {
    let above_zero = |points: Points| points > Points::ZERO && points <= POINTS_MAX;
    match &criterion.rule {
        Rule::Points | Rule::Bonus | Rule::PassFail => {}
        Rule::Banded { by, bands } => self::bands(set, criterion, *by, bands, place, found),
        Rule::Count { each } => found.ensure(above_zero(*each), &format!("{place}.each"), Problem::Range),
        Rule::TwoLevel { low } => {
            let percent = (Points::ZERO..HUNDRED).contains(low);
            found.ensure(percent, &format!("{place}.low"), Problem::Percent);
        }
        Rule::Figure { unit, most } => {
            found.text(unit, &format!("{place}.unit"));
            let in_range = *most > Points::ZERO && *most <= crate::scoring::QUANTITY_MAX;
            found.ensure(in_range, &format!("{place}.most"), Problem::Range);
        }
        Rule::Deduct { each, more, split } => {
            let all = split.iter().map(|split| (split.each, split.more)).chain([(*each, *more)]);
            let fits = |(each, more)| above_zero(each) && (more == Points::ZERO || above_zero(more));
            found.ensure(all.into_iter().all(fits), &format!("{place}.each"), Problem::Range);
            let named = split.iter().all(|split| !split.standings.is_empty());
            found.ensure(named, &format!("{place}.split"), Problem::Empty);
        }
        Rule::DeductLate { bands } => late_bands(bands, &format!("{place}.bands"), found),
        Rule::ConvertedWork { measures, weights, deduction, .. } => {
            work(measures, weights, *deduction, place, found);
        }
    }
}

fn bands(
    set: &Definition,
    criterion: &Criterion,
    by: u16,
    bands: &[Band],
    place: &str,
    found: &mut Findings,
) {
    let criteria = set.groups.iter().flat_map(|group| &group.criteria);
    let figure = criteria
        .filter(|other| other.number == by)
        .any(|other| matches!(other.rule, Rule::Figure { .. }) && other.applies == criterion.applies);
    found.ensure(figure, &format!("{place}.by"), Problem::NoFigure);
    let place = format!("{place}.bands");
    found.list(bands, &place);
    for pair in bands.windows(2) {
        let [higher, lower] = pair else { continue };
        let place = format!("{place}[{}]", lower.from);
        found.ensure(lower.from < higher.from, &place, Problem::BandOrder);
        found.ensure(lower.most < higher.least, &place, Problem::BandOverlap(higher.least));
    }
    for band in bands {
        let on_step = band.least.is_on_step(criterion.step) && band.most.is_on_step(criterion.step);
        let within = band.least >= Points::ZERO && band.most.exact() <= criterion.max;
        found.ensure(
            band.least <= band.most && within && on_step,
            &format!("{place}[{}]", band.from),
            Problem::BandRange,
        );
    }
    let lowest = bands.last().map_or(Points::ZERO, |band| band.from);
    found.ensure(lowest == Points::ZERO, &place, Problem::LevelGap(Points::ZERO, lowest));
}

fn late_bands(bands: &[LateBand], place: &str, found: &mut Findings) {
    found.list(bands, place);
    let fits = |band: &LateBand| band.days > 0 && band.points > Points::ZERO && band.points <= POINTS_MAX;
    found.ensure(bands.iter().all(fits), place, Problem::Range);
    let rising = bands.windows(2).all(|pair| pair[0].days < pair[1].days && pair[0].points <= pair[1].points);
    found.ensure(rising, place, Problem::BandOrder);
}

fn work(
    measures: &[Measure],
    weights: &[Points],
    deduction: Option<Deduction>,
    place: &str,
    found: &mut Findings,
) {
    let known =
        |measure: &Measure| matches!(measure, Measure::Completed | Measure::QualityOk | Measure::OnTime);
    let at = format!("{place}.measures");
    found.list(measures, &at);
    found.ensure(measures.iter().all(known), &at, Problem::AssignedMeasure);
    let at = format!("{place}.weights");
    found.ensure(weights.is_empty() || weights.len() == measures.len(), &at, Problem::Weights);
    let in_range = weights.iter().all(|weight| *weight > Points::ZERO && *weight <= POINTS_MAX);
    found.ensure(in_range, &at, Problem::Range);
    let percent = deduction.is_none_or(|it| it.percent > Points::ZERO && it.percent <= HUNDRED);
    found.ensure(percent, &format!("{place}.deduction.percent"), Problem::Percent);
}
