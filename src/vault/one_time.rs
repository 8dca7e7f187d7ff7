//! One-time codes for signing in (TOTP, RFC 6238): six digits, thirty seconds, HMAC-SHA-1, which is what every
//! authenticator app speaks; and the recovery codes for one who has lost the telephone.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// How long one code stands.
const STEP_SECONDS: i64 = 30;

/// How many steps a clock may be off, either way.
const DRIFT: i64 = 1;

/// The shared secret: 160 bits, as RFC 4226 advises.
pub type OneTimeSecret = [u8; 20];

/// The step of a time in milliseconds since 1970.
#[must_use]
pub const fn one_time_step(millis: i64) -> i64 {
    millis.div_euclid(STEP_SECONDS * 1_000)
}

fn code_at(secret: &[u8], step: i64) -> u32 {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    mac.update(&step.to_be_bytes());
    let digest: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(digest[19] & 0x0f);
    let part = digest.get(at..at + 4).unwrap_or_default();
    part.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)) & 0x7fff_ffff
}

/// The six digits that an app shows at this time.
#[must_use]
pub fn one_time_code(secret: &OneTimeSecret, millis: i64) -> String {
    format!("{:06}", code_at(secret, one_time_step(millis)) % 1_000_000)
}

/// The step of which this is the code, if it is one of now or of the step before or after; each is compared in
/// a time that tells nothing. Spaces within the code are taken.
#[must_use]
pub fn one_time_matches(secret: &OneTimeSecret, code: &str, millis: i64) -> Option<i64> {
    let digits: String = code.chars().filter(|sign| !sign.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|sign| sign.is_ascii_digit()) {
        return None;
    }
    let now = one_time_step(millis);
    let mut found = None;
    for step in now - DRIFT..=now + DRIFT {
        let right = one_time_code(secret, step * STEP_SECONDS * 1_000);
        if bool::from(right.as_bytes().ct_eq(digits.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

/// The secret as a person types it into an app.
#[must_use]
pub fn one_time_typed(secret: &OneTimeSecret) -> String {
    BASE32_NOPAD.encode(secret)
}

/// The text of the QR that an app scans. The account is a user name: letters, digits and `.-_@`.
#[must_use]
pub fn one_time_uri(secret: &OneTimeSecret, account: &str) -> String {
    format!("otpauth://totp/Salur:{account}?secret={}&issuer=Salur", one_time_typed(secret))
}

/// A recovery code of 112 random bits, too many to try where only its digest is kept: `7f3a-…`, seven groups of four.
#[must_use]
pub fn recovery_code(random: [u8; 14]) -> String {
    let text = HEXLOWER.encode(&random);
    let groups: Vec<&str> = (0..7).filter_map(|group| text.get(group * 4..group * 4 + 4)).collect();
    groups.join("-")
}

/// A recovery code as it is compared, of today or one of the shorter ones of before: without what stands between its groups, in lower case; nothing when it
/// cannot be one.
#[must_use]
pub fn recovery_normal(code: &str) -> Option<String> {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_lowercase()).collect();
    (matches!(plain.len(), 20 | 28) && plain.bytes().all(|sign| sign.is_ascii_hexdigit())).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret of its SHA-1 rows.
    const SECRET: &OneTimeSecret = b"12345678901234567890";

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59_i64, 94_287_082_u32),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let step = one_time_step(seconds * 1_000);
            assert_eq!(code_at(SECRET, step) % 100_000_000, code, "{seconds}");
            let six = format!("{:06}", code % 1_000_000);
            assert_eq!(one_time_matches(SECRET, &six, seconds * 1_000), Some(step), "{seconds}");
        }
    }

    #[test]
    fn a_code_stands_for_its_step_and_the_ones_beside_it_and_no_other() {
        let at = 1_111_111_111_000;
        let code = "050471";
        let step = Some(one_time_step(at));
        for (millis, found) in
            [(at - 30_000, step), (at, step), (at + 30_000, step), (at + 90_000, None), (at - 90_000, None)]
        {
            assert_eq!(one_time_matches(SECRET, code, millis), found, "{millis}");
        }
        assert_eq!(one_time_matches(SECRET, "050 471", at), step);
        for wrong in ["", "050472", "50471", "0504711", "05O471", "-50471", "０５０４７１"] {
            assert_eq!(one_time_matches(SECRET, wrong, at), None, "{wrong}");
        }
    }

    #[test]
    fn what_an_app_scans_and_a_recovery_code_read_back() {
        let uri = one_time_uri(SECRET, "admin");
        assert_eq!(uri, "otpauth://totp/Salur:admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Salur");
        let code = recovery_code([0xab; 14]);
        assert_eq!(code, "abab-abab-abab-abab-abab-abab-abab");
        assert_eq!(recovery_normal(" ABAB abab-ABAB.abab abab abab-abab"), Some("ab".repeat(14)));
        assert_eq!(recovery_normal("abab-abab-abab-abab-abab"), Some("ab".repeat(10)), "one of before");
        assert_eq!(recovery_normal("abab"), None);
        assert_eq!(recovery_normal(&"z".repeat(20)), None);
    }
}
