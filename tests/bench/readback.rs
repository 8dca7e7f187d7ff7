//! Every code of a run of 10,000 signed vouchers, printed four to a page, rendered at 150 dpi by poppler and
//! read back by zbar. `SALUR_BENCH_READBACK` sets another number of vouchers.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use salur::token::SigningKey;

use crate::paper;

/// `make bench ONLY=readback`
pub(crate) fn run() {
    let count: u32 = std::env::var("SALUR_BENCH_READBACK").ok().map_or(10_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::from_seed(&[7; 32]);
    let wanted: BTreeSet<String> = (0..count).map(|number| paper::face(number, Some(&key)).qr_text).collect();
    paper::write_parts("a4x4+sign", count, folder.path());
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let next = AtomicUsize::new(0);
    let read = Mutex::new((BTreeSet::new(), 0_usize));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let pages = tempfile::tempdir().unwrap();
                    let rendered = Command::new("pdftoppm")
                        .args(["-r", "150", "-gray"])
                        .arg(file)
                        .arg(pages.path().join("p"))
                        .status()
                        .unwrap();
                    assert!(rendered.success());
                    let mut pictures: Vec<_> =
                        std::fs::read_dir(pages.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
                    pictures.sort();
                    let said = Command::new("zbarimg")
                        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
                        .args(&pictures)
                        .output()
                        .unwrap();
                    let mut read = read.lock().unwrap();
                    read.1 += pictures.len();
                    read.0.extend(String::from_utf8_lossy(&said.stdout).lines().map(str::to_owned));
                }
            });
        }
    });
    let (read, pages) = read.into_inner().unwrap();
    let right = wanted.intersection(&read).count();
    println!(
        "{right} of {count} codes read back from {pages} pages; {} texts that nobody printed",
        read.difference(&wanted).count()
    );
    assert_eq!(right, wanted.len(), "codes that did not read back");
}
