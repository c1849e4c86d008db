//! The channel between two devices: a request is its device's, proved by a key that only the two of them can compute.
//!
//! Invariant: only the holder of a device's private key can ask in its name, and only the device that was asked can
//! check it. No clock, no counter: a request that is repeated gets the same answer.
//!
//! The key is an X25519 agreement (RFC 7748) of the two devices' Ed25519 keys, moved to the Montgomery curve as RFC 7748
//! section 4.1 relates them; the code is 16 bytes of keyed BLAKE3. A signature would cost 64 bytes in each request, and
//! what is worth proving to others, frames and verdicts, carries its own. See decision 7.

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::stream::SignatureError;
use crate::ids::DepartmentId;

/// Length of a code.
pub const CODE_BYTES: usize = 16;

/// The key of one pair of devices of a department.
pub struct Channel([u8; 32]);

impl Channel {
    /// The channel between the holder of `key` and the device whose public key is `peer`. Both sides get the same.
    ///
    /// # Errors
    /// [`SignatureError::Key`] when `peer` is no usable key.
    pub fn between(
        key: &SigningKey,
        peer: &[u8; 32],
        department: DepartmentId,
    ) -> Result<Self, SignatureError> {
        let shared = usable(peer)?.to_montgomery().mul_clamped(agreement_key(key));
        let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 channel");
        // Both keys stand in it, the smaller first: neither side can be mistaken for a third one.
        let own = key.verifying_key().to_bytes();
        let (first, second) = if own < *peer { (&own, peer) } else { (peer, &own) };
        hasher.update(&department.0).update(first).update(second).update(shared.as_bytes());
        Ok(Self(*hasher.finalize().as_bytes()))
    }

    /// The code of a request.
    pub fn code(&self, request: &[u8]) -> [u8; CODE_BYTES] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(request);
        crate::ids::first16(&hasher)
    }

    /// Checks the code of a request. The comparison takes the same time whatever differs.
    ///
    /// # Errors
    /// [`SignatureError::Signature`] when it does not fit.
    pub fn check(&self, request: &[u8], code: &[u8; CODE_BYTES]) -> Result<(), SignatureError> {
        let differs = self.code(request).iter().zip(code).fold(0, |differs, (a, b)| differs | (a ^ b));
        if differs == 0 { Ok(()) } else { Err(SignatureError::Signature) }
    }
}

/// The X25519 private key of a device, for the channel and for the handshake on a visit.
pub fn agreement_key(key: &SigningKey) -> [u8; 32] {
    key.to_scalar_bytes()
}

/// The X25519 public key of the device with this public key.
///
/// # Errors
/// [`SignatureError::Key`] when it is no usable key.
pub fn agreement_public_key(key: &[u8; 32]) -> Result<[u8; 32], SignatureError> {
    Ok(usable(key)?.to_montgomery().to_bytes())
}

fn usable(key: &[u8; 32]) -> Result<VerifyingKey, SignatureError> {
    let key = VerifyingKey::from_bytes(key).map_err(|_| SignatureError::Key)?;
    if key.is_weak() { Err(SignatureError::Key) } else { Ok(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn channel(own: u8, peer: u8) -> Channel {
        Channel::between(&key(own), &key(peer).verifying_key().to_bytes(), DEPARTMENT).unwrap()
    }

    #[test]
    fn both_sides_agree_and_nobody_else_does() {
        let code = channel(1, 2).code(b"request");
        assert_eq!(channel(2, 1).check(b"request", &code), Ok(()));
        assert!(channel(2, 3).check(b"request", &code).is_err(), "of another device");
        assert!(channel(2, 1).check(b"Request", &code).is_err(), "changed");
        let elsewhere =
            Channel::between(&key(2), &key(1).verifying_key().to_bytes(), DepartmentId([2; 16])).unwrap();
        assert!(elsewhere.check(b"request", &code).is_err(), "of another department");
    }

    #[test]
    fn a_key_of_small_order_is_no_peer() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(Channel::between(&key(1), &identity, DEPARTMENT).is_err());
        assert!(Channel::between(&key(1), &[0; 32], DEPARTMENT).is_err());
    }
}
