//! What breaks: power, disks, clocks; what is put back, copied, and runs twice.

use super::phone::Phone;
use super::world::World;

/// Phones that there are at most, clones included.
const PHONES_MAX: usize = 9;
/// How wrong a clock may be, in seconds: from 2001 to 2099 and a few minutes.
const CLOCK_ERRORS: [i64; 6] = [0, 0, 400, -86_400, 2_300_000_000, -780_000_000];

impl World {
    /// Something breaks, or is mended.
    pub(super) fn something_breaks(&mut self) -> Result<(), String> {
        let phone = self.any_phone();
        // What is taken away now was seen.
        self.look()?;
        match self.rng.u8(..20) {
            0 if !self.phones[phone].syncing => self.phones[phone].close(),
            0..4 => {
                self.say(|| format!("phone {phone}: the power goes"));
                self.restart(phone);
            }
            4..6 => self.dies_while_writing(phone)?,
            6 => self.disk_fills(phone),
            7 => self.syncs_fail(phone)?,
            8..10 => self.phones[phone].back_up(),
            10 => self.restore_phone(phone),
            11 => self.clone_phone(phone),
            12 => self.clock_jumps(phone),
            13..15 => self.deliver_late(),
            15 => self.crash_server(),
            16..18 => self.servers[0].back_up(),
            18 => self.restore_server()?,
            _ => self.second_server()?,
        }
        Ok(())
    }

    /// The power goes at some step of the disk while somebody writes.
    fn dies_while_writing(&mut self, phone: usize) -> Result<(), String> {
        let steps = self.rng.u64(1..30);
        self.say(|| format!("phone {phone} will die after {steps} steps of its disk"));
        self.phones[phone].disk.fail_at(steps);
        self.write_on(phone)
    }

    fn disk_fills(&mut self, phone: usize) {
        let full = !self.phones[phone].full;
        self.say(|| format!("phone {phone}: its disk {}", if full { "is full" } else { "has room again" }));
        self.phones[phone].set_full(full);
    }

    /// The disk refuses to sync for as long as somebody types; the app may go on afterwards. Nothing is sealed meanwhile: of a
    /// frame that was sealed in vain nobody could say whether it comes back with the store's log or is written over.
    fn syncs_fail(&mut self, phone: usize) -> Result<(), String> {
        self.open(phone)?;
        self.say(|| format!("phone {phone}: syncs of its disk fail"));
        self.phones[phone].disk.fail_syncs(true);
        let written = self.type_on(phone);
        self.phones[phone].disk.fail_syncs(false);
        written
    }

    fn restore_phone(&mut self, phone: usize) {
        if !self.phones[phone].syncing && self.phones[phone].restore() {
            self.say(|| format!("phone {phone}: an old backup is put back"));
            self.forget_begun(phone);
        }
    }

    fn clone_phone(&mut self, phone: usize) {
        if self.phones.len() >= PHONES_MAX || self.phones[phone].syncing {
            return;
        }
        self.say(|| format!("phone {phone}: its whole folder is copied to another phone"));
        let clone = Phone::clone_of(&mut self.phones[phone], &self.time, &mut self.rng);
        self.phones.push(clone);
    }

    fn clock_jumps(&mut self, phone: usize) {
        let error = CLOCK_ERRORS[self.rng.usize(..CLOCK_ERRORS.len())];
        self.say(|| format!("phone {phone}: its clock is {error} s off"));
        self.phones[phone].clock.jump(error);
    }

    fn crash_server(&mut self) {
        self.say(|| "the server's power goes".into());
        self.tally.crashes += 1;
        let loss = self.loss();
        self.servers[0].crash(loss);
    }

    /// Yesterday's backup is put in the place of the database: with a new start, or behind the server's back.
    fn restore_server(&mut self) -> Result<(), String> {
        let silently = self.rng.bool();
        if self.servers[0].restore() {
            self.restores += 1;
            self.silent |= silently;
            self.say(|| format!("the server is restored from its backup, silently: {silently}"));
            self.servers[0]
                .start(silently)
                .map_err(|error| format!("a backup that does not start: {error}"))?;
        }
        Ok(())
    }

    /// A second live server on a copy of the disk begins, or ends for ever.
    fn second_server(&mut self) -> Result<(), String> {
        if self.servers.len() > 1 {
            self.say(|| "the second server is switched off".into());
            let loss = self.loss();
            self.servers.pop().iter_mut().for_each(|server| server.crash(loss));
            return Ok(());
        }
        self.say(|| "a second server begins on a copy of the disk".into());
        let mut copy = self.servers[0].copy(&self.time, &mut self.rng);
        copy.start(false).map_err(|error| format!("a copy that does not start: {error}"))?;
        self.servers.push(copy);
        Ok(())
    }
}
