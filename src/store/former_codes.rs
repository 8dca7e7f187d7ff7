//! The typed codes of earlier prints.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::former_codes;
use crate::domain::id::EntitlementId;
use crate::domain::voucher::TypedCode;

/// Keeps the code of a print that is not good any more.
pub fn keep(tx: &mut Write<'_>, code: TypedCode, of: EntitlementId, print_no: i32) -> Result<(), Error> {
    diesel::insert_into(former_codes::table)
        .values((
            former_codes::typed_code.eq(code.canonical()),
            former_codes::entitlement_id.eq(of),
            former_codes::print_no.eq(print_no),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The entitlement and print that this code stood on.
pub fn find(conn: &mut Conn, code: TypedCode) -> Result<Option<(EntitlementId, i32)>, Error> {
    Ok(former_codes::table
        .find(code.canonical())
        .select((former_codes::entitlement_id, former_codes::print_no))
        .first(conn)
        .optional()?)
}

/// Which of these codes stand on some earlier print.
pub fn among(conn: &mut Conn, codes: &[TypedCode]) -> Result<Vec<String>, Error> {
    let canonical = codes.iter().map(TypedCode::canonical);
    Ok(former_codes::table
        .filter(former_codes::typed_code.eq_any(canonical))
        .select(former_codes::typed_code)
        .load(conn)?)
}
