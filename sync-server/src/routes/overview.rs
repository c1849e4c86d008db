//! `GET /api/overview?period=`: the console's first page.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use xeploai_core::view::OverviewView;

use super::App;
use super::failure::{Failure, of_query, period};

/// Which period; absent: the latest one that ranks.
#[derive(Deserialize)]
pub(super) struct OverviewQuery {
    #[serde(default)]
    period: String,
}

/// Answers the overview.
pub(super) async fn overview(
    State(app): State<App>,
    query: Result<Query<OverviewQuery>, QueryRejection>,
) -> Result<Json<OverviewView>, Failure> {
    let Query(query) = query.map_err(of_query)?;
    let shown = if query.period.is_empty() { None } else { Some(period(&query.period)?) };
    Ok(Json(app.ask(move |service| service.overview(shown)).await?))
}
