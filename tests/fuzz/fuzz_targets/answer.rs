//! Answers as they come, envelope and all.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| xeploai_fuzz::answer(bytes));
