//! A file of households, read and checked, beside the bare reader.

pub(crate) fn run() {}
