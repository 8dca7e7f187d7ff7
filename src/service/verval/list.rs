//! The decree: it fixes the households that are approved as a version of the list, with its annex.

use jiff::civil::Date;

use super::super::{Actor, Error, Office, Refusal, entry, page, programme};
use super::{Names, point_codes};
use crate::domain::audit::Event;
use crate::domain::id::{Identifier, ListId, ProgrammeId};
use crate::domain::role::Action;
use crate::domain::sealed::{Field, Sealed};
use crate::domain::time::Timestamp;
use crate::spreadsheet::{ByteOrderMark, TableBook, table_to_csv};
use crate::store::lists::{List, Member};
use crate::store::{self, Conn};

/// The most households in the annex as one file.
pub const ANNEX_MAX: i64 = 100_000;

/// How many households of an annex are read together.
const BATCH: i64 = 1_000;

/// A version of a list on a screen.
#[derive(Debug, Clone)]
pub struct ListView {
    /// The version.
    pub id: ListId,
    /// The programme.
    pub programme: ProgrammeId,
    /// 1, 2, 3 …
    pub number: i32,
    /// Number of the decree.
    pub decree_no: String,
    /// Its date.
    pub decree_date: Date,
    /// How many households it names.
    pub households: i64,
    /// Who recorded it.
    pub fixed_by: String,
    /// When.
    pub fixed_at: Timestamp,
}

/// A household of a version on a screen: the NIK masked, no street.
#[derive(Debug, Clone)]
pub struct MemberView {
    /// Its key in the source.
    pub source_id: String,
    /// The recipient's name.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// RT, village, sub-district.
    pub place: String,
    /// Welfare decile.
    pub decile: Option<i32>,
    /// Vulnerabilities, in the words of the lists.
    pub categories: String,
    /// The code of the point at which it was to collect when the list was fixed.
    pub point: Option<String>,
}

/// The version, if it is one of the actor's agency.
pub(super) fn owned_list(conn: &mut Conn, actor: &Actor, id: ListId) -> Result<List, Error> {
    let list = store::lists::find(conn, id)?.ok_or(Refusal::NotFound("list"))?;
    programme::owned_programme(conn, actor, list.programme).map_err(|_| Refusal::NotFound("list"))?;
    Ok(list)
}

fn view(conn: &mut Conn, names: &mut Names, list: List) -> Result<ListView, Error> {
    Ok(ListView {
        id: list.id,
        programme: list.programme,
        number: list.number,
        decree_no: list.decree_no,
        decree_date: list.decree_date,
        households: list.households,
        fixed_by: names.of(conn, list.fixed_by)?,
        fixed_at: list.fixed_at,
    })
}

impl Office {
    /// Records the decree that fixes the list: whoever is approved now is named by the new version.
    pub fn fix_list(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        decree_no: &str,
        decree_date: Date,
    ) -> Result<ListView, Error> {
        actor.must(Action::FixList)?;
        let decree_no = entry::text("decree_no", decree_no, 120)?;
        let id = self.new_id(ListId::by_time)?;
        self.pool.write("list_fix", |tx| {
            programme::owned_programme(tx, actor, programme)?;
            store::beneficiaries::hold_programme(tx, programme)?;
            let versions = store::lists::of_programme(tx, programme)?;
            if versions.iter().any(|one| one.decree_no == decree_no) {
                return Err(Refusal::Exists(decree_no.clone()).into());
            }
            let mut list = List {
                id,
                programme,
                number: versions.first().map_or(1, |newest| newest.number + 1),
                decree_no: decree_no.clone(),
                decree_date,
                households: 0,
                fixed_by: actor.user,
                fixed_at: self.now(),
            };
            list.households = store::lists::fix(tx, &list)?;
            if list.households == 0 {
                let why = "nothing for a decree to name".into();
                return Err(Refusal::Invalid { field: "programme", why }.into());
            }
            let detail = format!("version {}: {} households", list.number, list.households);
            self.record(tx, actor.who(), Event::ListFixed, id, detail)?;
            view(tx, &mut Names::default(), list)
        })
    }

    /// The versions of a programme, newest first.
    pub fn lists(&self, actor: &Actor, programme: ProgrammeId) -> Result<Vec<ListView>, Error> {
        actor.must(Action::ReadHouseholds)?;
        self.pool.read(|conn| {
            programme::owned_programme(conn, actor, programme)?;
            let mut names = Names::default();
            let found = store::lists::of_programme(conn, programme)?;
            found.into_iter().map(|list| view(conn, &mut names, list)).collect()
        })
    }

    /// One version, and how many of its households live in each sub-district.
    pub fn list(&self, actor: &Actor, id: ListId) -> Result<(ListView, Vec<(String, i64)>), Error> {
        actor.must(Action::ReadHouseholds)?;
        self.pool.read(|conn| {
            let list = owned_list(conn, actor, id)?;
            let places = store::lists::by_sub_district(conn, id)?;
            Ok((view(conn, &mut Names::default(), list)?, places))
        })
    }

