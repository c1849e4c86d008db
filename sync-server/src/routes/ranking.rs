//! `GET /api/ranking?period=&league=`: one league of one period.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use xeploai_core::view::RankingView;

use super::App;
use super::failure::{Failure, of_query, period};
use crate::error::Refused;

/// Which ranking.
#[derive(Deserialize)]
pub(super) struct RankingQuery {
    period: String,
    league: String,
}

/// Answers the ranking.
pub(super) async fn ranking(
    State(app): State<App>,
    query: Result<Query<RankingQuery>, QueryRejection>,
) -> Result<Json<RankingView>, Failure> {
    let Query(query) = query.map_err(of_query)?;
    let shown = period(&query.period)?;
    let rankings = app.ask(move |service| service.rank(shown)).await?;
    let found = rankings.into_iter().find(|ranking| ranking.league == query.league);
    Ok(Json(found.ok_or(Refused::NotFound)?))
}
