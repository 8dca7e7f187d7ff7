//! What people call the columns: our template, the files of P3KE and DTSEN, and lists made by hand.
//!
//! A heading that stands in the table is certain. One that is only like it is a guess, to be asked about.
//! What is known to be of no use (houses, assets, other aid) is never guessed to be something else.

use super::Column;
use crate::domain::household::is_hidden;

/// What a heading seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadingGuess {
    /// The column.
    pub column: Column,
    /// Whether it is beyond doubt.
    pub sure: bool,
    /// Whether it puts the column right, as `NIK_perbaikan` does.
    pub corrects: bool,
    /// Of two sure headings for one column the lower rank is taken: `Nama` before `Kepala Keluarga`.
    pub rank: u8,
    /// Whether an id is that of a single person and not of a family.
    pub individual: bool,
}

/// Headings that are certain, by column and rank, parted by spaces.
const SURE: &[(Column, u8, &str)] = &[
    (Column::Number, 0, "no nomor no_urut nomor_urut nourut urut nmr number"),
    (Column::SourceId, 0, "id_sumber"),
    (
        Column::SourceId,
        1,
        "id_keluarga_p3ke id_keluarga idkeluarga id_p3ke idp3ke id_kpm id_kel id_penerima id_keluarga_dtsen \
         id_dtsen nomor_id_keluarga no_id_keluarga",
    ),
    (Column::SourceId, 2, "id_rumah_tangga id_ruta idbdt id_bdt id_dtks iddtks id_krt"),
    (Column::SourceId, 3, "id no_id nomor_id kode_id"),
    (Column::SourceId, 4, "id_individu id_individu_p3ke idindividu id_art id_anggota id_anggota_keluarga"),
    (
        Column::FamilyCard,
        0,
        "no_kk nokk nomor_kk nkk no_kartu_keluarga nomor_kartu_keluarga no_kartu_keluarga_kk \
         nomor_kartu_keluarga_kk kartu_keluarga no_kk_kartu_keluarga nomor_kk_kartu_keluarga no_kk_penerima",
    ),
    (
        Column::Nik,
        0,
        "nik no_nik nomor_nik nik_penerima nik_kpm nomor_induk_kependudukan no_induk_kependudukan \
         nomor_induk_kependudukan_nik no_ktp noktp nomor_ktp ktp nik_ktp ktp_nik no_ktp_nik no_nik_ktp \
         nik_no_ktp nomor_ktp_nik no_e_ktp nik_individu nik_anggota_keluarga nik_pengurus no_ktp_el \
         nik_calon_penerima",
    ),
    (Column::Nik, 1, "nik_kepala_keluarga nik_kk nik_krt no_nik_kepala_keluarga"),
    (
        Column::Name,
        0,
        "nama_penerima nama_kpm nama_penerima_manfaat nama_penerima_bantuan nama_calon_penerima nama_pengurus",
    ),
    (
        Column::Name,
        1,
        "nama nama_lengkap nama_individu nama_anggota_keluarga nama_art nama_penduduk nama_warga \
         nama_sesuai_ktp nama_ktp nama_orang nama_lengkap_sesuai_ktp name",
    ),
    (
        Column::Name,
        2,
        "nama_kepala_keluarga kepala_keluarga nama_kk nama_krt nama_kepala_rumah_tangga nama_kep_keluarga \
         kepala_rumah_tangga nama_kepala_keluarga_kk nama_lengkap_kepala_keluarga",
    ),
    (
        Column::Sex,
        0,
        "jenis_kelamin jk j_k l_p lp p_l kelamin jns_kelamin jns_kel jenkel gender sex jenis_kelamin_l_p \
         jk_l_p jenis_kel jeniskelamin",
    ),
    (
        Column::BirthDate,
        0,
        "tanggal_lahir tgl_lahir tgl_lhr tgllahir tanggallahir tanggal_lahir_kepala_keluarga \
         tgl_lahir_kepala_keluarga tanggal_bulan_tahun_lahir tgl_bln_thn_lahir tanggal_kelahiran \
         tgl_kelahiran",
    ),
    (
        Column::BirthDate,
        1,
        "ttl tempat_tanggal_lahir tempat_tgl_lahir tempat_dan_tanggal_lahir tmp_tgl_lahir tmpt_tgl_lahir \
         tempat_tanggal_lahir_ttl t_t_l tempat_dan_tgl_lahir tpt_tgl_lahir",
    ),
    (
        Column::Relation,
        0,
        "hubungan_keluarga hubungan_dengan_kepala_keluarga hubungan_dgn_kepala_keluarga hub_keluarga \
         hubungan_dalam_keluarga hubungan shdk status_hubungan_dalam_keluarga status_hubungan_keluarga \
         status_dalam_keluarga hub_kepala_keluarga hub_dgn_kepala_keluarga hubungan_kepala_keluarga \
         stat_hbkel hubungan_dengan_krt hub_krt hub_dengan_kepala_keluarga status_hub_keluarga \
         hubungan_dengan_kk",
    ),
    (
        Column::Address,
        0,
        "alamat alamat_lengkap alamat_rumah alamat_domisili alamat_tinggal alamat_tempat_tinggal \
         alamat_penerima alamat_jalan alamat_sekarang alamat_rt_rw alamat_rt alamat_lengkap_rt_rw \
         alamat_rumah_rt_rw alamat_tinggal_rt_rw alamat_domisili_rt_rw alamat_dan_rt_rw alamat_dusun_rt_rw \
         alamat_rt_rw_dusun",
    ),
    (Column::Address, 1, "alamat_ktp alamat_sesuai_ktp jalan nama_jalan alamat_kk"),
    (Column::Address, 2, "dusun nama_dusun lingkungan"),
    (Column::Rt, 0, "rt no_rt nomor_rt"),
    (Column::Rt, 1, "rt_rw rtrw no_rt_rw rt_dan_rw"),
    (
        Column::VillageCode,
        0,
        "kode_desa kode_desa_kelurahan kode_kelurahan kode_kelurahan_desa kode_desa_kel kode_kel_desa \
         kode_kemdagri kode_kemendagri kode_desa_kemdagri kode_desa_kemendagri kode_kemendagri_desa \
         kode_wilayah_kemendagri kode_wilayah_kemdagri kode_kemdagri_desa",
    ),
    (Column::VillageCode, 1, "kode_wilayah"),
    (
        Column::Village,
        0,
        "desa_kelurahan kelurahan_desa desa_kel kel_desa desa kelurahan nama_desa nama_kelurahan \
         nama_desa_kelurahan nama_kelurahan_desa nama_desa_kel nama_kel_desa kel_ds ds_kel kel \
         desa_atau_kelurahan kelurahan_atau_desa desa_kelurahan_domisili kampung_desa ds",
    ),
    (Column::SubDistrict, 0, "kecamatan kec nama_kecamatan nama_kec kecamatan_domisili kec_domisili"),
    (
        Column::Decile,
        0,
        "desil desil_kesejahteraan desil_nasional desil_dtsen desil_kesejahteraan_nasional desil_p3ke \
         peringkat_desil kelompok_desil desil_keluarga desil_kesejahteraan_keluarga",
    ),
    (Column::Decile, 1, "desil_provinsi desil_kabupaten desil_kab desil_daerah"),
    (
        Column::CivilMatch,
        0,
        "padan_dukcapil padan padan_capil status_padan status_padan_dukcapil padan_nik nik_padan \
         padanan_dukcapil kepadanan_dukcapil nik_padan_dukcapil padan_disdukcapil status_dukcapil",
    ),
    (
        Column::Eligibility,
        0,
        "status_verval verval_memenuhi_kriteria memenuhi_kriteria hasil_verval layak_tidak_layak kelayakan \
         status_kelayakan status_layak hasil_kelayakan layak verval layak_tidak hasil_verifikasi",
    ),
    (
        Column::EligibilityReason,
        0,
        "alasan_tidak_layak verval_alasan_tidak_memenuhi alasan_tidak_memenuhi alasan_tdk_layak \
         alasan_tidak_memenuhi_kriteria verval_alasan_tidak_memenuhi_kriteria alasan_verval",
    ),
    (
        Column::Presence,
        0,
        "keberadaan status_keberadaan_target status_keberadaan keberadaan_target keberadaan_keluarga",
    ),
    (Column::Vulnerability, 0, "kategori_rentan kerentanan kelompok_rentan jenis_kerentanan kategori_kerentanan"),
    (Column::Point, 0, "kode_titik kode_titik_bagi kode_titik_distribusi"),
    (Column::Session, 0, "sesi no_sesi"),
    (Column::Package, 0, "kode_paket"),
    (Column::Note, 0, "keterangan ket catatan keterangan_lain"),
];

