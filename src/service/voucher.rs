//! Vouchers as they are listed, printed, and looked up by whoever holds the paper.

use super::exception::contents;
use super::redeem::{File, Reading};
use super::{Actor, Error, Office, Refusal, page, programme};
use crate::domain::audit::Event;
use crate::domain::entitlement::State;
use crate::domain::id::{EntitlementId, Identifier, RoundId};
use crate::domain::package::Package;
use crate::domain::programme::{Agency, Programme, Round, Session, Window};
use crate::domain::redemption::{First, Shown, Verdict};
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::store;
use crate::store::entitlements::Sheet;
use crate::token::{self, Claims, SigningKey};

/// One voucher in a listing.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// The QR's text.
    pub code: String,
    /// The code beside it.
    pub typed_code: String,
    /// The recipient's name.
    pub household: String,
    /// The point's code.
    pub point: String,
    /// Where it stands.
    pub state: State,
    /// The newest print.
    pub print_no: i32,
}

/// What a print run needs besides the vouchers.
#[derive(Debug, Clone)]
pub struct PrintHead {
    /// Whose programme it is.
    pub agency: Agency,
    /// The programme.
    pub programme: Programme,
    /// The round.
    pub round: Round,
    /// What each household receives.
    pub package: Package,
}

/// What the holder of a paper is told, without signing in.
#[derive(Debug, Clone)]
pub struct PublicStatus {
    /// What the paper is worth now, at whatever point it belongs to.
    pub verdict: Verdict,
    /// Why the distribution stands still, for `paused`.
    pub reason: Option<String>,
    /// When and where it was used, if it was.
    pub first: Option<First>,
    /// The programme, round, contents, point and hotline, when the paper is ours.
    pub head: Option<(PrintHead, String)>,
    /// The number of the print that was shown, when the paper is ours.
    pub print_no: Option<i32>,
    /// Its time slot, if the round has one for it.
    pub session: Option<Session>,
    /// The first signs of its receipt's hash: whoever holds the paper may see the receipt.
    pub receipt_mark: Option<String>,
}

impl Office {
    /// Vouchers of a round, page by page. Whoever may see this holds codes that can be redeemed, so each
    /// look is on record.
    pub fn vouchers(
        &self,
        actor: &Actor,
        round: RoundId,
        after: Option<EntitlementId>,
        limit: Option<i64>,
    ) -> Result<(Vec<Listed>, Option<EntitlementId>), Error> {
        actor.must(Action::ReadVouchers)?;
        let limit = page(limit);
        let (listed, next) = self.pool.read(|conn| -> Result<_, Error> {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            let Some(key) = self.find_issuer_key(conn, round.id)? else { return Ok((Vec::new(), None)) };
            let sheets = store::entitlements::list(conn, round.id, after, limit)?;
            let full = i64::try_from(sheets.len()).unwrap_or(i64::MAX) == limit;
            let next = sheets.last().filter(|_| full).map(|sheet| sheet.entitlement.id);
            let listed = sheets.into_iter().map(|sheet| self.listed(&key, &round, sheet)).collect::<Result<_, _>>()?;
            Ok((listed, next))
        })?;
        let listed: Vec<Listed> = listed;
        self.record_look(actor, Event::VouchersListed, round, format!("{}", listed.len()))?;
        Ok((listed, next))
    }

    fn listed(&self, key: &SigningKey, round: &Round, sheet: Sheet) -> Result<Listed, Error> {
        Ok(Listed {
            code: self.qr_text(key, round, &sheet)?,
            entitlement: sheet.entitlement.id,
            typed_code: sheet.entitlement.typed_code.to_string(),
            household: sheet.household.name,
            point: sheet.point.1,
            state: sheet.entitlement.state,
            print_no: sheet.entitlement.print_no,
        })
    }

    /// The text of a voucher's QR: signed anew each time, and the same each time.
    pub(super) fn qr_text(&self, key: &SigningKey, round: &Round, sheet: &Sheet) -> Result<String, Error> {
        let small = |number: i32| u32::try_from(number).map_err(|error| Error::Broken(error.to_string()));
        let claims = Claims {
            entitlement: sheet.entitlement.id,
            round: small(round.number)?,
            point: small(sheet.point.0)?,
            print: small(sheet.entitlement.print_no)?,
        };
        Ok(token::qr_text(self.host.as_deref(), &token::sign(key, &claims)))
    }

    /// A household's NIK as it may be shown.
    pub(super) fn nik_masked(&self, household: &store::households::Household) -> Result<Option<String>, Error> {
        let Some((sealed, _)) = &household.nik else { return Ok(None) };
        let opened = self.vault.open(Field::Nik, household.id.bytes(), sealed)?;
        let digits = String::from_utf8_lossy(&opened);
        let nik = crate::domain::household::Nik::parse(&digits)
            .map_err(|_| Error::Broken("a NIK in the database is none".into()))?;
        Ok(Some(nik.masked()))
    }

    /// The same for the last part of a status page's address: a browser has taken scheme and host away,
    /// so the text is put together again as it would stand in a QR without a host.
    pub fn public_status_of_link(&self, token: &str) -> Result<PublicStatus, Error> {
        self.public_status(&format!("SALUR:{token}"))
    }

    /// What the holder of a paper may know. It changes nothing, tells nothing that is not on the paper
    /// but when and where it was used, and answers a typed code not at all: that could be guessed.
    pub fn public_status(&self, code: &str) -> Result<PublicStatus, Error> {
        let nothing = |verdict| PublicStatus {
            verdict,
            reason: None,
            first: None,
            head: None,
            print_no: None,
            session: None,
            receipt_mark: None,
        };
        let (id, shown) = match self.read_token(code)? {
            Reading::Names { entitlement, shown } => (entitlement, shown),
            Reading::Refused { verdict, .. } => return Ok(nothing(verdict)),
        };
        let now = self.now();
        self.pool.read(|conn| {
            let Some(file) = File::open(conn, id)? else { return Ok(nothing(Verdict::Unknown)) };
            let verdict = file.judge(shown, None, now);
            // A pause is ordered by a public letter. Why one household is held is nobody else's business.
            let reason = file.stops().told().filter(|_| verdict == Verdict::Paused).map(str::to_owned);
            let File { entitlement, programme, mut round, point, window, agency, .. } = file;
            Window { opens_at: round.opens_at, closes_at: round.closes_at } = window;
            let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
            let package = contents(conn, &entitlement, package)?;
            let session = store::rounds::session(conn, round.id, point.id, entitlement.session_no)?;
            let first = store::redemptions::first_of(conn, id)?;
            let receipt = first.as_ref().map(|first| store::redemptions::find(conn, first.id)).transpose()?.flatten();
            Ok(PublicStatus {
                verdict,
                reason,
                first,
                receipt_mark: receipt.map(|kept| data_encoding::HEXLOWER.encode(&kept.receipt_hash[..8])),
                print_no: match shown {
                    Shown::Print(print_no) => Some(print_no),
                    Shown::NoPrint => None,
                },
                session,
                head: Some((
                    PrintHead { agency, programme, round, package },
                    format!("{} ({})", point.name, point.code),
                )),
            })
        })
    }
}
