//! The kinds of documents, and their numbers.

use serde::{Deserialize, Serialize};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
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
}

impl Kind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::ReceiptList,
        Self::Handover,
        Self::NotCollected,
        Self::ProxyList,
        Self::Substitution,
        Self::HomeDelivery,
        Self::PreparedList,
        Self::Register,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReceiptList => "receipt_list",
            Self::Handover => "handover",
            Self::NotCollected => "not_collected",
            Self::Substitution => "substitution",
            Self::ProxyList => "proxy_list",
            Self::HomeDelivery => "home_delivery",
            Self::PreparedList => "prepared_list",
            Self::Register => "register",
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
            Self::ReceiptList => "DAFTAR TANDA TERIMA BANTUAN",
            Self::Handover => "BERITA ACARA SERAH TERIMA PENYALURAN BANTUAN",
            Self::NotCollected => "DAFTAR PENERIMA YANG BELUM MENGAMBIL",
            Self::Substitution => "BERITA ACARA PENGGANTI PENERIMA BANTUAN",
            Self::ProxyList => "DAFTAR WAKIL PENGAMBIL BANTUAN",
            Self::HomeDelivery => "DAFTAR ANTAR KE RUMAH",
            Self::PreparedList => "DAFTAR TANDA TERIMA CADANGAN (PENYALURAN TANPA PERANGKAT)",
            Self::Register => "REGISTER KUPON DIBATALKAN, DITAHAN, DAN DICETAK ULANG",
        }
    }

    /// What it is called within a sentence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReceiptList => "Daftar tanda terima",
            Self::Handover => "Berita acara serah terima",
            Self::NotCollected => "Daftar yang belum mengambil",
            Self::Substitution => "Berita acara pengganti",
            Self::ProxyList => "Daftar wakil",
            Self::HomeDelivery => "Daftar antar ke rumah",
            Self::PreparedList => "Daftar tanda terima cadangan",
            Self::Register => "Register kupon",
        }
    }

    /// Its letters in a number.
    #[must_use]
    pub const fn letters(self) -> &'static str {
        match self {
            Self::ReceiptList => "DTT",
            Self::Handover => "BAST",
            Self::NotCollected => "DBM",
            Self::Substitution => "BAP",
            Self::ProxyList => "DW",
            Self::HomeDelivery => "DAR",
            Self::PreparedList => "DTT-C",
            Self::Register => "REG",
        }
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
        !matches!(self, Self::Handover)
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
