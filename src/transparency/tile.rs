//! Tiles (C2SP tlog-tiles): where the hashes and entries of the tree lie as files, how a tree grows by
//! them, and proofs made from them.
//!
//! A tile holds up to 256 hashes of one level; each full one is one hash of the level above. All tiles but
//! the last of each level are full and never change, so a log is a folder that any web server can serve.

use std::collections::HashMap;
use std::fmt;

use super::tree::{Edge, Hash, fold, node_hash, split};

/// How many hashes a full tile holds, and how many entries a full bundle.
pub const FULL: u16 = 256;

/// The longest entry of a bundle: its length is written in two bytes.
pub const ENTRY_BYTES_MAX: usize = 0xffff;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Hashes of this level: those of leaves at 0, those of full tiles below from 1 on.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// The name of a tile: its level, its number in the level, and how wide it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tile {
    /// What it holds.
    pub level: Level,
    /// Its number, from 0.
    pub number: u64,
    /// 256, or fewer for the last of a level.
    pub width: u16,
}

/// `tile/0/x001/234`, `tile/entries/000.p/17`
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Hashes(level) => write!(f, "tile/{level}")?,
            Level::Entries => f.write_str("tile/entries")?,
        }
        let mut groups = vec![self.number % 1_000];
        let mut rest = self.number / 1_000;
        while rest > 0 {
            groups.push(rest % 1_000);
            rest /= 1_000;
        }
        for (place, group) in groups.iter().enumerate().rev() {
            write!(f, "/{}{group:03}", if place > 0 { "x" } else { "" })?;
        }
        if self.width < FULL { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

impl Tile {
    /// Reads the name of a tile; only the one spelling of each is understood.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("tile/")?;
        let (level, rest) = rest.split_once('/')?;
        let level = if level == "entries" { Level::Entries } else { Level::Hashes(level.parse().ok()?) };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok()?),
            None => (rest, FULL),
        };
        let mut value = 0_u64;
        for group in number.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            value = value.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
        }
        let tile = Self { level, number: value, width };
        (tile.to_string() == path && width > 0 && !matches!(level, Level::Hashes(64..))).then_some(tile)
    }

    /// The tiles that a tree of this size has at a level, the last one perhaps partial.
    pub fn at(level: Level, size: u64) -> impl Iterator<Item = Self> {
        let hashes = width_of_level(level, size);
        (0..hashes.div_ceil(u64::from(FULL))).filter_map(move |number| Self::of(level, number, size))
    }

    /// A tile of a tree of this size; `None` when the tree has none of this number.
    #[must_use]
    pub fn of(level: Level, number: u64, size: u64) -> Option<Self> {
        let begin = number.checked_mul(u64::from(FULL))?;
        let width = width_of_level(level, size).checked_sub(begin)?.min(u64::from(FULL));
        (width > 0).then(|| Self { level, number, width: u16::try_from(width).unwrap_or(FULL) })
    }

    /// What this tile holds, when these are the bytes of one of the same place that is as wide or wider.
    #[must_use]
    pub fn beginning_of(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let width = usize::from(self.width);
        match self.level {
            Level::Hashes(_) => bytes.get(..width * 32).map(<[u8]>::to_vec),
            Level::Entries => bundle_bytes(entries_in(bytes)?.get(..width)?),
        }
    }

    /// How many levels of hashes a tree of this size has.
    #[must_use]
    pub fn levels(size: u64) -> u8 {
        (0..8).take_while(|level| width_of_level(Level::Hashes(*level), size) > 0).last().map_or(0, |top| top + 1)
    }
}

/// How many hashes a level has in a tree of this size.
fn width_of_level(level: Level, size: u64) -> u64 {
    match level {
        Level::Entries => size,
        Level::Hashes(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
    }
}

/// The bytes of a tile of hashes.
#[must_use]
pub fn hash_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.concat()
}

/// The hashes in the bytes of a tile; `None` when they are no whole number of hashes.
#[must_use]
pub fn hashes_in(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.to_vec())
}

