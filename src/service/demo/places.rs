//! The points of the demonstration: an office in each of the 20 sub-districts of Kutai Kartanegara, and
//! further points for villages that lie far from it.

use crate::domain::place::Village;
use crate::service::Error;

/// A point with the village whose people collect there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The point's code.
    pub(super) code: &'static str,
    /// The point's name.
    pub(super) name: &'static str,
    /// The sub-district.
    pub(super) sub_district: &'static str,
    /// The village's official code, as far as it is known here.
    pub(super) village_code: &'static str,
    /// The village.
    pub(super) village: &'static str,
    /// How many of a thousand households collect there.
    pub(super) share: u64,
}

const fn place(
    code: &'static str,
    name: &'static str,
    sub_district: &'static str,
    (village_code, village): (&'static str, &'static str),
    share: u64,
) -> Place {
    Place { code, name, sub_district, village_code, village, share }
}

/// The villages that are known here, which are those of the points: a part of the official list.
pub(super) fn villages() -> Result<Vec<Village>, Error> {
    PLACES
        .iter()
        .map(|place| {
            Village::of(place.village_code, place.village, place.sub_district)
                .map_err(|fault| Error::Broken(format!("{}: {fault:?}", place.village)))
        })
        .collect()
}

/// Thousand households in all, in the shares of the sub-districts.
pub(super) const PLACES: &[Place] = &[
    place("MMT-01", "Kantor Camat Muara Muntai", "MUARA MUNTAI", ("64.02.01.2001", "MUARA MUNTAI ULU"), 35),
    place("MMT-02", "Kantor Desa Jantur", "MUARA MUNTAI", ("64.02.01.2004", "JANTUR"), 20),
    place("LKL-01", "Kantor Camat Loa Kulu", "LOA KULU", ("64.02.02.2001", "LOA KULU KOTA"), 60),
    place("LJN-01", "Kantor Camat Loa Janan", "LOA JANAN", ("64.02.03.2001", "LOA JANAN ULU"), 60),
    place("ANG-01", "Kantor Camat Anggana", "ANGGANA", ("64.02.04.2001", "ANGGANA"), 55),
    place("MBD-01", "Kantor Camat Muara Badak", "MUARA BADAK", ("64.02.05.2004", "MUARA BADAK ILIR"), 40),
    place("TGR-01", "Kantor Camat Tenggarong", "TENGGARONG", ("64.02.06.1002", "LOA IPUH"), 80),
    place("TGR-02", "Kantor Kelurahan Timbau", "TENGGARONG", ("64.02.06.1004", "TIMBAU"), 40),
    place("SBL-01", "Kantor Camat Sebulu", "SEBULU", ("64.02.07.2001", "SEBULU ULU"), 60),
    place("KTB-01", "Kantor Camat Kota Bangun", "KOTA BANGUN", ("64.02.08.2008", "MUHURAN"), 30),
    place("KTB-02", "Kantor Desa Sebelimbingan", "KOTA BANGUN", ("64.02.08.2005", "SEBELIMBINGAN"), 20),
    place("KNH-01", "Kantor Camat Kenohan", "KENOHAN", ("64.02.09.2001", "KAHALA"), 35),
    place("KJG-01", "Kantor Camat Kembang Janggut", "KEMBANG JANGGUT", ("64.02.10.2001", "KEMBANG JANGGUT"), 25),
    place("KJG-02", "Kantor Desa Long Beleh Modang", "KEMBANG JANGGUT", ("64.02.10.2008", "LONG BELEH MODANG"), 15),
    place("MKM-01", "Kantor Camat Muara Kaman", "MUARA KAMAN", ("64.02.11.2001", "MUARA KAMAN ULU"), 45),
    place("MKM-02", "Kantor Desa Sabintulung", "MUARA KAMAN", ("64.02.11.2006", "SABINTULUNG"), 30),
    place("TBG-01", "Kantor Camat Tabang", "TABANG", ("64.02.12.2001", "SIDOMULYO"), 15),
    place("TBG-03", "Kantor Desa Umaq Tukung", "TABANG", ("64.02.12.2009", "UMAQ TUKUNG"), 10),
    place("SMB-01", "Kantor Camat Samboja", "SAMBOJA", ("64.02.13.1001", "SAMBOJA KUALA"), 45),
    place("MJW-01", "Kantor Camat Muara Jawa", "MUARA JAWA", ("64.02.14.1001", "MUARA JAWA ULU"), 45),
    place("SSG-01", "Kantor Camat Sanga Sanga", "SANGA SANGA", ("64.02.15.1001", "SANGA SANGA DALAM"), 20),
    place("TSB-01", "Kantor Camat Tenggarong Seberang", "TENGGARONG SEBERANG", ("64.02.16.2001", "MANUNGGAL JAYA"), 75),
    place("MRK-01", "Kantor Camat Marang Kayu", "MARANG KAYU", ("64.02.17.2001", "SEBUNTAL"), 40),
    place("MWS-01", "Kantor Camat Muara Wis", "MUARA WIS", ("64.02.18.2001", "MUARA WIS"), 20),
    place("MWS-02", "BPU Desa Muara Enggelam", "MUARA WIS", ("64.02.18.2007", "MUARA ENGGELAM"), 10),
    place("KBD-01", "Kantor Camat Kota Bangun Darat", "KOTA BANGUN DARAT", ("64.02.19.2005", "KOTA BANGUN II"), 35),
    place("SBB-01", "Kantor Camat Samboja Barat", "SAMBOJA BARAT", ("64.02.20.1005", "AMBORAWANG DARAT"), 35),
];

