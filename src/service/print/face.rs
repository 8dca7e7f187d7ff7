//! What stands on each voucher of a print run.

use std::collections::HashMap;

use super::super::voucher::PrintHead;
use super::super::{Error, Office, Refusal};
use super::{NO_NIK, Run};
use crate::domain::entitlement::State;
use crate::domain::exception::part;
use crate::domain::id::{EntitlementId, HouseholdId};
use crate::domain::package::{Item, Package};
use crate::domain::programme::{Round, Session};
use crate::domain::time::{Language, Zone, long_date};
use crate::pdf::picture::Picture;
use crate::pdf::voucher_sheet::{Bundle, ItemFace, Schedule, Slip, SlipVoucher, VoucherFace, Without};
use crate::store::bundles::Placed;
use crate::store::entitlements::Sheet;
use crate::store::{self, Conn};
use crate::token::SigningKey;

/// What the vouchers of one round share.
pub(super) struct Context {
    round: Round,
    sessions: Vec<Session>,
    items: Vec<ItemFace>,
    /// What exceptions hold.
    apart: HashMap<EntitlementId, Vec<ItemFace>>,
    zone: Zone,
    /// Whether English stands beside the Indonesian.
    english: bool,
}

impl Context {
    pub(super) fn of(conn: &mut Conn, head: &PrintHead, language: Language) -> Result<Self, Error> {
        Ok(Self {
            round: head.round.clone(),
            sessions: store::rounds::sessions_of(conn, head.round.id)?,
            items: pictured(&head.package),
            apart: store::exceptions::counted(conn, head.round.id)?
                .into_iter()
                .map(|(id, one)| (id, pictured(&part(&head.package, &one.lines))))
                .collect(),
            zone: head.agency.zone,
            english: language == Language::En,
        })
    }

    fn items(&self, sheet: &Sheet) -> Vec<ItemFace> {
        self.apart.get(&sheet.entitlement.id).unwrap_or(&self.items).clone()
    }

    fn schedule(&self, sheet: &Sheet) -> Option<Schedule> {
        let right = &sheet.entitlement;
        let slot = self.sessions.iter().find(|slot| slot.point == right.point && slot.number == right.session_no)?;
        let zone = self.zone;
        Some(Schedule {
            day: long_date(slot.starts_at.date(zone), Language::Id),
            session: Some(if self.english {
                format!("Sesi / session {}", slot.number)
            } else {
                format!("Sesi {}", slot.number)
            }),
            hours: Some(format!("{}–{} {}", slot.starts_at.clock(zone), slot.ends_at.clock(zone), zone.label())),
        })
    }
}

/// The items with what they look like.
fn pictured(package: &Package) -> Vec<ItemFace> {
    let face = |item: &Item| ItemFace {
        label: item.label(),
        picture: match Picture::of(&item.code) {
            Picture::Parcel => Picture::of(&item.name),
            known => known,
        },
    };
    package.items.iter().map(face).collect()
}

/// Village and sub-district.
fn area(sheet: &Sheet) -> String {
    format!("{}, Kec. {}", sheet.household.village, sheet.household.sub_district)
}

fn print_no(sheet: &Sheet) -> Result<u32, Error> {
    u32::try_from(sheet.entitlement.print_no).map_err(|error| Error::Broken(error.to_string()))
}

impl Office {
    /// The vouchers of a part as they stand on paper, in bundles.
    pub(super) fn print_bundles(
        &self,
        key: &SigningKey,
        context: &Context,
        sheets: &[(Sheet, Placed)],
        mut slips: HashMap<HouseholdId, Vec<Slip>>,
    ) -> Result<Vec<Bundle>, Error> {
        let mut bundles: Vec<Bundle> = Vec::new();
        for group in sheets.chunk_by(|(_, a), (_, b)| a.bundle == b.bundle) {
            let Some((sheet, placed)) = group.first() else { continue };
            let mut vouchers = Vec::with_capacity(group.len());
            for (sheet, placed) in group {
                let mut face = self.face(key, context, sheet, placed)?;
                face.slips = slips.remove(&sheet.household.id).unwrap_or_default();
                vouchers.push(face);
            }
            bundles.push(Bundle {
                code: placed.code.clone(),
                point: format!("{} ({})", sheet.point.2, sheet.point.1),
                area: area(sheet),
                rt: sheet.household.rt.clone(),
                vouchers,
            });
        }
        Ok(bundles)
    }

    fn face(&self, key: &SigningKey, context: &Context, sheet: &Sheet, placed: &Placed) -> Result<VoucherFace, Error> {
        let household = &sheet.household;
        Ok(VoucherFace {
            source_id: household.source_id.clone(),
            name: household.name.clone(),
            nik_masked: self.nik_masked(household)?.unwrap_or_else(|| NO_NIK.to_owned()),
            address: if household.rt.is_empty() { String::new() } else { format!("RT {}", household.rt) },
            area: area(sheet),
            typed_code: sheet.entitlement.typed_code.to_string(),
            qr_text: self.qr_text(key, &context.round, sheet)?,
            point_name: sheet.point.2.clone(),
            point_code: sheet.point.1.clone(),
            schedule: context.schedule(sheet),
            items: context.items(sheet),
            print_no: print_no(sheet)?,
            serial: format!("{}/{:04}", sheet.point.1, placed.serial),
            bundle: placed.code.clone(),
            slips: Vec::new(),
        })
    }

    /// For a booklet: what each household holds in the rounds of the programme, issued or not.
    pub(super) fn slips(
        &self,
        conn: &mut Conn,
        run: &Run,
        sheets: &[(Sheet, Placed)],
    ) -> Result<HashMap<HouseholdId, Vec<Slip>>, Error> {
        let households: Vec<HouseholdId> = sheets.iter().map(|(sheet, _)| sheet.household.id).collect();
        let mut slips: HashMap<HouseholdId, Vec<Slip>> = HashMap::new();
        for round in store::rounds::of_programme(conn, run.head.programme.id)? {
            let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
            let head = PrintHead { round, package, ..run.head.clone() };
            let context = Context::of(conn, &head, run.wish.language)?;
            let key = self.find_issuer_key(conn, context.round.id)?;
            let mut papers = HashMap::new();
            if let Some(key) = &key {
                for sheet in store::entitlements::printable_of(conn, context.round.id, &households)? {
                    let paper = SlipVoucher {
                        typed_code: sheet.entitlement.typed_code.to_string(),
                        qr_text: self.qr_text(key, &context.round, &sheet)?,
                        point: format!("{} ({})", sheet.point.2, sheet.point.1),
                        schedule: context.schedule(&sheet),
                        items: context.items(&sheet),
                        print_no: print_no(&sheet)?,
                    };
                    papers.insert(sheet.household.id, paper);
                }
            }
            let states: HashMap<HouseholdId, State> =
                store::entitlements::states_of(conn, context.round.id, &households)?.into_iter().collect();
            for household in &households {
                let without = match states.get(household) {
                    None if key.is_none() => Without::NotIssued,
                    None => Without::NotNamed,
                    Some(State::Redeemed) => Without::Collected,
                    Some(_) => Without::NotValid,
                };
                let voucher = papers.remove(household);
                let slip = Slip { round_label: context.round.name.clone(), voucher, without };
                slips.entry(*household).or_default().push(slip);
            }
        }
        Ok(slips)
    }
}