/// Headings that are known to be of no use here. What begins with one of them is not guessed at.
const OF_NO_USE: &str = "alasan provinsi prov kabupaten kab kota pekerjaan pendidikan kepemilikan memiliki jenis_atap \
         jenis_dinding jenis_lantai sumber bahan_bakar fasilitas penerima bpnt bpum bst pkh sembako resiko \
         risiko pensasaran status_kawin status_perkawinan usia umur tempat_lahir tmpt_lahir rw no_rw hp no_hp \
         nomor_hp no_telp telepon agama kode_prov kode_kab kode_kec kode_bps prioritas foto tanda_tangan ttd \
         paraf nama_ibu nama_ayah nama_pasangan nama_istri nama_suami nik_pasangan nik_istri nik_suami \
         nik_ibu no_rek nomor_rek bank nama_bank jumlah jml latitude longitude lat long koordinat tahun bulan \
         tanggal_verval tgl_verval petugas nama_petugas nama_pendata nama_pendamping disabilitas penyakit \
         hamil daya_listrik luas dinding lantai atap id_pelanggan kks no_kks nomor_kks peringkat skor \
         status_rumah penghasilan tanggungan barcode qr timestamp nama_rt nama_ketua ketua_rt kode_pos \
         status_penerima nominal";

/// Words that say that a column puts another one right.
const CORRECTING: &[&str] = &[
    "perbaikan",
    "koreksi",
    "dikoreksi",
    "revisi",
    "pembetulan",
    "diperbaiki",
    "pembaruan",
    "baru",
    "benar",
    "seharusnya",
];

