//! A stated length and what zstd should make of the rest, in an envelope whose checksum fits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xeploai_fuzz::{PACKED, answer, envelope, request};

fuzz_target!(|bytes: &[u8]| {
    let message = envelope(PACKED, bytes);
    answer(&message);
    request(&message);
});
