//! Villages: the official list of an agency's area, and what people write for the places on it.
//!
//! A place is matched as a pair of village and sub-district, never by the name of a village alone where two
//! villages have it. What can be proved is put right, with the written form kept beside it: another case or
//! spacing, a spelling that somebody confirmed before, a village that a split gave to a new sub-district, a
//! name beside its own code. What only looks alike is asked of a person, once for all rows that write it so.

mod fold;
mod gazetteer;

pub use fold::{fold_place, near};
pub use gazetteer::{Alias, Gazetteer, How, ListFault, Settled, Suggestion, Verdict, Village, Written};

#[cfg(test)]
mod tests;
