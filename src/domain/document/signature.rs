//! Who signs a document. The titles are an office's own; these are what most offices use.

use serde::{Deserialize, Serialize};

use super::Kind;

/// A place to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Signature {
    /// What stands above the title: `Mengetahui`.
    pub caption: String,
    /// The title: `Pengguna Anggaran`.
    pub title: String,
    /// The name; empty where it is written by hand.
    pub name: String,
    /// What stands below the name: `NIP. …`; may be empty.
    pub name_no: String,
}

impl Signature {
    /// The same, for an official: with room for the number that officials have.
    #[must_use]
    pub fn official(caption: &str, title: &str) -> Self {
        Self { name_no: "NIP. ..............................".to_owned(), ..Self::of(caption, title) }
    }

    /// A place to sign without a name.
    #[must_use]
    pub fn of(caption: &str, title: &str) -> Self {
        Self { caption: caption.to_owned(), title: title.to_owned(), name: String::new(), name_no: String::new() }
    }
}

/// Who signs a document of this kind unless the office says otherwise.
#[must_use]
pub fn defaults(kind: Kind) -> Vec<Signature> {
    let (sign, official) = (Signature::of, Signature::official);
    match kind {
        Kind::ReceiptList | Kind::PreparedList => vec![
            official("Mengetahui,", "Pengguna Anggaran"),
            official("", "Pejabat Pelaksana Teknis Kegiatan (PPTK)"),
            official("", "Bendahara Pengeluaran"),
            sign("Yang membagikan,", "Petugas Titik"),
        ],
        Kind::Handover => vec![
            sign("PIHAK KEDUA,", "Penanggung Jawab Titik"),
            official("PIHAK PERTAMA,", "Pejabat Pelaksana Teknis Kegiatan (PPTK)"),
            sign("Saksi,", "Ketua RT / Perangkat Desa"),
            official("Mengetahui,", "Pengguna Anggaran"),
        ],
        Kind::NotCollected => {
            vec![official("Mengetahui,", "Kepala Bidang / Kepala Seksi"), sign("Petugas,", "Puskesos Desa/Kelurahan")]
        }
        Kind::Substitution => vec![
            sign("Mengetahui,", "Kepala Desa / Lurah"),
            sign("", "Ketua RT/RW"),
            sign("", "Puskesos Desa/Kelurahan"),
        ],
        Kind::ProxyList => vec![sign("Mengetahui,", "Koordinator Titik")],
        Kind::HomeDelivery => {
            vec![
                sign("Mengetahui,", "Koordinator Titik"),
                sign("Pengantar,", "Petugas Antar"),
                sign("Saksi,", "Ketua RT"),
            ]
        }
        Kind::Register => {
            vec![sign("Mengetahui,", "Koordinator"), official("", "Pejabat Pelaksana Teknis Kegiatan (PPTK)")]
        }
        Kind::Waybill => vec![
            sign("Yang mengirim,", "Pengurus Barang"),
            sign("Yang mengangkut,", "Pengemudi"),
            sign("Yang menerima,", "Petugas Titik"),
        ],
        Kind::GoodsHandover => vec![
            sign("Yang menyerahkan,", "Pengurus Barang"),
            sign("Yang menerima,", "Petugas Titik"),
            official("Mengetahui,", "Camat / Kepala Desa"),
        ],
        Kind::Inspection => vec![sign("Pemeriksa,", "Pemeriksa Barang"), sign("", "Pengurus Barang")],
        Kind::DeliveryPlan | Kind::Realisation => vec![official("", "Pejabat Pelaksana Teknis Kegiatan (PPTK)")],
        Kind::VoucherGoods => vec![sign("Petugas,", "Petugas Titik"), sign("", "Pengurus Barang")],
        Kind::BudgetReconciliation => vec![
            official("", "Bendahara Pengeluaran"),
            official("", "Pejabat Pelaksana Teknis Kegiatan (PPTK)"),
            official("Mengetahui,", "Pengguna Anggaran"),
        ],
        // Behind the two who closed, whose names stand on the paper.
        Kind::Closing => vec![official("Mengetahui,", "Pengguna Anggaran")],
        Kind::Beneficiaries | Kind::Monitoring => vec![official("", "Kepala Dinas")],
        Kind::SpotCheckSheet => vec![sign("Petugas uji petik,", "Auditor")],
        Kind::CaseRegister | Kind::Overlap | Kind::AuditTrail => Vec::new(),
    }
}
