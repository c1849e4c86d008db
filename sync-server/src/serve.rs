//! Sockets: listens until a signal comes, over TLS everywhere but on loopback.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::ServerError;
use crate::routes::{App, router};
use crate::service::{Keys, Service};

/// How long open requests may take after the signal.
const GRACE: Duration = Duration::from_secs(10);

/// A server whose socket is bound: its address is known before it serves.
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listening {
    /// Binds; port 0 takes any free one.
    ///
    /// # Errors
    /// When the address is taken or not of this machine.
    pub fn bind(address: SocketAddr) -> Result<Self, ServerError> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Whether it speaks TLS: plain HTTP never leaves this machine.
    pub fn is_secure(&self) -> bool {
        !self.address.ip().is_loopback()
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        let scheme = if self.is_secure() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Serves until `shutdown` is ready, then lets open requests end.
    ///
    /// # Errors
    /// When the certificate can't be used or the socket fails.
    pub async fn serve(
        self,
        service: Arc<Service>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let handle = Handle::new();
        let ending = handle.clone();
        tokio::spawn(async move {
            shutdown.await;
            ending.graceful_shutdown(Some(GRACE));
        });
        let secure = self.is_secure();
        let tls = if secure { Some(tls(service.keys())?) } else { None };
        let routes = router(App::new(service), secure).into_make_service();
        match tls {
            Some(tls) => {
                axum_server::from_tcp_rustls(self.listener, tls)?.handle(handle).serve(routes).await?
            }
            None => axum_server::from_tcp(self.listener)?.handle(handle).serve(routes).await?,
        }
        Ok(())
    }
}

fn tls(keys: &Keys) -> Result<RustlsConfig, ServerError> {
    let failed = |error: rustls::Error| ServerError::Key(error.to_string());
    let chain = vec![CertificateDer::from(keys.tls_certificate.clone())];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(keys.tls_key.clone()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(failed)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
