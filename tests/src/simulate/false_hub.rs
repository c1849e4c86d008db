//! A false hub: a phone comes to the stranger's device, which holds a valid certificate. It tells what it likes, asks for what
//! it may not have, keeps what it was handed to send it later in whatever form, and tells nobody.

use std::collections::BTreeMap;

use xeploai_client::Refused;
use xeploai_core::sync::Scope;
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::{Message, Request};
use xeploai_core::sync::names::{Nothing, Short};
use xeploai_core::sync::plan::Trust;

use super::office;
use super::tally::Event;
use super::world::World;

/// Scopes that he names in an answer, at most.
const SCOPES_MAX: usize = 6;

impl World {
    /// A phone takes the stranger for a hub.
    pub(super) fn stranger_is_hub(&mut self) -> Result<(), String> {
        let phone = self.any_phone();
        if self.phones[phone].syncing {
            return Ok(());
        }
        let app = self.open(phone)?;
        self.say(|| format!("phone {phone} takes the stranger for a hub"));
        let Ok(mut syncing) = app.begin_sync(Some(&self.stranger.certificate)) else { return Ok(()) };
        let ended = loop {
            let request = match syncing.ask() {
                Ok(Some(request)) => request,
                ended => break ended.map(drop),
            };
            self.stranger_takes(phone, &request)?;
            let answer = self.false_answer().ok_or_else(|| Refused::LinkBroken.into());
            if let Err(error) = syncing.took(answer) {
                break Err(error);
            }
        };
        let ended = syncing.end(ended);
        self.after(phone, &ended);
        Ok(())
    }

    /// I9: he keeps what he is handed. That is what waits on the phone, and of the rest what its people may have from others.
    fn stranger_takes(&mut self, phone: usize, request: &[u8]) -> Result<(), String> {
        let frames = self.opened(request)?;
        let waiting = self.copy_of(phone)?.waiting_frames()?;
        let people = &self.phones[phone].people;
        for frame in &frames {
            let (hash, scope) = (frame.hash(), frame.lane.scope);
            let may = |code: &String| office::may_have(self.department, code, scope);
            if !waiting.contains(&hash) && !people.iter().any(may) {
                return Err(format!("I9: phone {phone} gave a false hub frame {hash} of {scope:?}"));
            }
        }
        if !frames.is_empty() {
            self.tally.count(Event::Withheld);
        }
        self.stranger.taken.extend(frames.iter().map(Frame::hash));
        Ok(())
    }

    /// The frames of a request to him.
    fn opened(&self, request: &[u8]) -> Result<Vec<Frame>, String> {
        let failed = |error: &dyn std::fmt::Display| format!("a phone's request: {error}");
        let request = Request::decode(request).map_err(|error| failed(&error))?;
        let key = self.keys.department.verifying_key().to_bytes();
        let asker = request.certificate(&Trust { department: self.department, key });
        let asker = asker.ok().flatten().ok_or("a phone that does not say who it is")?;
        let channel = Channel::between(&self.stranger.key, &asker.header.key, self.department);
        let channel = channel.map_err(|error| failed(&error))?;
        request.check(&channel).map_err(|error| failed(&error))?;
        let message = request.message(asker.header.stream(), &Nothing);
        Ok(message.map_err(|error| failed(&error))?.frames)
    }

    /// What he says: lies, wishes, nothing in so many words, or nothing at all.
    fn false_answer(&mut self) -> Option<Vec<u8>> {
        let mut answer = Message::default();
        match self.rng.u8(..6) {
            0 | 1 => {
                answer.frames = self.gathered();
                answer.certificates = self.certificates(&answer.frames);
                answer.verdicts = vec![self.forged_verdicts()];
            }
            2 | 3 => {
                self.tally.count(Event::HubAsksForMore);
                answer.have = self.false_inventory();
            }
            4 => answer.more = true,
            _ => return None,
        }
        Some(answer.answer(&[], &Nothing))
    }

    /// Scopes of anybody's, of which he has hardly anything, and frames that nobody has.
    fn false_inventory(&mut self) -> Vec<(Scope, Vec<Short>)> {
        let mut inventory: BTreeMap<Scope, Vec<Short>> = BTreeMap::new();
        for _ in 0..self.rng.usize(1..=SCOPES_MAX) {
            let known = self.rng.usize(..self.ledger.frames.len().max(1));
            let Some((hash, frame)) = self.ledger.frames.iter().nth(known) else { break };
            let names = inventory.entry(frame.lane.scope).or_default();
            names.push(Short::of(&hash.0));
            let mut nobodys = [0; 8];
            self.rng.fill(&mut nobodys);
            names.push(Short(nobodys));
        }
        inventory.into_iter().collect()
    }
}
