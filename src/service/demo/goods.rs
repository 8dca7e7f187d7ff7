//! The goods and the money of the finished programme: bought, brought, carried to the points, the rest carried back,
//! billed and paid. A tray of eggs broke on the way.

use jiff::civil::Date;

use super::finished::{Finished, ITEMS, Staff};
use crate::domain::id::{ContractId, DeliveryId, ProgrammeId, RoundId};
use crate::domain::stock::EntryKind;
use crate::service::{Error, NewContract, NewDelivery, NewEntry, NewInvoice, NewShipment, Received};

/// What a tray holds.
const TRAY: (&str, i64) = ("telur", 30);

impl Finished {
    /// The contract over what both rounds need.
    pub(super) fn buy(&self, staff: &Staff<'_>, programme: ProgrammeId) -> Result<ContractId, Error> {
        self.set(2, 10, 540)?;
        let packages = self.packages()?.saturating_mul(2);
        self.office.create_contract(
            staff.finance,
            programme,
            &NewContract {
                number: format!("027/CONTOH-K/{}", self.year),
                supplier: "CV CONTOH PANGAN".into(),
                signed_on: Date::new(self.year, 2, 9).ok(),
                price_evidence: "Survei harga tiga toko (contoh)".into(),
                lines: ITEMS.iter().map(|item| (item.0.into(), item.3 * packages, item.5)).collect(),
            },
        )
    }

    /// The supplier brings a round's goods, and they are carried to its points and counted there.
    pub(super) fn supply(
        &self,
        staff: &Staff<'_>,
        contract: ContractId,
        (round, number, month): (RoundId, i32, i8),
    ) -> Result<DeliveryId, Error> {
        self.set(month, 5, 540)?;
        let packages = self.packages()?;
        let delivery = self.office.enter_delivery(
            staff.storekeeper,
            contract,
            &NewDelivery {
                document_no: format!("BAST/{number}/CONTOH/{}", self.year),
                delivered_on: Date::new(self.year, month, 5).ok(),
                lines: ITEMS.iter().map(|item| (item.0.into(), item.3 * packages, 0, 0)).collect(),
                samples: vec![("beras".into(), 5_000, 5_000, "kering".into(), "diterima".into())],
            },
        )?;
        for (point, operator) in staff.operators {
            let here = self.recipients.iter().filter(|(_, place)| *place == point.id).count();
            let here = i64::try_from(here).unwrap_or(0);
            if here == 0 {
                continue;
            }
            self.set(month, 7, 540)?;
            let lines: Vec<(String, i64)> = ITEMS.iter().map(|item| (item.0.into(), item.3 * here)).collect();
            let sent = self.office.send_shipment(
                staff.storekeeper,
                round,
                &NewShipment { to: Some(point.code.clone()), ..carried(lines.clone()) },
            )?;
            self.set(month, 8, 600)?;
            let counted = lines.into_iter().map(|(item, quantity)| (item, quantity, 0)).collect();
            self.office.receive_shipment(operator, sent.id, &Received { lines: counted, note: String::new() })?;
        }
        Ok(delivery)
    }

    /// What nobody came for goes back to the warehouse, but for a tray of eggs that broke.
    pub(super) fn clear(
        &self,
        staff: &Staff<'_>,
        programme: ProgrammeId,
        (round, number, month): (RoundId, i32, i8),
    ) -> Result<(), Error> {
        let mut broken = number > 1;
        for (point, _) in staff.operators {
            self.set(month, 25, 600)?;
            let left = |item: &str| -> Result<i64, Error> {
                let views = self.office.stock(staff.finance, Some(programme))?;
                let mut places = views.iter().flat_map(|view| &view.places);
                let place = places.find(|place| place.point.as_ref() == Some(&point.code) && place.item == item);
                Ok(place.map_or(0, |place| place.balance.remaining))
            };
            if !broken && left(TRAY.0)? >= TRAY.1 {
                broken = true;
                self.office.enter_stock(
                    staff.coordinator,
                    round,
                    &NewEntry {
                        point: Some(point.code.clone()),
                        item: TRAY.0.into(),
                        kind: EntryKind::Damaged,
                        quantity: TRAY.1,
                        reason: "Pecah saat diturunkan dari perahu (contoh)".into(),
                    },
                )?;
            }
            let mut lines = Vec::new();
            for item in ITEMS {
                let quantity = left(item.0)?;
                if quantity > 0 {
                    lines.push((item.0.to_owned(), quantity));
                }
            }
            if lines.is_empty() {
                continue;
            }
            let new = NewShipment { from: Some(point.code.clone()), ..carried(lines.clone()) };
            let sent = self.office.send_shipment(staff.coordinator, round, &new)?;
            self.set(month, 26, 600)?;
            let counted = lines.into_iter().map(|(item, quantity)| (item, quantity, 0)).collect();
            let received = Received { lines: counted, note: String::new() };
            self.office.receive_shipment(staff.storekeeper, sent.id, &received)?;
        }
        Ok(())
    }

    /// The supplier's invoice for a delivery, and the treasury's payment of it.
    pub(super) fn pay(
        &self,
        staff: &Staff<'_>,
        (programme, contract): (ProgrammeId, ContractId),
        delivery: DeliveryId,
        (number, month): (i32, i8),
    ) -> Result<(), Error> {
        self.set(month, 27, 540)?;
        let contracts = self.office.contracts(staff.finance, programme)?;
        let mut deliveries = contracts.iter().flat_map(|one| &one.deliveries);
        let amount_minor = deliveries.find(|one| one.id == delivery).map_or(0, |one| one.value_minor);
        let invoice = format!("INV-{number}/CONTOH/{}", self.year);
        self.office.enter_invoice(
            staff.finance,
            contract,
            &NewInvoice {
                number: invoice.clone(),
                dated_on: Date::new(self.year, month, 26).ok(),
                amount_minor,
                deliveries: vec![delivery],
            },
        )?;
        self.set(month, 28, 540)?;
        let file = format!(
            "no_sp2d;tanggal;nilai;penerima;no_faktur\n045{number}/LS/CONTOH;{}-{month:02}-28;{amount_minor};CV CONTOH \
             PANGAN;{invoice}\nJUMLAH;;{amount_minor};;\n",
            self.year
        );
        self.office.bring_payments(staff.finance, programme, "sp2d-contoh.csv", file.as_bytes())?;
        Ok(())
    }

    fn packages(&self) -> Result<i64, Error> {
        i64::try_from(self.recipients.len()).map_err(|fault| Error::Broken(fault.to_string()))
    }
}

fn carried(lines: Vec<(String, i64)>) -> NewShipment {
    NewShipment {
        from: None,
        to: None,
        lines,
        vehicle: "KT 0000 XX (contoh)".into(),
        driver: "Sopir Contoh".into(),
        seal: String::new(),
        note: String::new(),
    }
}
