//! A log in which one thing is wrong: found each time, and the leaf named.
//!
//! In `make test` leaves and tiles are sampled; `make proof` takes every leaf and every hash of a log of 10,000.

use std::fs;
use std::path::Path;

use salur::service::{AuditReport, AuditSource, AuditWanted, audit_log};
use salur::transparency::tile::{Level, Tile};

use super::made::{self, HEAD_EVERY, Made};
use crate::harness::random::Random;

fn check(folder: &Path) -> AuditReport {
    audit_log(&AuditSource::Folder(folder.to_owned()), &AuditWanted::default(), &|_, _| ()).unwrap()
}

/// Writes the bundles in which something is other than in the whole log: of the spoiled entries, or of the whole ones again.
fn put_changed(folder: &Path, whole: &[Vec<u8>], spoiled: &[Vec<u8>], wanted: &[Vec<u8>]) {
    for tile in Tile::at(Level::Entries, whole.len() as u64) {
        let begin = usize::try_from(tile.number * 256).unwrap();
        let end = begin + usize::from(tile.width);
        if whole.get(begin..end) != spoiled.get(begin..end) {
            made::put_bundle(folder, tile, wanted);
        }
    }
}

/// The ways to spoil a leaf, each with the first place that is other than before.
fn spoiled(made: &Made, at: usize) -> Vec<(&'static str, Vec<Vec<u8>>, usize)> {
    let mut deleted = made.entries.clone();
    deleted.remove(at);
    let mut altered = made.entries.clone();
    let last = altered[at].len() - 1;
    altered[at][last] ^= 1;
    let mut swapped = made.entries.clone();
    let other = if at + 1 < swapped.len() { at + 1 } else { at - 1 };
    swapped.swap(at, other);
    vec![("deleted", deleted, at), ("altered", altered, at), ("swapped", swapped, at.min(other))]
}

/// Spoils leaves of a log one by one. `consistently` also makes the tiles anew, as whoever owns the server would:
/// then nothing but the signed heads and the rules can tell.
fn spoil_leaves(leaves: usize, places: &[usize], consistently: bool) {
    let made = made::made(leaves);
    let folder = tempfile::tempdir().unwrap();
    made::put_log(folder.path(), &made, false);
    let whole = check(folder.path());
    assert_eq!((whole.fault_count, whole.size), (0, leaves as u64), "{:?}", whole.faults);
    for &at in places {
        for (how, entries, first) in spoiled(&made, at) {
            put_changed(folder.path(), &made.entries, &entries, &entries);
            if consistently {
                made::put_hashes(folder.path(), &entries);
            }
            let report = check(folder.path());
            let named = report.first_wrong().unwrap_or_else(|| panic!("leaf {at} {how}: not found"));
            let first = first as u64;
            if consistently {
                // The heads tell between which two of them it is; the rules often tell the very leaf.
                let from = first / HEAD_EVERY * HEAD_EVERY;
                assert!((from..=first).contains(&named), "leaf {at} {how}: named {named}: {:?}", report.faults);
            } else {
                assert_eq!(named, first, "leaf {at} {how}: {:?}", report.faults.first());
            }
            put_changed(folder.path(), &made.entries, &entries, &made.entries);
            if consistently {
                made::put_hashes(folder.path(), &made.entries);
            }
        }
    }
    assert_eq!(check(folder.path()).fault_count, 0, "the log is as it was");
}

