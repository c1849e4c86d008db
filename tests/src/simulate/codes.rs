//! Codes on screens: a camera misses parts, reads some twice or wrongly, and has two screens in the picture.

use std::collections::BTreeSet;
use std::rc::Rc;

use xeploai_client::ClientError;
use xeploai_client::qr::{Codes, Collector, QrError};
use xeploai_core::ids::{FrameHash, PersonId};
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;

use super::desk::outcome;
use super::tally::Event;
use super::world::World;

/// Screens, and pictures of screens, that there are at most.
const SCREENS_MAX: usize = 4;
/// Screens that a camera has in its picture by turns, at most, unless all show a series.
const SCREENS_SEEN_MAX: usize = 3;
/// Phones of which the one with most to show is chosen.
const PHONES_ASKED: usize = 3;
/// How often a camera looks, for each part that it needs.
const LOOKS: u32 = 4;

/// What a screen shows, or a picture of it.
pub(super) struct Screen {
    codes: Codes,
    phone: usize,
    payload: Vec<u8>,
    brings: BTreeSet<FrameHash>,
}

impl World {
    /// Somebody shows codes of what he has written, or of all that waits on his phone.
    pub(super) fn show_codes(&mut self) -> Result<(), String> {
        let (phone, all) = (self.laden_phone()?, !self.once_in(4));
        let app = self.open(phone)?;
        let made = app.qr_codes(all);
        self.say(|| format!("phone {phone} shows codes, of all that waits: {all} {}", outcome(&made)));
        self.after(phone, &made);
        let Ok((codes, _)) = made else { return Ok(()) };
        self.look()?;
        let payload = whole(&codes)?;
        let message = Message::decode_answer(&payload, &[], &Nothing);
        let message =
            message.map_err(|error| format!("I2: phone {phone} shows what is no message: {error}"))?;
        let me = app.me().ok().flatten().map(|me| PersonId::of(self.department, &me.code));
        let foreign = message.certificates.iter().find(|it| Some(it.header.author) != me);
        if let Some(foreign) = foreign.filter(|_| !all) {
            return Err(format!("I9: phone {phone} shows what {:?} has written", foreign.header.author));
        }
        let brings = message.frames.iter().map(|frame| frame.hash()).collect();
        if self.screens.len() == SCREENS_MAX {
            // A series is rarer.
            let single = self.screens.iter().position(|screen| !screen.codes.is_series());
            self.screens.remove(single.unwrap_or(0));
        }
        self.screens.push(Rc::new(Screen { codes, phone, payload, brings }));
        Ok(())
    }

    /// Of a few phones, the one on which most waits: its codes are rather a series.
    fn laden_phone(&mut self) -> Result<usize, String> {
        let mut most = (0, self.any_phone());
        for _ in 0..PHONES_ASKED {
            let phone = self.any_phone();
            most = most.max((self.copy_of(phone)?.waiting_frames()?.len(), phone));
        }
        Ok(most.1)
    }

    /// Somebody holds his phone's camera in front of some screens, and takes in what it has read.
    pub(super) fn read_codes(&mut self) -> Result<(), String> {
        if self.screens.is_empty() {
            return Ok(());
        }
        let seen = self.seen_screens();
        let payloads = self.collected(&seen)?;
        let phone = self.any_phone();
        let app = self.open(phone)?;
        self.look()?;
        if self.once_in(10) {
            let steps = self.rng.u64(1..30);
            self.phones[phone].disk.fail_at(steps);
        }
        let taken = app.import_qr(&payloads);
        let shown: Vec<usize> = seen.iter().map(|screen| screen.phone).collect();
        self.say(|| {
            format!("phone {phone} reads {} codes of phones {shown:?} {}", payloads.len(), outcome(&taken))
        });
        let known: Vec<&Rc<Screen>> = seen.iter().filter(|it| payloads.contains(&it.payload)).collect();
        let spoilt = payloads.iter().any(|payload| !seen.iter().any(|it| it.payload == *payload));
        match &taken {
            Ok(_) if spoilt => return Err(format!("I2: phone {phone} took in a code that was read wrongly")),
            Ok(_) => self.check_read(phone, &known)?,
            Err(ClientError::Qr(QrError::Damaged | QrError::TooNew)) if spoilt => {}
            Err(ClientError::Qr(error)) => return Err(format!("I8: phone {phone} refused codes: {error}")),
            Err(_) => {}
        }
        self.after_taking(phone, &taken);
        Ok(())
    }

