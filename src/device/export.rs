//! The journal as a file that somebody else may carry to the server: another device, or a USB stick.
//!
//! The receipts in it are the device's own, each signed; around them the device signs which there are and how
//! its chain ends, so that a file with a page torn out is not taken for the whole.

use super::journal;
use super::sync::batch_of;
use super::{Device, Fault};
use crate::domain::lease::message::Head;
use crate::token::journal::{JournalFile, read as read_file, write as write_file};
use crate::token::sync::BATCH_ITEMS_MAX;
use crate::token::{KeyId, receipt_hash};

impl Device {
    /// Every receipt of this device, signed.
    pub fn export(&mut self) -> Result<Vec<u8>, Fault> {
        self.sound()?;
        let Self { file, identity, key, own, .. } = self;
        let done = file.write(|tx| {
            let (core, _) = journal::read_core(tx)?;
            let kid: KeyId = identity.kid.parse().map_err(|_| Fault::Damaged("the id of its key".into()))?;
            let mut batches = Vec::new();
            let mut after = 0;
            loop {
                let receipts = journal::receipts_after(tx, after, i64::try_from(BATCH_ITEMS_MAX).unwrap_or(i64::MAX))?;
                let Some(last) = receipts.last() else { break };
                after = last.seq;
                let mut batch = batch_of(tx, &core, kid, identity.point.number, &receipts, own)?;
                for kept in &receipts {
                    batch.push(&kept.signed, own).map_err(|fault| Fault::Damaged(fault.to_string()))?;
                }
                batches.push(batch.encode());
            }
            let chain = Head { size: core.seq, root: core.head_hash };
            Ok(write_file(key, &JournalFile { device: core.device, chain, batches }))
        });
        self.guard(done)
    }

    /// Takes the journal of another device along to the server. Nothing in it changes this device. How many
    /// batches it brought.
    pub fn carry(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        self.sound()?;
        let unbelievable = |why: &dyn std::fmt::Display| Fault::Unbelievable(format!("not a device's journal: {why}"));
        let file = read_file(bytes).map_err(|fault| unbelievable(&fault))?;
        let done = self.file.write(|tx| {
            for batch in &file.batches {
                journal::carry(tx, &receipt_hash(batch), batch)?;
            }
            Ok(file.batches.len())
        });
        self.guard(done)
    }
}
