//! The documents of a round as one file (SPJ): the newest of each kind, point and session, the papers of each shipment,
//! every close and addendum, and the books of the round, on paper, as workbook and as tables, with an index that names
//! each and its hash.

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};

use super::super::{Actor, BooksForm, Error, Office, PAGE_MAX, Refusal, Unprintable};
use super::{FileForm, further_files};
use crate::domain::audit::Event;
use crate::domain::document::Kind;
use crate::domain::id::RoundId;
use crate::domain::role::Action;
use crate::domain::time::{Timestamp, Zone};
use crate::spreadsheet::{ByteOrderMark, table_to_csv};

/// The most documents of one pack: a point has about four and a close, a round a dozen of its own.
const PACK_MAX: usize = 400;

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
                // A round has many shipments, each with papers of its own; and of minutes any may be those that were
                // signed.
                let each = matches!(one.kind, Kind::Waybill | Kind::GoodsHandover | Kind::Handover);
                let number = each.then(|| one.number.clone());
                known.insert((one.kind.as_str(), one.point.clone(), one.session_no, number))
            }));
            if !full {
                break;
            }
        }
        let closes =
            if actor.role.may(Action::ReadClosings) { self.closings_to_pack(actor, round)? } else { Vec::new() };
        let books = actor.role.may(Action::ReadReconciliation);
        if newest.len() + closes.len() > PACK_MAX {
            let count = i64::try_from(newest.len() + closes.len()).unwrap_or(i64::MAX);
            return Err(Refusal::TooMany { count, max: i64::try_from(PACK_MAX).unwrap_or(i64::MAX) }.into());
        }
        let broken = |error: &dyn std::fmt::Display| Error::Broken(format!("a pack cannot be written: {error}"));
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let deflated = zip::CompressionMethod::Deflated;
        let (now, zone) = (self.now(), self.agency(actor, actor.agency)?.zone);
        let mut put = |name: &str, bytes: &[u8], made_at: Timestamp| {
            let dated = packed(made_at, zone).compression_method(deflated);
            zip.start_file(name, dated).map_err(|error| broken(&error))?;
            zip.write_all(bytes).map_err(|error| broken(&error))
        };
        // The hash of each is of its JSON: who holds the pack alone can hold them against it.
        let forms = [FileForm::Pdf, FileForm::Xlsx, FileForm::Csv, FileForm::Json];
        let mut index = Vec::with_capacity(newest.len() + closes.len() + 1);
        for one in &newest {
            let mut left_out = String::new();
            for form in forms {
                match unless_unprintable(self.document_file(actor, one.id, form))? {
                    Ok((name, bytes)) => put(&name, &bytes, one.made_at)?,
                    Err(told) => left_out = told,
                }
            }
            for (name, bytes) in self.further_tables(actor, one.id)? {
                put(&name, &bytes, one.made_at)?;
            }
            let hash = data_encoding::HEXLOWER.encode(&one.hash);
            let point = one.point.clone().unwrap_or_default();
            index.push([one.number.clone(), one.kind.name().to_owned(), point, hash, left_out]);
        }
        for (point, waits, view) in closes {
            let document = view.document.clone();
            let mut note = if waits { "menunggu tanda tangan kedua".to_owned() } else { String::new() };
            let hash = data_encoding::HEXLOWER.encode(&view.hash);
            for form in forms {
                match unless_unprintable(self.view_file(view.clone(), form))? {
                    Ok((name, bytes)) => put(&name, &bytes, view.made_at)?,
                    Err(told) => note = told,
                }
            }
            for (name, bytes) in further_files(&document) {
                put(&name, &bytes, view.made_at)?;
            }
            let name = if document.title.starts_with("ADENDUM") { "Adendum penutupan" } else { Kind::Closing.name() };
            index.push([document.number, name.to_owned(), point, hash, note]);
        }
        if books {
            for form in [BooksForm::Pdf, BooksForm::Xlsx, BooksForm::Csv] {
                let (_, bytes) = self.reconciliation_file(actor, round, form)?;
                put(&format!("rekonsiliasi.{}", form.as_str()), &bytes, now)?;
            }
            let name = "Rekonsiliasi tahap".to_owned();
            let note = "dibaca dari buku saat berkas ini dibuat".to_owned();
            index.push(["rekonsiliasi".to_owned(), name, String::new(), String::new(), note]);
        }
        let head = ["nomor", "dokumen", "titik", "sha256", "keterangan"];
        put("daftar.csv", &table_to_csv(&head, index, ByteOrderMark::With), now)?;
        let bytes = zip.finish().map_err(|error| broken(&error))?.into_inner();
        self.record_look(actor, Event::DocumentRead, round, format!("pack {}", newest.len()))?;
        Ok(bytes)
    }
}

/// A file in a pack, of the day and the clock at which it was made: a zip knows no zone.
pub(in crate::service) fn packed(made_at: Timestamp, zone: Zone) -> zip::write::SimpleFileOptions {
    let (year, [month, day, hour, minute, second]) = made_at.parts(zone);
    let dated = u16::try_from(year)
        .ok()
        .and_then(|year| zip::DateTime::from_date_and_time(year, month, day, hour, minute, second).ok());
    zip::write::SimpleFileOptions::default().last_modified_time(dated.unwrap_or_default())
}

/// One paper that cannot be printed keeps nobody from all the others: what the index says of it.
fn unless_unprintable(made: Result<(String, Vec<u8>), Error>) -> Result<Result<(String, Vec<u8>), String>, Error> {
    match made {
        Ok(file) => Ok(Ok(file)),
        Err(Error::Refused(refusal)) => match *refusal {
            Refusal::Unprintable(fault) => Ok(Err(told(&fault))),
            other => Err(other.into()),
        },
        Err(error) => Err(error),
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
