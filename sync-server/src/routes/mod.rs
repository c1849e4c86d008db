//! HTTP: one file a transaction. Each takes what came apart, asks the service on a blocking thread, and answers.
//!
//! Invariant: no SQL and no rule here; every failure is a status with a code and a sentence.

mod aggregation;
mod classification;
mod console;
mod enrol;
mod failure;
mod health;
mod overview;
mod ranking;
mod session;
mod sync;
mod unit;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, MemoryStore, SessionManagerLayer};
use xeploai_core::sync::message::MESSAGE_BYTES_MAX;

use crate::error::{Refused, ServerError};
use crate::service::Service;
use failure::Failure;

/// How long a session lives without a request.
const SESSION_IDLE: time::Duration = time::Duration::hours(8);
/// Longest login request, in bytes.
const LOGIN_BYTES_MAX: usize = 4 * 1024;

/// Longest decision, in bytes: a reason of 4,000 characters.
const DECISION_BYTES_MAX: usize = 20 * 1024;

/// What every route has.
#[derive(Clone)]
pub struct App {
    service: Arc<Service>,
}

impl App {
    /// The routes' view of a service.
    pub fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    /// Asks the service where waiting for the disk holds nobody up.
    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Service) -> Result<T, ServerError> + Send + 'static,
    ) -> Result<T, Failure> {
        let service = Arc::clone(&self.service);
        match tokio::task::spawn_blocking(move || ask(&service)).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Failure::fault()),
        }
    }
}

/// Every route. `secure` says that people come over HTTPS: then the session's cookie never travels otherwise.
pub fn router(app: App, secure: bool) -> Router {
    let sessions = SessionManagerLayer::new(MemoryStore::default())
        .with_name("xeploai")
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_secure(secure)
        .with_expiry(Expiry::OnInactivity(SESSION_IDLE));
    // Default deny: what is added here needs a session, and what is not there is not found, with or without one.
    let guarded = Router::new()
        .route("/overview", get(overview::overview))
        .route("/ranking", get(ranking::ranking))
        .route("/unit", get(unit::unit))
        .route("/aggregation", get(aggregation::aggregation))
        .route("/classification", get(classification::classification))
        .route(
            "/classification/decide",
            post(classification::decide).layer(DefaultBodyLimit::max(DECISION_BYTES_MAX)),
        )
        .fallback(not_found)
        .layer(from_fn_with_state(app.clone(), session::gate));
    let api = Router::new()
        .route("/login", post(session::login).layer(DefaultBodyLimit::max(LOGIN_BYTES_MAX)))
        .route("/logout", post(session::logout))
        .route("/account", get(session::account))
        .merge(guarded)
        .layer(sessions)
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("no-store")));
    // For programs alone: no page is served there, so the headers that guard pages would only cost bytes.
    let sync = Router::new()
        .route("/sync", post(sync::sync).layer(DefaultBodyLimit::max(MESSAGE_BYTES_MAX)))
        .with_state(app.clone());
    Router::new()
        .route("/enrol", post(enrol::enrol).layer(DefaultBodyLimit::max(enrol::BODY_BYTES_MAX)))
        .route("/health", get(health::health))
        .nest("/api", api)
        .fallback(console::console)
        .layer(from_fn_with_state(console::policy(), console::headers))
        .with_state(app)
        .merge(sync)
}

async fn not_found() -> Failure {
    Refused::NotFound.into()
}
