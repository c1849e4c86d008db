//! One sync from the asking side, as a state machine without input or output, over any carrier and with any peer.
//!
//! Invariant: it ends, whatever the peer answers; and when it ends as [`Ending::Same`], both sides hold the same frames of
//! all that the asker may read.
//!
//! Pages first: what waits goes out, what is new comes in, until the peer has nothing more. When the peer then names
//! another root than ours, a cursor has lied or a frame was lost: the scopes are compared, and the frames of those
//! that differ. A hub keeps no cursors, so a sync with it begins at the comparison. Contents come last, see [`super::transfer`].

use std::collections::BTreeSet;

use super::Scope;
use super::content::{Content, Wish};
use super::frame::Frame;
use super::inventory::{Root, whole};
use super::message::{FRAMES_MAX, Message};
use super::names::Short;
use super::stream::Certificate;
use super::transfer::{BLOCKS_BYTES, Contents, Transfer};
use super::verdict::SignedVerdicts;
use super::version::CAPABILITIES;
use crate::ids::{FrameHash, StreamId};

/// What the asking side holds. A store that fails says so to its caller, not here: it answers as if it held nothing.
pub trait Holdings: Contents {
    /// Whether a hub is given what is here of a scope, besides what waits: an honest one asks for no other.
    fn gives_hub(&self, scope: Scope) -> bool;
    /// Whether a hub is asked for what it has of a scope: of one that this device knows not to be its own it is not. A new device
    /// knows of none yet.
    fn asks_hub(&self, scope: Scope) -> bool;
    /// Where the last sync left off.
    fn cursor(&self) -> Vec<u8>;
    /// Where the reading of what stands behind snapshots left off.
    fn history(&self) -> Vec<u8>;
    /// Frames without a receipt that stands, oldest first, those in `theirs` left out; at most `bytes` of them, but one at least.
    fn waiting(&self, theirs: &BTreeSet<FrameHash>, bytes: usize) -> Vec<Frame>;
    /// Certificates that the peer may lack for these frames.
    fn certificates(&self, frames: &[Frame]) -> Vec<Certificate>;
    /// Verdicts on these frames that the peer may have lost.
    fn verdicts(&self, frames: &[Frame]) -> Vec<SignedVerdicts>;
    /// A root for each scope that the asker may read.
    fn roots(&self) -> std::collections::BTreeMap<Scope, Root>;
    /// The frames of a scope.
    fn names(&self, scope: Scope) -> Vec<FrameHash>;
    /// These frames, at most `bytes` of them, but one at least; those of a snapshot that are not here in full are left out.
    fn frames(&self, names: &[FrameHash], bytes: usize) -> Vec<Frame>;
    /// Contents that are here whole and that no receipt stands for, smallest first; those in `except` left out.
    fn offers(&self, except: &BTreeSet<Content>) -> Vec<Content>;
    /// What the asker lacks of contents that he may read, smallest first; those in `except` left out.
    fn wishes(&self, except: &BTreeSet<Content>) -> Vec<Wish>;
}

/// Takes frames until their bodies are longer than `bytes`; the first one always, and no more than a message holds.
pub fn within(frames: impl Iterator<Item = Frame>, bytes: usize) -> Vec<Frame> {
    let mut used = 0;
    let fits = |frame: &Frame| {
        let first = used == 0;
        used += frame.body.len();
        first || used <= bytes
    };
    frames.take(FRAMES_MAX).take_while(fits).collect()
}

/// Most bytes of frames in a request: a message stays far below its limit.
pub const BYTES_PER_REQUEST: usize = 1024 * 1024;
/// Most exchanges in one sync: an end, whatever the peer says.
pub const EXCHANGES_MAX: usize = 10_000;
/// How often scopes are compared in one sync, once more with a hub: it names no root at the end.
const COMPARISONS_MAX: u8 = 2;
/// Most frames that are asked for in one request.
const WANTED_MAX: usize = FRAMES_MAX / 2;

/// How a sync ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything that waited went out, and the roots were equal if the peer named one.
    Same,
    /// The peer holds other frames than we do, and comparing them did not help: somebody withholds or forges.
    Differs,
    /// The peer went on answering without an end.
    Endless,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// The department's server: it keeps cursors, and gives receipts.
    Server,
    /// Somebody's device.
    Hub,
}

