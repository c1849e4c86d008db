//! Verdicts as they are signed, and as they stand in a message: what was read comes back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xeploai_core::sync::verdict::{SignedVerdicts, Verdicts};
use xeploai_core::sync::wire::{Reader, Writer};
use xeploai_fuzz::{DEPARTMENT, asked, key};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(verdicts) = Verdicts::decode(bytes) {
        let signed = verdicts.sign(DEPARTMENT, &key());
        assert_eq!(Verdicts::decode(&signed.bytes), Ok(verdicts));
    }
    let asked = asked();
    let Ok(signed) = SignedVerdicts::read(&mut Reader::new(bytes), &asked) else { return };
    if Verdicts::decode(&signed.bytes).is_ok() {
        let mut writer = Writer::new();
        signed.write(&mut writer, &|hash| asked.iter().position(|known| *known == hash));
        assert_eq!(SignedVerdicts::read(&mut Reader::new(&writer.finish()), &asked), Ok(signed));
    }
});
