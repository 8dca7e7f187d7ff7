//! Uji petik: some households are asked at their doors whether they got what the books say they got.
//!
//! The sample is drawn so that anyone can draw it again: whoever has the seed and the list sorts all redeemed
//! entitlements by `SHA-256(seed ‖ id)` and takes the first. What is found is estimated for all of them with a
//! Wilson score interval at 95 %, which is honest also for few answers and for none that is bad.

use serde::{Deserialize, Serialize};

/// What was found at a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// Nobody has been there.
    Pending,
    /// Everything was received, nothing was paid for it, the signature is theirs.
    Right,
    /// Less was received than the receipt says.
    Less,
    /// Nothing was received.
    Nothing,
    /// Somebody asked for money.
    Charged,
    /// The signature is not theirs.
    Unsigned,
    /// Nobody could be asked.
    NotMet,
}

impl Found {
    /// Every finding.
    pub const ALL: [Self; 7] =
        [Self::Pending, Self::Right, Self::Less, Self::Nothing, Self::Charged, Self::Unsigned, Self::NotMet];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Right => "right",
            Self::Less => "less",
            Self::Nothing => "nothing",
            Self::Charged => "charged",
            Self::Unsigned => "unsigned",
            Self::NotMet => "not_met",
        }
    }

    /// The finding with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|found| found.as_str() == code)
    }

    /// As it stands on paper.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "",
            Self::Right => "sesuai",
            Self::Less => "menerima kurang",
            Self::Nothing => "tidak menerima",
            Self::Charged => "dipungut biaya",
            Self::Unsigned => "tanda tangan bukan miliknya",
            Self::NotMet => "tidak dapat ditemui",
        }
    }

    /// Whether somebody was asked and answered.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        !matches!(self, Self::Pending | Self::NotMet)
    }

    /// Whether the answer is not what the books say.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        self.is_answered() && !matches!(self, Self::Right)
    }
}

/// A share with its 95 % interval, in hundredths of a per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Estimate {
    /// How many were bad.
    pub bad: i64,
    /// Of how many that answered.
    pub answered: i64,
    /// The share found, ×10,000.
    pub share: i64,
    /// The lower end, ×10,000.
    pub low: i64,
    /// The upper end, ×10,000.
    pub high: i64,
}

/// The Wilson score interval at 95 % of `bad` among `answered`; nothing when nobody answered.
#[must_use]
pub fn estimate(bad: i64, answered: i64) -> Option<Estimate> {
    if answered <= 0 || !(0..=answered).contains(&bad) || answered > 1_000_000 {
        return None;
    }
    let n = f64::from(i32::try_from(answered).ok()?);
    let p = f64::from(i32::try_from(bad).ok()?) / n;
    let z = 1.959_963_984_540_054_f64;
    let middle = p + z * z / (2.0 * n);
    let reach = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    // Between 0 and 10,000 by construction, so the cast cuts nothing.
    #[allow(clippy::cast_possible_truncation)]
    let scaled = |share: f64| (share.clamp(0.0, 1.0) * 10_000.0).round() as i64;
    Some(Estimate {
        bad,
        answered,
        share: scaled(p),
        low: scaled((middle - reach) / whole),
        high: scaled((middle + reach) / whole),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures of Newcombe (1998), method 3, and of R's `prop.test(…, correct = FALSE)`.
    #[test]
    fn the_interval_is_wilsons() {
        let of = |bad, answered| estimate(bad, answered).map(|one| (one.share, one.low, one.high));
        assert_eq!(of(81, 263), Some((3_080, 2_553, 3_662)));
        assert_eq!(of(15, 148), Some((1_014, 624, 1_605)));
        assert_eq!(of(0, 20), Some((0, 0, 1_611)));
        assert_eq!(of(1, 29), Some((345, 61, 1_718)));
        assert_eq!(of(30, 30), Some((10_000, 8_865, 10_000)));
        assert_eq!(of(0, 0), None);
        assert_eq!(of(2, 1), None);
    }

    #[test]
    fn who_was_not_met_says_nothing_either_way() {
        assert!(!Found::NotMet.is_answered() && !Found::Pending.is_answered());
        assert!(Found::Charged.is_bad() && !Found::Right.is_bad());
        assert!(Found::ALL.into_iter().all(|one| Found::parse(one.as_str()) == Some(one)));
    }
}
