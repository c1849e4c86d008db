//! Sections of requests and answers, in an envelope whose checksum fits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xeploai_fuzz::{PLAIN, answer, envelope, request};

fuzz_target!(|bytes: &[u8]| {
    let message = envelope(PLAIN, bytes);
    answer(&message);
    request(&message);
});