/// The bytes of a bundle of entries; `None` when one is too long for it.
#[must_use]
pub fn bundle_bytes<E: AsRef<[u8]>>(entries: &[E]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        bytes.extend(u16::try_from(entry.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Some(bytes)
}

/// The entries in the bytes of a bundle; `None` when the lengths do not add up.
#[must_use]
pub fn entries_in(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        bytes = rest;
    }
    bytes.is_empty().then_some(entries)
}

/// The right edge of the tiles of a tree: what is needed to grow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rim {
    size: u64,
    /// The hashes of the last tile of each level, fewer than 256 of them.
    rows: Vec<Vec<Hash>>,
}

impl Rim {
    /// The rim of a tree of this size; `row` gives the hashes of the last, partial tile of each level.
    pub fn load<E>(size: u64, mut row: impl FnMut(u8, u64) -> Result<Vec<Hash>, E>) -> Result<Self, E> {
        let mut rows = Vec::new();
        for level in 0..Tile::levels(size) {
            let width = width_of_level(Level::Hashes(level), size);
            rows.push(if width.is_multiple_of(256) { Vec::new() } else { row(level, width / 256)? });
        }
        Ok(Self { size, rows })
    }

    /// Whether the rows are as long as the size says.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.rows.iter().zip(0_u8..).all(|(row, level)| {
            u64::try_from(row.len()).ok() == Some(width_of_level(Level::Hashes(level), self.size) % 256)
        })
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash; `full` is told each tile that it fills.
    pub fn push(&mut self, leaf: Hash, mut full: impl FnMut(u8, u64, &[Hash])) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0..8_u8 {
            let place = usize::from(level);
            if self.rows.len() == place {
                self.rows.push(Vec::new());
            }
            let Some(row) = self.rows.get_mut(place) else { return };
            row.push(hash);
            if row.len() < usize::from(FULL) {
                return;
            }
            full(level, width_of_level(Level::Hashes(level), self.size) / 256 - 1, row);
            hash = Edge::over(row.iter()).root();
            row.clear();
        }
    }

    /// The partial tiles as they stand now: level, number and hashes.
    pub fn partial(&self) -> impl Iterator<Item = (u8, u64, &[Hash])> {
        (0_u8..)
            .zip(&self.rows)
            .filter(|(_, row)| !row.is_empty())
            .map(|(level, row)| (level, width_of_level(Level::Hashes(level), self.size) / 256, row.as_slice()))
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = Vec::new();
        for row in self.rows.iter().rev() {
            // A row is made of perfect trees as its length is of powers of two.
            let mut rest = row.as_slice();
            while !rest.is_empty() {
                let (head, tail) = rest.split_at(1 << rest.len().ilog2());
                peaks.push(Edge::over(head).root());
                rest = tail;
            }
        }
        fold(&peaks)
    }
}

/// Reads a tree of a fixed size from its tiles and makes proofs. `fetch` gives the hashes of a tile; a
/// tile is asked for once.
pub struct Reader<F> {
    size: u64,
    fetch: F,
    kept: HashMap<(u8, u64), Vec<Hash>>,
}

impl<F> fmt::Debug for Reader<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader of {} leaves", self.size)
    }
}

/// A tile that is not as wide as the size of the tree says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} does not hold as many hashes as it should")]
pub struct Torn(pub Tile);

impl<E: From<Torn>, F: FnMut(Tile) -> Result<Vec<Hash>, E>> Reader<F> {
    /// A reader of the tree of this size.
    pub fn new(size: u64, fetch: F) -> Self {
        Self { size, fetch, kept: HashMap::new() }
    }

    /// The root of the tree's first leaves, so many of them.
    pub fn root_at(&mut self, size: u64) -> Result<Hash, E> {
        if size == 0 { Ok(super::tree::empty_root()) } else { self.range(0, size) }
    }

    /// The hash of a leaf.
    pub fn leaf(&mut self, index: u64) -> Result<Hash, E> {
        self.range(index, index + 1)
    }

