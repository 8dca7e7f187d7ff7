//! Why a file is refused as a whole: a closed list, each with a plain sentence.

use std::fmt;

use super::Column;
use crate::domain::time::Language;

/// Why a file is refused as a whole. Nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// It has no byte, or only white space.
    Empty,
    /// It is larger than `max` bytes.
    TooLarge {
        /// The bound.
        max: u64,
    },
    /// Unpacked, a workbook would be larger than can be read, as in a zip bomb.
    TooMuchInside,
    /// It has more rows than `max`.
    TooManyRows {
        /// The bound.
        max: u32,
    },
    /// A row has more columns than `max`.
    TooManyColumns {
        /// The bound.
        max: u32,
    },
    /// A cell is far beyond what a list holds.
    CellTooLong {
        /// Its row.
        row: u32,
    },
    /// It is a picture, a PDF, a web page or something else that is no spreadsheet.
    NotASpreadsheet,
    /// A workbook of Excel before 1997.
    OldExcel,
    /// A workbook of another kind (.xlsb).
    OtherSpreadsheet,
    /// A workbook with macros.
    Macros,
    /// A workbook that opens with a password.
    Protected,
    /// A workbook that is cut off or damaged.
    Damaged,
    /// A text of 16-bit signs ("Unicode text").
    Utf16,
    /// A text with NUL bytes.
    NulBytes,
    /// A quotation mark is never closed.
    UnclosedQuote {
        /// The line in which it opens.
        line: u32,
    },
    /// Among the first rows none looks like headings.
    NoHeader,
    /// The headings are there, but these are missing.
    MissingColumns(
        /// The missing ones.
        Vec<Column>,
    ),
    /// A heading stands twice.
    DoubledColumn(
        /// The heading.
        Column,
    ),
    /// Some headings are like those that are known, but not the same: a person must say what they are.
    ColumnsUnclear(
        /// The headings and what they may be.
        Vec<(String, Column)>,
    ),
    /// Several sheets hold a list; one is due.
    SeveralSheets(
        /// Their names.
        Vec<String>,
    ),
    /// There is no row below the headings.
    NoRows,
    /// So many NIK end with 0 that a spreadsheet program must have rounded them.
    NiksRounded {
        /// How many end with 0.
        ending: u32,
        /// Of how many.
        of: u32,
    },
    /// The file could not be read at all.
    Unreadable {
        /// What the system said.
        reason: String,
    },
}

