//! `POST /sync`: one exchange of a device.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::App;
use super::failure::{Failure, of_body};

/// Takes a request, answers a response, both as bytes of ours.
pub(super) async fn sync(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let body = body.map_err(|rejection| of_body(&rejection))?;
    let answer = app.ask(move |service| service.sync(&body)).await?;
    let mut response = axum::body::Body::from(answer).into_response();
    // Nothing guesses a type here, and a POST's answer is kept by no cache unless it says so.
    response.headers_mut().remove(CONTENT_TYPE);
    Ok(response)
}
