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
    /// The number below the name (NIP); may be empty.
    pub name_no: String,
}

impl Signature {
    /// A place to sign without a name.
    #[must_use]
    pub fn of(caption: &str, title: &str) -> Self {
        Self { caption: caption.to_owned(), title: title.to_owned(), name: String::new(), name_no: String::new() }
    }
}

/// Who signs a document of this kind unless the office says otherwise.
#[must_use]
pub fn defaults(kind: Kind) -> Vec<Signature> {
    let sign = Signature::of;
    match kind {
        Kind::ReceiptList | Kind::PreparedList => vec![
            sign("Mengetahui,", "Pengguna Anggaran"),
            sign("", "Pejabat Pelaksana Teknis Kegiatan (PPTK)"),
            sign("", "Bendahara Pengeluaran"),
            sign("Yang membagikan,", "Petugas Titik"),
        ],
        Kind::Handover => vec![
            sign("PIHAK KEDUA,", "Penanggung Jawab Titik"),
            sign("PIHAK PERTAMA,", "Pejabat Pelaksana Teknis Kegiatan (PPTK)"),
            sign("Saksi,", "Ketua RT / Perangkat Desa"),
            sign("Mengetahui,", "Pengguna Anggaran"),
        ],
        Kind::NotCollected => {
            vec![sign("Mengetahui,", "Kepala Bidang / Kepala Seksi"), sign("Petugas,", "Puskesos Desa/Kelurahan")]
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
            vec![sign("Mengetahui,", "Koordinator"), sign("", "Pejabat Pelaksana Teknis Kegiatan (PPTK)")]
        }
    }
}