#[derive(Debug)]
enum Phase {
    Pages,
    /// Pages of what stands behind snapshots.
    History,
    Compare,
    Drill {
        want: Vec<Short>,
        surplus: Vec<FrameHash>,
    },
    /// Contents, once all frames are through.
    Contents,
    Ended(Ending),
}

/// A sync that is under way.
#[derive(Debug)]
pub struct Exchange {
    peer: Peer,
    phase: Phase,
    /// Frames that the peer has: it was given them, or has given them.
    theirs: BTreeSet<FrameHash>,
    full: bool,
    bytes: usize,
    comparisons: u8,
    exchanges: usize,
    /// Whether the peer named a root before everything had gone out and come in, because the cursor proved nothing: it is
    /// asked for one at the end.
    unsure: bool,
    transfer: Transfer,
}

impl Exchange {
    /// Begins a sync.
    pub fn with(peer: Peer) -> Self {
        let phase = match peer {
            Peer::Server => Phase::Pages,
            Peer::Hub => Phase::Compare,
        };
        Self {
            peer,
            phase,
            theirs: BTreeSet::new(),
            full: peer == Peer::Hub,
            bytes: BYTES_PER_REQUEST,
            comparisons: 0,
            exchanges: 0,
            unsure: false,
            transfer: Transfer::default(),
        }
    }

    /// Begins to read what stands behind the snapshots of closed periods.
    pub fn for_history() -> Self {
        Self { phase: Phase::History, ..Self::with(Peer::Server) }
    }

    /// How it ended, once it has.
    pub fn ending(&self) -> Option<Ending> {
        match self.phase {
            Phase::Ended(ending) => Some(ending),
            _ => None,
        }
    }

    /// The next message to send; nothing when the sync has ended.
    pub fn ask(&mut self, holdings: &dyn Holdings) -> Option<Message> {
        if self.exchanges >= EXCHANGES_MAX && self.ending().is_none() {
            self.phase = Phase::Ended(Ending::Endless);
        }
        self.exchanges += 1;
        let mut message = Message { full: self.full, capabilities: CAPABILITIES, ..Message::default() };
        match &self.phase {
            Phase::Ended(_) => return None,
            Phase::Pages => {
                message.cursor = holdings.cursor();
                message.frames = holdings.waiting(&self.theirs, self.bytes);
            }
            Phase::History => {
                let history = holdings.history();
                message.history = if history.is_empty() { vec![0] } else { history };
            }
            Phase::Compare => {
                message.roots = Some(holdings.roots());
                message.frames = holdings.waiting(&self.theirs, self.bytes);
            }
            Phase::Drill { want, surplus } => {
                message.want = want.iter().take(WANTED_MAX).copied().collect();
                message.frames = holdings.frames(surplus, self.bytes);
            }
            Phase::Contents => self.transfer.ask(holdings, self.bytes.min(BLOCKS_BYTES), &mut message),
        }
        message.certificates = holdings.certificates(&message.frames);
        message.verdicts = holdings.verdicts(&message.frames);
        Some(message)
    }

    /// The peer could not take a message of that size: the next one is half as large. False when it was one frame or block already.
    pub fn halve(&mut self, asked: &Message) -> bool {
        let frames = asked.frames.iter().map(|frame| frame.body.len());
        let bytes: usize = frames.chain(asked.blocks.iter().map(|block| block.bytes.len())).sum();
        self.bytes = bytes / 2;
        asked.frames.len() + asked.blocks.len() > 1
    }

    /// Takes note of an answer whose content is in the store by now.
    pub fn took(&mut self, asked: &Message, answer: &Message, holdings: &dyn Holdings) {
        if answer.full && !self.full {
            // Something was named briefly that the peer has lost: the same again, in full.
            self.full = true;
            return;
        }
        self.theirs.extend(Self::done(asked, holdings));
        // The server says by its receipts what it has; a hub gives none.
        if self.peer == Peer::Hub {
            self.theirs.extend(answer.frames.iter().map(Frame::hash));
        }
        self.phase = match std::mem::replace(&mut self.phase, Phase::Ended(Ending::Same)) {
            Phase::Pages => self.after_page(answer, holdings),
            Phase::History if answer.more => Phase::History,
            Phase::History => Phase::Ended(Ending::Same),
            Phase::Compare => self.after_comparison(answer, holdings),
            Phase::Drill { want, surplus } => self.after_drill(asked, want, surplus),
            Phase::Contents => {
                self.transfer.took(asked, answer, holdings);
                self.after_frames(holdings)
            }
            ended => ended,
        };
    }

