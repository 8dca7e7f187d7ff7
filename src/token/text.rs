//! The text in the QR code: a prefix and the token in Base32, all in the characters that a QR code
//! packs best and a keyboard-wedge scanner types alike on most layouts.
//!
//! With a public address the text is a link that any phone's camera opens on the status page; without
//! one it begins with `SALUR:`. A reader accepts both, in any case and with white space around, and
//! nothing else. Two texts can mean one token (upper or lower case, either prefix): nothing may be
//! looked up or compared by the text, only by the entitlement that was decoded from it.

use data_encoding::BASE32_NOPAD;

use super::cose::Fault;

/// The longest text that is looked at, in characters.
pub const TEXT_CHARS_MAX: usize = 512;

/// The prefix where there is no public address.
const PLAIN: &str = "SALUR:";
/// What stands before and after the host in a link.
const SCHEME: &str = "HTTPS://";
const PATH: &str = "/V/";

/// The text to print for a token. `host` is the public name of the installation, without scheme and
/// path, and with the port if it has one: `salur.example.go.id`.
#[must_use]
pub fn qr_text(host: Option<&str>, token: &[u8]) -> String {
    let prefix = host.map_or_else(|| PLAIN.to_owned(), |host| format!("{SCHEME}{}{PATH}", host.to_ascii_uppercase()));
    prefix + &BASE32_NOPAD.encode(token)
}

/// The token in a scanned text.
///
/// `hosts` are the names under which this installation prints: the present one, and any earlier one
/// whose paper is still about. A link to any other host is `foreign`, whatever follows: it has not our
/// prefix, and on that host's page we have no say. Once the prefix is ours, a text that is too long or
/// not Base32 is `malformed`.
pub fn read_text<H: AsRef<str>>(text: &str, hosts: &[H]) -> Result<Vec<u8>, Fault> {
    let trimmed = trim(text);
    let token = strip(trimmed, PLAIN).or_else(|| after_host(trimmed, hosts)).ok_or(Fault::Foreign { kid: None })?;
    // Characters beyond ASCII are no Base32, so counting bytes refuses none that counting characters would accept.
    if text.len() > TEXT_CHARS_MAX { Err(Fault::Malformed) } else { token_part(token) }
}

/// The token in its Base32 alone, in any case: the last part of a status page's address.
pub fn token_part(base32: &str) -> Result<Vec<u8>, Fault> {
    if base32.is_empty() || base32.len() > TEXT_CHARS_MAX {
        return Err(Fault::Malformed);
    }
    // Bits beyond the last byte must be zero here, or one token would have several spellings.
    BASE32_NOPAD.decode(base32.to_ascii_uppercase().as_bytes()).map_err(|_| Fault::Malformed)
}

/// Takes off the white space of ASCII, which is what scanners put around a text. Other writing systems'
/// spaces are left, so that readers in other languages, whose own lists differ, agree with this one.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
}

