//! HTTP: one file a transaction. Each takes what came apart, asks the service on a blocking thread, and answers.
//!
//! Invariant: no SQL and no rule here; every failure is a status with a code and a sentence.

mod enrol;
mod failure;
mod health;
mod sync;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use xeploai_core::sync::message::MESSAGE_BYTES_MAX;

use crate::error::ServerError;
use crate::service::Service;
use failure::Failure;

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

/// Every route.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/sync", post(sync::sync).layer(DefaultBodyLimit::max(MESSAGE_BYTES_MAX)))
        .route("/enrol", post(enrol::enrol).layer(DefaultBodyLimit::max(enrol::BODY_BYTES_MAX)))
        .route("/health", get(health::health))
        .with_state(app)
}
