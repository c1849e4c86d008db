//! `POST /enrol`: a one-time code for a certificate.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Serialize};
use xeploai_core::ids::DepartmentId;

use super::App;
use super::failure::{Failure, of_json};
use crate::error::Refused;

/// Longest request, in bytes.
pub(super) const BODY_BYTES_MAX: usize = 4 * 1024;

/// What a device sends.
#[derive(Deserialize)]
pub(super) struct EnrolRequest {
    code: String,
    key: String,
    nonce: String,
    device: String,
}

/// What it gets; bytes are hex.
#[derive(Serialize)]
pub(super) struct EnrolResponse {
    certificate: String,
    server_certificate: String,
    department: DepartmentId,
    department_key: String,
}

/// Gives a device its certificate.
pub(super) async fn enrol(
    State(app): State<App>,
    request: Result<Json<EnrolRequest>, JsonRejection>,
) -> Result<Json<EnrolResponse>, Failure> {
    let Json(request) = request.map_err(of_json)?;
    let (key, nonce) = (bytes(&request.key)?, bytes(&request.nonce)?);
    let enrolled = app.ask(move |service| service.enrol(&request.code, key, nonce, &request.device)).await?;
    Ok(Json(EnrolResponse {
        department: enrolled.certificate.header.department,
        certificate: HEXLOWER.encode(&enrolled.certificate.encode()),
        server_certificate: HEXLOWER.encode(&enrolled.server_certificate.encode()),
        department_key: HEXLOWER.encode(&enrolled.department_key),
    }))
}

fn bytes<const N: usize>(hex: &str) -> Result<[u8; N], Refused> {
    let bytes = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).map_err(|_| Refused::BadRequest)?;
    bytes.try_into().map_err(|_| Refused::BadRequest)
}
