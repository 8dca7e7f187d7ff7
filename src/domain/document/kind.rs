//! The kinds of documents, and their numbers.

use serde::{Deserialize, Serialize};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DocumentKind)]
pub enum Kind {
    /// R1: the list as the newest decree fixed it (BNBA, lampiran SK).
    Beneficiaries,
    /// Who received what at a point (daftar tanda terima, danom).
    ReceiptList,
    /// Minutes of the handover at a point (BAST penyaluran), with its annexes.
    Handover,
    /// Who has not collected.
    NotCollected,
    /// Minutes of substitutes, with the statement of responsibility (SPTJM).
    Substitution,
    /// Who collected for others, and how often.
    ProxyList,
    /// Whom a courier visits at home.
    HomeDelivery,
    /// All entitlements of a point, to be signed by hand on the day a phone dies.
    PreparedList,
    /// What was revoked, held and printed again.
    Register,
    /// R2: what goes where.
    DeliveryPlan,
    /// R3: a shipment on its way.
    Waybill,
    /// R3: a shipment as it was counted.
    GoodsHandover,
    /// R4: what suppliers brought, and samples that were weighed.
    Inspection,
    /// R10: what was collected, point by point.
    Realisation,
    /// R11: vouchers against goods.
    VoucherGoods,
    /// R12: the budget against contracts, payments and handouts.
    BudgetReconciliation,
    /// R14: what was reported, and what became of it.
    CaseRegister,
    /// R15: the sheet that reviewers ask for.
    Monitoring,
    /// R16: the newest sample.
    SpotCheckSheet,
    /// R17: households in several programmes.
    Overlap,
    /// R18: who did what.
    AuditTrail,
    /// A close or an addendum to one, made with the close itself.
    Closing,
}

