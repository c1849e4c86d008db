//! Whatever bytes come, a decoder allocates in proportion to them, plus what its limits let a short input stand for.
//!
//! Invariant: the one test here counts everything that this process allocates; a second one would be counted with it.
//! What zstd allocates for itself, in C, is not counted; its output is.

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the test")]

mod samples;

use std::alloc::System;
use std::path::Path;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use xeploai_core::ids::{AssignmentId, FrameHash, UnitId};
use xeploai_core::sync::body::{Body, CHANGES_MAX};
use xeploai_core::sync::epoch::{Epochs, SignedEpochs};
use xeploai_core::sync::frame::read_all;
use xeploai_core::sync::message::{FRAMES_MAX, MESSAGE_BYTES_MAX, Message, Request};
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::snapshot::{ENTRIES_MAX, Proof, SNAPSHOT_BYTES_MAX, Snapshot};
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::verdict::{EXCEPTIONS_MAX, SignedVerdicts, VERDICTS_MAX, Verdicts};
use xeploai_core::sync::wire::{Reader, Writer};
use xeploai_core::sync::{PROTOCOL_VERSION, Scope, columns};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const KIB: usize = 1024;
/// Mutations of each sample.
const MUTATIONS: u64 = 400;
/// A number of ten bytes, the highest there is: any length or count.
const HUGE: [u8; 10] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];

/// What a decoder may allocate in all, freed meanwhile or not: so much for each byte, and so much for any input.
struct Limit {
    per_byte: usize,
    fixed: usize,
}

/// Three columns of numbers of eight bytes, and what they stand for.
const VERDICTS: usize = (EXCEPTIONS_MAX + VERDICTS_MAX) * 32;
/// A change in columns, with the code of its criteria set.
const BODY: usize = CHANGES_MAX * 640;

fn limit(target: &str) -> Limit {
    let (per_byte, fixed) = match target {
        "frame_list" => (16, 4 * KIB),
        "body" => (64, BODY),
        "verdicts" => (16, VERDICTS),
        // Indexes of 16 bits, once as a column and once with their entries.
        "snapshot" => (32, VERDICTS + ENTRIES_MAX * 512 + SNAPSHOT_BYTES_MAX * 4),
        "epochs" | "certificate" => (8, KIB),
        // The payload as it stood, unpacked, with its version; verdicts that name frames by place.
        "payload" | "packed" | "request" | "answer" => (32, 4 * MESSAGE_BYTES_MAX),
        other => panic!("no limit for {other}"),
    };
    Limit { per_byte, fixed }
}

/// As in `tests/fuzz`: everything that takes these bytes.
fn decode(target: &str, input: &[u8]) {
    let context = [FrameHash([1; 32])];
    match target {
        "frame_list" => drop(read_all(&mut Reader::new(input), FRAMES_MAX, None, &Nothing)),
        "body" => {
            let scopes = [
                Scope::unit(UnitId([0x77; 16])),
                Scope::assignment(AssignmentId([0x66; 16])),
                Scope::CONFIGURATION,
            ];
            scopes
                .into_iter()
                .for_each(|scope| drop(Body::decode(input.get(1..).unwrap_or_default(), scope)));
        }
        "verdicts" => {
            let _ = (Verdicts::decode(input), SignedVerdicts::read(&mut Reader::new(input), &context));
        }
        "snapshot" => {
            let _ = (Snapshot::decode(input), Proof::read(&mut Reader::new(input)));
        }
        "epochs" => {
            let _ = (Epochs::decode(input), SignedEpochs::read(&mut Reader::new(input)));
        }
        "certificate" => drop(Certificate::decode(input)),
        "payload" => message(&envelope(0, input)),
        "packed" => message(&envelope(1, input)),
        _ => message(input),
    }
}

fn message(bytes: &[u8]) {
    drop(Message::decode_answer(bytes, &[FrameHash([1; 32])], &Nothing));
    if let Ok(request) = Request::decode(bytes) {
        drop(request.certificates());
        drop(request.message(samples::certificate().header.stream(), &Nothing));
    }
}

fn envelope(flags: u8, payload: &[u8]) -> Vec<u8> {
    let sum = blake3::derive_key("xeploai 2026 message", payload);
    [b"XLSY", &[PROTOCOL_VERSION, flags][..], &sum[..4], payload].concat()
}

/// Numbers that look random and are the same at every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }
}

fn mutated(sample: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(bytes.len());
        match numbers.below(5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, HUGE)),
            // Where a limit is kept, the highest number under it.
            2 => drop(bytes.splice(at..at, [0xff, 0x1f])),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = numbers.below(256) as u8),
        }
    }
    bytes
}

