//! A document with the identity numbers of its households in full: for who accounts for what was handed over, with a
//! reason. It is put together when it is asked for and kept nowhere; what is kept is the document with its numbers masked,
//! whose number and hash both have. A household whose time is over has no number any more, and stays masked.

use super::super::household::reason_to_unmask;
use super::super::{Actor, Error, Office, Refusal};
use super::FileForm;
use crate::domain::audit::Event;
use crate::domain::document::Fact;
use crate::domain::household::FamilyCard;
use crate::domain::id::{DocumentId, HouseholdId};
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::store::{self, Conn};

impl Office {
    /// A document as a file with the identity numbers of its households in full, and the name that suits it. That it went
    /// out is on record before it does, with the reason.
    pub fn full_document_file(
        &self,
        actor: &Actor,
        id: DocumentId,
        form: FileForm,
        reason: &str,
    ) -> Result<(String, Vec<u8>), Error> {
        actor.must(Action::TakeInFull)?;
        let reason = reason_to_unmask(reason)?;
        if form == FileForm::Json {
            return Err(Refusal::Invalid { field: "form", why: "pdf, xlsx or csv".into() }.into());
        }
        let (mut view, people) = self.opened(actor, id)?;
        let people = people.filter(|_| view.document.kind.may_be_full());
        let people = people.ok_or(Refusal::Invalid {
            field: "document",
            why: "a list of a decree or of who received, made by this version".into(),
        })?;
        let numbers = self.pool.read_snapshot(|conn| {
            people.iter().map(|one| self.numbers_of(conn, *one)).collect::<Result<Vec<_>, Error>>()
        })?;
        let number = view.document.number.clone();
        let masked = view
            .document
            .fill_in(&numbers)
            .ok_or_else(|| Error::Broken(format!("the lines of {number} are not those of its households")))?;
        let now = self.now();
        let facts = &mut view.document.facts;
        facts.push(Fact::new(
            "NIK LENGKAP",
            format!("dibuka oleh {}, {} {}; alasan: {reason}", actor.name, now.short(view.zone), view.zone.label()),
        ));
        if masked > 0 {
            let because = "data keluarganya sudah diperbaiki atau dihapus";
            facts.push(Fact::new("Tetap disamarkan", format!("{masked} baris: {because}")));
        }
        facts.push(Fact::new("Sidik", "dari dokumen yang sama dengan NIK disamarkan"));
        self.record_look(actor, Event::DocumentUnmasked, id, format!("{number}: {reason}"))?;
        let (name, bytes) = self.view_file(view, form)?;
        let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, "pdf"));
        Ok((format!("{stem}-NIK-LENGKAP.{ending}"), bytes))
    }

    /// The numbers of a household as papers have them, and in full.
    fn numbers_of(&self, conn: &mut Conn, id: HouseholdId) -> Result<Vec<(String, String)>, Error> {
        let Some(household) = store::households::find(conn, id)? else { return Ok(Vec::new()) };
        let mut numbers = Vec::new();
        if let (Some((sealed, _)), Some(masked)) = (&household.nik, self.nik_masked(&household)?) {
            numbers.push((masked, self.text(Field::Nik, id, sealed)?));
        }
        if let Some((sealed, _)) = &household.family_card {
            let digits = self.text(Field::FamilyCard, id, sealed)?;
            let card = FamilyCard::parse(&digits)
                .map_err(|_| Error::Broken("a household in the database has an impossible No. KK".into()))?;
            numbers.push((card.masked(), digits));
        }
        Ok(numbers)
    }
}
