//! The world: what is in it, how a run goes, what is chosen next.
//!
//! Invariant: everything follows from the seed. One thread; what happens during a sync happens between its steps.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use fastrand::Rng;
use xeploai_core::ids::DepartmentId;
use xeploai_core::sheet::SheetKey;

use super::codes::Screen;
use super::desk::Begun;
use super::hostile::Stranger;
use super::ledger::Ledger;
use super::office::{self, READER};
use super::one_way::File;
use super::outside::{Line, Time};
use super::phone::Phone;
use super::server::{Pair, Server};
use super::tally::Tally;
use crate::disk::{Image, Loss};

/// When a run begins: in the second half of the first month that is scored.
const BEGINNING: i64 = 1_789_600_000;
/// Steps of a run that are kept to be printed when it fails.
const TRACE_MAX: usize = 120;
/// How deep things happen during a sync that happens during a sync.
pub(super) const DEPTH_MAX: u8 = 2;

/// Everything.
pub(super) struct World {
    pub(super) rng: Rng,
    pub(super) time: Time,
    pub(super) department: DepartmentId,
    pub(super) keys: Pair,
    /// The department's server, and a second live copy of it now and then.
    pub(super) servers: Vec<Server>,
    pub(super) phones: Vec<Phone>,
    pub(super) ledger: Ledger,
    pub(super) late: Vec<(Line, Vec<u8>)>,
    /// Files that lie around, and screens and pictures of screens with codes.
    pub(super) files: Vec<Rc<File>>,
    pub(super) screens: Vec<Rc<Screen>>,
    pub(super) stranger: Stranger,
    /// Edits that were begun some time ago and are not finished.
    pub(super) begun: Vec<Begun>,
    /// Every sheet that a period expects or expected, by the id that screens name it with.
    pub(super) expected: BTreeMap<String, SheetKey>,
    /// Nothing goes wrong any more.
    pub(super) quiet: bool,
    pub(super) depth: u8,
    /// How often the department's server was restored.
    pub(super) restores: u64,
    /// Whether one of these was behind its back, so that it went on in its epoch.
    pub(super) silent: bool,
    pub(super) tally: Tally,
    /// Whose devices were put out, and what was decided: there a verdict may fall.
    pub(super) overruled: bool,
    /// Whether the department has stated that a copy of what it has is elsewhere.
    pub(super) archived: bool,
    /// How often a month was locked.
    pub(super) locks: u64,
    /// Whether the second phone of tt-1-a was put out.
    pub(super) put_out: bool,
    trace: VecDeque<String>,
    printing: bool,
}

impl World {
    /// A department with its phones enrolled.
    pub(super) fn new(seed: u64, printing: bool) -> Result<Self, String> {
        let mut rng = Rng::with_seed(seed);
        let time = Time::starting_at(BEGINNING);
        let server = Server::init(&time, &mut rng).map_err(|error| error.to_string())?;
        let (keys, line) = (server.keys.clone(), server.line.clone());
        let department = line.ask(|service| service.department()).ok_or("no server")?;
        let stranger = Stranger::enrol(&line, department, &keys, &mut rng)?;
        let mut world = Self {
            phones: office::PHONES
                .iter()
                .map(|(name, people)| Phone::new(name, people, line.clone(), &time, &mut rng))
                .collect(),
            rng,
            time,
            department,
            keys,
            servers: vec![server],
            ledger: Ledger::default(),
            late: Vec::new(),
            files: Vec::new(),
            screens: Vec::new(),
            stranger,
            begun: Vec::new(),
            expected: BTreeMap::new(),
            quiet: true,
            depth: 0,
            restores: 0,
            silent: false,
            tally: Tally::default(),
            overruled: false,
            archived: false,
            locks: 0,
            put_out: false,
            trace: VecDeque::new(),
            printing,
        };
        world.enrol_everybody()?;
        world.note_expected();
        world.look()?;
        world.quiet = false;
        Ok(world)
    }