/// A heading in small letters, its words parted by `_`: `Desa/Kelurahan ` is `desa_kelurahan`.
pub(super) fn plain_heading(text: &str) -> String {
    let mut plain = String::with_capacity(text.len().min(80));
    for sign in text.chars().filter(|sign| !is_hidden(*sign)).take(80) {
        if sign.is_alphanumeric() {
            plain.extend(sign.to_lowercase());
        } else if !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
    }
    plain.truncate(plain.trim_end_matches('_').len());
    plain
}

fn sure(plain: &str) -> Option<(Column, u8)> {
    SURE.iter()
        .find(|(_, _, headings)| headings.split(' ').any(|heading| heading == plain))
        .map(|(column, rank, _)| (*column, *rank))
}

fn of_no_use(plain: &str) -> bool {
    OF_NO_USE
        .split(' ')
        .any(|word| plain.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('_')))
}

/// What a heading is beyond doubt, if anything.
#[must_use]
pub fn sure_heading(text: &str) -> Option<HeadingGuess> {
    sure_guess(&plain_heading(text))
}

fn sure_guess(plain: &str) -> Option<HeadingGuess> {
    let guess = |(column, rank), corrects| {
        let individual = column == Column::SourceId && rank == 4;
        Some(HeadingGuess { column, sure: true, corrects, rank, individual })
    };
    if plain.is_empty() {
        return None;
    }
    if let Some(found) = sure(plain) {
        return guess(found, false);
    }
    if !plain.split('_').any(|word| CORRECTING.contains(&word)) {
        return None;
    }
    let rest: Vec<&str> =
        plain.split('_').filter(|word| !CORRECTING.contains(word) && !matches!(*word, "hasil" | "yang")).collect();
    let rest = rest.join("_");
    let found = if rest == "kk" { Some((Column::FamilyCard, 0)) } else { sure(&rest) };
    guess(found.filter(|(column, _)| *column != Column::Number)?, true)
}

