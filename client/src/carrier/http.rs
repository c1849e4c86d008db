//! HTTPS to the server: one factory for every HTTP client, and what an answer that isn't ours means.
//!
//! Invariant: plain HTTP leaves this device to its own loopback only; with a fingerprint in the enrolment code the
//! server's certificate must be that one, whoever has signed it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use xeploai_core::sync::message::MESSAGE_BYTES_MAX;
use xeploai_core::view::ErrorView;

use super::{Carrier, FINGERPRINT_BYTES, Server};
use crate::background::Background;
use crate::error::{ClientError, Refused};

/// How long a server may stay silent: before it begins to answer a short request, and between two parts of an answer.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// A request may take longer by its length at this pace: less than the slowest network that is of use.
const BYTES_PER_SECOND_MIN: u64 = 2 * 1024;
/// How long an idle connection is kept for the next exchange: less than networks take to forget one.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// HTTP to the server, over a connection that is kept for the next exchange. The thread behind it starts with the
/// first one, and carries all of them: the caller may be inside somebody else's runtime.
#[derive(Default)]
pub struct HttpCarrier {
    engine: Mutex<Option<Engine>>,
}

/// The background thread and a client for each server that was asked.
struct Engine {
    background: Background,
    clients: BTreeMap<Server, reqwest::Client>,
}

impl Engine {
    fn start() -> Result<Self, ClientError> {
        Ok(Self { background: Background::start("xeploai-http")?, clients: BTreeMap::new() })
    }

    fn client(&mut self, server: &Server) -> Result<reqwest::Client, ClientError> {
        if let Some(client) = self.clients.get(server) {
            return Ok(client.clone());
        }
        let client = http_client(server)?;
        self.clients.insert(server.clone(), client.clone());
        Ok(client)
    }
}

impl Carrier for HttpCarrier {
    fn exchange(&self, server: &Server, path: &str, body: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        let answered = {
            let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
            let engine = match &mut *engine {
                Some(engine) => engine,
                empty => empty.insert(Engine::start()?),
            };
            let request = request(&engine.client(server)?, server, path, body);
            engine.background.begin(post(request))?
        };
        answered.recv().map_err(|_| Refused::ServerFault)?
    }
}

/// The request, and how long the server may take to begin with its answer.
fn request(
    client: &reqwest::Client,
    server: &Server,
    path: &str,
    body: Vec<u8>,
) -> (reqwest::RequestBuilder, Duration) {
    let wait = SILENCE_MAX + Duration::from_secs(body.len() as u64 / BYTES_PER_SECOND_MIN);
    let mut request = client.post(format!("{}{path}", server.url));
    // Every exchange pays for every header: what is bytes of ours says so by itself.
    if body.first() == Some(&b'{') {
        request = request.header(reqwest::header::CONTENT_TYPE, "application/json");
    }
    (request.body(body), wait)
}

async fn post((request, wait): (reqwest::RequestBuilder, Duration)) -> Result<Vec<u8>, ClientError> {
    let response = tokio::time::timeout(wait, request.send()).await.map_err(|_| Refused::Unreachable)?;
    let response = response.map_err(|error| classify(&error))?;
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
}

async fn read_limited(mut response: reqwest::Response) -> Result<Vec<u8>, Refused> {
    let mut answer = Vec::new();
    loop {
        let chunk = tokio::time::timeout(SILENCE_MAX, response.chunk()).await;
        let chunk = chunk.map_err(|_| Refused::AnswerCut)?.map_err(|_| Refused::AnswerCut)?;
        let Some(chunk) = chunk else { return Ok(answer) };
        if answer.len() + chunk.len() > MESSAGE_BYTES_MAX {
            return Err(Refused::NotOurServer);
        }
        answer.extend_from_slice(&chunk);
    }
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
fn http_client(server: &Server) -> Result<reqwest::Client, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?;
    let config = match server.fingerprint {
        Some(fingerprint) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { fingerprint, provider }))
            .with_no_client_auth(),
        None => builder
            .with_root_certificates(RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()))
            .with_no_client_auth(),
    };
    let mut client = reqwest::Client::builder()
        .use_preconfigured_tls(config)
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(IDLE_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    if server.is_plain() {
        client = client.http1_only();
    }
    client.build().map_err(|error| std::io::Error::other(error).into())
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
