//! A request as the answering side meets it: who claims to ask, whether he does, and only then what.

use super::{Context, Message, kind, open_envelope, read_certificates};
use crate::ids::StreamId;
use crate::sync::channel::{CODE_BYTES, Channel};
use crate::sync::names::{Known, Short};
use crate::sync::plan::Trust;
use crate::sync::stream::{Certificate, SignatureError};
use crate::sync::wire::{Reader, WireError};

/// A request that nobody has checked yet.
#[derive(Debug)]
pub struct Request {
    /// Version, then the payload without its code.
    covered: Vec<u8>,
    code: [u8; CODE_BYTES],
}

impl Request {
    /// Opens the envelope of a request. The caller then finds the sender's certificate, and calls [`Self::check`].
    ///
    /// # Errors
    /// When the bytes are not a whole message.
    pub fn decode(message: &[u8]) -> Result<Self, WireError> {
        let (version, payload) = open_envelope(message)?;
        let (payload, code) = payload.split_last_chunk::<CODE_BYTES>().ok_or(WireError::Cut)?;
        if payload.len() < 8 {
            return Err(WireError::Cut);
        }
        let mut covered = Vec::with_capacity(payload.len() + 1);
        covered.push(version);
        covered.extend_from_slice(payload);
        Ok(Self { covered, code: *code })
    }

    /// The stream that the request claims to come from.
    pub fn sender(&self) -> Short {
        let name = self.covered.get(1..9).and_then(|name| name.try_into().ok());
        Short(name.unwrap_or_default())
    }

    fn sections(&self) -> &[u8] {
        self.covered.get(9..).unwrap_or_default()
    }

    /// The certificates that it brings: the sender's own among them when the other side may not know it. Each proves
    /// itself by the department's signature.
    ///
    /// # Errors
    /// When they are malformed.
    pub fn certificates(&self) -> Result<Vec<Certificate>, WireError> {
        let mut sections = Reader::new(self.sections());
        while let Some((kind, bytes)) = sections.section()? {
            if kind == kind::CERTIFICATES {
                return read_certificates(&mut Reader::new(bytes));
            }
        }
        Ok(Vec::new())
    }

    /// The certificate that the device that asks brings of itself, where it is not known here: the department has signed it, or
    /// somebody in its place; nothing when it is nobody's.
    ///
    /// # Errors
    /// When what it brings is malformed.
    pub fn certificate(&self, trust: &Trust) -> Result<Option<Certificate>, WireError> {
        Ok(self.certificates()?.into_iter().find(|certificate| {
            Short::of(&certificate.header.stream().0) == self.sender()
                && certificate.verify(trust.department, &trust.key).is_ok()
        }))
    }

    /// Checks that the holder of the other end of the channel has made the request.
    ///
    /// # Errors
    /// When the code does not fit.
    pub fn check(&self, channel: &Channel) -> Result<(), SignatureError> {
        channel.check(&self.covered, &self.code)
    }

    /// The message, of a request that was checked.
    ///
    /// # Errors
    /// When it is malformed; [`WireError::Unresolved`] when it names what is not known here.
    pub fn message(&self, sender: StreamId, known: &dyn Known) -> Result<Message, WireError> {
        Message::read(self.sections(), &Context { sender: Some(sender), asked: &[] }, known)
    }
}
