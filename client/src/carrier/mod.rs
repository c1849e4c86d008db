//! How bytes travel. One carrier of our own so far, HTTPS to the server; an [`crate::environment::Environment`] may
//! bring another one.
//!
//! Invariant: a carrier hands bytes over and gives bytes back; it knows nothing of what is in them.

pub mod http;

use crate::error::{ClientError, Refused};

/// Length of a fingerprint: the first bytes of the SHA-256 of the certificate.
pub const FINGERPRINT_BYTES: usize = 16;

/// Carries one request to a server and its answer back.
pub trait Carrier: Send + Sync {
    /// Hands `body` to `path` of the server, and waits for the answer.
    ///
    /// # Errors
    /// [`ClientError::Server`] when the server explained itself; [`Refused::Unreachable`], [`Refused::NotOurServer`],
    /// [`Refused::WrongCertificate`], [`Refused::AnswerCut`] or [`Refused::ServerFault`] when it did not.
    fn exchange(&self, server: &Server, path: &str, body: Vec<u8>) -> Result<Vec<u8>, ClientError>;
}

/// The server: where it is and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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

    /// Whether it is asked without encryption: on loopback alone.
    pub fn is_plain(&self) -> bool {
        self.url.starts_with("http://")
    }
}
