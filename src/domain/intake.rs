#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts { pub new: u64, pub changed: u64, pub same: u64, pub rejected: u64, pub warnings: u64 }
