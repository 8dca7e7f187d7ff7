//! The columns of a file of households, and how their headings are recognised.

use serde::{Deserialize, Serialize};

use crate::domain::household::is_hidden;

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident $heading:literal;)*) => {
        /// A column that an intake reads. Whatever else a file holds is named and left out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum Column { $(
            $(#[$doc])*
            #[serde(rename = $heading)]
            $name,
        )* }

        impl Column {
            /// Every column, in the order of our template.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The heading, which is also the stable code.
            #[must_use]
            pub const fn heading(self) -> &'static str {
                match self { $(Self::$name => $heading,)* }
            }
        }
    };
}

columns! {
    /// Running number. Read past.
    Number "no";
    /// Id in the source.
    SourceId "id_sumber";
    /// No. KK.
    FamilyCard "no_kk";
    /// NIK of the recipient.
    Nik "nik";
    /// Name of the recipient.
    Name "nama_penerima";
    /// Sex.
    Sex "jenis_kelamin";
    /// Birth date.
    BirthDate "tanggal_lahir";
    /// Relation to the head of the family.
    Relation "hubungan_keluarga";
    /// Address.
    Address "alamat";
    /// RT.
    Rt "rt";
    /// Village code of Kemendagri.
    VillageCode "kode_desa";
    /// Village.
    Village "desa_kelurahan";
    /// Sub-district.
    SubDistrict "kecamatan";
    /// Decile of welfare.
    Decile "desil";
    /// Whether the civil registry agrees.
    CivilMatch "padan_dukcapil";
    /// What verification found.
    Eligibility "status_verval";
    /// Categories of vulnerability, parted by `|`.
    Vulnerability "kategori_rentan";
    /// Code of the distribution point.
    Point "kode_titik";
    /// Session at the point.
    Session "sesi";
    /// Code of the package.
    Package "kode_paket";
    /// Remark.
    Note "keterangan";
}

impl Column {
    /// The columns without which a file is no list of households.
    pub const MANDATORY: [Self; 5] = [Self::SourceId, Self::Nik, Self::Name, Self::Village, Self::SubDistrict];

    /// The column of a heading. Case, spaces, dots and dashes do not matter: `Desa/Kelurahan` is
    /// `desa_kelurahan`.
    #[must_use]
    pub fn parse_heading(text: &str) -> Option<Self> {
        let mut plain = String::with_capacity(text.len().min(80));
        for sign in text.chars().filter(|sign| !is_hidden(*sign)).take(80) {
            if sign.is_alphanumeric() {
                plain.extend(sign.to_lowercase());
            } else if !plain.is_empty() && !plain.ends_with('_') {
                plain.push('_');
            }
        }
        let plain = plain.trim_end_matches('_');
        Self::ALL.iter().copied().find(|column| column.heading() == plain)
    }

    /// Whether what stands in the column may not be shown, logged or stored in the clear.
    pub(super) const fn is_secret(self) -> bool {
        matches!(
            self,
            Self::Nik | Self::FamilyCard | Self::BirthDate | Self::Address | Self::Name | Self::Relation | Self::Note
        )
    }
}
