//! Failures as HTTP answers: the one place where a code becomes a status.

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use xeploai_core::period::Period;

use crate::error::{Refused, ServerError};

/// A failed request.
#[derive(Debug)]
pub(crate) struct Failure(ServerError);

impl Failure {
    /// A fault of ours that has no better name.
    pub(crate) fn fault() -> Self {
        Self(std::io::Error::other("a task of the server ended early").into())
    }
}

impl Failure {
    /// The session store failed.
    pub(crate) fn of_session(error: tower_sessions::session::Error) -> Self {
        Self(std::io::Error::other(error).into())
    }
}

/// A period as a query names it.
pub(crate) fn period(text: &str) -> Result<Period, Refused> {
    text.parse().map_err(|_| Refused::NoSuchPeriod)
}

impl<E: Into<ServerError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// What the framework refused before a route saw it, as ours.
pub(crate) fn of_body(rejection: &BytesRejection) -> Refused {
    let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
    if too_large { Refused::MessageTooLarge } else { Refused::MessageCut }
}

/// As [`of_body`], for JSON.
pub(crate) fn of_json(_: JsonRejection) -> Refused {
    Refused::BadRequest
}

/// As [`of_body`], for the part behind the question mark.
pub(crate) fn of_query(_: QueryRejection) -> Refused {
    Refused::BadRequest
}

fn status(refused: Refused) -> StatusCode {
    match refused {
        Refused::MessageTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refused::UnknownDevice
        | Refused::DelegationWaits
        | Refused::DeviceRevoked
        | Refused::BadSignature
        | Refused::EnrolmentUnknown
        | Refused::EnrolmentExpired
        | Refused::EnrolmentUsed => StatusCode::FORBIDDEN,
        Refused::LoginNeeded | Refused::LoginWrong => StatusCode::UNAUTHORIZED,
        Refused::LoginTooOften => StatusCode::TOO_MANY_REQUESTS,
        Refused::NotFound
        | Refused::NoSuchPeriod
        | Refused::NoSuchUnit
        | Refused::NoSuchSheet
        | Refused::NoSuchPerson => StatusCode::NOT_FOUND,
        Refused::PeriodExists | Refused::PeriodLocked => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            ServerError::Refused(refused) => status(*refused),
            fault => {
                tracing::error!(%fault, "request failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, Json(self.0.view())).into_response()
    }
}
