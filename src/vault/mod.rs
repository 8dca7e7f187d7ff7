//! Seals what must not lie in the clear: personal data, private keys, and the secrets of tokens.
//!
//! One master key, kept in a key file outside the database, gives four keys: one for fields, one for
//! private signing keys, one for blind indexes, one for sealed files. A copy of the database without the key file shows
//! neither a NIK nor a signing key, and does not let anybody test whether a given NIK is in it.
//!
//! What it does not do: it draws no random bytes and opens no file; it does not hide how long a value
//! is, nor that two records have the same indexed value. Whoever has both the database and the key file
//! has everything.
//!
//! | file | what it knows |
//! |---|---|
//! | `seal` | sealing and opening fields and keys, blind indexes |
//! | `archive` | sealing whole files, such as backups |
//! | `key_file` | the master key and the line of text it is kept as |
//! | `one_time` | one-time codes of an authenticator app, and recovery codes |
//! | `passphrase` | the key file under a passphrase |
//! | `secret` | the secrets of API tokens and sign-ins, of which only a hash is kept |

mod archive;
mod key_file;
mod names;
mod one_time;
mod passphrase;
mod seal;
mod secret;

pub use archive::ArchiveFault;
pub use key_file::{KeyFileFault, MasterKey};
pub use names::{open_names, seal_names};
pub use one_time::{
    OneTimeSecret, one_time_code, one_time_matches, one_time_step, one_time_typed, one_time_uri, recovery_code,
    recovery_normal,
};
pub use passphrase::PASSPHRASE_CHARS_MIN;
pub use seal::{Fault, Nonce, PLAIN_BYTES_MAX, Vault};
pub use secret::{hash_secret, new_secret, same_hash};
