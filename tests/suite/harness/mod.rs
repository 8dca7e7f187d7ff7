//! What the tests of the suite stand on. Goes through public doors only: the binary and its HTTP API.

pub(crate) mod auditor;
pub(crate) mod books;
pub(crate) mod browser;
pub(crate) mod chaos;
pub(crate) mod client;
pub(crate) mod handset;
pub(crate) mod installation;
pub(crate) mod leash;
pub(crate) mod office;
pub(crate) mod pair;
pub(crate) mod postgres;
pub(crate) mod proof;
pub(crate) mod random;
pub(crate) mod unit;