    /// Households of a version in the order of sub-district, village, RT and name, behind so many. The look is
    /// on record.
    pub fn list_members(
        &self,
        actor: &Actor,
        id: ListId,
        skip: i64,
        limit: Option<i64>,
    ) -> Result<Vec<MemberView>, Error> {
        actor.must(Action::ReadHouseholds)?;
        let views = self.pool.read(|conn| -> Result<_, Error> {
            owned_list(conn, actor, id)?;
            let codes = point_codes(conn, actor)?;
            let found = store::lists::members(conn, id, skip.max(0), page(limit))?;
            found
                .into_iter()
                .map(|Member { household, point }| {
                    Ok(MemberView {
                        nik_masked: self.nik_masked(&household)?,
                        place: super::super::household::place(&household),
                        decile: household.decile,
                        categories: household.vulnerabilities.replace('|', ", "),
                        point: point.and_then(|point| codes.get(&point).cloned()),
                        source_id: household.source_id,
                        name: household.name,
                    })
                })
                .collect::<Result<Vec<_>, Error>>()
        })?;
        self.record_look(actor, Event::HouseholdsViewed, id, format!("list {}", views.len()))?;
        Ok(views)
    }

    /// The annex of a decree (lampiran SK) as a file for a spreadsheet. NIK and No. KK are masked and of the
    /// birth date stands the year alone: in full they stand in the register of recipients alone, which finance makes of
    /// the same list, with a reason. The look is on record.
    pub fn annex(&self, actor: &Actor, id: ListId, workbook: bool) -> Result<Vec<u8>, Error> {
        actor.must(Action::ReadHouseholds)?;
        let (count, bytes) = self.pool.read_snapshot(|conn| -> Result<_, Error> {
            let list = owned_list(conn, actor, id)?;
            if list.households > ANNEX_MAX {
                return Err(Refusal::TooMany { count: list.households, max: ANNEX_MAX }.into());
            }
            let codes = point_codes(conn, actor)?;
            let value = package_value(conn, list.programme)?;
            let about = u64::try_from(list.households).unwrap_or(0);
            let mut book = TableBook::begin(&format!("SK {}", list.number), &ANNEX, about).map_err(Error::Broken)?;
            let mut rows = Vec::new();
            let mut count = 0;
            loop {
                let found = store::lists::members(conn, id, count, BATCH)?;
                if found.is_empty() {
                    break;
                }
                for Member { household, point } in found {
                    count += 1;
                    let point = point.and_then(|point| codes.get(&point).cloned()).unwrap_or_default();
                    let mut row = self.annex_row(usize::try_from(count).unwrap_or(0), &household, point)?;
                    row.push(value.clone());
                    if workbook { book.push(&row).map_err(Error::Broken)? } else { rows.push(row) }
                }
            }
            let bytes = if workbook {
                book.finish().map_err(Error::Broken)?
            } else {
                table_to_csv(&ANNEX, &rows, ByteOrderMark::With)
            };
            Ok((count, bytes))
        })?;
        let kind = if workbook { "xlsx" } else { "csv" };
        self.record_look(actor, Event::ListExported, id, format!("annex {kind} {count}"))?;
        Ok(bytes)
    }

    /// A line of the annex: what identifies people masked, of the birth date the year alone.
    pub(in crate::service) fn annex_row(
        &self,
        number: usize,
        household: &store::households::Household,
        point: String,
    ) -> Result<Vec<String>, Error> {
        let open = |field, sealed: &Sealed| -> Result<String, Error> {
            let opened = self.vault.open(field, household.id.bytes(), sealed)?;
            String::from_utf8(opened.to_vec()).map_err(|_| Error::Broken("a sealed text is none".into()))
        };
        let family_card = match &household.family_card {
            None => String::new(),
            Some((sealed, _)) => crate::domain::household::FamilyCard::parse(&open(Field::FamilyCard, sealed)?)
                .map(|card| card.masked())
                .map_err(|_| Error::Broken("a household in the database has an impossible No. KK".into()))?,
        };
        let born = match &household.birth_date {
            None => String::new(),
            Some(sealed) => open(Field::BirthDate, sealed)?.chars().take(4).collect(),
        };
        Ok(vec![
            number.to_string(),
            household.source_id.clone(),
            family_card,
            self.nik_masked(household)?.unwrap_or_default(),
            household.name.clone(),
            household.sex.clone().unwrap_or_default(),
            born,
            open(Field::Address, &household.address)?,
            household.rt.clone(),
            household.village.clone(),
            household.sub_district.clone(),
            household.decile.map(|decile| decile.to_string()).unwrap_or_default(),
            household.vulnerabilities.replace('|', ", "),
            point,
        ])
    }
}

/// What one household receives in one round, in rupiah, where the programme has one package alone.
pub(in crate::service) fn package_value(conn: &mut Conn, programme: ProgrammeId) -> Result<String, Error> {
    let packages = store::packages::of_programme(conn, programme)?;
    let newest = packages.iter().max_by_key(|package| package.version);
    let one = newest.filter(|newest| packages.iter().all(|package| package.code == newest.code));
    Ok(one.map(|package| package.value.minor().to_string()).unwrap_or_default())
}

/// The headings of the annex.
const ANNEX: [&str; 15] = [
    "no",
    "id_sumber",
    "no_kk",
    "nik",
    "nama",
    "l_p",
    "tahun_lahir",
    "alamat",
    "rt",
    "desa_kelurahan",
    "kecamatan",
    "desil",
    "kategori",
    "titik",
    "nilai_per_tahap",
];
