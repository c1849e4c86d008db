//! `POST /sync`: one exchange of a device.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use super::App;
use super::failure::{Failure, of_body};

/// Takes a request, answers a response, both as bytes of ours.
pub(super) async fn sync(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, Failure> {
    let body = body.map_err(|rejection| of_body(&rejection))?;
    let answer = app.ask(move |service| service.sync(&body)).await?;
    Ok(([(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, "no-store")], answer))
}