/// The shortest inputs that stand for the most.
fn claims() -> Vec<(&'static str, Vec<u8>)> {
    let mut section = Writer::new();
    section.number(CHANGES_MAX as u64).number(1).number(0).text(&"c".repeat(64)).number(1);
    (0..6).for_each(|_| columns::write(&mut section, &[0; CHANGES_MAX]));
    columns::write(&mut section, &[2; CHANGES_MAX]);
    section.byte(0);
    let mut body = Writer::new();
    body.byte(2).byte(PROTOCOL_VERSION).raw(&[0; 4]).section(1, &section.finish());

    let mut batch = Writer::new();
    batch.raw(&[0; 16]).raw(&[0; 3]).number(1).raw(&[1; 32]);
    [1, 0, EXCEPTIONS_MAX as i64].into_iter().for_each(|value| columns::write(&mut batch, &[value]));
    (0..3).for_each(|_| columns::write(&mut batch, &vec![1; EXCEPTIONS_MAX]));

    let batch = batch.finish();
    assert!(Verdicts::decode(&batch).is_ok(), "or it would say nothing about what is allocated");

    let zeros = zstd::bulk::compress(&vec![0; MESSAGE_BYTES_MAX], 3).unwrap();
    let mut packed = Writer::new();
    packed.number(MESSAGE_BYTES_MAX as u64).raw(&zeros);

    let mut named = Writer::new();
    named.number(FRAMES_MAX as u64);
    for _ in 0..FRAMES_MAX {
        named.bytes(&[]).number(VERDICTS_MAX as u64);
        columns::write(&mut named, &[1; VERDICTS_MAX]);
        named.bytes(&[]).raw(&[0; 64]);
    }
    let mut payload = Writer::new();
    payload.section(8, &named.finish());
    vec![
        ("body", body.finish()),
        ("verdicts", batch),
        ("packed", packed.finish()),
        ("payload", payload.finish()),
        ("snapshot", snapshot_of_many_indexes()),
    ]
}

/// Entries that keep as many changes as there may be, each list of indexes one run.
fn snapshot_of_many_indexes() -> Vec<u8> {
    let entries = SNAPSHOT_BYTES_MAX / CHANGES_MAX;
    let mut writer = Writer::new();
    writer.byte(PROTOCOL_VERSION).raw(&[7; 16]).number(0);
    writer.number(1).raw(&[1; 32]).number(1).raw(&[2; 17]).number(entries as u64);
    let mut column = |value: i64| columns::write(&mut writer, &vec![value; entries]);
    [0, 0, 1, 0, 0, CHANGES_MAX as i64 + 1].into_iter().for_each(&mut column);
    let indexes: Vec<i64> = (0..entries).flat_map(|_| 0..CHANGES_MAX as i64).collect();
    columns::write(&mut writer, &indexes);
    let mut verdicts = Writer::new();
    verdicts.raw(&[0; 16]).raw(&[0; 3]).number(entries as u64).raw(&vec![1; entries * 32]);
    [1, 0, 0].into_iter().for_each(|value| columns::write(&mut verdicts, &vec![value; entries]));
    writer.bytes(&verdicts.finish());
    // Empty bodies: a length of zero each.
    writer.raw(&vec![0; entries]);
    let bytes = writer.finish();
    assert!(Snapshot::decode(&bytes).is_ok(), "or it would say nothing about what is allocated");
    bytes
}

/// Decodes, and fails when that allocated more than it may; gives how much it was.
fn measured(target: &str, input: &[u8]) -> usize {
    let region = Region::new(ALLOCATOR);
    decode(target, input);
    let allocated = region.change().bytes_allocated;
    let Limit { per_byte, fixed } = limit(target);
    assert!(
        allocated <= per_byte * input.len() + fixed,
        "{target}: {} bytes of input, {allocated} bytes allocated",
        input.len()
    );
    allocated
}

#[test]
fn no_input_makes_a_decoder_allocate_much_more_than_its_limits_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for samples::Samples { target, inputs } in samples::all(&folder) {
        let (mut numbers, mut most, mut count) = (Numbers(1), 0, 0);
        assert!(!inputs.is_empty(), "{target}");
        for sample in &inputs {
            most = most.max(measured(target, sample));
            for _ in 0..MUTATIONS {
                most = most.max(measured(target, &mutated(sample, &mut numbers)));
                count += 1;
            }
        }
        println!("{target}: {count} inputs, at most {} KiB allocated", most / KIB);
    }
    for (target, input) in claims() {
        let allocated = measured(target, &input);
        println!("{target}: {} bytes that claim the most, {} KiB allocated", input.len(), allocated / KIB);
    }
}
