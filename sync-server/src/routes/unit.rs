//! `GET /api/unit?period=&unit=`: from a unit's rank down to the signed scores.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use xeploai_core::ids::UnitId;
use xeploai_core::view::ExplainNode;

use super::App;
use super::failure::{Failure, of_query, period};
use crate::error::Refused;

/// Which unit in which period.
#[derive(Deserialize)]
pub(super) struct UnitQuery {
    period: String,
    unit: String,
}

/// Answers the explanation of the unit's total.
pub(super) async fn unit(
    State(app): State<App>,
    query: Result<Query<UnitQuery>, QueryRejection>,
) -> Result<Json<ExplainNode>, Failure> {
    let Query(query) = query.map_err(of_query)?;
    let shown = period(&query.period)?;
    let unit: UnitId = query.unit.parse().map_err(|_| Refused::NoSuchUnit)?;
    Ok(Json(app.ask(move |service| service.explain_unit(shown, unit)).await?))
}
