//! A search among a million households.

pub(crate) fn run() {}
