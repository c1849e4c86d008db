//! `GET /api/classification?period=` and `POST /api/classification/decide`: levels of units and people, and what a person
//! decides.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use serde::Deserialize;
use tower_sessions::Session;
use xeploai_core::ids::SheetId;
use xeploai_core::view::{ClassificationView, Level};

use super::App;
use super::failure::{Failure, of_json, of_query, period};
use super::session;
use crate::error::Refused;
use crate::service::Authority;

/// Which period.
#[derive(Deserialize)]
pub(super) struct ClassificationQuery {
    period: String,
}

/// What a person decides.
#[derive(Deserialize)]
pub(super) struct DecideRequest {
    /// Sheet's id.
    sheet: String,
    /// The level; absent: not rated.
    level: Option<Level>,
    /// Whether the unit has outstanding achievements.
    #[serde(default)]
    outstanding: bool,
    /// Why.
    reason: String,
}

/// Answers the classification.
pub(super) async fn classification(
    State(app): State<App>,
    query: Result<Query<ClassificationQuery>, QueryRejection>,
) -> Result<Json<ClassificationView>, Failure> {
    let Query(query) = query.map_err(of_query)?;
    let shown = period(&query.period)?;
    Ok(Json(app.ask(move |service| service.classification(shown)).await?))
}

/// Notes a decision in the name of who is logged in, and answers the classification with it.
pub(super) async fn decide(
    State(app): State<App>,
    session: Session,
    request: Result<Json<DecideRequest>, JsonRejection>,
) -> Result<Json<ClassificationView>, Failure> {
    let Json(request) = request.map_err(of_json)?;
    let Json(account) = session::account(State(app.clone()), session).await?;
    let sheet: SheetId = request.sheet.parse().map_err(|_| Refused::NoSuchSheet)?;
    let authority = Authority { by: account.name, reason: request.reason };
    let (level, outstanding) = (request.level, request.outstanding);
    let decide =
        move |service: &crate::service::Service| service.decide_level(sheet, level, outstanding, &authority);
    Ok(Json(app.ask(decide).await?))
}
