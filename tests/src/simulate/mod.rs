//! The simulator: phones, a hostile hub, servers, clocks, disks and networks in one thread on virtual time, all from one seed.
//!
//! Real are the core, the client, the server's logic and both stores, in SQLite in WAL mode on a disk that forgets what was
//! not synced ([`crate::disk`]). Simulated are time, randomness, power, the disk and the network. After every step every disk
//! that has changed is looked at as it would be if the power went: `check`. At the end the world comes to rest: `settle`.
//!
//! Reading order: `world` (what is in it, what is chosen), `desk` (people write), `carry` and `network` (syncs), `one_way`
//! (files) and `codes` (on screens), `faults`
//! (what breaks), `decide` (what the department decides), `hostile` and `false_hub` (who lies), `ledger` (what was written, apart from the
//! product), `check`, `settle`.
//!
//! Invariant: a seed and a number of steps give the same run, and a failure names its seed.

mod carry;
mod check;
mod codes;
mod decide;
mod desk;
mod false_hub;
mod faults;
mod hostile;
mod ledger;
mod network;
mod observe;
mod office;
mod one_way;
mod outside;
mod phone;
mod server;
mod settle;
mod tally;
mod world;

pub use tally::{Event, Tally};

use crate::disk::Image;
use world::World;

/// Steps of one run.
pub const STEPS: u64 = 120;

/// A run that has broken a promise.
#[derive(Debug)]
pub struct Failure {
    /// The seed that repeats it.
    pub seed: u64,
    /// Steps that were taken.
    pub steps: u64,
    /// What is broken.
    pub what: String,
    /// What had happened before, oldest first.
    pub trace: String,
    /// Every disk as it would be without power, by the name of its device.
    pub disks: Vec<(String, Image)>,
}

/// Plays one run. With `printing` each event is printed as it happens.
///
/// # Errors
/// The promise that was broken.
pub fn play(seed: u64, steps: u64, printing: bool) -> Result<Tally, Box<Failure>> {
    let mut world = World::new(seed, printing).map_err(|what| {
        Box::new(Failure { seed, steps: 0, what, trace: String::new(), disks: Vec::new() })
    })?;
    let played = (0..steps).try_for_each(|_| world.step()).and_then(|()| world.settle());
    if let Err(what) = played {
        let (steps, trace, disks) = (world.tally.steps, world.trace(), world.disks());
        return Err(Box::new(Failure { seed, steps, what, trace, disks }));
    }
    world.tally.frames = world.ledger.frames.len() as u64;
    Ok(world.tally)
}
