//! Syncs: a phone with its server or with another phone, step by step, and what happens in between.

use std::rc::Rc;

use xeploai_client::ops::sync::Syncing;
use xeploai_client::{App, ClientError};
use xeploai_core::view::SyncReport;

use super::desk::outcome;
use super::observe::Copy;
use super::tally::Event;
use super::world::{DEPTH_MAX, World};

/// How a sync went on the phone's side.
type Synced = Result<SyncReport, ClientError>;

impl World {
    /// A phone syncs with a server; its power may go at any step.
    pub(super) fn sync(&mut self, phone: usize) -> Result<(), String> {
        if self.phones[phone].syncing || self.depth > DEPTH_MAX {
            return Ok(());
        }
        let server = self.rng.usize(..self.servers.len());
        self.phones[phone].line = self.servers[server].line.clone();
        let app = self.open(phone)?;
        if self.once_in(15) {
            let steps = self.rng.u64(1..60);
            self.say(|| format!("phone {phone} will die after {steps} steps of its disk"));
            self.phones[phone].disk.fail_at(steps);
        }
        let restores = self.restores;
        let synced = self.exchange(phone, &app)?;
        drop(app);
        self.say(|| format!("phone {phone} synced with server {server} {}", said(synced.as_ref())));
        match synced {
            // Only a sync that moved nothing has compared what both sides hold.
            Some(Ok(report)) if report.ok && report.sent + report.came > 0 => {
                self.tally.syncs += 1;
                Ok(())
            }
            Some(Ok(report)) if report.ok => {
                self.tally.syncs += 1;
                self.look()?;
                if restores == self.restores { self.check_received(phone) } else { Ok(()) }
            }
            Some(Err(error)) => {
                self.after(phone, &Err::<(), _>(error));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The steps of a sync. Nothing when it was broken off.
    pub(super) fn exchange(&mut self, phone: usize, app: &Rc<App>) -> Result<Option<Synced>, String> {
        let mut syncing = match app.begin_sync(None) {
            Ok(syncing) => syncing,
            Err(error) => return Ok(Some(Err(error))),
        };
        self.phones[phone].syncing = true;
        let ended = loop {
            let request = match syncing.ask() {
                Ok(Some(request)) => request,
                ended => break ended.map(drop),
            };
            self.meanwhile()?;
            let answer = self.carry(phone, request);
            self.meanwhile()?;
            if !self.quiet && self.once_in(40) {
                self.phones[phone].syncing = false;
                return Ok(None);
            }
            if let Err(error) = syncing.took(answer) {
                break Err(error);
            }
        };
        self.phones[phone].syncing = false;
        Ok(Some(syncing.end(ended)))
    }

    /// Two phones meet without a network: one hands its work over to the other, as to a hub, and gets what it may have.
    pub(super) fn meet(&mut self, phone: usize, hub: usize) -> Result<(), String> {
        if phone == hub || self.phones[phone].syncing || self.phones[hub].syncing {
            return Ok(());
        }
        let app = self.open(phone)?;
        self.open(hub)?;
        let Some(copy) = Copy::of_phone(&self.phones[hub].disk.snapshot())? else { return Ok(()) };
        let Some(certificate) = copy.certificate()? else { return Ok(()) };
        let Ok(mut syncing) = app.begin_sync(Some(&certificate)) else { return Ok(()) };
        self.phones[phone].syncing = true;
        let ended = loop {
            let request = match syncing.ask() {
                Ok(Some(request)) => request,
                ended => break ended.map(drop),
            };
            self.meanwhile()?;
            let other = self.open(hub)?;
            let answer = self.carry_to(&other, request);
            self.meanwhile()?;
            if let Err(error) = self.takes_from_hub(phone, &mut syncing, answer)? {
                break Err(error);
            }
        };
        self.phones[phone].syncing = false;
        let ended = syncing.end(ended);
        let met = matches!(&ended, Ok(report) if report.ok);
        self.tally.count(if met { Event::Met } else { Event::MeetingBroken });
        self.say(|| format!("phone {phone} meets phone {hub} {}", said(Some(&ended))));
        self.after(phone, &ended);
        Ok(())
    }

    /// I9: a phone takes a hub's answer, which gives it nothing that it may not have.
    fn takes_from_hub(
        &mut self,
        phone: usize,
        syncing: &mut Syncing<'_>,
        answer: Result<Vec<u8>, ClientError>,
    ) -> Result<Result<(), ClientError>, String> {
        let before = self.copy_of(phone)?.held()?;
        let took = syncing.took(answer);
        let copy = self.copy_of(phone)?;
        self.check_given(phone, &copy, copy.held()?.difference(&before))?;
        Ok(took)
    }

    /// Something else happens while a request is under way.
    fn meanwhile(&mut self) -> Result<(), String> {
        if self.quiet || self.depth >= DEPTH_MAX || !self.once_in(3) {
            return Ok(());
        }
        self.depth += 1;
        let done = match self.rng.u8(..10) {
            0..4 => self.write_something(),
            4..6 => {
                let other = self.any_phone();
                self.sync(other)
            }
            6 => {
                let (phone, hub) = (self.any_phone(), self.any_phone());
                self.meet(phone, hub)
            }
            7 => self.something_is_carried(),
            8 => self.something_breaks(),
            _ => self.somebody_decides(),
        };
        self.depth -= 1;
        done
    }

    /// After a sync that went well, what is shown to its person as received is at that very server.
    pub(super) fn check_received(&self, phone: usize) -> Result<(), String> {
        let line = &self.phones[phone].line;
        let Some(server) = self.servers.iter().find(|server| server.line.is(line)) else { return Ok(()) };
        let Some(copy) = Copy::of_phone(&self.phones[phone].disk.snapshot())? else { return Ok(()) };
        match copy.received_by_active()?.iter().find(|hash| !server.shelf.contains_key(hash)) {
            Some(lost) => Err(format!(
                "I4: phone {phone} has just synced, and shows {lost} as received, which its server lacks"
            )),
            None => Ok(()),
        }
    }
}

fn said(synced: Option<&Synced>) -> String {
    match synced {
        None => "– broken off".into(),
        Some(Ok(report)) if report.ok => format!("– sent {}, came {}", report.sent, report.came),
        Some(Ok(report)) => {
            format!("– {}", report.failure.as_ref().map(|failure| failure.code.as_str()).unwrap_or_default())
        }
        Some(result) => outcome(result),
    }
}
