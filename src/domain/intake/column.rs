//! The columns of a file of households, and how their headings are recognised.

use serde::{Deserialize, Serialize};

use super::synonym::plain_heading;

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
            /// Every column: first those of our template, in its order.
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
    /// Why verification found somebody not eligible. Kept within the remark.
    EligibilityReason "alasan_tidak_layak";
    /// Whether verification found the family at all. Kept within the remark.
    Presence "keberadaan";
}

impl Column {
    /// The columns of our template, in its order.
    #[must_use]
    pub fn template() -> &'static [Self] {
        Self::ALL.split_last_chunk::<2>().map_or(Self::ALL, |(template, _)| template)
    }

    /// The columns without which a file is no list of households.
    pub const MANDATORY: [Self; 5] = [Self::SourceId, Self::Nik, Self::Name, Self::Village, Self::SubDistrict];

    /// The column of a heading of our template. Case, spaces, dots and dashes do not matter:
    /// `Desa/Kelurahan` is `desa_kelurahan`. What other lists call their columns, see
    /// [`guess_heading`](super::guess_heading).
    #[must_use]
    pub fn parse_heading(text: &str) -> Option<Self> {
        let plain = plain_heading(text);
        Self::ALL.iter().copied().find(|column| column.heading() == plain)
    }

    /// Whether what stands in the column may not be shown, logged or stored in the clear.
    pub(super) const fn is_secret(self) -> bool {
        matches!(
            self,
            Self::Nik
                | Self::FamilyCard
                | Self::BirthDate
                | Self::Address
                | Self::Name
                | Self::Relation
                | Self::Note
                | Self::EligibilityReason
                | Self::Presence
        )
    }
}
