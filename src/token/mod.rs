//! The signed voucher and the signed receipt: what they claim, how they are signed and checked, and
//! the text that stands in the QR code.
//!
//! A voucher is a CBOR Web Token (RFC 8392) in a COSE_Sign1 envelope (RFC 9052) under Ed25519, so that
//! an auditor can check one with a library of his own choice. It names an entitlement and nothing else:
//! no person, no amount, no end date. Whether that entitlement may still be redeemed is not decided
//! here, and nothing here reads a clock, draws a random number or opens a file.
//!
//! | file | what it knows |
//! |---|---|
//! | `key` | Ed25519 keys, their short ids, what each is for, the ring that checks |
//! | `jwks` | the document in which the public keys are published |
//! | `claims` | what a voucher says |
//! | `cose` | the envelope: signing, and checking to one exact encoding |
//! | `text` | bytes to QR text and back |
//! | `receipt` | the record a device signs when it hands out |
//! | `sync` | receipts on their way to the server, as few bytes as can be |
//! | `lease` | bundles of leases, returns and answers, signed |
//! | `reply` | what the server says to one device, signed |
//! | `key_list` | the signed list of public keys, with purposes and ends |
//! | `names` | what a device shows of a household, as it is sealed into a lease |
//! | `journal` | a device's receipts as a file that somebody else may carry |
//! | `parcel` | all that a device brings to one sync |
//! | `fact` | what a restored server must know again, as it is written outside the database |
//! | `cbor` | the one deterministic way to write CBOR |
//!
//! Reading a scanned voucher takes one call:
//!
//! ```
//! use salur::domain::id::EntitlementId;
//! use salur::token::{self, Claims, KeyRing, SigningKey};
//!
//! let key = SigningKey::from_seed(&[7; 32]);
//! let claims = Claims { entitlement: EntitlementId::random([1; 16]), round: 1, point: 12, print: 1 };
//! let text = token::qr_text(Some("salur.example.go.id"), &token::sign(&key, &claims));
//!
//! let ring = KeyRing::of([key.verifying_key()])?;
//! let scanned = token::read(&text, &["salur.example.go.id"], &ring)?;
//! assert_eq!(scanned.claims, claims);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod cbor;
mod claims;
mod cose;
pub mod fact;
pub mod journal;
mod jwks;
mod key;
mod key_list;
pub mod lease;
pub mod names;
pub mod parcel;
pub mod receipt;
pub mod reply;
pub mod sync;
mod text;

pub use claims::{Claims, NotClaims};
pub use cose::{Fault, PAYLOAD_BYTES_MAX, TOKEN_BYTES_MAX, Verified, sign, sign_payload, verify, verify_payload};
pub use jwks::{Jwk, Jwks};
pub use key::{KeyFault, KeyId, KeyRing, NotAKeyId, NotAPurpose, Purpose, SigningKey, VerifyingKey};
pub use key_list::{KEY_LIST_CHARS_MAX, KeyList, ListFault, ListedKey, follows, read_key_list, sign_key_list};
pub use receipt::{FIRST_PREV_HASH, ReceiptBody, hash as receipt_hash, sign as sign_receipt, verify as verify_receipt};
pub use text::{TEXT_CHARS_MAX, qr_text, read_text, token_part};

/// Reads the text of a scanned QR code and checks the voucher in it.
///
/// `hosts` are the names under which this installation prints, the present one and earlier ones;
/// `ring` holds the issuer keys, also the retired ones.
pub fn read<H: AsRef<str>>(text: &str, hosts: &[H], ring: &KeyRing) -> Result<Verified, Fault> {
    verify(&read_text(text, hosts)?, ring)
}
