//! Hostile bytes against every parser that meets the outside.
//!
//! Inputs are good ones, bent: bits flipped, bytes cut, doubled, swapped with those of another input, lengths and
//! numbers set to their ends. It needs no other toolchain than the tests do; the price is that it is not led by
//! coverage. What once broke a parser lies in `tests/fuzz/corpus/TARGET` and is played again with every run, before
//! anything new. `make fuzz` plays for SECONDS a target, the tests for a fixed number of inputs from a fixed seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use targets::{TARGETS, Target};

/// How many inputs a target gets in the tests.
const INPUTS: u64 = 1_500;

/// Numbers from a seed (xorshift64*), so that a run can be played again.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// Bytes and texts that parsers have stumbled over.
const ODD: [&[u8]; 18] = [
    b"",
    b"\0",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x9f\x9f\x9f\x9f",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"-9223372036854775808",
    b"99999999999999999999999999",
    b"1e308",
    b"NaN",
    b"=1+1",
    b"\"\"\"",
    b"\r\n\r\n",
    b"'\"><script>",
    b"../../../../etc/passwd",
    "\u{202e}\u{0}\u{1f4a9}".as_bytes(),
];

/// One input, bent from a good one one to six times.
fn bend(seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seeds[numbers.below(seeds.len())].clone();
    for _ in 0..=numbers.below(6) {
        let at = numbers.below(bytes.len() + 1);
        let till = (at + 1 + numbers.below(16)).min(bytes.len());
        match numbers.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            1 if at < bytes.len() => bytes[at] = u8::try_from(numbers.below(256)).unwrap(),
            2 => bytes.truncate(at),
            3 if at < till => drop(bytes.drain(at..till)),
            4 if at < till => {
                let piece = bytes[at..till].repeat(1 + numbers.below(40));
                bytes.splice(at..at, piece);
            }
            5 => {
                let odd = ODD[numbers.below(ODD.len())];
                bytes.splice(at..till.max(at), odd.iter().copied());
            }
            6 => {
                let other = &seeds[numbers.below(seeds.len())];
                let from = numbers.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            7 if at + 1 < bytes.len() => bytes.swap(at, at + 1),
            _ => bytes.insert(at, u8::try_from(numbers.below(256)).unwrap()),
        }
    }
    bytes.truncate(256 * 1024);
    bytes
}

fn corpus(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target.name)
}

/// Plays one input; one that breaks the parser is kept.
fn play(target: &Target, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| (target.parse)(input))).is_err() {
        let folder = corpus(target);
        fs::create_dir_all(&folder).unwrap();
        let name = data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(input)[..8]);
        fs::write(folder.join(&name), input).unwrap();
        panic!("{} was broken by tests/fuzz/corpus/{}/{name}", target.name, target.name);
    }
}

fn run(target: &Target) {
    let mut kept = 0;
    for entry in fs::read_dir(corpus(target)).into_iter().flatten().flatten() {
        play(target, &fs::read(entry.path()).unwrap());
        kept += 1;
    }
    let seeds = (target.seeds)();
    seeds.iter().for_each(|seed| play(target, seed));
    let seconds: Option<u64> = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let seed = std::env::var("FUZZ_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1_u64);
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (began, mut played) = (Instant::now(), 0_u64);
    loop {
        let over = match seconds {
            Some(seconds) => began.elapsed() >= Duration::from_secs(seconds),
            None => played >= INPUTS.min(target.inputs_max),
        };
        if over {
            break;
        }
        play(target, &bend(&seeds, &mut numbers));
        played += 1;
    }
    println!("{}: {kept} kept, {} good, {played} bent inputs in {:?}", target.name, seeds.len(), began.elapsed());
}

#[test]
fn no_bytes_break_a_parser() {
    let only = std::env::var("FUZZ_TARGET").ok();
    let chosen = TARGETS.iter().filter(|target| only.as_deref().is_none_or(|only| only == target.name));
    assert!(chosen.map(run).count() > 0, "there is no such target");
}

#[test]
fn a_parser_that_breaks_is_noticed() {
    let broken =
        Target { name: "broken", parse: |bytes| assert!(bytes.len() < 3), seeds: || vec![vec![0; 2]], inputs_max: 200 };
    assert!(catch_unwind(AssertUnwindSafe(|| run(&broken))).is_err());
    fs::remove_dir_all(corpus(&broken)).unwrap();
}