    /// The frames that were sent, without those whose certificate did not go along and that the peer turned out to lack.
    fn done(asked: &Message, holdings: &dyn Holdings) -> Vec<FrameHash> {
        let mut lacking = holdings.certificates(&asked.frames);
        lacking.retain(|certificate| !asked.certificates.contains(certificate));
        let lacking: BTreeSet<StreamId> = lacking.iter().map(|it| it.header.stream()).collect();
        let sent = asked.frames.iter().filter(|frame| !lacking.contains(&frame.lane.stream));
        sent.map(Frame::hash).collect()
    }

    fn after_page(&mut self, answer: &Message, holdings: &dyn Holdings) -> Phase {
        if answer.more || !holdings.waiting(&self.theirs, 1).is_empty() {
            self.unsure |= answer.root.is_some();
            return Phase::Pages;
        }
        match answer.root {
            None if std::mem::take(&mut self.unsure) => Phase::Pages,
            Some(root) if root != whole(&holdings.roots()) => match self.comparisons {
                COMPARISONS_MAX.. => Phase::Ended(Ending::Differs),
                _ => Phase::Compare,
            },
            _ => self.after_frames(holdings),
        }
    }

    /// All frames are through: contents follow, if there are any to offer or to wish.
    fn after_frames(&self, holdings: &dyn Holdings) -> Phase {
        if self.transfer.is_over(holdings) { Phase::Ended(Ending::Same) } else { Phase::Contents }
    }

    /// Contents that the peer has taken whole.
    pub fn handed(&self) -> &BTreeSet<Content> {
        self.transfer.handed()
    }

    fn after_comparison(&mut self, answer: &Message, holdings: &dyn Holdings) -> Phase {
        self.comparisons += 1;
        let (mut want, mut surplus) = (Vec::new(), Vec::new());
        let by_server = self.peer == Peer::Server;
        let asks = |scope: &Scope| by_server || holdings.asks_hub(*scope);
        let gives = |scope: Scope| by_server || holdings.gives_hub(scope);
        for (scope, names) in answer.have.iter().filter(|(scope, _)| asks(scope)) {
            let mine = holdings.names(*scope);
            let held: BTreeSet<Short> = mine.iter().map(|hash| Short::of(&hash.0)).collect();
            let named: BTreeSet<Short> = names.iter().copied().collect();
            want.extend(named.difference(&held).copied());
            if gives(*scope) {
                surplus.extend(mine.into_iter().filter(|hash| !named.contains(&Short::of(&hash.0))));
            }
        }
        surplus.retain(|hash| !self.theirs.contains(hash));
        match (want.is_empty() && surplus.is_empty(), self.peer) {
            (true, Peer::Server) => Phase::Pages,
            (true, Peer::Hub) if holdings.waiting(&self.theirs, 1).is_empty() => self.after_frames(holdings),
            // What it takes and does not name goes with comparisons.
            (true, Peer::Hub) => {
                self.comparisons = 0;
                Phase::Compare
            }
            (false, _) => Phase::Drill { want, surplus },
        }
    }

    fn after_drill(&mut self, asked: &Message, mut want: Vec<Short>, mut surplus: Vec<FrameHash>) -> Phase {
        want.drain(..asked.want.len().min(want.len()));
        surplus.retain(|hash| !self.theirs.contains(hash));
        // What the store can't give in full would stay for ever.
        let stuck = asked.frames.is_empty() && asked.want.is_empty();
        if stuck || (want.is_empty() && surplus.is_empty()) {
            return self.after_drilling();
        }
        Phase::Drill { want, surplus }
    }

    /// The server is asked once more, for receipts and its root; a hub, whether it still names what is not here.
    fn after_drilling(&self) -> Phase {
        match self.peer {
            Peer::Server => Phase::Pages,
            Peer::Hub if self.comparisons <= COMPARISONS_MAX => Phase::Compare,
            Peer::Hub => Phase::Ended(Ending::Differs),
        }
    }
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
