//! `serve`: the running server.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use super::{Data, Said};
use crate::error::ServerError;
use crate::serve::Listening;
use crate::service::Service;

/// Serve devices and the console: HTTPS, plain HTTP on loopback only.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    data: Data,
    /// Address to listen on; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
}

impl Serve {
    /// Serving a department at an address.
    pub(super) fn new(data: Data, listen: SocketAddr) -> Self {
        Self { data, listen }
    }

    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        let filter = tracing_subscriber::EnvFilter::try_from_default_env()
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).json().init();
        let service = Arc::new(Service::open(&self.data.data)?);
        service.begin_epoch()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
            let listening = Listening::bind(self.listen)?;
            println!("listening on {}", listening.url());
            let shutdown = async move {
                tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            };
            listening.serve(service, shutdown).await
        })?;
        Ok(None)
    }
}
