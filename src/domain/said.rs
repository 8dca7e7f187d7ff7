//! What people write beside a handout: it goes into the signed receipt.

use super::household::holds_number;

/// What is wrong with the words that go into a receipt, by field: too long, of several lines, or with a NIK or No. KK in
/// full. A receipt is signed and kept for ever, so nothing could take the number out of it again.
#[must_use]
pub fn unfit_words(
    name: Option<&str>,
    relation: Option<&str>,
    paper_reason: Option<&str>,
) -> Option<(&'static str, &'static str)> {
    let fields = [
        ("collector.name", name, 120, "at most 120 characters on one line"),
        ("collector.relation", relation, RELATION_MAX, "at most 60 characters on one line"),
        ("reason", paper_reason, PAPER_REASON_MAX, "at most 200 characters on one line"),
    ];
    fields.into_iter().find_map(|(field, text, max, bounds)| {
        let text = text?;
        if text.chars().count() > max || text.chars().any(char::is_control) {
            Some((field, bounds))
        } else if holds_number(text) {
            Some((field, "no NIK and no No. KK in full"))
        } else {
            None
        }
    })
}

/// So many characters say how a collector and the recipient belong together.
pub const RELATION_MAX: usize = 60;

/// So many characters say why the paper is not shown.
pub const PAPER_REASON_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_signed_for_ever_are_short_and_hold_no_identity_number() {
        let of = |name: Option<&str>, relation: Option<&str>, reason: Option<&str>| {
            unfit_words(name, relation, reason).map(|(field, _)| field)
        };
        assert_eq!(of(Some("SITI"), Some("anak, NIK akhir 0001"), Some("hilang di sungai")), None);
        assert_eq!(of(Some("SITI 6402990101500001"), None, None), Some("collector.name"));
        assert_eq!(of(None, Some("anak 6402990101500001"), None), Some("collector.relation"));
        assert_eq!(of(None, None, Some("KTP 6402 9901 0150 0001 hilang")), Some("reason"));
        assert_eq!(of(None, Some(&"é".repeat(RELATION_MAX)), None), None, "signs, not bytes");
        assert_eq!(of(None, Some(&"é".repeat(RELATION_MAX + 1)), None), Some("collector.relation"));
        assert_eq!(of(Some("dua\nbaris"), None, None), Some("collector.name"));
    }
}