/// Flips a bit of tiles one by one: of each hash when `every`, otherwise of one in each tile.
fn spoil_tiles(leaves: usize, every: bool) {
    let made = made::made(leaves);
    let folder = tempfile::tempdir().unwrap();
    made::put_log(folder.path(), &made, false);
    let mut random = Random::seeded(5);
    let size = leaves as u64;
    for level in 0..Tile::levels(size) {
        for tile in Tile::at(Level::Hashes(level), size) {
            let path = folder.path().join(tile.to_string());
            let bytes = fs::read(&path).unwrap();
            let hashes = bytes.len() as u64 / 32;
            let places: Vec<u64> = if every { (0..hashes).collect() } else { vec![random.between(0, hashes)] };
            for place in places {
                let mut flipped = bytes.clone();
                let byte = usize::try_from(place * 32 + random.between(0, 32)).unwrap();
                flipped[byte] ^= 1 << random.between(0, 8);
                fs::write(&path, &flipped).unwrap();
                let due = (tile.number * 256 + place) * 256_u64.pow(u32::from(level));
                let report = check(folder.path());
                assert_eq!(report.first_wrong(), Some(due), "{tile}, hash {place}: {:?}", report.faults);
            }
            fs::write(&path, &bytes).unwrap();
        }
    }
    assert_eq!(check(folder.path()).fault_count, 0, "the log is as it was");
}

fn sample(leaves: usize, count: u64, seed: u64) -> Vec<usize> {
    let mut random = Random::seeded(seed);
    let mut places: Vec<usize> =
        (0..count).map(|_| usize::try_from(random.between(0, leaves as u64)).unwrap()).collect();
    places.extend([0, 255, 256, leaves - 1]);
    places
}

#[test]
fn a_leaf_deleted_altered_or_swapped_is_found_and_named() {
    spoil_leaves(2_000, &sample(2_000, 6, 1), false);
}

#[test]
fn a_leaf_spoiled_together_with_its_tiles_is_found_by_the_heads_and_the_rules() {
    spoil_leaves(2_000, &sample(2_000, 4, 2), true);
}

#[test]
fn a_flipped_bit_of_any_tile_is_found_and_named() {
    spoil_tiles(2_000, false);
}

#[test]
#[ignore = "takes long: make proof"]
fn proof_each_leaf_of_ten_thousand_deleted_altered_or_swapped() {
    spoil_leaves(10_000, &(0..10_000).collect::<Vec<_>>(), false);
}

#[test]
#[ignore = "takes long: make proof"]
fn proof_each_hash_of_the_tiles_of_ten_thousand_flipped() {
    spoil_tiles(10_000, true);
}

#[test]
fn receipts_that_are_missing_changed_or_of_another_device_are_found_and_named() {
    let made = made::made(300);
    let folder = tempfile::tempdir().unwrap();
    made::put_log(folder.path(), &made, true);
    let whole = check(folder.path());
    assert_eq!((whole.fault_count, whole.receipts), (0, made.receipts.len() as u64), "{:?}", whole.faults);
    let path = folder.path().join("receipts.csv");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let leaf = |line: &str| line.split(',').next().unwrap().parse::<u64>().unwrap();
    for at in [1, 2, 50, lines.len() - 1] {
        let edit = |change: &dyn Fn(&mut Vec<String>)| {
            let mut edited: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            change(&mut edited);
            fs::write(&path, edited.join("\n") + "\n").unwrap();
            check(folder.path())
        };
        let missing = edit(&|lines| drop(lines.remove(at)));
        assert_eq!(missing.first_wrong(), Some(leaf(lines[at])), "removed: {:?}", missing.faults);
        let value = edit(&|lines| lines[at] = lines[at].replacen(",500000,", ",400000,", 1));
        assert_eq!(value.first_wrong(), Some(leaf(lines[at])), "value: {:?}", value.faults);
        let day = edit(&|lines| lines[at] = lines[at].replacen("2026-12-0", "2026-11-0", 1));
        assert_eq!(day.first_wrong(), Some(leaf(lines[at])), "day: {:?}", day.faults);
        let signed = edit(&|lines| {
            let cut = lines[at].rfind(',').unwrap() + 41;
            let old = lines[at].as_bytes()[cut];
            lines[at].replace_range(cut..=cut, if old == b'A' { "B" } else { "A" });
        });
        assert_eq!(signed.first_wrong(), Some(leaf(lines[at])), "signed: {:?}", signed.faults);
    }
}
