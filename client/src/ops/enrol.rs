//! Enrolment: a one-time code of the department makes this device its owner's.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use xeploai_core::ids::DepartmentId;
use xeploai_core::sync::stream::{Certificate, DEVICE_NAME_MAX, Header};

use super::people;
use crate::app::App;
use crate::carrier::{FINGERPRINT_BYTES, Server};
use crate::error::{ClientError, Refused};
use crate::session::Store;
use crate::tables::accounts::{self, Account};
use crate::tables::{meta, streams};
use crate::transact::transact;

/// An enrolment that was asked for and not answered. The answer may have been lost after the server had given it; it
/// gives the same one again to the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Hash of the code, hex.
    code: String,
    /// Public half of the key, hex.
    key: String,
}

/// The bytes that hexadecimal digits are.
pub(crate) fn hex<const N: usize>(text: &str) -> Result<[u8; N], ClientError> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| Refused::BadCode)?;
    Ok(bytes.try_into().map_err(|_| Refused::BadCode)?)
}

/// Characters of a secret, without the dashes between them.
const SECRET_CHARS: usize = 16;

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

/// Whether a text is what an administrator hands out to enrol with.
pub(crate) fn is_code(text: &str) -> bool {
    Code::parse(text).is_ok_and(|code| {
        let digits = code.secret.bytes().filter(|it| *it != b'-');
        digits.clone().count() == SECRET_CHARS && digits.into_iter().all(|it| it.is_ascii_alphanumeric())
    })
}

#[derive(Serialize)]
struct EnrolRequest {
    code: String,
    key: String,
    nonce: String,
    device: String,
}

/// What a new device is given.
#[derive(Serialize, Deserialize)]
pub(crate) struct EnrolResponse {
    pub(crate) certificate: String,
    pub(crate) server_certificate: String,
    pub(crate) department: DepartmentId,
    pub(crate) department_key: String,
}

/// Asks the server for a certificate, keeps it, and makes its owner the active person.
///
/// # Errors
/// When the code is wrong or of another department, or the server can't be reached.
pub(crate) fn enrol(app: &App, code: &str, device: &str) -> Result<(), ClientError> {
    let code = Code::parse(code)?;
    let key = app.with_store(|store| key_for(store, &code))?;
    let request = EnrolRequest {
        code: code.secret,
        key: encode(key.verifying_key().as_bytes()),
        nonce: encode(&app.environment().bytes::<16>()?),
        device: device_name(device),
    };
    let body = serde_json::to_vec(&request)?;
    let answer = app.environment().carrier.exchange(&code.server, "/enrol", body)?;
    let answer = serde_json::from_slice(&answer).map_err(|_| Refused::NotOurServer)?;
    let (account, certificates) = account(&answer, code.server, key.verifying_key().to_bytes())?;
    app.with_store(|store| keep(store, &account, &certificates))
}

/// The key to enrol with: the one that this code was sent with before, or a new one. A key is of one person.
fn key_for(store: &mut Store, code: &Code) -> Result<SigningKey, ClientError> {
    let hash = encode(&blake3::derive_key("xeploai 2026 enrolment code", code.secret.as_bytes()));
    let asked: Option<Asked> = meta::get(&store.connection, meta::Key::Asked)?;
    if let Some(asked) = asked.filter(|asked| asked.code == hash)
        && let Some(key) = store.ring.get(&hex(&asked.key)?)?
    {
        return Ok(key);
    }
    let key = store.environment.keys.create(&*store.environment.random)?;
    let asked = Asked { code: hash, key: encode(key.verifying_key().as_bytes()) };
    transact(&mut store.connection, |write| meta::set(write, meta::Key::Asked, &asked))?;
    Ok(key)
}

/// What an answer says: the account, its certificate and the server's own.
pub(crate) fn account(
    answer: &EnrolResponse,
    server: Server,
    key: [u8; 32],
) -> Result<(Account, [Certificate; 2]), ClientError> {
    let certificates = [certificate(&answer.certificate)?, certificate(&answer.server_certificate)?];
    let department_key = hex(&answer.department_key)?;
    for certificate in &certificates {
        certificate.verify(answer.department, &department_key).map_err(|_| Refused::BadSignature)?;
    }
    let [Certificate { header: own, .. }, Certificate { header: servers, .. }] = &certificates;
    if own.key != key || own.author == Header::SERVER || servers.author != Header::SERVER {
        return Err(Refused::BadSignature.into());
    }
    let account = Account {
        person: own.author,
        department: answer.department,
        department_key,
        server: server.url,
        fingerprint: server.fingerprint,
        stream: own.stream(),
        key,
        device: own.device.clone(),
        restored: false,
        active: false,
    };
    Ok((account, certificates))
}

/// Keeps a new account. What its person wrote under an older one is sealed in the old stream first.
pub(crate) fn keep(
    store: &mut Store,
    account: &Account,
    [own, server]: &[Certificate; 2],
) -> Result<(), ClientError> {
    let others = accounts::all(&store.connection)?;
    // One department has one key: another one under its name is not it.
    let trusts = |it: &Account| (it.department, it.department_key);
    if others.iter().any(|other| trusts(other) != trusts(account)) {
        return Err(Refused::OtherDepartment.into());
    }
    people::seal_or_later(store);
    transact(&mut store.connection, |write| {
        // The server does not know yet whom a supervisor has enrolled.
        streams::insert_own(write, own, own.delegation.is_none())?;
        streams::insert(write, server, true)?;
        accounts::put(write, account)?;
        accounts::activate(write, account.person)?;
        meta::remove(write, meta::Key::Asked)
    })
}

/// Bytes as hexadecimal digits.
pub(crate) fn encode(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn certificate(text: &str) -> Result<Certificate, ClientError> {
    let bytes =
        data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| Refused::NotOurServer)?;
    Ok(Certificate::decode(&bytes)?)
}

/// A device's name that fits its limit.
pub(crate) fn device_name(name: &str) -> String {
    cut(if name.trim().is_empty() { "Thiết bị" } else { name.trim() }, DEVICE_NAME_MAX).to_owned()
}

/// The beginning of a text that fits into so many bytes, cut at a character.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}
