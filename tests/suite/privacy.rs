//! What identifies a person stands in no database in the clear.

use std::process::Command;

use crate::harness::office::{Office, TEN};

/// The values of one column of the file of ten.
fn column(heading: &str) -> Vec<String> {
    let mut lines = std::str::from_utf8(TEN).unwrap().lines();
    let place = lines.next().unwrap().split(',').position(|name| name == heading).unwrap();
    lines.map(|line| line.split(',').nth(place).unwrap().to_owned()).collect()
}

/// All that the database holds: the bytes of its files, or a dump.
fn everything(office: &Office) -> Vec<u8> {
    if let Some(url) = office.installation.database_url() {
        let dump = Command::new("pg_dump").arg(url).output().unwrap();
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        return dump.stdout;
    }
    let files = std::fs::read_dir(office.installation.dir()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.to_string_lossy().contains(".db")).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    let hex = data_encoding::HEXLOWER.encode(needle.as_bytes());
    [needle, &hex].iter().any(|text| haystack.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[test]
fn numbers_streets_and_birth_dates_lie_sealed_on_disk() {
    let office = Office::open(5);
    office.take_in_the_ten(office.installation.programme());
    let everything = everything(&office);
    assert!(holds(&everything, "RUSMINI"), "names can be searched, so this looks at the right place");
    for heading in ["nik", "no_kk", "alamat", "tanggal_lahir"] {
        for value in column(heading) {
            assert!(!holds(&everything, &value), "{heading} {value} lies in the clear");
        }
    }
}
