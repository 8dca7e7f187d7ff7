//! Households as people may see them, and as they are sealed and opened.

use std::collections::{BTreeMap, BTreeSet};

use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::household::{Eligibility, FamilyCard, Nik, Particulars, Sex, Vulnerability, fold_name};
use crate::domain::id::{AgencyId, HouseholdId, Identifier, UserId};
use crate::domain::role::Action;
use crate::domain::sealed::{BlindIndex, Field, Sealed};
use crate::domain::verval::Standing;
use crate::store;
use crate::store::beneficiaries::Beneficiary;
use crate::store::households::Household;

/// A household on a screen: the NIK masked, no family card, no street.
#[derive(Debug, Clone)]
pub struct HouseholdView {
    /// Its id.
    pub id: HouseholdId,
    /// Its key in the source.
    pub source_id: String,
    /// The recipient's name.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// RT, village, sub-district.
    pub place: String,
    /// The village.
    pub village: String,
    /// Welfare decile.
    pub decile: Option<i32>,
    /// Whether the civil registry knows the NIK.
    pub civil_match: Option<bool>,
}

/// Where a household lives, as printed: `RT 014, LOA IPUH, TENGGARONG`.
pub(super) fn place(household: &Household) -> String {
    let rt = if household.rt.is_empty() { String::new() } else { format!("RT {}", household.rt) };
    [rt.as_str(), &household.village, &household.sub_district]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

impl Office {
    /// The codes of the points at which these households collect, one or more where several programmes
    /// have placed them; those that nobody has placed are left out.
    pub fn points_of_households(
        &self,
        actor: &Actor,
        households: &[HouseholdId],
    ) -> Result<BTreeMap<HouseholdId, String>, Error> {
        actor.must(Action::ReadHouseholds)?;
        self.pool.read(|conn| {
            let points = store::points::of_agency(conn, actor.agency)?;
            let mut found: BTreeMap<HouseholdId, BTreeSet<&str>> = BTreeMap::new();
            for programme in store::programmes::list(conn, actor.agency, None, super::PAGE_MAX)? {
                for one in store::beneficiaries::decided(conn, programme.id, households)? {
                    let point = points.iter().find(|point| Some(point.id) == one.point);
                    found.entry(one.household).or_default().extend(point.map(|point| point.code.as_str()));
                }
            }
            found.retain(|_, codes| !codes.is_empty());
            Ok(found.into_iter().map(|(id, codes)| (id, Vec::from_iter(codes).join(", "))).collect())
        })
    }

    /// One household. The look is on record.
    pub fn household(&self, actor: &Actor, id: HouseholdId) -> Result<HouseholdView, Error> {
        actor.must(Action::ReadHouseholds)?;
        let found = self.pool.read(|conn| store::households::find(conn, id))?.ok_or(Refusal::NotFound("household"))?;
        actor.must_own(found.agency, "household")?;
        self.record_look(actor, Event::HouseholdsViewed, id, String::new())?;
        self.household_view(found)
    }

    /// What identifies a household, in full: for who enters and who verifies, with a reason, and on record with it.
    pub fn unmask(&self, actor: &Actor, id: HouseholdId, reason: &str) -> Result<Particulars, Error> {
        actor.must(Action::Unmask)?;
        let reason = reason_to_unmask(reason)?;
        let found = self.pool.read(|conn| store::households::find(conn, id))?.ok_or(Refusal::NotFound("household"))?;
        actor.must_own(found.agency, "household")?;
        self.record_look(actor, Event::HouseholdUnmasked, id, reason)?;
        self.open_household(&found, None, String::new())
    }

    pub(super) fn household_view(&self, household: Household) -> Result<HouseholdView, Error> {
        Ok(HouseholdView {
            id: household.id,
            nik_masked: self.nik_masked(&household)?,
            place: place(&household),
            village: household.village,
            source_id: household.source_id,
            name: household.name,
            decile: household.decile,
            civil_match: household.civil_match,
        })
    }

    /// Seals what must not lie in the clear.
    pub(super) fn seal_household(
        &self,
        id: HouseholdId,
        agency: AgencyId,
        entered_by: UserId,
        known: &Particulars,
    ) -> Result<Household, Error> {
        let seal = |field, text: &str| -> Result<Sealed, Error> {
            Ok(self.vault.seal(field, id.bytes(), self.draw()?, text.as_bytes())?)
        };
        let number = |field, digits: &str| -> Result<(Sealed, BlindIndex), Error> {
            Ok((seal(field, digits)?, self.vault.blind_index(field, digits)))
        };
        Ok(Household {
            id,
            agency,
            source_id: known.source_id.clone(),
            name: known.name.clone(),
            name_folded: fold_name(&known.name),
            sex: known.sex.map(|sex| sex.letter().to_owned()),
            relation: known.relation.clone(),
            rt: known.rt.clone(),
            village_code: known.village_code.clone(),
            village: known.village.clone(),
            sub_district: known.sub_district.clone(),
            decile: known.decile.map(i32::from),
            civil_match: known.civil_match,
            vulnerabilities: known.vulnerabilities.iter().map(|one| one.word()).collect::<Vec<_>>().join("|"),
            note: known.note.clone(),
            nik: known.nik.as_ref().map(|nik| number(Field::Nik, nik.digits())).transpose()?,
            family_card: known.family_card.as_ref().map(|card| number(Field::FamilyCard, card.digits())).transpose()?,
            address: seal(Field::Address, &known.address)?,
            birth_date: known.birth_date.map(|date| seal(Field::BirthDate, &date.to_string())).transpose()?,
            entered_by,
            nik_tail: known.nik.as_ref().map(|nik| self.vault.blind_index(Field::NikTail, nik.tail())),
            village_folded: fold_name(&known.village),
        })
    }

    /// Opens a household again, with where a programme has placed it, to compare it with a row.
    pub(super) fn open_household(
        &self,
        household: &Household,
        decided: Option<&Beneficiary>,
        point_code: String,
    ) -> Result<Particulars, Error> {
        let open = |field, sealed: &Sealed| -> Result<String, Error> {
            let opened = self.vault.open(field, household.id.bytes(), sealed)?;
            String::from_utf8(opened.to_vec()).map_err(|_| Error::Broken("a sealed text is none".into()))
        };
        let broken = |what: &str| Error::Broken(format!("a household in the database has an impossible {what}"));
        let nik = match &household.nik {
            None => None,
            Some((sealed, _)) => Some(Nik::parse(&open(Field::Nik, sealed)?).map_err(|_| broken("NIK"))?),
        };
        let family_card = match &household.family_card {
            None => None,
            Some((sealed, _)) => {
                Some(FamilyCard::parse(&open(Field::FamilyCard, sealed)?).map_err(|_| broken("No. KK"))?)
            }
        };
        let birth_date = match &household.birth_date {
            None => None,
            Some(sealed) => Some(open(Field::BirthDate, sealed)?.parse().map_err(|_| broken("birth date"))?),
        };
        Ok(Particulars {
            source_id: household.source_id.clone(),
            family_card,
            nik,
            name: household.name.clone(),
            sex: household.sex.as_deref().and_then(Sex::parse),
            birth_date,
            relation: household.relation.clone(),
            address: open(Field::Address, &household.address)?,
            rt: household.rt.clone(),
            village_code: household.village_code.clone(),
            village: household.village.clone(),
            sub_district: household.sub_district.clone(),
            decile: household.decile.and_then(|decile| u8::try_from(decile).ok()),
            civil_match: household.civil_match,
            eligibility: match decided.map(|one| one.standing) {
                Some(Standing::Approved) => Eligibility::Eligible,
                Some(Standing::NotEligible) => Eligibility::NotEligible,
                Some(Standing::Undecided | Standing::Reserve) | None => Eligibility::Undecided,
            },
            vulnerabilities: household.vulnerabilities.split('|').filter_map(Vulnerability::parse).collect(),
            point_code,
            session_no: decided.and_then(|one| u16::try_from(one.session_no).ok()),
            package_code: decided.map(|one| one.package_code.clone()).unwrap_or_default(),
            note: household.note.clone(),
        })
    }
}

/// Why numbers are needed in full. A reason that carries one would bring into the trail what is kept out of it.
pub(super) fn reason_to_unmask(reason: &str) -> Result<String, Error> {
    let reason = super::entry::text("reason", reason, 200)?;
    if reason.bytes().filter(u8::is_ascii_digit).count() > 12 {
        return Err(Refusal::Invalid { field: "reason", why: "a reason without identity numbers".into() }.into());
    }
    Ok(reason)
}