/// What a heading seems to be; nothing, when it is not like any that is known.
#[must_use]
pub fn guess_heading(text: &str) -> Option<HeadingGuess> {
    let plain = plain_heading(text);
    if let Some(guess) = sure_guess(&plain) {
        return Some(guess);
    }
    // A heading has letters, and not the digits of a number or a date.
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    if plain.len() < 2 || digits >= 4 || digits == plain.len() || of_no_use(&plain) {
        return None;
    }
    let column = like(&plain)?;
    Some(HeadingGuess { column, sure: false, corrects: false, rank: u8::MAX, individual: false })
}

/// The column whose name a heading resembles: it has one of its words, or one or two letters differ.
fn like(plain: &str) -> Option<Column> {
    let words: Vec<&str> = plain.split('_').collect();
    // A sentence is no heading: letterheads and remarks name villages too.
    if words.len() > 5 {
        return None;
    }
    let has = |word: &str| words.contains(&word);
    let by_word = if has("nik") || has("ktp") {
        Some(Column::Nik)
    } else if (has("kartu") && has("keluarga")) || (has("kk") && !has("nama")) {
        Some(Column::FamilyCard)
    } else if has("lahir") && !has("tempat") {
        Some(Column::BirthDate)
    } else if has("kelamin") {
        Some(Column::Sex)
    } else if has("kode") && (has("desa") || has("kelurahan")) {
        Some(Column::VillageCode)
    } else if has("nama") && (has("penerima") || has("kepala") || has("lengkap") || has("keluarga")) {
        Some(Column::Name)
    } else if has("alamat") {
        Some(Column::Address)
    } else if has("desil") {
        Some(Column::Decile)
    } else if has("padan") || has("dukcapil") {
        Some(Column::CivilMatch)
    } else if has("hubungan") && has("keluarga") {
        Some(Column::Relation)
    } else if words.len() <= 3 && (has("desa") || has("kelurahan")) {
        Some(Column::Village)
    } else if words.len() <= 3 && has("kecamatan") {
        Some(Column::SubDistrict)
    } else if has("id") && words.len() <= 3 {
        Some(Column::SourceId)
    } else {
        None
    };
    by_word.or_else(|| {
        let bare: String = plain.chars().filter(|sign| *sign != '_').collect();
        SURE.iter().find_map(|(column, _, headings)| {
            headings.split(' ').any(|heading| nearly(&bare, heading)).then_some(*column)
        })
    })
}