impl FileFault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::TooLarge { .. } => "file_too_large",
            Self::TooMuchInside => "file_too_much_inside",
            Self::TooManyRows { .. } => "file_too_many_rows",
            Self::TooManyColumns { .. } => "file_too_many_columns",
            Self::CellTooLong { .. } => "file_cell_too_long",
            Self::NotASpreadsheet => "file_not_a_spreadsheet",
            Self::OldExcel => "file_old_excel",
            Self::OtherSpreadsheet => "file_other_spreadsheet",
            Self::Macros => "file_with_macros",
            Self::Protected => "file_protected",
            Self::Damaged => "file_damaged",
            Self::Utf16 => "file_utf16",
            Self::NulBytes => "file_nul_bytes",
            Self::UnclosedQuote { .. } => "file_unclosed_quote",
            Self::NoHeader => "file_no_header",
            Self::MissingColumns(_) => "file_missing_columns",
            Self::DoubledColumn(_) => "file_doubled_column",
            Self::ColumnsUnclear(_) => "file_columns_unclear",
            Self::SeveralSheets(_) => "file_several_sheets",
            Self::NoRows => "file_no_rows",
            Self::NiksRounded { .. } => "file_niks_rounded",
            Self::Unreadable { .. } => "file_unreadable",
        }
    }

    /// Whether a person can solve it by pointing out the sheet, the row of headings or the columns.
    #[must_use]
    pub const fn can_be_asked(&self) -> bool {
        matches!(
            self,
            Self::NoHeader
                | Self::MissingColumns(_)
                | Self::DoubledColumn(_)
                | Self::ColumnsUnclear(_)
                | Self::SeveralSheets(_)
        )
    }

    /// One or two sentences: what is wrong and what to do.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match language {
            Language::Id => self.indonesian(),
            Language::En => self.english(),
        }
    }

    fn indonesian(&self) -> String {
        match self {
            Self::Empty => "Berkas kosong. Pilih berkas daftar penerima yang berisi data.".into(),
            Self::TooLarge { max } => {
                format!("Berkas lebih besar dari {} MB. Bagi menjadi beberapa berkas.", max / 1_000_000)
            }
            Self::TooMuchInside => {
                "Isi berkas setelah dibuka terlalu besar untuk dibaca. Salin tabelnya saja ke berkas XLSX baru.".into()
            }
            Self::TooManyRows { max } => {
                format!("Berkas memuat lebih dari {max} baris. Bagi menjadi beberapa berkas.")
            }
            Self::TooManyColumns { max } => {
                format!("Ada baris dengan lebih dari {max} kolom. Gunakan templat dan hapus kolom yang tidak perlu.")
            }
            Self::CellTooLong { row } => {
                format!("Isi salah satu sel di baris {row} terlalu panjang. Perbaiki sel itu lalu unggah lagi.")
            }
            Self::NotASpreadsheet => {
                "Berkas ini bukan tabel (CSV, XLSX, XLS atau ODS). Buka di Excel lalu simpan sebagai .xlsx.".into()
            }
            Self::OldExcel => "Berkas ini format Excel sebelum 1997. Buka di Excel lalu simpan sebagai .xlsx.".into(),
            Self::OtherSpreadsheet => {
                "Berkas ini lembar kerja jenis lain (misalnya .xlsb). Simpan sebagai .xlsx lalu unggah lagi.".into()
            }
            Self::Macros => "Berkas ini berisi makro. Simpan sebagai .xlsx tanpa makro lalu unggah lagi.".into(),
            Self::Protected => {
                "Berkas ini dikunci dengan kata sandi. Hapus kata sandinya di Excel lalu unggah lagi.".into()
            }
            Self::Damaged => {
                "Berkas Excel rusak atau terpotong. Unduh atau simpan ulang berkas asalnya lalu unggah lagi.".into()
            }
            Self::Utf16 => "Berkas ini teks Unicode 16-bit. Simpan ulang sebagai “CSV UTF-8” atau .xlsx.".into(),
            Self::NulBytes => {
                "Berkas memuat byte kosong (NUL), tanda berkas rusak atau bukan teks. Simpan ulang sebagai .xlsx."
                    .into()
            }
            Self::UnclosedQuote { line } => {
                format!(
                    "Tanda kutip yang dibuka di baris {line} tidak pernah ditutup. Perbaiki baris itu lalu unggah lagi."
                )
            }
            Self::NoHeader => format!(
                "Baris judul kolom tidak ditemukan dalam 30 baris pertama. Gunakan judul seperti {}.",
                headings(&Column::MANDATORY)
            ),
            Self::MissingColumns(columns) => {
                let ids = if columns.contains(&Column::SourceId) {
                    " Bila daftar ini memang tanpa ID, mintalah Salur membuatkan ID."
                } else {
                    ""
                };
                format!(
                    "Kolom wajib tidak ada: {}. Tunjukkan kolomnya, atau tambahkan lalu unggah lagi.{ids}",
                    headings(columns)
                )
            }
            Self::DoubledColumn(column) => {
                format!("Judul kolom {} ada dua kali. Hapus atau ganti nama salah satunya.", column.heading())
            }
            Self::ColumnsUnclear(guesses) => format!(
                "Judul kolom ini belum pasti artinya: {}. Tunjukkan kolomnya, atau ganti judulnya seperti di templat.",
                unclear(guesses)
            ),
            Self::SeveralSheets(names) => format!(
                "Lebih dari satu lembar berisi daftar: {}. Simpan satu lembar saja, atau satukan.",
                names.join(", ")
            ),
            Self::NoRows => "Tidak ada baris data di bawah judul kolom.".into(),
            Self::NiksRounded { ending, of } => format!(
                "{ending} dari {of} NIK berakhiran 0 (wajarnya sekitar 1 dari 10): digit ke-16 hilang karena kolom NIK \
                 disimpan sebagai angka di Excel. Ubah kolom menjadi Teks, isi ulang dari data asal, lalu unggah lagi."
            ),
            Self::Unreadable { reason } => format!("Berkas tidak dapat dibaca: {reason}."),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Empty => "The file is empty. Choose a list of recipients that holds data.".into(),
            Self::TooLarge { max } => {
                format!("The file is larger than {} MB. Divide it into several files.", max / 1_000_000)
            }
            Self::TooMuchInside => {
                "Unpacked, the file is too large to be read. Copy the table alone into a new XLSX file.".into()
            }
            Self::TooManyRows { max } => {
                format!("The file has more than {max} rows. Divide it into several files.")
            }
            Self::TooManyColumns { max } => {
                format!("A row has more than {max} columns. Use the template and delete columns that are not needed.")
            }
            Self::CellTooLong { row } => {
                format!("A cell in row {row} is far too long. Mend that cell and upload again.")
            }
            Self::NotASpreadsheet => {
                "This file is no table (CSV, XLSX, XLS or ODS). Open it in Excel and save it as .xlsx.".into()
            }
            Self::OldExcel => {
                "This file has the format of Excel before 1997. Open it in Excel and save it as .xlsx.".into()
            }
            Self::OtherSpreadsheet => {
                "This file is a workbook of another kind (such as .xlsb). Save it as .xlsx and upload again.".into()
            }
            Self::Macros => "This file holds macros. Save it as .xlsx without macros and upload again.".into(),
            Self::Protected => {
                "This file is locked with a password. Remove the password in Excel and upload again.".into()
            }
            Self::Damaged => {
                "The workbook is damaged or cut off. Download or save the original again and upload that.".into()
            }
            Self::Utf16 => "This file is a text of 16-bit Unicode. Save it again as “CSV UTF-8” or .xlsx.".into(),
            Self::NulBytes => {
                "The file holds NUL bytes, a sign that it is damaged or no text. Save it again as .xlsx.".into()
            }
            Self::UnclosedQuote { line } => {
                format!(
                    "The quotation mark that opens in line {line} is never closed. Mend that line and upload again."
                )
            }
            Self::NoHeader => format!(
                "No row of headings was found among the first 30 rows. Use headings such as {}.",
                headings(&Column::MANDATORY)
            ),
            Self::MissingColumns(columns) => {
                let ids = if columns.contains(&Column::SourceId) {
                    " If the list has no ids, let Salur make them up."
                } else {
                    ""
                };
                format!(
                    "Mandatory columns are missing: {}. Point them out, or add them and upload again.{ids}",
                    headings(columns)
                )
            }
            Self::DoubledColumn(column) => {
                format!("The heading {} stands twice. Delete or rename one of them.", column.heading())
            }
            Self::ColumnsUnclear(guesses) => format!(
                "It is not certain what these headings mean: {}. Point out the columns, or use the headings of the template.",
                unclear(guesses)
            ),
            Self::SeveralSheets(names) => {
                format!("More than one sheet holds a list: {}. Save one sheet only, or join them.", names.join(", "))
            }
            Self::NoRows => "There is no row of data below the headings.".into(),
            Self::NiksRounded { ending, of } => format!(
                "{ending} of {of} NIK end with 0 (about 1 in 10 is normal): their 16th digit was lost because the column \
                 was stored as numbers. Format the column as text, fill it in again from the source, and upload again."
            ),
            Self::Unreadable { reason } => format!("The file cannot be read: {reason}."),
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for FileFault {}

fn headings(columns: &[Column]) -> String {
    columns.iter().map(|column| column.heading()).collect::<Vec<_>>().join(", ")
}

fn unclear(guesses: &[(String, Column)]) -> String {
    guesses.iter().map(|(text, column)| format!("“{text}” ({}?)", column.heading())).collect::<Vec<_>>().join(", ")
}
