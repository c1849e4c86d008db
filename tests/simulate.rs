//! The simulator as a program: what `cargo xtask simulate` runs.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::Parser;
use xeploai_tests::simulate::{Failure, STEPS, Tally, play};

/// Plays the department from seeds; a run that breaks a promise prints its seed and what had happened.
#[derive(Parser)]
struct Arguments {
    /// How many fresh seeds are played.
    #[arg(long)]
    seeds: Option<u64>,
    /// For how many minutes fresh seeds are played.
    #[arg(long, conflicts_with = "seeds")]
    minutes: Option<f64>,
    /// One seed, with everything that happens.
    #[arg(long, conflicts_with_all = ["seeds", "minutes"])]
    seed: Option<u64>,
    /// The first of the fresh seeds; by the clock when absent.
    #[arg(long)]
    from: Option<u64>,
    /// A file with a seed, its steps and what it was on each line: each is played once more.
    #[arg(long, conflicts_with_all = ["seeds", "minutes", "seed"])]
    list: Option<PathBuf>,
    /// Steps of each run.
    #[arg(long, default_value_t = STEPS)]
    steps: u64,
    /// A folder to write every disk to when a run fails.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Runs that are played at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(list) = &arguments.list {
        return play_list(&std::fs::read_to_string(list).with_context(|| list.display().to_string())?);
    }
    let played = match arguments.seed {
        Some(seed) => play(seed, arguments.steps, true).map(|tally| println!("{tally}")),
        None => {
            let clock = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
            play_many(&arguments, arguments.from.unwrap_or(clock >> 10))
        }
    };
    let Err(failure) = played else { return Ok(ExitCode::SUCCESS) };
    if let Some(folder) = &arguments.keep {
        for (name, image) in &failure.disks {
            image.save(&folder.join(name))?;
        }
    }
    println!("{}", failure.trace);
    println!("FAILED after {} steps: {}", failure.steps, failure.what);
    println!("again: cargo xtask simulate --seed {} --steps {}", failure.seed, arguments.steps);
    Ok(ExitCode::FAILURE)
}

/// Plays the seeds of a list, all of them whatever fails; together they reach every event of carriers. The last line is that
/// of a test program.
fn play_list(list: &str) -> Result<ExitCode> {
    let (mut passed, mut failed, mut sum) = (0, 0, Tally::default());
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let mut number = || words.next().and_then(|word| word.parse().ok()).context(line.to_owned());
        match play(number()?, number()?, false) {
            Ok(tally) => {
                println!("{line} ... ok");
                (passed, sum) = (passed + 1, sum + tally);
            }
            Err(failure) => {
                println!("{line} ... FAILED after {} steps: {}", failure.steps, failure.what);
                failed += 1;
            }
        }
    }
    match &sum.missing()[..] {
        [] => passed += 1,
        missing => {
            println!("seeds that reach {missing:?} are missing in the list");
            failed += 1;
        }
    }
    let said = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {said}. {passed} passed; {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays seeds one after the other, some at once, until there are enough or one fails.
fn play_many(arguments: &Arguments, first: u64) -> Result<(), Box<Failure>> {
    let start = Instant::now();
    let limit = arguments.minutes.map(|minutes| Duration::from_secs_f64(minutes * 60.0));
    let seeds = match limit {
        Some(_) => u64::MAX,
        None => arguments.seeds.unwrap_or(1),
    };
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (sum, failed) = (Mutex::new((0_u64, Tally::default())), Mutex::new(None));
    let work = || {
        while !stop.load(Ordering::Relaxed) && limit.is_none_or(|limit| start.elapsed() < limit) {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            if turn >= seeds {
                return;
            }
            match play(first.wrapping_add(turn), arguments.steps, false) {
                Ok(tally) => {
                    let mut sum = sum.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    *sum = (sum.0 + 1, sum.1 + tally);
                }
                Err(failure) => {
                    stop.store(true, Ordering::Relaxed);
                    failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get_or_insert(failure);
                }
            }
        }
    };
    std::thread::scope(|scope| (0..arguments.jobs.max(1)).for_each(|_| drop(scope.spawn(work))));
    let (runs, tally) = *sum.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    println!("{runs} runs from seed {first} in {} s: {tally}", start.elapsed().as_secs());
    match failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}
