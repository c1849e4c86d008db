//! Frames of a message, to a reader that knows every short name: what was read comes back when it is written in full.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xeploai_core::sync::frame::{read_all, write_all};
use xeploai_core::sync::message::FRAMES_MAX;
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::wire::{Reader, Writer};
use xeploai_fuzz::{Everything, sender};

fuzz_target!(|bytes: &[u8]| {
    let read = |bytes: &[u8]| read_all(&mut Reader::new(bytes), FRAMES_MAX, Some(sender()), &Everything);
    if let Ok(frames) = read(bytes) {
        let mut writer = Writer::new();
        write_all(&mut writer, &frames, Some(sender()), &Nothing);
        assert_eq!(read(&writer.finish()), Ok(frames));
    }
    let _ = read_all(&mut Reader::new(bytes), FRAMES_MAX, None, &Nothing);
});
