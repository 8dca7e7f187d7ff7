//! Verification over HTTP: decisions, suspected duplicates, the decree, substitutes.

mod decisions;
mod lists;
mod substitutes;
mod suspicions;

use serde_json::{Value, json};

use crate::harness::client::Answer;
use crate::harness::office::{Office, text};

/// One row of a file of households; what a test does not name is believable and the same for all.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) card: String,
    pub(crate) nik: String,
    pub(crate) name: String,
    pub(crate) born: String,
    pub(crate) rt: String,
    pub(crate) village: (&'static str, &'static str),
    pub(crate) said: &'static str,
    pub(crate) point: &'static str,
}

pub(crate) const LOA_IPUH: (&str, &str) = ("64.02.06.1002", "LOA IPUH");
pub(crate) const MELAYU: (&str, &str) = ("64.02.06.1005", "MELAYU");

/// A household that is like no other: number and name follow from `n`.
pub(crate) fn row(n: u32) -> Row {
    let letters: String = n.to_string().bytes().map(|digit| char::from(b'A' + (digit - b'0'))).collect();
    Row {
        id: format!("VERVAL-{n:06}"),
        card: format!("640299010101{:04}", n + 1),
        nik: format!("640299{:02}0150{:04}", 41 + n % 28, n + 1),
        name: format!("WARGA CONTOH {letters}"),
        born: format!("1950-01-{:02}", 1 + n % 28),
        rt: format!("{:03}", n % 9 + 1),
        village: LOA_IPUH,
        said: "",
        point: "TGR-01",
    }
}

pub(crate) fn csv(rows: &[Row]) -> Vec<u8> {
    let head = "id_sumber,no_kk,nik,nama_penerima,jenis_kelamin,tanggal_lahir,hubungan_keluarga,alamat,rt,kode_desa,\
                desa_kelurahan,kecamatan,desil,padan_dukcapil,status_verval,kategori_rentan,kode_titik,sesi,kode_paket,keterangan\n";
    let lines = rows.iter().map(|row| {
        let Row { id, card, nik, name, born, rt, village: (code, village), said, point } = row;
        format!("{id},{card},{nik},{name},P,{born},KEPALA KELUARGA,JL. CONTOH,{rt},{code},{village},TENGGARONG,1,YA,{said},LANSIA,{point},1,SEMBAKO-A,\n")
    });
    std::iter::once(head.to_owned()).chain(lines).collect::<String>().into_bytes()
}

impl Office {
    /// Rows that one person uploads and another agrees to.
    pub(crate) fn take_in(&self, rows: &[Row]) -> Value {
        let path = format!("/intakes?programme={}", self.installation.programme());
        let up = self.of("registrar").upload(self.base(), &path, "verval.csv", &csv(rows)).unwrap();
        assert_eq!(up.status, 201, "{}", up.body);
        assert_eq!(up.body["counts"]["rejected"], 0, "{}", up.body);
        let done = self.post("verifier", &format!("/intakes/{}/apply", text(&up.body, "id")), &json!({}));
        assert_eq!(done.status, 200, "{}", done.body);
        up.body
    }

    pub(crate) fn in_programme(&self, path: &str) -> String {
        format!("/programmes/{}{path}", self.installation.programme())
    }

    /// The households of the programme that match a query, over all pages.
    pub(crate) fn beneficiaries(&self, query: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.get("auditor", &self.in_programme(&format!("/beneficiaries?limit=7&{query}{after}")));
            assert_eq!(page.status, 200, "{}", page.body);
            all.extend(page.body["items"].as_array().unwrap().iter().cloned());
            match page.body["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => {
                    assert_eq!(page.body["total"], all.len(), "the total is the sum of the pages");
                    return all;
                }
            }
        }
    }

    /// The id of the household of a row.
    pub(crate) fn source_household(&self, row: &Row) -> String {
        let all = self.beneficiaries("");
        let found = all.iter().find(|one| one["source_id"] == row.id.as_str());
        text(found.unwrap_or_else(|| panic!("{} is not in the list", row.id)), "household_id").to_owned()
    }

    pub(crate) fn standing(&self) -> Value {
        self.get("issuer", &self.in_programme("/standing")).body
    }

    pub(crate) fn decide(&self, body: &Value) -> Answer {
        self.post("verifier", &self.in_programme("/decisions"), body)
    }

    /// A decision on these households, which must succeed.
    pub(crate) fn decided(&self, households: &[String], standing: &str, reason: Option<&str>) -> Value {
        let answer = self.decide(
            &json!({ "households": households, "standing": standing, "reason": reason, "evidence": "surat desa 12/2026" }),
        );
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body
    }
}

/// The status and the code of a refusal.
pub(crate) fn refusal(answer: &Answer) -> (u16, &str) {
    let detail = answer.body["detail"].as_str().unwrap_or("");
    assert!(!detail.is_empty() && !detail.contains('⟦'), "no sentence: {}", answer.body);
    (answer.status, answer.code())
}
