//! Rankings as the server published them.

use xeploai_core::period::Period;
use xeploai_core::view::RankingView;

use crate::session::Session;

/// Published rankings of a period, or of the latest one that has any; the user's unit is marked, and
/// earlier ones stand beside each.
pub(crate) fn rankings(session: &Session<'_>, period: Option<&str>) -> Vec<RankingView> {
    let publications = &session.config.publications;
    let latest = || publications.keys().map(|(period, _)| *period).max();
    let Some(period) = period.map_or_else(latest, |text| text.parse::<Period>().ok()) else {
        return Vec::new();
    };
    let posts = session.config.assignments_of(session.me.person);
    let mut found: Vec<RankingView> = publications
        .iter()
        .filter(|((of, _), _)| *of == period)
        .map(|(_, publication)| publication.ranking.clone())
        .collect();
    found.iter_mut().for_each(|ranking| session.config.add_past(ranking));
    for row in found.iter_mut().flat_map(|ranking| &mut ranking.rows) {
        row.mine = posts.iter().any(|post| post.unit.to_string() == row.unit);
    }
    found
}
