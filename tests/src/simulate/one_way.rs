//! Files and codes: made on one phone, they lie somewhere, and are taken in later, more than once, by whoever finds them,
//! whole or spoilt; by phones and by servers.

use std::collections::BTreeSet;
use std::rc::Rc;

use xeploai_client::{App, ClientError};
use xeploai_core::ids::FrameHash;
use xeploai_core::sync::bundle::BundleError;
use xeploai_core::view::BundleView;
use xeploai_server::error::ServerError;

use super::desk::{is_store, outcome};
use super::observe::{Copy, Looked};
use super::office::{self, SUPERVISOR};
use super::tally::Event;
use super::world::World;

/// Files that lie around, at most: an earlier one is lost then.
const FILES_MAX: usize = 8;

/// A file that lies somewhere.
pub(super) struct File {
    bytes: Vec<u8>,
    writer: usize,
    /// Whom it is for, besides the server; those who review when absent.
    to: Option<&'static str>,
    /// What waited on its writer's phone, all of which it brings.
    brings: BTreeSet<FrameHash>,
    /// How often the writer's phone had been restored, and months had been locked.
    restores: u64,
    locks: u64,
    put_out: bool,
}

/// What becomes of a file on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Whole,
    Cut,
    Garbled,
    Joined,
}

impl File {
    /// Who may read it, besides the server: those in charge, all of whom are one here, or whom it was made for.
    fn reader(&self) -> &'static str {
        self.to.unwrap_or(SUPERVISOR)
    }
}

impl World {
    /// Somebody writes a file or shows codes, or takes some in.
    pub(super) fn something_is_carried(&mut self) -> Result<(), String> {
        match self.rng.u8(..10) {
            0..3 => self.write_file(),
            3..5 => self.take_file(),
            5 => self.server_takes_file(),
            6 | 7 => self.show_codes(),
            _ => self.read_codes(),
        }
    }

    fn write_file(&mut self) -> Result<(), String> {
        let phone = self.any_phone();
        let app = self.open(phone)?;
        let readers = office::codes();
        let to = self.once_in(3).then(|| readers[self.rng.usize(..readers.len())]);
        let made = app.export_bundle(to);
        self.say(|| format!("phone {phone} writes a file for {to:?} {}", outcome(&made)));
        self.after(phone, &made);
        let Ok((bytes, _)) = made else { return Ok(()) };
        self.look()?;
        let brings = match to {
            None => self.copy_of(phone)?.waiting_frames()?,
            Some(_) => BTreeSet::new(),
        };
        self.tally.count(if to.is_none() { Event::FileWritten } else { Event::FileForOne });
        if self.files.len() == FILES_MAX {
            self.files.remove(self.rng.usize(..FILES_MAX));
        }
        let (restores, locks, put_out) = (self.phones[phone].restores, self.locks, self.is_put_out(phone));
        let file = File { bytes, writer: phone, to, brings, restores, locks, put_out };
        self.files.push(Rc::new(file));
        Ok(())
    }

    /// A file that lies around; of those after which something has happened, rather than of others.
    fn any_file(&mut self) -> Option<Rc<File>> {
        let late: Vec<&Rc<File>> = self.files.iter().filter(|file| !self.since(file).is_empty()).collect();
        let from = if late.is_empty() || self.rng.bool() { self.files.iter().collect() } else { late };
        from.get(self.rng.usize(..from.len().max(1))).map(|file| Rc::clone(file))
    }

    /// A phone that somebody uses, or any.
    fn phone_of(&mut self, code: &str) -> usize {
        let his = self.phones.iter().position(|phone| phone.people.iter().any(|it| it == code));
        his.unwrap_or_else(|| self.any_phone())
    }

