//! HTTPS to the server: one factory for every HTTP client, and what an answer that isn't ours means.
//!
//! Invariant: plain HTTP leaves this device to its own loopback only; with a fingerprint in the enrolment code the
//! server's certificate must be that one, whoever has signed it.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use xeploai_core::sync::message::MESSAGE_BYTES_MAX;
use xeploai_core::view::ErrorView;

use crate::error::{ClientError, Refused};

/// Length of a fingerprint: the first bytes of the SHA-256 of the certificate.
pub const FINGERPRINT_BYTES: usize = 16;

/// The server: where it is and how it is known.
#[derive(Debug, Clone)]
pub struct Server {
    /// Address without a path, `https://host:port`.
    pub url: String,
    /// Its certificate's fingerprint; absent when a public authority vouches for it, or on loopback.
    pub fingerprint: Option<[u8; FINGERPRINT_BYTES]>,
}

impl Server {
    /// Checks that the address is https, or plain http to this very device.
    ///
    /// # Errors
    /// [`Refused::NotHttps`] otherwise, [`Refused::BadCode`] when it is no address.
    pub fn new(url: &str, fingerprint: Option<[u8; FINGERPRINT_BYTES]>) -> Result<Self, Refused> {
        let parsed = reqwest::Url::parse(url).map_err(|_| Refused::BadCode)?;
        let host = parsed.host_str().ok_or(Refused::BadCode)?;
        let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        let loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        match parsed.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(Refused::NotHttps),
        }
        Ok(Self { url: url.trim_end_matches('/').to_owned(), fingerprint })
    }

    /// Posts a body and returns the answer's.
    ///
    /// # Errors
    /// [`ClientError::Server`] when the server explained itself; [`Refused::Unreachable`], [`Refused::NotOurServer`],
    /// [`Refused::WrongCertificate`], [`Refused::AnswerCut`] or [`Refused::ServerFault`] when it did not.
    pub fn post(
        &self,
        path: &str,
        content_type: &'static str,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, ClientError> {
        // A thread of its own: the caller may be inside somebody else's runtime.
        let posted = std::thread::scope(|scope| {
            scope
                .spawn(|| self.post_blocking(path, content_type, body))
                .join()
                .map_err(|_| Refused::ServerFault)
        });
        posted?
    }

    fn post_blocking(
        &self,
        path: &str,
        content_type: &'static str,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, ClientError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let request = http_client(self.fingerprint)?
                .post(format!("{}{path}", self.url))
                .header(reqwest::header::CONTENT_TYPE, content_type)
                .body(body);
            let response = request.send().await.map_err(|error| classify(&error))?;
            let status = response.status();
            let answer = read_limited(response).await?;
            if status.is_success() {
                return Ok(answer);
            }
            match serde_json::from_slice::<ErrorView>(&answer) {
                Ok(view) => Err(ClientError::Server(view)),
                Err(_) if status.is_server_error() => Err(Refused::ServerFault.into()),
                Err(_) => Err(Refused::NotOurServer.into()),
            }
        })
    }
}

async fn read_limited(mut response: reqwest::Response) -> Result<Vec<u8>, Refused> {
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Refused::AnswerCut)? {
        if answer.len() + chunk.len() > MESSAGE_BYTES_MAX {
            return Err(Refused::NotOurServer);
        }
        answer.extend_from_slice(&chunk);
    }
    Ok(answer)
}

fn classify(error: &reqwest::Error) -> Refused {
    if refuses_certificate(error) { Refused::WrongCertificate } else { Refused::Unreachable }
}

/// Whether a refused certificate is at the bottom of an error. An `io::Error` hides what it wraps from `source`.
fn refuses_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<Error>() {
        return matches!(error, Error::InvalidCertificate(_));
    }
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match wrapped {
        Some(wrapped) => refuses_certificate(wrapped),
        None => error.source().is_some_and(refuses_certificate),
    }
}

/// The one place where an HTTP client is made.
fn http_client(fingerprint: Option<[u8; FINGERPRINT_BYTES]>) -> Result<reqwest::Client, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?;
    let config = match fingerprint {
        Some(fingerprint) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { fingerprint, provider }))
            .with_no_client_auth(),
        None => builder
            .with_root_certificates(RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()))
            .with_no_client_auth(),
    };
    let client = reqwest::Client::builder()
        .use_preconfigured_tls(config)
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(120))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build();
    client.map_err(|error| std::io::Error::other(error).into())
}

/// Accepts one certificate and no other.
#[derive(Debug)]
struct Pinned {
    fingerprint: [u8; FINGERPRINT_BYTES],
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.provider.signature_verification_algorithms
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let hash = ring::digest::digest(&ring::digest::SHA256, certificate);
        if hash.as_ref().starts_with(&self.fingerprint) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, self.algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, self.algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms().supported_schemes()
    }
}
