//! Certificates and headers: one has one encoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xeploai_core::sync::stream::{Certificate, Header};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = Header::decode(bytes) {
        assert_eq!(header.encode(), bytes);
    }
    if let Ok(certificate) = Certificate::decode(bytes) {
        assert_eq!(certificate.encode(), bytes);
    }
});