    /// A file as it arrives.
    fn arrived(&mut self, file: &File) -> (Way, Vec<u8>) {
        let mut bytes = file.bytes.clone();
        let way = match self.rng.u8(..10) {
            0 => Way::Cut,
            1 => Way::Garbled,
            2 => Way::Joined,
            _ => Way::Whole,
        };
        match way {
            Way::Whole => {}
            Way::Cut => bytes.truncate(self.rng.usize(..bytes.len())),
            Way::Garbled => {
                let at = self.rng.usize(..bytes.len());
                bytes[at] ^= 1 << self.rng.u8(..8);
            }
            Way::Joined => {
                let other = self.any_file();
                bytes.extend(other.iter().flat_map(|other| &other.bytes));
            }
        }
        (way, bytes)
    }

    /// Somebody takes in a file that he has found or was given.
    fn take_file(&mut self) -> Result<(), String> {
        let Some(file) = self.any_file() else { return Ok(()) };
        let phone = if self.rng.bool() { self.any_phone() } else { self.phone_of(file.reader()) };
        let (way, bytes) = self.arrived(&file);
        let app = self.open(phone)?;
        self.look()?;
        let before = self.copy_of(phone)?.held()?;
        self.may_die_taking(phone);
        let taken = app.import_bundle(&bytes);
        self.say(|| {
            format!("phone {phone} takes a file of phone {} in, {way:?} {}", file.writer, outcome(&taken))
        });
        let name = self.phones[phone].name.clone();
        match &taken {
            Err(ClientError::Bundle(error)) => self.check_refused(&name, way, *error)?,
            Ok(_) if way != Way::Whole => return Err(format!("I2: {name} took in a file that is {way:?}")),
            Ok(view) => self.check_taken(phone, &app, &file, view, &before)?,
            Err(_) => {}
        }
        if way != Way::Whole && !taken.as_ref().is_err_and(is_store) {
            let after = self.copy_of(phone)?.held()?;
            if after != before {
                return Err(format!("I2: {name} refused a file that is {way:?}, and took something of it"));
            }
        }
        self.after_taking(phone, &taken);
        Ok(())
    }

    /// The power may go at any step of the disk while a phone takes something in.
    fn may_die_taking(&mut self, phone: usize) {
        if self.once_in(10) {
            let steps = self.rng.u64(1..30);
            self.say(|| format!("phone {phone} will die after {steps} steps of its disk"));
            self.phones[phone].disk.fail_at(steps);
        }
    }

    pub(super) fn after_taking(&mut self, phone: usize, taken: &Result<BundleView, ClientError>) {
        if taken.as_ref().is_err_and(is_store) {
            self.tally.count(Event::DiedTaking);
        }
        self.after(phone, taken);
    }

    /// I8: a whole file is refused for one reason only, that it is for others.
    fn check_refused(&mut self, name: &str, way: Way, error: BundleError) -> Result<(), String> {
        self.tally.count(match way {
            Way::Whole if error == BundleError::NotForReader => Event::FileForOthers,
            Way::Whole => return Err(format!("I8: {name} refused a whole file: {error}")),
            Way::Cut => Event::FileCut,
            Way::Garbled => Event::FileGarbled,
            Way::Joined => Event::FileJoined,
        });
        Ok(())
    }

    /// I1, I6, I9: a file brings all that it was made of, once, and to nobody but those it is for.
    fn check_taken(
        &mut self,
        phone: usize,
        app: &App,
        file: &File,
        view: &BundleView,
        before: &BTreeSet<FrameHash>,
    ) -> Result<(), String> {
        let name = self.phones[phone].name.clone();
        self.tally.count(Event::FileTaken);
        self.since(file).into_iter().for_each(|event| self.tally.count(event));
        let reader = file.reader();
        if !self.phones[phone].people.iter().any(|code| code == reader) {
            return Err(format!("I9: {name} took in a file for {reader}"));
        }
        let copy = self.copy_of(phone)?;
        let held = copy.held()?;
        if let Some(lost) = file.brings.difference(&held).next() {
            return Err(format!("I1: {name} took in a file that brings {lost}, and lacks it: {view:?}"));
        }
        if file.to.is_some() {
            self.check_given(phone, &copy, held.difference(before))?;
        }
        if self.once_in(3) {
            let again = app.import_bundle(&file.bytes);
            self.after(phone, &again);
            let Ok(again) = again else { return Ok(()) };
            self.tally.count(Event::FileTakenTwice);
            if again.sheets + again.sent > 0 {
                return Err(format!("I6: {name} took the same in twice: {again:?}"));
            }
        }
        Ok(())
    }

