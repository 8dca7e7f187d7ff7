//! Paper: voucher sheets and receipts as PDF, and the QR codes on them.
//!
//! This room lays out what it is given and knows nothing else: it reads no database, no clock and no
//! disk, and its inputs are plain texts that the caller has already chosen, masked and translated. It
//! decides where things stand, how large they are, and that nothing is cut off or runs into a code.
//!
//! Text is set in the two Helvetica faces that every reader brings along, so the files stay small and
//! hold no font. The price is a limited alphabet. What lies outside Windows-1252 is set in the typeface
//! that the installation names, and of that the file holds the signs it uses; without one, or where the
//! typeface lacks a sign, the text is refused with the place where it stands, never printed as a question
//! mark. Use [`font::printable`] to warn earlier, when a list is read.
//!
//! Not here: PDF/A. It would need all fonts embedded, a colour profile, tags and a validator.

mod booklet;
mod bundle_card;
mod bundle_list;
pub mod document;
pub mod emblem;
pub mod finish;
mod flow;
pub mod font;
mod ink;
mod letterhead;
pub mod picture;
pub mod printable;
#[cfg(test)]
mod proof;
pub mod qr;
pub mod receipt;
pub mod receipt_strip;
mod signatures;
pub mod stationery;
mod table;
pub mod typeface;
mod voucher_card;
pub mod voucher_sheet;
#[cfg(test)]
mod voucher_tests;

/// Why a page could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A character that the built-in fonts cannot show.
    #[error("{place}: the character {character:?} cannot be printed")]
    Unprintable {
        /// Which voucher and which line of it: `voucher 12 (TGR-01/0417), name`.
        place: String,
        /// The character.
        character: char,
    },
    /// A text that does not fit its place even at the smallest legible size.
    #[error("{place}: the text is too long for its place on the paper")]
    TooLong {
        /// Which voucher and which line of it.
        place: String,
    },
    /// A text for a QR code that needs more than version 8, beyond which cheap cameras read it badly.
    #[error("{place}: the code is too long for a QR code of version {}", qr::MAX_VERSION)]
    CodeTooLong {
        /// Which voucher.
        place: String,
    },
    /// More vouchers than one file holds: make several files.
    #[error("{given} vouchers are too many for one file (at most {})", voucher_sheet::MAX_VOUCHERS)]
    TooMany {
        /// How many were given.
        given: usize,
    },
    /// No voucher at all: a file without pages is not a PDF.
    #[error("there is no voucher to print")]
    Nothing,
    /// The library could not write the file. A bug, not a matter of the input.
    #[error("the PDF could not be written: {0}")]
    Broken(String),
}
