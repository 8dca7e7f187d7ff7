//! A file of households, read and checked, beside the bare reader.
//!
//! Each measurement runs in a process of its own, so that the peak of its memory is its own. Time is that of
//! the processor, so that ratios hold on a busy machine too.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use calamine::Reader as _;
use salur::domain::intake::{Examiner, Known};
use salur::spreadsheet::{Choice, Source, open};

/// Tells a child process what to measure: the way, then the file.
const CHILD: &str = "SALUR_BENCH_INTAKE";
const ROWS: u32 = 100_000;
const REPEATS: usize = 3;

pub(crate) fn run() {
    if let Ok(task) = std::env::var(CHILD) {
        let (way, path) = task.split_once(' ').unwrap();
        return measure(way, Path::new(path));
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_csv(&at("half.csv"), ROWS / 2);
    write_csv(&at("whole.csv"), ROWS);
    write_csv(&at("double.csv"), ROWS * 2);
    write_xlsx(&at("whole.xlsx"), ROWS);
    println!("{:<34} {:>8} {:>11} {:>9} {:>7}", "", "rows", "rows/s", "peak MB", "ratio");
    let mut alone = 0.0;
    for (title, way, name, bare) in [
        ("csv crate alone", "csv", "whole.csv", true),
        ("CSV read", "read", "whole.csv", false),
        ("CSV read and checked", "check", "whole.csv", false),
        ("CSV read, half the rows", "read", "half.csv", false),
        ("CSV read, twice the rows", "read", "double.csv", false),
        ("CSV read and checked, half", "check", "half.csv", false),
        ("CSV read and checked, twice", "check", "double.csv", false),
        ("calamine alone", "calamine", "whole.xlsx", true),
        ("XLSX read", "read", "whole.xlsx", false),
        ("XLSX read and checked", "check", "whole.xlsx", false),
    ] {
        let (rows, seconds, peak) = best(way, &at(name));
        let per_row = seconds / f64::from(rows);
        if bare {
            alone = per_row;
        }
        let (speed, ratio) = (1.0 / per_row, per_row / alone);
        println!("{title:<34} {rows:>8} {speed:>11.0} {peak:>9.1} {ratio:>6.2}x");
        if name.starts_with("whole") && way == "check" {
            super::results::ratio(
                format!("{title}: time / read alone"),
                ratio,
                Some(super::results::Goal::AtMost(3.0)),
            );
        }
    }
}

/// The quickest of some runs: rows, seconds, and the peak of memory in millions of bytes.
fn best(way: &str, path: &Path) -> (u32, f64, f64) {
    let runs = (0..REPEATS).map(|_| {
        let output = Command::new(std::env::current_exe().unwrap())
            .arg("intake")
            .env(CHILD, format!("{way} {}", path.display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("measured ")).unwrap();
        let parts: Vec<f64> = line.split(' ').map(|part| part.parse().unwrap()).collect();
        (parts[0] as u32, parts[1], parts[2])
    });
    runs.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

fn measure(way: &str, path: &Path) {
    let begun = Instant::now();
    let rows = match way {
        "csv" => {
            let mut reader = csv::ReaderBuilder::new().from_path(path).unwrap();
            let (mut record, mut rows) = (csv::StringRecord::new(), 0);
            while reader.read_record(&mut record).unwrap() {
                rows += 1;
            }
            rows
        }
        "calamine" => {
            let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(BufReader::new(File::open(path).unwrap())).unwrap();
            let mut cells = book.worksheet_cells_reader("Sheet1").unwrap();
            let mut last = 0;
            while let Some(cell) = cells.next_cell().unwrap() {
                last = cell.get_position().0;
            }
            last
        }
        _ => {
            let (points, packages) = (HashSet::from(["TGR-01".to_owned()]), HashSet::from(["SEMBAKO-A".to_owned()]));
            let known = Known { points: &points, packages: &packages, today: jiff::civil::date(2026, 11, 23) };
            let mut examiner = Examiner::new(known);
            let name = path.to_str().unwrap();
            let mut rows = 0;
            for row in open(name, Source::from_path(path).unwrap(), &Choice::default()).unwrap() {
                let row = row.unwrap();
                rows += 1;
                if way == "check" {
                    assert!(examiner.check(&row).particulars.is_some());
                }
            }
            examiner.verdict().unwrap();
            rows
        }
    };
    let seconds = processor_seconds().unwrap_or_else(|| begun.elapsed().as_secs_f64());
    println!("measured {rows} {seconds} {}", peak_memory());
}

/// How long this process had a processor, as Linux counts it: what others do meanwhile does not count.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: f64 = text.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// The most memory that this process has held, in millions of bytes, as Linux counts it.
fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).map_or(0.0, |kilo| kilo / 1_000.0)
}

const HEADINGS: &str = "no,id_sumber,no_kk,nik,nama_penerima,jenis_kelamin,tanggal_lahir,hubungan_keluarga,alamat,rt,\
    kode_desa,desa_kelurahan,kecamatan,desil,padan_dukcapil,status_verval,kategori_rentan,kode_titik,sesi,kode_paket,keterangan";

/// A row without fault, of which no two are the same.
fn row(place: u32) -> String {
    let (day, run) = (1 + place % 28, 1 + place / 28);
    let (month, year) = (1 + run % 12, 40 + run / 12 % 50);
    let sequence = 1 + run / 600 % 9_000;
    let name: String = place
        .to_string()
        .bytes()
        .map(|digit| ["SI", "TI", "MA", "RU", "NO", "LA", "HA", "DE", "WA", "KU"][usize::from(digit - b'0')])
        .collect();
    format!(
        "{},UJI-{place:06},640299{day:02}{month:02}{year:02}{:04},640299{:02}{month:02}{year:02}{sequence:04},{name},P,\
         19{year:02}-{month:02}-{day:02},KEPALA KELUARGA,JL. CONTOH MAWAR NO. {place},014,64.02.06.1002,LOA IPUH,TENGGARONG,1,YA,LAYAK,\
         LANSIA,TGR-01,1,SEMBAKO-A,",
        place + 1,
        1 + run / 600 % 9_000,
        day + 40,
    )
}

fn write_csv(path: &Path, rows: u32) {
    let lines: Vec<String> = std::iter::once(HEADINGS.to_owned()).chain((0..rows).map(row)).collect();
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

fn write_xlsx(path: &Path, rows: u32) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (line, text) in std::iter::once(HEADINGS.to_owned()).chain((0..rows).map(row)).enumerate() {
        for (place, cell) in text.split(',').enumerate() {
            sheet.write_string(u32::try_from(line).unwrap(), u16::try_from(place).unwrap(), cell).unwrap();
        }
    }
    book.save(path).unwrap();
}