/// Whether a text is a heading but for a letter or two, as a slip of the hand makes it.
fn nearly(bare: &str, heading: &str) -> bool {
    let text = bare.as_bytes();
    let length = heading.bytes().filter(|sign| *sign != b'_').count();
    let most = match length {
        0..=4 => 0,
        5..=9 => 1,
        _ => 2,
    };
    if text.len().abs_diff(length) > most {
        return false;
    }
    let heading: Vec<u8> = heading.bytes().filter(|sign| *sign != b'_').collect();
    let mut before: Vec<usize> = (0..=heading.len()).collect();
    for (row, sign) in text.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, other) in heading.iter().enumerate() {
            let at = |place: usize| before.get(place).copied().unwrap_or(usize::MAX / 2);
            let left = line.last().copied().unwrap_or(usize::MAX / 2);
            line.push((at(column) + usize::from(sign != other)).min(at(column + 1) + 1).min(left + 1));
        }
        before = line;
    }
    before.last().is_some_and(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str) -> Option<(Column, bool, bool)> {
        guess_heading(text).map(|guess| (guess.column, guess.sure, guess.corrects))
    }

    #[test]
    fn the_headings_of_p3ke_and_dtsen_and_hand_made_lists_are_certain() {
        use Column as C;
        for (text, column) in [
            ("ID Keluarga (P3KE)", C::SourceId),
            ("ID Individu", C::SourceId),
            ("Kode Kemdagri", C::VillageCode),
            ("kode_kemendagri", C::VillageCode),
            ("Desil Kesejahteraan", C::Decile),
            ("Kepala Keluarga ", C::Name),
            ("Padan Dukcapil", C::CivilMatch),
            ("Hubungan dengan Kepala Keluarga", C::Relation),
            ("nomor_kartu_keluarga", C::FamilyCard),
            ("nomor_induk_kependudukan", C::Nik),
            ("nama_kepala_keluarga", C::Name),
            ("desil_nasional", C::Decile),
            ("Nama Lengkap", C::Name),
            ("No KTP", C::Nik),
            ("No. KTP", C::Nik),
            ("L/P", C::Sex),
            ("TTL", C::BirthDate),
            ("Tempat, Tgl. Lahir", C::BirthDate),
            ("Kelurahan/Desa", C::Village),
            ("Kec.", C::SubDistrict),
            ("RT/RW", C::Rt),
            ("Ket.", C::Note),
            ("Alamat RT/RW", C::Address),
            ("Alamat (RT/RW)", C::Address),
            ("nomor_KK", C::FamilyCard),
            ("VERVAL_memenuhi_kriteria", C::Eligibility),
            ("VERVAL_alasan_tidak_memenuhi", C::EligibilityReason),
            ("status_keberadaan_target", C::Presence),
            ("\u{feff}No ", C::Number),
        ] {
            assert_eq!(is(text), Some((column, true, false)), "{text}");
        }
        for (text, column) in [
            ("NIK_perbaikan", C::Nik),
            ("nama_perbaikan", C::Name),
            ("Perbaikan No. KK", C::FamilyCard),
            ("KK perbaikan", C::FamilyCard),
        ] {
            assert_eq!(is(text), Some((column, true, true)), "{text}");
        }
    }

    #[test]
    fn what_is_only_like_a_heading_is_a_guess() {
        use Column as C;
        for (text, column) in [
            ("Nama Lngkap Penerima", C::Name),
            ("NIK/KTP Warga", C::Nik),
            ("Tangal Lahir", C::BirthDate),
            ("Kecamtan", C::SubDistrict),
            ("Nama Desa Asal", C::Village),
            ("KK", C::FamilyCard),
        ] {
            assert_eq!(is(text), Some((column, false, false)), "{text}");
        }
    }

    #[test]
    fn houses_assets_and_other_aid_are_never_guessed_at() {
        for text in [
            "Provinsi",
            "Kabupaten",
            "Pekerjaan",
            "Pendidikan",
            "Kepemilikan Rumah",
            "Memiliki Simpanan Uang/Perhiasan/Ternak/Lainnya",
            "Jenis Atap",
            "Jenis Dinding",
            "Jenis Lantai",
            "Sumber Penerangan",
            "Bahan Bakar Memasak",
            "Sumber Air Minum",
            "Memiliki Fasilitas Buang Air Besar",
            "Penerima BPNT",
            "BPUM",
            "BST",
            "PKH",
            "SEMBAKO",
            "Resiko Stunting",
            "Pensasaran",
            "Status Kawin",
            "Usia <7",
            "Usia 7-12",
            ">= 60",
            "prioritas_verval",
            "alasan",
            "Nama Ibu Kandung",
            "RW",
            "No. HP",
            "",
            "PEMERINTAH KABUPATEN KUTAI KARTANEGARA",
            "DATA CONTOH - BUKAN DATA ASLI",
            "DINAS SOSIAL",
            "Umur",
            "Tempat Lahir",
        ] {
            assert_eq!(is(text), None, "{text}");
        }
    }

    #[test]
    fn no_heading_stands_in_the_table_twice_and_each_is_plain() {
        let mut seen = std::collections::HashSet::new();
        for (_, _, headings) in SURE {
            for heading in headings.split(' ') {
                assert!(seen.insert(heading), "{heading}");
                assert_eq!(plain_heading(heading), heading);
            }
        }
        for column in Column::ALL {
            assert_eq!(guess_heading(column.heading()).map(|guess| (guess.column, guess.sure)), Some((*column, true)));
        }
    }
}