    /// The proof that the leaf at this place is in the tree, from the leaf's sibling upward. The place must be
    /// inside.
    pub fn inclusion(&mut self, index: u64) -> Result<Vec<Hash>, E> {
        let (mut begin, mut end) = (0, self.size);
        let mut proof = Vec::new();
        while end - begin > 1 {
            let middle = begin + split(end - begin);
            if index < middle {
                proof.push(self.range(middle, end)?);
                end = middle;
            } else {
                proof.push(self.range(begin, middle)?);
                begin = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// The proof that the tree begins with all of its own earlier state of this size.
    pub fn consistency(&mut self, old: u64) -> Result<Vec<Hash>, E> {
        if old == 0 || old >= self.size {
            return Ok(Vec::new());
        }
        let (mut begin, mut end) = (0, self.size);
        let mut proof = Vec::new();
        // Down to the node at whose end the old tree ends; everything beside the way is part of the proof.
        while old != end {
            let middle = begin + split(end - begin);
            if old <= middle {
                proof.push(self.range(middle, end)?);
                end = middle;
            } else {
                proof.push(self.range(begin, middle)?);
                begin = middle;
            }
        }
        if begin > 0 {
            proof.push(self.range(begin, end)?);
        }
        proof.reverse();
        Ok(proof)
    }

    /// The hash over the leaves from `begin` to before `end`, as the tree splits them.
    fn range(&mut self, begin: u64, end: u64) -> Result<Hash, E> {
        let leaves = end - begin;
        if leaves.is_power_of_two() && begin.is_multiple_of(leaves) {
            return self.node(leaves.ilog2(), begin / leaves);
        }
        let middle = begin + split(leaves);
        let (left, right) = (self.range(begin, middle)?, self.range(middle, end)?);
        Ok(node_hash(&left, &right))
    }

    /// The hash of a perfect tree of `2^height` leaves: of the tile that holds its lowest hashes.
    fn node(&mut self, height: u32, index: u64) -> Result<Hash, E> {
        let level = u8::try_from(height / 8).unwrap_or(u8::MAX);
        let first = index << (height % 8);
        let number = first / u64::from(FULL);
        let from = usize::try_from(first % u64::from(FULL)).unwrap_or(usize::MAX);
        let until = from.saturating_add(1 << (height % 8));
        let tile = Tile::of(Level::Hashes(level), number, self.size)
            .ok_or_else(|| E::from(Torn(Tile { level: Level::Hashes(level), number, width: FULL })))?;
        if !self.kept.contains_key(&(level, number)) {
            let hashes = (self.fetch)(tile)?;
            if hashes.len() != usize::from(tile.width) {
                return Err(Torn(tile).into());
            }
            self.kept.insert((level, number), hashes);
        }
        let hashes = self.kept.get(&(level, number)).and_then(|hashes| hashes.get(from..until));
        hashes.map(|hashes| Edge::over(hashes).root()).ok_or_else(|| Torn(tile).into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tree::{includes, is_consistent, leaf_hash};
    use super::*;

    /// Tiles of a log in memory.
    fn grown(size: u64) -> (Rim, HashMap<(u8, u64), Vec<Hash>>) {
        let (mut rim, mut tiles) = (Rim::default(), HashMap::new());
        for index in 0..size {
            rim.push(leaf_hash(&index.to_be_bytes()), |level, number, hashes| {
                assert!(tiles.insert((level, number), hashes.to_vec()).is_none(), "a full tile never changes");
            });
        }
        for (level, number, hashes) in rim.partial() {
            tiles.insert((level, number), hashes.to_vec());
        }
        (rim, tiles)
    }

    fn reader(size: u64, tiles: &HashMap<(u8, u64), Vec<Hash>>) -> Reader<impl FnMut(Tile) -> Result<Vec<Hash>, Torn>> {
        Reader::new(size, move |tile: Tile| {
            let Level::Hashes(level) = tile.level else { return Err(Torn(tile)) };
            let hashes = tiles.get(&(level, tile.number)).ok_or(Torn(tile))?;
            Ok(hashes.iter().take(usize::from(tile.width)).copied().collect())
        })
    }

    #[test]
    fn the_names_of_tiles_are_those_of_the_specification() {
        for (tile, path) in [
            (Tile { level: Level::Hashes(0), number: 1_234_067, width: 256 }, "tile/0/x001/x234/067"),
            (Tile { level: Level::Hashes(1), number: 0, width: 17 }, "tile/1/000.p/17"),
            (Tile { level: Level::Entries, number: 273, width: 112 }, "tile/entries/273.p/112"),
        ] {
            assert_eq!(tile.to_string(), path);
            assert_eq!(Tile::parse(path), Some(tile));
        }
        for wrong in ["tile/0/1", "tile/00/001", "tile/0/x000/001", "tile/0/001.p/256", "tile/0/001.p/0", "tile/64/000"]
        {
            assert_eq!(Tile::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_tiles_of_seventy_thousand_leaves_are_those_of_the_specification() {
        let widths = |level| {
            let tiles: Vec<Tile> = Tile::at(Level::Hashes(level), 70_000).collect();
            (tiles.iter().filter(|tile| tile.width == FULL).count(), tiles.last().map(|tile| tile.width))
        };
        assert_eq!(widths(0), (273, Some(112)));
        assert_eq!(widths(1), (1, Some(17)));
        assert_eq!(widths(2), (0, Some(1)));
        assert_eq!(Tile::levels(70_000), 3);
        assert_eq!((Tile::levels(256), Tile::levels(255), Tile::levels(0)), (2, 1, 0));
    }

    #[test]
    fn a_bundle_reads_back_and_a_torn_one_does_not() {
        let entries = [b"".as_slice(), b"one", b"two"];
        let bytes = bundle_bytes(&entries).unwrap();
        assert_eq!(entries_in(&bytes).unwrap(), entries);
        assert_eq!(entries_in(&bytes[..bytes.len() - 1]), None);
        assert_eq!(bundle_bytes(&[vec![0; ENTRY_BYTES_MAX + 1]]), None);
    }

    #[test]
    fn the_proofs_of_every_small_tree_hold_and_of_no_other_place() {
        let (_, tiles) = grown(70);
        for size in 1..=70 {
            let root = reader(size, &tiles).root_at(size).unwrap();
            assert_eq!(root, grown(size).0.root());
            for index in 0..size {
                let proof = reader(size, &tiles).inclusion(index).unwrap();
                let leaf = leaf_hash(&index.to_be_bytes());
                assert!(includes(index, size, &leaf, &proof, &root), "{index} of {size}");
                assert!(!includes(index + 1, size, &leaf, &proof, &root) || size == 1, "{index} of {size}");
            }
            for old in 0..=size {
                let proof = reader(size, &tiles).consistency(old).unwrap();
                let old_root = reader(size, &tiles).root_at(old).unwrap();
                assert!(is_consistent((old, &old_root), (size, &root), &proof), "{old} to {size}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_tree_of_tiles_has_the_root_and_the_proofs_of_a_tree_in_memory(
            size in 1_u64..70_000, at: prop::sample::Index, before: prop::sample::Index,
        ) {
            let (rim, tiles) = grown(size);
            let hashes: Vec<Hash> = (0..size).map(|index| leaf_hash(&index.to_be_bytes())).collect();
            let root = Edge::over(&hashes).root();
            prop_assert_eq!(rim.root(), root);
            prop_assert!(rim.is_whole());
            let again = Rim::load(size, |level, number| Ok::<_, Torn>(tiles[&(level, number)].clone())).unwrap();
            prop_assert_eq!(again, rim);
            let index = at.index(usize::try_from(size).unwrap()) as u64;
            let proof = reader(size, &tiles).inclusion(index).unwrap();
            prop_assert!(includes(index, size, &hashes[index as usize], &proof, &root));
            let old = before.index(usize::try_from(size).unwrap()) as u64;
            let proof = reader(size, &tiles).consistency(old).unwrap();
            let old_root = Edge::over(&hashes[..old as usize]).root();
            prop_assert!(is_consistent((old, &old_root), (size, &root), &proof));
            for place in 0..proof.len() {
                let mut wrong = proof.clone();
                wrong[place][0] ^= 1;
                prop_assert!(!is_consistent((old, &old_root), (size, &root), &wrong));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text: String, bytes: Vec<u8>) {
            let _ = (Tile::parse(&text), Tile::parse(&format!("tile/{text}")), entries_in(&bytes).is_some());
        }
    }
}
