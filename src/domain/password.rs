//! Which passwords are guessed first: those made of what everybody knows about their owner.
//!
//! What is looked at is what a password is made of: names, the office, the product, the words of the commonest passwords,
//! years, rows of keys, repeats. Whatever else is in it has to be enough by itself.

/// So many letters and digits must be left when all that is predictable is taken away.
pub const SURPRISING_MIN: usize = 5;

/// What people put into passwords whatever their name is, here and everywhere: what lists of the commonest passwords are
/// made of, by its words. Digits and signs in place of letters, and figures behind them, change nothing.
const COMMON: &str = "\
    salur kupon bansos bantuan sembako beras minyak telur gula dinas sosial dinsos kantor bupati camat desa lurah \
    kecamatan kabupaten provinsi kutai kartanegara tenggarong samarinda kalimantan borneo jakarta bandung surabaya \
    medan indonesia merdeka pancasila garuda password passw0rd passwort sandi katasandi rahasia admin administrator \
    root user guest login masuk petugas test testing coba welcome selamat datang letmein changeme ganti default \
    secret master access trustno iloveyou ilove love cinta sayang sayangku kamu kekasih jodoh kangen rindu \
    bismillah alhamdulillah assalamualaikum insyaallah allah muhammad islam kristus jesus tuhan berkah barokah anak \
    istri suami mama papa ibu ayah bapak bunda keluarga kakak adik bayi baby putri putra cantik ganteng manis \
    monkey dragon football soccer baseball basketball bola persib persija arsenal liverpool chelsea barcelona \
    madrid juventus milan superman batman spiderman naruto pokemon doraemon starwars princess sunshine flower mawar \
    melati bunga bintang bulan matahari shadow ninja killer hunter ranger freedom whatever computer komputer \
    internet google facebook instagram whatsapp samsung xiaomi januari februari maret april agustus september \
    oktober november desember senin selasa rabu kamis jumat sabtu minggu ramadhan lebaran michael jennifer jordan \
    ashley charlie thomas daniel andrew joshua budi agus ahmad siti putu wayan nyoman rahmat hidayat success sukses \
    bahagia happy lucky harapan semangat jaya abadi kucing kelinci harimau";

/// Signs that lie beside each other.
const ROWS: [&str; 9] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "q1w2e3r4t5y6u7i8o9p0",
];

/// The shortest piece that counts as a word, a row or a repeat.
const PIECE: usize = 3;

/// Whether a password is little more than what anybody can guess who knows its owner: `about` are their user name,
/// their name and those of their office.
#[must_use]
pub fn is_predictable(password: &str, about: &[&str]) -> bool {
    let plain = password.to_lowercase().replace('@', "a").replace('$', "s");
    let signs: Vec<char> = plain.chars().filter(|sign| sign.is_alphanumeric()).collect();
    let mut known = vec![false; signs.len()];
    words(&signs, about, &mut known);
    years(&signs, &mut known);
    rows(&signs, &mut known);
    repeats(&signs, &mut known);
    known.iter().filter(|known| !**known).count() < SURPRISING_MIN
}

fn mark(known: &mut [bool], from: usize, length: usize) {
    for one in known.iter_mut().skip(from).take(length) {
        *one = true;
    }
}

/// A letter that a digit or sign is often put for.
const fn letter(sign: char) -> char {
    match sign {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    }
}

fn words(signs: &[char], about: &[&str], known: &mut [bool]) {
    let parts = about.iter().flat_map(|text| text.split(|sign: char| !sign.is_alphanumeric()));
    let whole = about.iter().map(|text| text.chars().filter(|sign| sign.is_alphanumeric()).collect::<String>());
    let words = parts.map(str::to_owned).chain(whole).chain(COMMON.split(' ').map(str::to_owned));
    for word in words {
        let word: Vec<char> = word.to_lowercase().chars().collect();
        if word.len() < PIECE {
            continue;
        }
        for (at, window) in signs.windows(word.len()).enumerate() {
            let same = window.iter().zip(&word).all(|(sign, wanted)| sign == wanted || letter(*sign) == *wanted);
            if same {
                mark(known, at, word.len());
            }
        }
    }
}

fn years(signs: &[char], known: &mut [bool]) {
    for (at, window) in signs.windows(4).enumerate() {
        let text: String = window.iter().collect();
        if text.parse::<u32>().is_ok_and(|year| (1900..2100).contains(&year)) {
            mark(known, at, 4);
        }
    }
}

fn rows(signs: &[char], known: &mut [bool]) {
    for row in ROWS {
        let forward: Vec<char> = row.chars().collect();
        let backward: Vec<char> = row.chars().rev().collect();
        for row in [&forward, &backward] {
            for (at, window) in signs.windows(PIECE).enumerate() {
                if row.windows(PIECE).any(|part| part == window) {
                    mark(known, at, PIECE);
                }
            }
        }
    }
}

/// Whatever stands there for the second time, and three of one sign.
fn repeats(signs: &[char], known: &mut [bool]) {
    for (at, window) in signs.windows(PIECE).enumerate() {
        if window.windows(2).all(|pair| pair.first() == pair.last()) {
            mark(known, at, PIECE);
        }
        if signs.get(..at).is_some_and(|before| before.windows(PIECE).any(|part| part == window)) {
            mark(known, at, PIECE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: [&str; 4] = ["siti.aminah", "Siti Aminah", "DINSOS", "Dinas Sosial Kabupaten Contoh"];

    #[test]
    fn what_is_made_of_names_years_rows_and_repeats_is_refused() {
        for password in [
            "sitiaminah2026",
            "Siti-Aminah!1",
            "S1t1Am1nah99",
            "dinas.sosial.2026",
            "SalurDinsos123",
            "kabupaten-contoh",
            "password2026",
            "P4ssw0rd!!!!",
            "rahasia12345",
            "1234567890",
            "0987654321",
            "qwertyuiop",
            "asdfghjkl123",
            "aaaaaaaaaaaa",
            "xyzxyzxyzxyz",
            "abcd1234abcd",
            "2026202620262026",
            "P@ssw0rd123",
            "iloveyou12",
            "bismillah123",
            "letmein1234",
            "welcome123",
            "sayangku123",
            "changeme123",
            "trustno1234",
            "1q2w3e4r5t",
            "basketball",
            "tenggarong",
            "Merdeka1945",
            "----------",
            "          ",
        ] {
            assert!(is_predictable(password, &ABOUT), "{password}");
        }
    }

    #[test]
    fn what_holds_something_of_its_own_is_taken_also_beside_a_name() {
        for password in [
            "kuda perahu hujan",
            "sembilan burung enggang",
            "a long password",
            "siti suka memancing",
            "mGk7-vTq2-xW",
            "長い合言葉を一つ選ぶ",
        ] {
            assert!(!is_predictable(password, &ABOUT), "{password}");
        }
    }
}
