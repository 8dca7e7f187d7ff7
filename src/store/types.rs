//! How domain types lie in columns: ids as 16 bytes, by one generic rule for both databases. Numbers and
//! words are checked on load as strictly as on entry, by the small functions at the end.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Binary, Nullable, SingleValue};

use super::error::{Error, corrupt};
use crate::domain::id::{
    AbsenceId, AgencyId, AttemptId, AuditId, BundleId, CaseId, CaseStepId, ClosingId, ContractId, CustodyStepId,
    DecisionId, DeliveryId, DeviceId, DocumentId, EntitlementId, ExceptionId, HouseholdId, Identifier, IntakeId,
    InvitationId, InvoiceId, JobId, KeyRequestId, LegalHoldId, ListId, PackageId, PauseId, PaymentId, PointId,
    ProgrammeId, RedemptionId, ReprintId, RoundId, RunnerId, SavedFilterId, SessionId, ShipmentId, SignInId,
    SpotCheckId, StockCountId, StockEntryId, SubstitutionId, SuspicionId, TokenId, UserId, VersionId, WithdrawalId,
};
use crate::domain::money::Money;
use crate::domain::time::Timestamp;

macro_rules! id_columns {
    ($($id:ty),* $(,)?) => { $(
        impl AsExpression<Binary> for $id {
            type Expression = Bound<Binary, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl<'a> AsExpression<Binary> for &'a $id {
            type Expression = Bound<Binary, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl AsExpression<Nullable<Binary>> for $id {
            type Expression = Bound<Nullable<Binary>, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl<'a> AsExpression<Nullable<Binary>> for &'a $id {
            type Expression = Bound<Nullable<Binary>, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl<DB: Backend> ToSql<Binary, DB> for $id
        where
            [u8]: ToSql<Binary, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <[u8] as ToSql<Binary, DB>>::to_sql(self.bytes().as_slice(), out)
            }
        }

        impl<DB: Backend> ToSql<Nullable<Binary>, DB> for $id
        where
            [u8]: ToSql<Binary, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <Self as ToSql<Binary, DB>>::to_sql(self, out)
            }
        }

        impl<DB: Backend> FromSql<Binary, DB> for $id
        where
            Vec<u8>: FromSql<Binary, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let bytes = <Vec<u8> as FromSql<Binary, DB>>::from_sql(raw)?;
                let bytes: [u8; 16] = bytes.try_into().map_err(|_| "an id that is not 16 bytes long")?;
                Ok(<$id>::from_bytes(bytes))
            }
        }

        impl<ST, DB> Queryable<ST, DB> for $id
        where
            DB: Backend,
            ST: SingleValue,
            Self: FromSql<ST, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    )* };
}

id_columns!(
    AgencyId,
    AttemptId,
    AuditId,
    DecisionId,
    DeviceId,
    EntitlementId,
    HouseholdId,
    IntakeId,
    ListId,
    JobId,
    PackageId,
    PauseId,
    PointId,
    ProgrammeId,
    RedemptionId,
    RoundId,
    RunnerId,
    SessionId,
    SubstitutionId,
    SuspicionId,
    TokenId,
    UserId,
    VersionId,
    DocumentId,
    BundleId,
    CustodyStepId,
    ExceptionId,
    ReprintId,
    AbsenceId,
    SignInId,
    InvitationId,
    KeyRequestId,
    LegalHoldId,
    CaseId,
    CaseStepId,
    ContractId,
    DeliveryId,
    ShipmentId,
    StockEntryId,
    StockCountId,
    InvoiceId,
    WithdrawalId,
    PaymentId,
    ClosingId,
    SpotCheckId,
    SavedFilterId,
);

/// An amount, checked.
pub(super) fn money(minor: i64) -> Result<Money, Error> {
    Money::new(minor).map_err(corrupt)
}

/// A moment, checked.
pub(super) fn time(millis: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millis(millis).map_err(corrupt)
}

/// A moment that may be absent, checked.
pub(super) fn maybe_time(millis: Option<i64>) -> Result<Option<Timestamp>, Error> {
    millis.map(time).transpose()
}

/// Bytes of a fixed length, checked.
pub(super) fn fixed<const N: usize>(bytes: Vec<u8>, what: &str) -> Result<[u8; N], Error> {
    bytes.try_into().map_err(|_| corrupt(format!("{what} is not {N} bytes long")))
}

/// A word of a closed list, checked.
pub(super) fn word<T>(parsed: Option<T>, what: &str, text: &str) -> Result<T, Error> {
    parsed.ok_or_else(|| corrupt(format!("{what} {text:?}")))
}
