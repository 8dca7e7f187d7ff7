//! The Merkle tree of RFC 6962: hashes, roots, and the checking of proofs.
//!
//! A proof is checked without the tree: from the hashes it brings and the roots it is checked against, by
//! the loops of RFC 9162, sections 2.1.3.2 and 2.1.4.2. Proofs are made in `tile`, where the hashes lie.

use sha2::{Digest, Sha256};

/// A SHA-256 hash of a leaf, a node or a whole tree.
pub type Hash = [u8; 32];

/// The hash of a leaf: of its entry behind a zero byte, so that no node can pass for a leaf.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// The hash of a node over its two children.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The largest power of two that is smaller than this number of leaves, which is two at least.
pub(super) const fn split(leaves: u64) -> u64 {
    1 << (63 - (leaves - 1).leading_zeros())
}

/// A tree of which only the right edge is remembered: enough to grow it and to know its root. It takes a
/// hash for each bit of its size, so a log of a million leaves is hashed with 20 of them in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// The roots of the perfect trees that the size is made of, the largest first.
    peaks: Vec<Hash>,
}

impl Edge {
    /// The tree over these leaf hashes.
    #[must_use]
    pub fn over<'a>(hashes: impl IntoIterator<Item = &'a Hash>) -> Self {
        let mut edge = Self::default();
        for hash in hashes {
            edge.push(*hash);
        }
        edge
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each trailing one of the size is a perfect tree that the new one completes to one twice as large.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }
}

/// The root over perfect trees, the largest first.
pub(super) fn fold(peaks: &[Hash]) -> Hash {
    let mut from_the_right = peaks.iter().rev();
    let Some(last) = from_the_right.next() else { return empty_root() };
    from_the_right.fold(*last, |right, left| node_hash(left, &right))
}

/// Whether the proof shows that the leaf with this hash stands at this place of the tree with this root.
#[must_use]
pub fn includes(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether the proof shows that the larger tree begins with all of the smaller one, unchanged. From the
/// tree without leaves everything follows, without a proof.
#[must_use]
pub fn is_consistent(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    let mut hashes = proof.iter();
    // A smaller tree that is perfect is a node of the larger one: its root is the first hash, and not sent.
    let first = if old_size.is_power_of_two() { Some(old_root) } else { hashes.next() };
    let Some(first) = first else { return false };
    let (mut place, mut last) = (old_size - 1, new_size - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut small, mut large) = (*first, *first);
    for hash in hashes {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            small = node_hash(hash, &small);
            large = node_hash(hash, &large);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            large = node_hash(&large, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && small == *old_root && large == *new_root
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    /// The eight entries with which the reference implementation of RFC 6962 is tested, and the root after each.
    const ENTRIES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn hash(hex: &str) -> Hash {
        HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
    }

    #[test]
    fn the_roots_are_those_of_the_reference_implementation() {
        assert_eq!(empty_root(), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        let mut edge = Edge::default();
        assert_eq!(edge.root(), empty_root());
        for (entry, root) in ENTRIES.iter().zip(ROOTS) {
            edge.push(leaf_hash(&HEXLOWER.decode(entry.as_bytes()).unwrap()));
            assert_eq!(edge.root(), hash(root), "after {} leaves", edge.size());
        }
    }

    #[test]
    fn a_proof_of_the_reference_implementation_is_understood() {
        // PATH(0, D[8]) and PROOF(6, D[8]) of the same eight entries.
        let leaf = leaf_hash(&[]);
        let path = [
            hash("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
            hash("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"),
            hash("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
        ];
        assert!(includes(0, 8, &leaf, &path, &hash(ROOTS[7])));
        assert!(!includes(1, 8, &leaf, &path, &hash(ROOTS[7])));
        assert!(!includes(0, 8, &leaf, &path[..2], &hash(ROOTS[7])));
        let proof = [
            hash("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"),
            hash("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
            hash("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        ];
        assert!(is_consistent((6, &hash(ROOTS[5])), (8, &hash(ROOTS[7])), &proof));
        assert!(!is_consistent((6, &hash(ROOTS[4])), (8, &hash(ROOTS[7])), &proof));
        assert!(!is_consistent((5, &hash(ROOTS[5])), (8, &hash(ROOTS[7])), &proof));
        assert!(is_consistent((0, &empty_root()), (8, &hash(ROOTS[7])), &[]));
        assert!(!is_consistent((8, &hash(ROOTS[7])), (6, &hash(ROOTS[5])), &proof));
    }
}
