//! Minutes of substitutes (BA pengganti) and the statement of responsibility that goes with them (SPTJM);
//! a blank form where nobody is substituted yet.

use super::receipt_list::place_of;
use super::{Block, Cell, Document, Fact, Kind, Occasion, Signature, Table};

/// One of the two households of a substitution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The recipient's name.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// The number of the family card, masked.
    pub family_card_masked: String,
    /// RT and village.
    pub place: String,
}

/// One household in the place of another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    /// Who was on the list.
    pub old: Person,
    /// Who takes the place.
    pub new: Person,
    /// Why.
    pub reason: String,
    /// The statement, number and date.
    pub statement: String,
    /// A remark: why the new one, how the two belong together.
    pub note: String,
}

/// How many empty lines a blank form has: as many as leave room for the signatures on its page.
const BLANK_LINES: usize = 3;

/// The minutes, and the statement on a page of its own.
#[must_use]
pub fn compose(occasion: &Occasion, pairs: &[Pair]) -> Document {
    let columns = [
        ("No.", 9),
        ("Penerima lama / NIK", 46),
        ("RT, desa/kelurahan", 34),
        ("Alasan diganti", 34),
        ("Pengganti / NIK / No. KK", 50),
        ("RT, desa/kelurahan", 34),
        ("Alasan layak, hubungan", 38),
        ("SPTJM (no., tanggal)", 32),
    ];
    let mut table = Table::new("", &columns)
        .parted("Penerima lama / NIK", &["Penerima lama", "NIK penerima lama"])
        .parted("Pengganti / NIK / No. KK", &["Pengganti", "NIK pengganti", "No. KK pengganti"]);
    table.row_height = if pairs.is_empty() { 12 } else { 0 };
    for pair in pairs {
        let newer = [&pair.new.name, &pair.new.nik_masked, &pair.new.family_card_masked];
        let newer: Vec<&str> = newer.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        table.rows.push(vec![
            Cell::Number(place_of(table.rows.len()).into()),
            Cell::text(format!("{}\n{}", pair.old.name, pair.old.nik_masked)),
            Cell::text(pair.old.place.clone()),
            Cell::text(pair.reason.clone()),
            Cell::text(newer.join("\n")),
            Cell::text(pair.new.place.clone()),
            Cell::or_blank(&pair.note),
            Cell::or_blank(&pair.statement),
        ]);
    }
    if pairs.is_empty() {
        for place in 1..=BLANK_LINES {
            let mut row = vec![Cell::Blank; columns.len()];
            row[0] = Cell::Number(super::receipt_list::place_of(place - 1).into());
            table.rows.push(row);
        }
    }
    let mut document = occasion.document(Kind::Substitution);
    document.blocks = vec![
        Block::Text(
            "Berdasarkan musyawarah desa/kelurahan, penerima di bawah ini digantikan. Pengganti adalah anggota KK \
             yang sama atau keluarga miskin di wilayah yang sama yang belum menerima bantuan sejenis."
                .to_owned(),
        ),
        Block::Table(table),
        Block::Signatures(document.signatures.clone()),
    ];
    document.blocks.extend(statement(occasion));
    document.signatures =
        vec![Signature::of("Yang membuat pernyataan,", "Kepala Desa / Lurah"), Signature::of("Saksi,", "Ketua RT/RW")];
    document
}

fn statement(occasion: &Occasion) -> Vec<Block> {
    let item = |sign: &str, text: &str| Block::Item(sign.to_owned(), text.to_owned());
    vec![
        Block::Page,
        Block::Heading("SURAT PERNYATAAN TANGGUNG JAWAB MUTLAK (SPTJM)".to_owned()),
        Block::Facts(vec![Fact::new("Nomor", "")]),
        Block::Text("Yang bertanda tangan di bawah ini:".to_owned()),
        Block::Facts(vec![Fact::new("Nama", ""), Fact::new("Jabatan", ""), Fact::new("Desa/Kelurahan, Kecamatan", "")]),
        Block::Text(format!(
            "menyatakan dengan sesungguhnya, untuk program {} {}:",
            occasion.programme.name, occasion.round.name
        )),
        item(
            "1.",
            "penerima yang tercantum dalam berita acara pengganti benar tidak dapat menerima bantuan dengan alasan yang tertulis;",
        ),
        item(
            "2.",
            "pengganti yang diusulkan benar layak, tinggal di wilayah kami, dan belum menerima bantuan sejenis;",
        ),
        item(
            "3.",
            "data dan bukti yang dilampirkan benar, dan kami bertanggung jawab mutlak atasnya sesuai ketentuan yang berlaku;",
        ),
        item("4.", "penerima dan pengganti tidak dipungut biaya apa pun."),
        Block::Text("Pernyataan ini dibuat dengan sebenarnya untuk dipakai sebagaimana mestinya.".to_owned()),
    ]
}
