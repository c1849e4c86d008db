//! Enrolment: a one-time code of the department makes this device its owner's.

use serde::{Deserialize, Serialize};
use xeploai_core::ids::{DepartmentId, PersonId, StreamId};
use xeploai_core::sync::stream::{Certificate, DEVICE_NAME_MAX, Header};

use crate::app::App;
use crate::carrier::http::{FINGERPRINT_BYTES, Server};
use crate::error::{ClientError, Refused};
use crate::keys;
use crate::tables::{meta, streams};
use crate::transact::transact;

/// Who is enrolled on this store, by which server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolment {
    /// Department.
    pub department: DepartmentId,
    /// The department's public key, hex: the root of trust.
    pub department_key: String,
    /// Server's address.
    pub server: String,
    /// Fingerprint of its certificate, hex.
    pub fingerprint: Option<String>,
    /// Who.
    pub person: PersonId,
    /// This device's own stream.
    pub stream: StreamId,
    /// This device's name.
    pub device: String,
}

impl Enrolment {
    /// The server to talk to.
    pub(crate) fn server(&self) -> Result<Server, ClientError> {
        let fingerprint = self.fingerprint.as_deref().map(hex).transpose()?;
        Ok(Server::new(&self.server, fingerprint)?)
    }

    /// The department's key, for checking certificates and verdicts.
    pub(crate) fn department_key(&self) -> Result<[u8; 32], ClientError> {
        hex(&self.department_key)
    }
}

fn hex<const N: usize>(text: &str) -> Result<[u8; N], ClientError> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| Refused::BadCode)?;
    Ok(bytes.try_into().map_err(|_| Refused::BadCode)?)
}

/// An enrolment code, `https://host:port/#SECRET.FINGERPRINT`.
struct Code {
    server: Server,
    secret: String,
}

impl Code {
    fn parse(text: &str) -> Result<Self, ClientError> {
        let (url, rest) = text.trim().split_once('#').ok_or(Refused::BadCode)?;
        let (secret, fingerprint) = match rest.split_once('.') {
            Some((secret, fingerprint)) => (secret, Some(hex::<FINGERPRINT_BYTES>(fingerprint.trim())?)),
            None => (rest, None),
        };
        let secret = secret.trim().to_owned();
        if secret.is_empty() || secret.len() > 64 {
            return Err(Refused::BadCode.into());
        }
        Ok(Self { server: Server::new(url, fingerprint)?, secret })
    }
}

#[derive(Serialize)]
struct EnrolRequest {
    code: String,
    key: String,
    nonce: String,
    device: String,
}

#[derive(Deserialize)]
struct EnrolResponse {
    certificate: String,
    server_certificate: String,
    department: DepartmentId,
    department_key: String,
}

/// Asks the server for a certificate and keeps it.
///
/// # Errors
/// When somebody is enrolled already, the code is wrong, or the server can't be reached.
pub(crate) fn enrol(app: &App, code: &str, device: &str) -> Result<(), ClientError> {
    let code = Code::parse(code)?;
    if app.with_connection(|connection| meta::get::<Enrolment>(connection, meta::Key::Enrolment))?.is_some() {
        return Err(Refused::AlreadyEnrolled.into());
    }
    let key = keys::device_key(app.folder())?;
    let encode = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let request = EnrolRequest {
        code: code.secret,
        key: encode(key.verifying_key().as_bytes()),
        nonce: encode(&keys::random::<16>()?),
        device: device_name(device),
    };
    let answer = code.server.post("/enrol", "application/json", serde_json::to_vec(&request)?)?;
    let answer: EnrolResponse = serde_json::from_slice(&answer).map_err(|_| Refused::NotOurServer)?;
    let (own, server) = (certificate(&answer.certificate)?, certificate(&answer.server_certificate)?);
    let department_key = hex(&answer.department_key)?;
    for certificate in [&own, &server] {
        certificate.verify(answer.department, &department_key).map_err(|_| Refused::BadSignature)?;
    }
    if own.header.key != key.verifying_key().to_bytes() || server.header.author != Header::SERVER {
        return Err(Refused::BadSignature.into());
    }
    let enrolment = Enrolment {
        department: answer.department,
        department_key: answer.department_key,
        server: code.server.url,
        fingerprint: code.server.fingerprint.map(|bytes| encode(&bytes)),
        person: own.header.author,
        stream: own.header.stream(),
        device: own.header.device.clone(),
    };
    app.with_connection(|connection| {
        transact(connection, |write| {
            streams::insert(write, &own)?;
            streams::insert(write, &server)?;
            meta::set(write, meta::Key::Enrolment, &enrolment)
        })
    })
}

fn certificate(text: &str) -> Result<Certificate, ClientError> {
    let bytes =
        data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| Refused::NotOurServer)?;
    Ok(Certificate::decode(&bytes)?)
}

/// A device's name that fits its limit, cut at a character.
fn device_name(name: &str) -> String {
    let name = if name.trim().is_empty() { "Thiết bị" } else { name.trim() };
    let end = (0..=DEVICE_NAME_MAX.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
    name[..end.unwrap_or_default()].to_owned()
}
