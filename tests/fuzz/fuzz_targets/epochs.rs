//! Epochs: one state has one encoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xeploai_core::sync::epoch::{Epochs, SignedEpochs};
use xeploai_core::sync::wire::Reader;
use xeploai_fuzz::{DEPARTMENT, key};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(epochs) = Epochs::decode(bytes) {
        assert_eq!(epochs.sign(DEPARTMENT, &key()).bytes, bytes);
    }
    let _ = SignedEpochs::read(&mut Reader::new(bytes));
});