impl Place {
    /// How many neighbourhoods its village has.
    pub(super) const fn neighbourhoods(&self) -> u64 {
        3 + self.share / 8
    }

    /// The neighbourhood of a household by its place among so many of the village: neighbours stand together.
    pub(super) const fn neighbourhood(&self, position: u64, of: u64) -> u64 {
        let of = if of == 0 { 1 } else { of };
        1 + position * self.neighbourhoods() / of
    }
}

/// How many of so many households collect at each point: in proportion, with the odd ones going to the
/// points with the largest remainders, so that the sum is exact.
pub(super) fn shares(households: u64) -> Vec<u64> {
    let mut shares: Vec<u64> = PLACES.iter().map(|place| households * place.share / 1_000).collect();
    let mut rest = households - shares.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..PLACES.len()).collect();
    order.sort_by_key(|place| {
        let share = PLACES.get(*place).map_or(0, |place| place.share);
        std::cmp::Reverse((households * share % 1_000, share))
    });
    for place in order.into_iter().cycle() {
        if rest == 0 {
            break;
        }
        if let Some(share) = shares.get_mut(place) {
            *share += 1;
            rest -= 1;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sub_district_has_its_share_and_each_village_several_neighbourhoods() {
        let mut shares = std::collections::BTreeMap::new();
        for place in PLACES {
            *shares.entry(place.sub_district).or_insert(0) += place.share;
            assert!(place.neighbourhoods() >= 4);
            assert_eq!(place.neighbourhood(0, place.share), 1);
            assert_eq!(place.neighbourhood(place.share - 1, place.share), place.neighbourhoods());
        }
        assert_eq!(shares.len(), 20);
        assert_eq!((shares["TENGGARONG"], shares["TABANG"], shares["MUARA WIS"]), (120, 25, 30));
    }

    #[test]
    fn every_household_has_one_point() {
        assert_eq!(PLACES.iter().map(|place| place.share).sum::<u64>(), 1_000);
        for households in [0, 1, 7, 40, 999, 1_000, 1_000_000] {
            assert_eq!(shares(households).iter().sum::<u64>(), households);
        }
    }
}