    /// The screens in a camera's picture: all that show a series, or a few.
    fn seen_screens(&mut self) -> Vec<Rc<Screen>> {
        let series: Vec<_> = self.screens.iter().filter(|it| it.codes.is_series()).cloned().collect();
        if series.len() > 1 && self.rng.bool() {
            return series;
        }
        let mut seen: Vec<Rc<Screen>> = Vec::new();
        for _ in 0..self.rng.usize(1..=SCREENS_SEEN_MAX) {
            let screen = &self.screens[self.rng.usize(..self.screens.len())];
            if !seen.iter().any(|other| Rc::ptr_eq(other, screen)) {
                seen.push(Rc::clone(screen));
            }
        }
        seen
    }

    /// I1: codes bring all that was shown.
    fn check_read(&mut self, phone: usize, screens: &[&Rc<Screen>]) -> Result<(), String> {
        let held = self.copy_of(phone)?.held()?;
        for screen in screens {
            if let Some(lost) = screen.brings.difference(&held).next() {
                return Err(format!("I1: phone {phone} has read codes that bring {lost}, and lacks it"));
            }
            let series = screen.codes.is_series();
            self.tally.count(if series { Event::SeriesTaken } else { Event::CodeTaken });
        }
        Ok(())
    }

    /// The payloads that a camera gets of screens. Single codes may be read wrongly; of a series comes what was shown, or
    /// nothing.
    fn collected(&mut self, screens: &[Rc<Screen>]) -> Result<Vec<Vec<u8>>, String> {
        let mut collector = Collector::default();
        let mut payloads: Vec<Vec<u8>> = Vec::new();
        let mut parts: Vec<u32> = screens.iter().map(|_| self.rng.u32(..1 << 24)).collect();
        if screens.iter().filter(|screen| screen.codes.is_series()).count() > 1 {
            self.tally.count(Event::ScreensMixed);
        }
        let looks: u32 = screens.iter().map(|screen| screen.codes.needed() * LOOKS).sum();
        for _ in 0..looks {
            let at = self.rng.usize(..screens.len());
            let codes = &screens[at].codes;
            parts[at] = parts[at].wrapping_add(1);
            if self.once_in(3) {
                self.tally.count(Event::PartMissed);
                continue;
            }
            let text = self.seen_text(codes.text(parts[at]));
            let times = if self.once_in(6) { 2 } else { 1 };
            if times == 2 {
                self.tally.count(Event::PartTwice);
            }
            for _ in 0..times {
                let payload = collector.take(&text).ok().and_then(|progress| progress.payload);
                let Some(payload) = payload.filter(|it| !payloads.contains(it)) else { continue };
                let shown = screens.iter().any(|screen| screen.payload == payload);
                if codes.is_series() && !shown {
                    return Err("I2: a series of codes gave what nobody has shown".to_owned());
                }
                payloads.push(payload);
            }
        }
        Ok(payloads)
    }

    /// What a camera makes of a code.
    fn seen_text(&mut self, text: String) -> String {
        if !self.once_in(30) {
            return text;
        }
        self.tally.count(Event::PartGarbled);
        let mut letters: Vec<char> = text.chars().collect();
        let at = self.rng.usize(..letters.len());
        letters[at] = char::from(b'0' + self.rng.u8(..10));
        letters.into_iter().collect()
    }
}

/// What codes hold, as a camera gets it that misses nothing.
fn whole(codes: &Codes) -> Result<Vec<u8>, String> {
    let mut collector = Collector::default();
    let read = |part| collector.take(&codes.text(part)).ok().and_then(|progress| progress.payload);
    let whole = (0..codes.needed()).filter_map(read).next();
    whole.ok_or_else(|| "I1: codes that hold nothing whole".to_owned())
}
