//! The documents of a round as one file (SPJ): the newest of each kind, point and session, and the papers of each
//! shipment, on paper, as workbook and as tables, with an index that names each and its hash.

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};

use super::super::{Actor, Error, Office, PAGE_MAX, Refusal, Unprintable};
use super::FileForm;
use crate::domain::audit::Event;
use crate::domain::document::Kind;
use crate::domain::id::RoundId;
use crate::spreadsheet::{ByteOrderMark, table_to_csv};

/// The most documents of one pack: a point has about four, a round a dozen of its own.
const PACK_MAX: usize = 200;

impl Office {
    /// The newest documents of a round as one zip. Each look is on record, and so is the pack.
    pub fn document_pack(&self, actor: &Actor, round: RoundId) -> Result<Vec<u8>, Error> {
        let mut newest = Vec::new();
        let mut known = BTreeSet::new();
        let mut before = None;
        loop {
            let page = self.documents(actor, round, None, before, Some(PAGE_MAX))?;
            before = page.last().map(|one| one.id);
            let full = i64::try_from(page.len()).is_ok_and(|count| count >= PAGE_MAX);
            newest.extend(page.into_iter().filter(|one| actor.role.may(super::reads(one.kind))).filter(|one| {
                // A round has many shipments, each with papers of its own.
                let each = matches!(one.kind, Kind::Waybill | Kind::GoodsHandover);
                let number = each.then(|| one.number.clone());
                known.insert((one.kind.as_str(), one.point.clone(), one.session_no, number))
            }));
            if !full {
                break;
            }
        }
        if newest.len() > PACK_MAX {
            let count = i64::try_from(newest.len()).unwrap_or(i64::MAX);
            return Err(Refusal::TooMany { count, max: i64::try_from(PACK_MAX).unwrap_or(i64::MAX) }.into());
        }
        let broken = |error: &dyn std::fmt::Display| Error::Broken(format!("a pack cannot be written: {error}"));
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let plain = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        let mut put = |name: &str, bytes: &[u8]| {
            zip.start_file(name, plain).map_err(|error| broken(&error))?;
            zip.write_all(bytes).map_err(|error| broken(&error))
        };
        let mut index = Vec::with_capacity(newest.len());
        for one in &newest {
            let mut left_out = String::new();
            for form in [FileForm::Pdf, FileForm::Xlsx, FileForm::Csv] {
                match self.document_file(actor, one.id, form) {
                    Ok((name, bytes)) => put(&name, &bytes)?,
                    // One paper that cannot be printed keeps nobody from all the others.
                    Err(Error::Refused(refusal)) => match *refusal {
                        Refusal::Unprintable(fault) => left_out = told(&fault),
                        other => return Err(other.into()),
                    },
                    Err(error) => return Err(error),
                }
            }
            for (name, bytes) in self.further_tables(actor, one.id)? {
                put(&name, &bytes)?;
            }
            let hash = data_encoding::HEXLOWER.encode(&one.hash);
            let point = one.point.clone().unwrap_or_default();
            index.push([one.number.clone(), one.kind.name().to_owned(), point, hash, left_out]);
        }
        let head = ["nomor", "dokumen", "titik", "sha256", "keterangan"];
        put("daftar.csv", &table_to_csv(&head, index, ByteOrderMark::With))?;
        let bytes = zip.finish().map_err(|error| broken(&error))?.into_inner();
        self.record_look(actor, Event::DocumentRead, round, format!("pack {}", newest.len()))?;
        Ok(bytes)
    }
}

/// Why the paper of a document is not in the pack.
fn told(fault: &Unprintable) -> String {
    let place = fault.place.as_deref().unwrap_or_default();
    match fault.sign {
        Some(sign) => format!("tanpa PDF: {place}: tanda “{sign}” tidak ada pada huruf yang terpasang"),
        None => format!("tanpa PDF: {place}: teks terlalu panjang"),
    }
}