    fn enrol_everybody(&mut self) -> Result<(), String> {
        for phone in 0..self.phones.len() {
            for person in self.phones[phone].people.clone() {
                self.enrol(phone, &person)?;
            }
        }
        Ok(())
    }

    /// Enrols a person on a phone with a code of the department's server.
    pub(super) fn enrol(&mut self, phone: usize, person: &str) -> Result<(), String> {
        let code = self.servers[0].line.ask(|service| service.new_code(person)).ok_or("no server")?;
        let code = code.map_err(|error| error.to_string())?.code;
        let phone = &mut self.phones[phone];
        let name = phone.name.clone();
        let app = phone.app().map_err(|error| error.to_string())?;
        app.enrol(&format!("http://127.0.0.1:9/#{code}"), &name).map_err(|error| error.to_string())?;
        Ok(())
    }

    /// A new phone of the synthesis officer, who reads everything.
    pub(super) fn new_reader(&mut self) -> Result<usize, String> {
        let line = self.servers[0].line.clone();
        let phone = Phone::new("máy mới", &[READER], line, &self.time, &mut self.rng);
        self.phones.push(phone);
        let reader = self.phones.len() - 1;
        self.enrol(reader, READER)?;
        Ok(reader)
    }

    /// Notes what happens, to be printed when the run fails.
    pub(super) fn say(&mut self, what: impl FnOnce() -> String) {
        let what = what();
        if self.printing {
            println!("{what}");
        }
        if self.trace.len() == TRACE_MAX {
            self.trace.pop_front();
        }
        self.trace.push_back(what);
    }

    /// What has happened lately, a line each.
    pub(super) fn trace(&self) -> String {
        self.trace.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Every disk as it would be without power.
    pub(super) fn disks(&self) -> Vec<(String, Image)> {
        let phones = self.phones.iter().map(|phone| (phone.name.clone(), phone.disk.snapshot()));
        let servers = self.servers.iter().enumerate();
        phones.chain(servers.map(|(at, server)| (format!("server {at}"), server.disk.snapshot()))).collect()
    }

    /// What a crash takes now.
    pub(super) fn loss(&mut self) -> Loss {
        if self.rng.bool() { Loss::All } else { Loss::Some }
    }

    /// A phone, by chance.
    pub(super) fn any_phone(&mut self) -> usize {
        self.rng.usize(..self.phones.len())
    }

    /// True once in so many times.
    pub(super) fn once_in(&mut self, times: u32) -> bool {
        self.rng.u32(..times) == 0
    }

    /// Lets one thing happen, and looks at what it left.
    pub(super) fn step(&mut self) -> Result<(), String> {
        self.tally.steps += 1;
        self.time.advance(self.rng.i64(1..20_000));
        if self.once_in(3) {
            self.start_servers()?;
        }
        match self.rng.u32(..100) {
            0..42 => self.write_something()?,
            42..65 => {
                let phone = self.any_phone();
                self.sync(phone)?;
            }
            65..71 => {
                let (phone, hub) = (self.any_phone(), self.any_phone());
                self.meet(phone, hub)?;
            }
            71..79 => self.something_is_carried()?,
            79..90 => self.something_breaks()?,
            90..95 => self.somebody_decides()?,
            _ => self.stranger_acts()?,
        }
        self.look()
    }

    /// Notes which sheets the periods expect.
    pub(super) fn note_expected(&mut self) {
        let config = self.servers[0].line.ask(|service| service.config()).and_then(Result::ok);
        let Some(config) = config else { return };
        let keys = config.periods.keys().flat_map(|period| config.sheets(*period));
        self.expected.extend(keys.map(|key| (key.id(self.department).to_string(), key)));
    }

    /// Starts what is down.
    pub(super) fn start_servers(&mut self) -> Result<(), String> {
        for server in &mut self.servers {
            server.start(false).map_err(|error| format!("a server that does not start: {error}"))?;
        }
        Ok(())
    }
}