    /// What has happened since a file was written.
    fn since(&self, file: &File) -> Vec<Event> {
        let restored = self.phones[file.writer].restores > file.restores;
        let put_out = self.is_put_out(file.writer) && !file.put_out;
        let happened = [
            restored.then_some(Event::FileOfRestored),
            (self.locks > file.locks).then_some(Event::FileAfterLock),
            put_out.then_some(Event::FileOfPutOut),
        ];
        happened.into_iter().flatten().collect()
    }

    /// Somebody brings a file to a server.
    fn server_takes_file(&mut self) -> Result<(), String> {
        let Some(file) = self.any_file() else { return Ok(()) };
        let (way, bytes) = self.arrived(&file);
        self.look()?;
        let server = self.rng.usize(..self.servers.len());
        let Some(taken) = self.servers[server].line.ask(|service| service.import_bundle(&bytes)) else {
            return Ok(());
        };
        let said = taken.as_ref().map_or_else(ToString::to_string, |taken| format!("– {taken:?}"));
        self.say(|| format!("server {server} takes a file of phone {} in, {way:?} {said}", file.writer));
        let name = format!("server {server}");
        let before = Rc::new(self.servers[server].shelf.clone());
        self.look()?;
        let shelf = &self.servers[server].shelf;
        match taken {
            Err(ServerError::Bundle(error)) => {
                if *shelf != *before {
                    return Err(format!(
                        "I2: {name} refused a file that is {way:?}, and took something of it"
                    ));
                }
                self.check_refused(&name, way, error)
            }
            Err(error) => Err(format!("I8: {name} could not take in a file: {error}")),
            Ok(_) if way != Way::Whole => Err(format!("I2: {name} took in a file that is {way:?}")),
            Ok(taken) => match file.brings.iter().find(|hash| !shelf.contains_key(hash)) {
                Some(lost) => {
                    Err(format!("I1: {name} took in a file that brings {lost}, and lacks it: {taken:?}"))
                }
                None => {
                    self.tally.count(Event::FileTakenByServer);
                    self.since(&file).into_iter().for_each(|event| self.tally.count(event));
                    Ok(())
                }
            },
        }
    }

    /// I9: what came to a phone from another one is its people's, their units', or the department's, and nothing else;
    /// what it has brought itself may have been witnessed.
    pub(super) fn check_given<'a>(
        &self,
        phone: usize,
        copy: &Copy,
        given: impl Iterator<Item = &'a FrameHash>,
    ) -> Looked<()> {
        let people = &self.phones[phone].people;
        for hash in given {
            let (frame, _) = copy.frame(*hash)?;
            let may = |code: &String| office::may_have(self.department, code, frame.lane.scope);
            if !copy.is_own(frame.lane.stream)? && !is_statement(&frame) && !people.iter().any(may) {
                let scope = frame.lane.scope;
                return Err(format!("I9: {people:?} were given frame {hash} of {scope:?}"));
            }
        }
        Ok(())
    }

    /// What a phone has, durable or not: what came from the server is not waited for.
    pub(super) fn copy_of(&self, phone: usize) -> Looked<Copy> {
        Copy::of_phone(&self.phones[phone].disk.seen())?.ok_or_else(|| "a phone without a store".to_owned())
    }
}

/// Whether a frame only states what was handed over.
fn is_statement(frame: &xeploai_core::sync::frame::Frame) -> bool {
    use xeploai_core::sync::body::Change;
    let changes = frame.decode_body().unwrap_or_default().changes;
    !changes.is_empty() && changes.iter().all(|change| matches!(change, Change::Witness(_)))
}
