//! SIGKILL at random points, of phones and of the server, while everybody writes and syncs.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use fastrand::Rng;
use xeploai_tests::process::{Phone, Server};

use crate::department::{Department, PEOPLE, is_whole, names, own, store};
use crate::lane::{Lane, Slot};
use crate::ledger::Ledger;

/// How often phones' processes are killed, and how often the server: three hundred times together.
const KILLS: u32 = 150;
/// The server is killed after at most so many acknowledgements of phones, and so much later.
const ACKNOWLEDGEMENTS_MAX: u32 = 16;
const LATER_MAX: Duration = Duration::from_millis(60);

#[test]
fn after_three_hundred_kills_everything_acknowledged_is_everywhere() -> Result<()> {
    let seed = match std::env::var("XEPLOAI_SEED") {
        Ok(seed) => seed.parse().context("XEPLOAI_SEED is a number")?,
        Err(_) => fastrand::u64(..),
    };
    println!("XEPLOAI_SEED={seed}");
    play(seed).with_context(|| format!("XEPLOAI_SEED={seed} plays it again"))
}

fn play(seed: u64) -> Result<()> {
    let department = Department::new()?;
    let server = department.serve()?;
    let phones = PEOPLE.map(|person| department.phone(person, &server.url));
    let phones = phones.into_iter().collect::<Result<Vec<_>>>()?;
    let (tally, slots) = (Tally::default(), PEOPLE.map(|_| Slot::default()));
    let (says, hears) = channel();
    let killer = Killer { department: &department, phones: &phones, slots: &slots, tally: &tally };
    let (server, ledgers) = std::thread::scope(|scope| {
        let lanes = phones.iter().zip(&slots).zip(1..).map(|((phone, slot), turn)| {
            let chance = Rng::with_seed(seed.wrapping_add(turn));
            let lane = Lane::new(phone, slot, &tally, chance, Sender::clone(&says));
            scope.spawn(|| tally.ends_all_if_failed(lane.run()))
        });
        let lanes: Vec<_> = lanes.collect();
        drop(says);
        let server = tally.ends_all_if_failed(killer.run(server, &hears, Rng::with_seed(seed)));
        let ledgers = lanes.into_iter().map(|lane| lane.join().map_err(|_| anyhow!("a thread panicked"))?);
        // A phone's failure says more than the server's, which may only have lost its phones.
        let ledgers = ledgers.collect::<Result<Vec<_>>>()?;
        Ok::<_, anyhow::Error>((server?, ledgers))
    })?;
    println!("{tally:?}");
    let (synced, cut) =
        ledgers.iter().fold((0, 0), |(synced, cut), it| (synced + it.synced, cut + it.cut_off));
    println!("{synced} syncs went through, {cut} did not");
    ensure!(synced > 0 && cut > 0, "the kills met syncs: {synced} went through, {cut} did not");
    everything_is_everywhere(&department, &server, &phones, ledgers)
}

/// All phones sync; then phones, server and a new device agree on all that was acknowledged.
fn everything_is_everywhere(
    department: &Department,
    server: &Server,
    phones: &[Phone],
    mut ledgers: Vec<Ledger>,
) -> Result<()> {
    for (phone, ledger) in phones.iter().zip(&mut ledgers) {
        let report = phone.synced()?;
        ensure!(report["waiting"] == 0 && report["rejected"] == 0 && report["conflicts"] == 0, "{report}");
        ledger.check(phone, None)?;
        let sheet = phone.run(&["show", "me"])?;
        ensure!(sheet["summary"]["place"] == "received", "not received: {}", sheet["summary"]);
        ensure!(own(&sheet)?.len() > 1, "next to nothing was written: {sheet}");
    }
    let written: Vec<_> = phones.iter().zip(ledgers.iter().map(|ledger| &ledger.written)).collect();
    department.reads_back(&server.url, &written)?;
    let held = department.frames()?;
    for phone in phones {
        let own = names(&store(phone)?, "SELECT hash FROM frames")?;
        ensure!(own.is_subset(&held), "the server lacks frames of {}", phone.store().display());
        is_whole(&store(phone)?)?;
    }
    is_whole(&department.database()?)
}

/// What was killed so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    phones: AtomicU32,
    servers: AtomicU32,
    /// Of these, how often both at once.
    both: AtomicU32,
    failed: AtomicBool,
}

impl Tally {
    /// Counts a phone's process that died of SIGKILL.
    pub(crate) fn phone_killed(&self) {
        self.phones.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether phones' processes have been killed often enough.
    pub(crate) fn spares_phones(&self) -> bool {
        self.phones.load(Ordering::Relaxed) >= KILLS
    }

    fn spares_server(&self) -> bool {
        self.servers.load(Ordering::Relaxed) >= KILLS
    }

    /// Whether there is no more to do.
    pub(crate) fn is_over(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || (self.spares_phones() && self.spares_server())
    }

    /// One failure is enough: the others need not go on.
    fn ends_all_if_failed<T>(&self, done: Result<T>) -> Result<T> {
        self.failed.fetch_or(done.is_err(), Ordering::Relaxed);
        done
    }
}

/// Who kills the server, now and then together with a phone's process.
struct Killer<'a> {
    department: &'a Department,
    phones: &'a [Phone],
    slots: &'a [Slot],
    tally: &'a Tally,
}

impl Killer<'_> {
    /// Gives the server that runs at the end.
    fn run(&self, mut server: Server, heard: &Receiver<()>, mut chance: Rng) -> Result<Server> {
        while !self.tally.spares_server() && !self.tally.is_over() {
            heard.try_iter().for_each(drop);
            heard.iter().take(chance.u32(0..ACKNOWLEDGEMENTS_MAX) as usize).for_each(drop);
            std::thread::sleep(LATER_MAX.mul_f64(chance.f64()));
            if chance.bool() && !self.tally.spares_phones() {
                let both = self.slots[chance.usize(..self.slots.len())].kill();
                self.tally.both.fetch_add(u32::from(both), Ordering::Relaxed);
            }
            // Dropped is killed, and waited for.
            drop(server);
            self.tally.servers.fetch_add(1, Ordering::Relaxed);
            self.receipts_hold()?;
            server = self.department.serve()?;
        }
        Ok(server)
    }

    /// What phones hold a receipt for is in the database of the server that is down, before any of them can offer it again.
    fn receipts_hold(&self) -> Result<()> {
        let received = "SELECT hash FROM frames WHERE receipt IS NOT NULL";
        let received =
            self.phones.iter().map(|phone| names(&store(phone)?, received)).collect::<Result<Vec<_>>>()?;
        let held = self.department.frames()?;
        for (phone, received) in self.phones.iter().zip(received) {
            let lost = received.difference(&held).count();
            ensure!(
                lost == 0,
                "the server has lost {lost} frames of {} after their receipt",
                phone.store().display()
            );
        }
        Ok(())
    }
}