impl Kind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 22] = [
        Self::Beneficiaries,
        Self::ReceiptList,
        Self::Handover,
        Self::NotCollected,
        Self::ProxyList,
        Self::Substitution,
        Self::HomeDelivery,
        Self::PreparedList,
        Self::Register,
        Self::DeliveryPlan,
        Self::Waybill,
        Self::GoodsHandover,
        Self::Inspection,
        Self::Realisation,
        Self::VoucherGoods,
        Self::BudgetReconciliation,
        Self::CaseRegister,
        Self::Monitoring,
        Self::SpotCheckSheet,
        Self::Overlap,
        Self::AuditTrail,
        Self::Closing,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Beneficiaries => "beneficiaries",
            Self::ReceiptList => "receipt_list",
            Self::Handover => "handover",
            Self::NotCollected => "not_collected",
            Self::Substitution => "substitution",
            Self::ProxyList => "proxy_list",
            Self::HomeDelivery => "home_delivery",
            Self::PreparedList => "prepared_list",
            Self::Register => "register",
            Self::DeliveryPlan => "delivery_plan",
            Self::Waybill => "waybill",
            Self::GoodsHandover => "goods_handover",
            Self::Inspection => "inspection",
            Self::Realisation => "realisation",
            Self::VoucherGoods => "voucher_goods",
            Self::BudgetReconciliation => "budget_reconciliation",
            Self::CaseRegister => "case_register",
            Self::Monitoring => "monitoring",
            Self::SpotCheckSheet => "spot_check_sheet",
            Self::Overlap => "overlap",
            Self::AuditTrail => "audit_trail",
            Self::Closing => "closing",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }

    /// What it is called on paper.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Beneficiaries => "DAFTAR PENERIMA BANTUAN (BNBA)",
            Self::ReceiptList => "DAFTAR TANDA TERIMA BANTUAN",
            Self::Handover => "BERITA ACARA SERAH TERIMA PENYALURAN BANTUAN",
            Self::NotCollected => "DAFTAR PENERIMA YANG BELUM MENGAMBIL",
            Self::Substitution => "BERITA ACARA PENGGANTI PENERIMA BANTUAN",
            Self::ProxyList => "DAFTAR WAKIL PENGAMBIL BANTUAN",
            Self::HomeDelivery => "DAFTAR ANTAR KE RUMAH",
            Self::PreparedList => "DAFTAR TANDA TERIMA CADANGAN (PENYALURAN TANPA PERANGKAT)",
            Self::Register => "REGISTER KUPON DIBATALKAN, DITAHAN, DAN DICETAK ULANG",
            Self::DeliveryPlan => "RENCANA PENYALURAN PER TITIK",
            Self::Waybill => "SURAT JALAN",
            Self::GoodsHandover => "BERITA ACARA SERAH TERIMA BARANG GUDANG – TITIK",
            Self::Inspection => "BERITA ACARA PEMERIKSAAN BARANG",
            Self::Realisation => "REALISASI PENYALURAN PER TITIK",
            Self::VoucherGoods => "REKONSILIASI KUPON DAN BARANG",
            Self::BudgetReconciliation => "REKONSILIASI ANGGARAN",
            Self::CaseRegister => "REGISTER KEJADIAN DAN PENGADUAN",
            Self::Monitoring => "LEMBAR MONITORING UNTUK APIP/BPKP",
            Self::SpotCheckSheet => "LEMBAR UJI PETIK",
            Self::Overlap => "DAFTAR IRISAN PROGRAM",
            Self::AuditTrail => "JEJAK AUDIT",
            Self::Closing => "BERITA ACARA PENUTUPAN DAN REKONSILIASI",
        }
    }

    /// What it is called within a sentence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Beneficiaries => "Daftar penerima",
            Self::ReceiptList => "Daftar tanda terima",
            Self::Handover => "Berita acara serah terima",
            Self::NotCollected => "Daftar yang belum mengambil",
            Self::Substitution => "Berita acara pengganti",
            Self::ProxyList => "Daftar wakil",
            Self::HomeDelivery => "Daftar antar ke rumah",
            Self::PreparedList => "Daftar tanda terima cadangan",
            Self::Register => "Register kupon",
            Self::DeliveryPlan => "Rencana penyaluran",
            Self::Waybill => "Surat jalan",
            Self::GoodsHandover => "BAST gudang – titik",
            Self::Inspection => "Pemeriksaan barang",
            Self::Realisation => "Realisasi per titik",
            Self::VoucherGoods => "Rekonsiliasi kupon–barang",
            Self::BudgetReconciliation => "Rekonsiliasi anggaran",
            Self::CaseRegister => "Register kejadian",
            Self::Monitoring => "Monev APIP/BPKP",
            Self::SpotCheckSheet => "Lembar uji petik",
            Self::Overlap => "Irisan program",
            Self::AuditTrail => "Jejak audit",
            Self::Closing => "Berita acara penutupan",
        }
    }

    /// Its letters in a number.
    #[must_use]
    pub const fn letters(self) -> &'static str {
        match self {
            Self::Beneficiaries => "BNBA",
            Self::ReceiptList => "DTT",
            Self::Handover => "BAST",
            Self::NotCollected => "DBM",
            Self::Substitution => "BAP",
            Self::ProxyList => "DW",
            Self::HomeDelivery => "DAR",
            Self::PreparedList => "DTT-C",
            Self::Register => "REG",
            Self::DeliveryPlan => "RPT",
            Self::Waybill => "SJ",
            Self::GoodsHandover => "BAST-B",
            Self::Inspection => "BAPB",
            Self::Realisation => "RPP",
            Self::VoucherGoods => "RKB",
            Self::BudgetReconciliation => "RKA",
            Self::CaseRegister => "RKP",
            Self::Monitoring => "MNV",
            Self::SpotCheckSheet => "UPT",
            Self::Overlap => "IRS",
            Self::AuditTrail => "JA",
            Self::Closing => "PTP",
        }
    }

    /// Whether somebody makes it when they want it; a close brings its paper with it.
    #[must_use]
    pub const fn is_made(self) -> bool {
        !matches!(self, Self::Closing)
    }

    /// Whether it is of one point, and cannot be of all at once.
    #[must_use]
    pub const fn needs_point(self) -> bool {
        matches!(self, Self::ReceiptList | Self::Handover | Self::HomeDelivery | Self::PreparedList)
    }

    /// Whether it can be narrowed to one session.
    #[must_use]
    pub const fn takes_session(self) -> bool {
        matches!(self, Self::ReceiptList | Self::NotCollected | Self::PreparedList)
    }

    /// Whether it lies across the sheet: its table is wide.
    #[must_use]
    pub const fn is_landscape(self) -> bool {
        !matches!(self, Self::Handover | Self::Waybill | Self::GoodsHandover | Self::Inspection | Self::Closing)
    }

    /// Whether its figures are those of now alone, whatever was true before: it takes no cut-off.
    #[must_use]
    pub const fn is_of_now(self) -> bool {
        matches!(
            self,
            Self::Beneficiaries
                | Self::DeliveryPlan
                | Self::Waybill
                | Self::GoodsHandover
                | Self::Realisation
                | Self::VoucherGoods
                | Self::BudgetReconciliation
                | Self::Monitoring
                | Self::SpotCheckSheet
                | Self::Overlap
        )
    }

    /// Whether it may be shown with the numbers of its households in full: the annex of a decree, and the list by which
    /// what was handed over is accounted for.
    #[must_use]
    pub const fn may_be_full(self) -> bool {
        matches!(self, Self::Beneficiaries | Self::ReceiptList)
    }

    /// Whether it is read from the books of the whole round, and not made of one household after another.
    #[must_use]
    pub const fn is_of_books(self) -> bool {
        !matches!(
            self,
            Self::ReceiptList
                | Self::Handover
                | Self::NotCollected
                | Self::Substitution
                | Self::ProxyList
                | Self::HomeDelivery
                | Self::PreparedList
                | Self::Register
        )
    }
}

/// The number of a document: running within the round and kind, and unlike any other of the agency.
#[must_use]
pub fn number(serial: i32, kind: Kind, agency: &str, programme: &str, round: i32, year: i16) -> String {
    format!("{serial:03}/{}/{agency}/{programme}/T{round}/{year}", kind.letters())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_and_no_two_share_a_code_or_letters() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
            assert_eq!(Kind::ALL.iter().filter(|other| other.letters() == kind.letters()).count(), 1);
        }
        assert_eq!(Kind::parse("bast"), None);
    }

    #[test]
    fn a_number_names_kind_agency_programme_round_and_year() {
        assert_eq!(number(7, Kind::Handover, "DINSOS", "LANSIA-26", 1, 2026), "007/BAST/DINSOS/LANSIA-26/T1/2026");
    }
}
