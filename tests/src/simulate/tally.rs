//! What is counted of a run, and which of the carriers' events must have happened in the seeds that are kept.

use std::fmt;

/// What happens with carriers other than the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A meeting of two phones that exchanged everything.
    Met,
    /// A meeting that broke off.
    MeetingBroken,
    /// What a phone handed to a false hub, which told nobody.
    Withheld,
    /// A false hub asked for what it may not have.
    HubAsksForMore,
    /// A file for the server and those who review.
    FileWritten,
    /// A file for one person.
    FileForOne,
    /// A file that a phone took in.
    FileTaken,
    /// A file that a server took in.
    FileTakenByServer,
    /// A file that was taken in once more.
    FileTakenTwice,
    /// A file taken in after its writer's phone was restored.
    FileOfRestored,
    /// A file taken in after its writer's device was put out.
    FileOfPutOut,
    /// A file taken in after a month was locked.
    FileAfterLock,
    /// A file that was refused because it is for others.
    FileForOthers,
    /// A file whose end was missing.
    FileCut,
    /// A file with a flipped bit.
    FileGarbled,
    /// Two files in one.
    FileJoined,
    /// A phone that died while it took a file or codes in.
    DiedTaking,
    /// A single code that was taken in.
    CodeTaken,
    /// A series of codes that was taken in.
    SeriesTaken,
    /// A series of which parts were missed.
    PartMissed,
    /// A part that was read twice.
    PartTwice,
    /// A part that was read wrongly.
    PartGarbled,
    /// A camera that saw the parts of two screens by turns.
    ScreensMixed,
    /// A frame that reached a server after the lock of its month.
    AfterLock,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Met,
        Self::MeetingBroken,
        Self::Withheld,
        Self::HubAsksForMore,
        Self::FileWritten,
        Self::FileForOne,
        Self::FileTaken,
        Self::FileTakenByServer,
        Self::FileTakenTwice,
        Self::FileOfRestored,
        Self::FileOfPutOut,
        Self::FileAfterLock,
        Self::FileForOthers,
        Self::FileCut,
        Self::FileGarbled,
        Self::FileJoined,
        Self::DiedTaking,
        Self::CodeTaken,
        Self::SeriesTaken,
        Self::PartMissed,
        Self::PartTwice,
        Self::PartGarbled,
        Self::ScreensMixed,
        Self::AfterLock,
    ];
}

/// What is counted of a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Steps.
    pub steps: u64,
    /// Values that were typed and shown as saved.
    pub saved: u64,
    /// Syncs that reached their end.
    pub syncs: u64,
    /// Crashes of phones and servers.
    pub crashes: u64,
    /// Frames that were signed.
    pub frames: u64,
    /// Fields with two values that nobody had settled when the run came to rest.
    pub conflicts: u64,
    /// How often each of [`Event::ALL`] happened.
    events: [u64; Event::ALL.len()],
}

impl Tally {
    pub(super) fn count(&mut self, event: Event) {
        self.events[event as usize] += 1;
    }

    /// How often an event happened.
    pub fn of(&self, event: Event) -> u64 {
        self.events[event as usize]
    }

    /// What never happened.
    pub fn missing(&self) -> Vec<Event> {
        Event::ALL.into_iter().filter(|event| self.of(*event) == 0).collect()
    }
}

impl std::ops::Add for Tally {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            steps: self.steps + other.steps,
            saved: self.saved + other.saved,
            syncs: self.syncs + other.syncs,
            crashes: self.crashes + other.crashes,
            frames: self.frames + other.frames,
            conflicts: self.conflicts + other.conflicts,
            events: Event::ALL.map(|event| self.of(event) + other.of(event)),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} steps, {} values saved, {} frames, {} syncs to their end, {} crashes, {} fields left in conflict",
            self.steps, self.saved, self.frames, self.syncs, self.crashes, self.conflicts
        )?;
        Event::ALL.into_iter().try_for_each(|event| write!(f, ", {event:?} {}", self.of(event)))
    }
}
