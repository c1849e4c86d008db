//! `GET /api/aggregation?period=`: a quarter or year, made of the shorter periods.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use xeploai_core::view::AggregationView;

use super::App;
use super::failure::{Failure, of_query, period};

/// Which period.
#[derive(Deserialize)]
pub(super) struct AggregationQuery {
    period: String,
}

/// Answers the aggregation.
pub(super) async fn aggregation(
    State(app): State<App>,
    query: Result<Query<AggregationQuery>, QueryRejection>,
) -> Result<Json<AggregationView>, Failure> {
    let Query(query) = query.map_err(of_query)?;
    let shown = period(&query.period)?;
    Ok(Json(app.ask(move |service| service.aggregation(shown)).await?))
}
