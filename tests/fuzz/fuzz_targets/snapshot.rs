//! Snapshots and their proofs: entries open, and what was read comes back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xeploai_core::sync::snapshot::{Proof, Snapshot};
use xeploai_core::sync::wire::{Reader, Writer};
use xeploai_fuzz::{DEPARTMENT, key};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(snapshot) = Snapshot::decode(bytes) {
        for entry in &snapshot.entries {
            let _ = entry.open();
        }
        if let Ok(signed) = snapshot.sign(DEPARTMENT, &key()) {
            assert_eq!(Snapshot::decode(&signed.bytes), Ok(snapshot));
        }
    }
    if let Ok(proof) = Proof::read(&mut Reader::new(bytes)) {
        let mut writer = Writer::new();
        proof.write(&mut writer);
        assert_eq!(Proof::read(&mut Reader::new(&writer.finish())), Ok(proof));
    }
});
