//! `POST /api/login`, `POST /api/logout`, `GET /api/account`, and the gate before everything else under `/api`.
//!
//! Invariant: default deny. A session's id changes at login, so that nobody can prepare one for somebody else.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;
use xeploai_core::view::Account;

use super::App;
use super::failure::{Failure, of_json};
use crate::error::Refused;

/// Where a session keeps the login name.
const LOGIN: &str = "login";
/// Longest login name and password, in bytes: hashing stays cheap.
const TEXT_BYTES_MAX: usize = 256;

/// What the login screen sends.
#[derive(Deserialize)]
pub(super) struct LoginRequest {
    login: String,
    password: String,
}

/// Opens a session.
pub(super) async fn login(
    State(app): State<App>,
    session: Session,
    request: Result<Json<LoginRequest>, JsonRejection>,
) -> Result<Json<Account>, Failure> {
    let Json(LoginRequest { login, password }) = request.map_err(of_json)?;
    if login.len() > TEXT_BYTES_MAX || password.len() > TEXT_BYTES_MAX {
        return Err(Refused::LoginWrong.into());
    }
    let account = app.ask(move |service| service.login(&login, &password)).await?;
    session.cycle_id().await.map_err(Failure::of_session)?;
    session.insert(LOGIN, &account.login).await.map_err(Failure::of_session)?;
    Ok(Json(account))
}

/// Ends the session, if there is one.
pub(super) async fn logout(session: Session) -> Result<Json<()>, Failure> {
    session.flush().await.map_err(Failure::of_session)?;
    Ok(Json(()))
}

/// Who is logged in.
pub(super) async fn account(State(app): State<App>, session: Session) -> Result<Json<Account>, Failure> {
    let login: Option<String> = session.get(LOGIN).await.map_err(Failure::of_session)?;
    let login = login.ok_or(Refused::LoginNeeded)?;
    Ok(Json(app.ask(move |service| service.account(&login)).await?))
}

/// Lets a request pass that has a session of an account that is there.
pub(super) async fn gate(
    State(app): State<App>,
    session: Session,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let _ = account(State(app), session).await?;
    Ok(next.run(request).await)
}