/// What follows the prefix, which may stand in any case.
fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// What follows `https://<one of the hosts>/v/`.
fn after_host<'a, H: AsRef<str>>(text: &'a str, hosts: &[H]) -> Option<&'a str> {
    let link = strip(text, SCHEME)?;
    hosts.iter().find_map(|host| strip(strip(link, host.as_ref())?, PATH))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::id::EntitlementId;
    use crate::token::{Claims, KeyRing, SigningKey, read, sign};

    const HOST: &str = "salur.example.go.id";
    const HOSTS: [&str; 2] = ["lama.example.go.id", HOST];

    fn token() -> Vec<u8> {
        let claims = Claims { entitlement: EntitlementId::random([0x5a; 16]), round: 3, point: 1_000, print: 1 };
        sign(&SigningKey::from_seed(&[7; 32]), &claims)
    }

    #[test]
    fn both_prefixes_read_in_any_case_with_white_space_around() {
        let link = qr_text(Some(HOST), &token());
        let plain = qr_text(None, &token());
        assert!(link.starts_with("HTTPS://SALUR.EXAMPLE.GO.ID/V/2KCE"));
        assert!(plain.starts_with("SALUR:2KCE"));
        for text in [link.clone(), link.to_lowercase(), plain.clone(), plain.to_lowercase(), format!("\t {link}\r\n")] {
            assert_eq!(read_text(&text, &HOSTS), Ok(token()));
        }
        assert_eq!(read_text(&qr_text(Some(HOSTS[0]), &token()), &HOSTS), Ok(token()));
    }

    #[test]
    fn what_has_not_our_prefix_is_foreign_and_never_malformed() {
        let body = BASE32_NOPAD.encode(&token());
        for text in [
            format!("HTTPS://OTHER.EXAMPLE.COM/V/{body}"),
            "https://other.example.com/v/!!!".into(),
            format!("HTTP://{HOST}/V/{body}"),
            format!("HTTPS://{HOST}/W/{body}"),
            format!("HTTPS://{HOST}.EVIL.COM/V/{body}"),
            format!("https://user@{HOST}/V/{body}"),
            format!("X SALUR:{body}"),
            format!("\u{a0}SALUR:{body}"),
            "ſalur:AAAA".into(),
            "x".repeat(2_000),
            body,
            String::new(),
        ] {
            assert_eq!(read_text(&text, &HOSTS), Err(Fault::Foreign { kid: None }), "{text}");
        }
    }

    #[test]
    fn what_has_our_prefix_and_does_not_decode_is_malformed() {
        let body = BASE32_NOPAD.encode(&token());
        for text in [
            "SALUR:".into(),
            "SALUR:A".into(),
            "SALUR:AB".into(), // a bit is left over, and set
            "SALUR:0189".into(),
            format!("SALUR:{body}="),
            format!("SALUR:{} {}", &body[..9], &body[9..]),
            format!("HTTPS://{HOST}/V/{body}?x=1"),
            format!("SALUR:{}", "A".repeat(512)),
            format!("SALUR:{body}{}", " ".repeat(512)),
        ] {
            assert_eq!(read_text(&text, &HOSTS), Err(Fault::Malformed), "{text}");
        }
        assert_eq!(read_text("SALUR:AA", &HOSTS), Ok(vec![0]));
    }

    #[test]
    fn the_code_fits_version_8_at_level_m_under_a_host_of_30_characters() {
        let widest = Claims { entitlement: EntitlementId::random([0xff; 16]), round: 255, point: 65_535, print: 23 };
        let text = qr_text(Some("salur.kutaikartanegarakab.go.i"), &sign(&SigningKey::from_seed(&[7; 32]), &widest));
        assert_eq!(text.len(), 41 + 180);
        let code = qrcode::QrCode::with_error_correction_level(&text, qrcode::EcLevel::M).unwrap();
        assert!(matches!(code.version(), qrcode::Version::Normal(1..=8)), "{:?}", code.version());
    }

    #[test]
    fn a_changed_character_is_refused_or_means_the_same_token() {
        let ring = KeyRing::of([SigningKey::from_seed(&[7; 32]).verifying_key()]).unwrap();
        let text = qr_text(Some(HOST), &token());
        let signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcxyz $%*+-./:=?\n\0é";
        for (at, was) in text.char_indices() {
            for sign in signs.chars() {
                let changed = format!("{}{sign}{}", &text[..at], &text[at + was.len_utf8()..]);
                if read(&changed, &HOSTS, &ring).is_ok() {
                    assert_eq!(read_text(&changed, &HOSTS), Ok(token()), "{changed}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_survive_the_round_trip(bytes in prop::collection::vec(any::<u8>(), 1..250)) {
            prop_assert_eq!(read_text(&qr_text(Some(HOST), &bytes), &HOSTS), Ok(bytes.clone()));
            prop_assert_eq!(read_text(&qr_text(None, &bytes), &[HOST; 0]), Ok(bytes));
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text: String, body in "(?i)salur:[a-z2-7]{0,40}") {
            let _ = read_text(&text, &HOSTS);
            if let Ok(bytes) = read_text(&body, &HOSTS) {
                prop_assert_eq!(qr_text(None, &bytes), body.to_ascii_uppercase());
            }
        }
    }
}
