//! Bodies, the first byte saying of which kind of scope: what was read and is known in whole comes back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xeploai_core::sync::Scope;
use xeploai_core::sync::body::{BODY_BYTES_MAX, Body, Change};
use xeploai_core::sync::wire::WireError;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let scope = Scope::from_parts(kind % 4, [7; 16]);
    let Ok(body) = Body::decode(bytes, scope) else { return };
    if body.changes.contains(&Change::Unknown) {
        return;
    }
    match body.encode(scope) {
        Ok(again) => assert_eq!(Body::decode(&again, scope), Ok(body)),
        Err(fault) => {
            // Ours may be longer than another writer's, where two runs are written as one of a finer scale.
            assert_eq!(fault, WireError::TooLarge);
            assert!(bytes.len() > BODY_BYTES_MAX / 2);
        }
    }
});
