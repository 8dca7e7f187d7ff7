//! For tests: what other people's programs make of a file, and whether a layout keeps its texts apart.
//!
//! The programs (poppler, zbar, qpdf) must be there: a test that cannot ask them fails.

use std::io::Write as _;
use std::process::Command;

use tempfile::TempDir;

use super::ink::{Area, Ink};

/// A file in a folder of its own, to be looked at by other programs.
pub(super) struct Paper {
    folder: TempDir,
}

impl Paper {
    /// Keeps the file. With `SALUR_KEEP_PAPER` set to a folder a copy goes there, to be looked at.
    pub(super) fn new(bytes: &[u8], name: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let mut places = vec![folder.path().join("it.pdf")];
        if let Some(keep) = std::env::var_os("SALUR_KEEP_PAPER") {
            places.push(std::path::Path::new(&keep).join(format!("{name}.pdf")));
        }
        for place in places {
            std::fs::File::create(place).unwrap().write_all(bytes).unwrap();
        }
        Self { folder }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let done = Command::new(program).args(arguments).current_dir(self.folder.path()).output();
        let done = done.unwrap_or_else(|error| panic!("{program} is needed for this test: {error}"));
        let out = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{program}: {out}{}", String::from_utf8_lossy(&done.stderr));
        out
    }

    /// The file is well formed, says its language and asks not to be scaled.
    pub(super) fn assert_sound(&self) {
        let said = self.run("qpdf", &["--check", "it.pdf"]);
        assert!(said.contains("PDF Version: 1.7") && said.contains("No syntax or stream encoding errors"), "{said}");
        let info = self.run("pdfinfo", &["-isodates", "it.pdf"]);
        assert!(info.contains("CreationDate:    2026-") && info.contains("Title: "), "{info}");
        let catalog = self.run("qpdf", &["--json", "--json-key=qpdf", "it.pdf", "-"]);
        for wanted in ["\"/Lang\": \"u:id-ID\"", "\"/DisplayDocTitle\": true", "\"/PrintScaling\": \"/None\""] {
            assert!(catalog.contains(wanted), "{wanted} is missing");
        }
    }

    /// How many pages there are.
    pub(super) fn pages(&self) -> usize {
        let info = self.run("pdfinfo", &["it.pdf"]);
        let line = info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap();
        line.trim().parse().unwrap()
    }

    /// How many pictures the file holds, each counted once.
    pub(super) fn images(&self) -> usize {
        self.run("qpdf", &["--qdf", "--object-streams=disable", "it.pdf", "plain.pdf"]);
        let plain = std::fs::read(self.folder.path().join("plain.pdf")).unwrap();
        plain.windows(15).filter(|bytes| bytes == b"/Subtype /Image").count()
    }

    /// The text as a reader copies it.
    pub(super) fn text(&self) -> String {
        self.run("pdftotext", &["-raw", "it.pdf", "-"])
    }

    /// The texts of the codes on a page, sorted, read from a picture of it.
    pub(super) fn codes(&self, page: usize, dpi: u32) -> Vec<String> {
        let (page, dpi) = (page.to_string(), dpi.to_string());
        self.run("pdftoppm", &["-r", &dpi, "-f", &page, "-l", &page, "-png", "-singlefile", "it.pdf", "page"]);
        let read = self.run("zbarimg", &["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "page.png"]);
        let mut codes: Vec<String> = read.lines().map(str::to_owned).collect();
        codes.sort();
        codes
    }
}

/// A text with all white space made one blank, so that a line break does not hide a word.
pub(super) fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// No line of text runs over another or into the margin of the paper.
pub(super) fn assert_within(ink: &Ink, (width, height): (f32, f32), margin: f32) {
    let mut foot = 0.0;
    for text in ink.texts() {
        let area = text.area();
        assert!(area.left >= margin && area.right() <= width - margin && area.bottom() <= height, "{text:?}");
        let body = area.top + area.height * 0.2;
        assert!(body >= foot, "{text:?} runs over the line above it");
        foot = body + area.height * 0.62;
    }
}

/// No line of text leaves the sheet, enters a kept area or runs over another line.
pub(super) fn assert_apart(inks: &[&Ink], (width, height): (f32, f32), kept: &[Area]) {
    let lines: Vec<(Area, &str)> =
        inks.iter().flat_map(|ink| ink.texts()).map(|text| (text.area(), text.text())).collect();
    let apart =
        |a: &Area, b: &Area| a.right() <= b.left || b.right() <= a.left || a.bottom() <= b.top || b.bottom() <= a.top;
    for (place, (area, text)) in lines.iter().enumerate() {
        assert!(
            area.left >= 5.0 && area.right() <= width - 5.0 && area.top >= 4.0 && area.bottom() <= height - 3.0,
            "{text:?} leaves the sheet: {area:?}"
        );
        for hole in kept {
            assert!(apart(area, hole), "{text:?} stands in the border of the code: {area:?}");
        }
        for (other, words) in &lines[place + 1..] {
            // Lines of one paragraph may touch with accents and tails, never with their bodies.
            let body = |area: &Area| Area { top: area.top + area.height * 0.2, height: area.height * 0.62, ..*area };
            assert!(apart(&body(area), &body(other)), "{text:?} and {words:?} overlap: {area:?} {other:?}");
        }
    }
}
