//! `GET /health`: whether the server and its database answer.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::App;
use super::failure::Failure;

/// The answer.
#[derive(Serialize)]
pub(super) struct Health {
    ok: bool,
    protocol: u8,
}

/// Asks the database for the configuration.
pub(super) async fn health(State(app): State<App>) -> Result<Json<Health>, Failure> {
    app.ask(|service| service.config()).await?;
    Ok(Json(Health { ok: true, protocol: xeploai_core::sync::PROTOCOL_VERSION }))
}
