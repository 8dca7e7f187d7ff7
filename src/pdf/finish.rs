//! The last hand on a file: what the PDF library leaves out or leaves to chance.
//!
//! It writes PDF 1.3 with random ids and a date of 1970. Here the file becomes a PDF 1.7 with its
//! language, title, date and a given id, each page names only what it uses, streams are packed, and a
//! printer is asked not to scale the page, because a shrunk code reads worse and cards must be cut to
//! size. Equal inputs make equal bytes.

use std::fmt::Write as _;

use lopdf::{Dictionary, Document, Object, ObjectId, SaveOptions, StringFormat, dictionary, text_string};
use printpdf::{BuiltinFont, ImageOptimizationOptions, Op, PdfDocument, PdfSaveOptions};

use super::Fault;
use super::font::Face;
use super::typeface::Letters;
use crate::domain::time::{Timestamp, Zone};

/// What a file says about itself.
#[derive(Debug, Clone)]
pub struct About {
    /// The title, shown by readers in place of the file's name.
    pub title: String,
    /// Who issues it.
    pub author: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The zone in which that moment is written.
    pub zone: Zone,
    /// Sixteen bytes that no other file has.
    pub document_id: [u8; 16],
}

/// Turns a laid out document into the bytes of a file.
pub fn finish(document: &PdfDocument, about: &About) -> Result<Vec<u8>, Fault> {
    finish_with(document, about, None)
}

/// The same for one in which the installation's typeface was used.
pub(super) fn finish_with(document: &PdfDocument, about: &About, letters: Option<&Letters>) -> Result<Vec<u8>, Fault> {
    let broken = |error: &dyn std::fmt::Display| Fault::Broken(error.to_string());
    let options = PdfSaveOptions {
        optimize: true,
        subset_fonts: false,
        // The operators that set the installation's typeface are unknown to the library.
        secure: false,
        image_optimization: None::<ImageOptimizationOptions>,
    };
    let mut warnings = Vec::new();
    let mut file = document.to_lopdf_document(&options, &mut warnings);
    if let Some(warning) = warnings.first() {
        return Err(Fault::Broken(warning.msg.clone()));
    }
    file.version = "1.7".to_owned();
    let own = match letters {
        Some(letters) => letters.embed(&mut file).map_err(Fault::Broken)?,
        None => None,
    };
    name_resources(&mut file, document, own).map_err(|error| broken(&error))?;
    describe(&mut file, about).map_err(|error| broken(&error))?;
    file.compress();
    let modern = SaveOptions::builder()
        .use_object_streams(true)
        .use_xref_streams(true)
        .max_objects_per_stream(250)
        .compression_level(6)
        .build();
    let mut bytes = Vec::new();
    file.save_with_options(&mut bytes, modern).map_err(|error| broken(&error))?;
    Ok(bytes)
}

/// Gives each page a list of the fonts and objects it uses itself. The library gives all pages one list
/// of everything, which makes a single page that is taken out of a file as large as the file.
fn name_resources(file: &mut Document, document: &PdfDocument, own: Option<ObjectId>) -> Result<(), lopdf::Error> {
    let fonts = fonts(file, own);
    let pages: Vec<ObjectId> = file.page_iter().collect();
    let mut shared: Option<Dictionary> = None;
    for (id, page) in pages.iter().zip(&document.pages) {
        let old = file.get_dictionary(*id)?.get(b"Resources")?.as_reference()?;
        let list = file.objects.remove(&old).ok_or(lopdf::Error::ObjectNotFound(old))?;
        let list = list.as_dict()?;
        if shared.is_none() {
            let everything = list.get(b"XObject")?.as_reference()?;
            shared = Some(file.get_dictionary(everything)?.clone());
            let old_fonts = file.get_dictionary(list.get(b"Font")?.as_reference()?)?.clone();
            for (_, font) in &old_fonts {
                file.objects.remove(&font.as_reference()?);
            }
            for key in [b"Font".as_slice(), b"XObject", b"ExtGState", b"Shading"] {
                file.objects.remove(&list.get(key)?.as_reference()?);
            }
        }
        let mut used = Dictionary::new();
        for op in &page.ops {
            if let (Op::UseXobject { id, .. }, Some(all)) = (op, &shared) {
                used.set(id.0.as_bytes(), all.get(id.0.as_bytes())?.clone());
            }
        }
        let page = file.get_dictionary_mut(*id)?;
        page.set("Resources", dictionary! { "Font" => fonts, "XObject" => used });
        for key in [b"Annots".as_slice(), b"TrimBox", b"CropBox"] {
            page.remove(key);
        }
    }
    // The emblem is drawn by forms; nothing else in a form is an object.
    let emblem = shared.as_ref().and_then(|all| all.get(b"E").ok()).cloned();
    let mut list = dictionary! { "Font" => fonts };
    if let Some(emblem) = emblem {
        list.set("XObject", dictionary! { "E" => emblem });
    }
    for object in file.objects.values_mut() {
        if let Object::Stream(stream) = object
            && stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Form")
        {
            stream.dict.set("Resources", list.clone());
        }
    }
    Ok(())
}

/// The list of the two faces and of the installation's typeface, once for the whole file.
fn fonts(file: &mut Document, own: Option<ObjectId>) -> ObjectId {
    let mut list = Dictionary::new();
    if let Some(own) = own {
        list.set(Letters::NAME, own);
    }
    for face in [Face::Regular, Face::Bold] {
        let font: BuiltinFont = face.builtin();
        let id = file.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type1",
            "BaseFont" => font.get_id(),
            "Encoding" => "WinAnsiEncoding",
        });
        list.set(font.get_pdf_id(), id);
    }
    file.add_object(list)
}

/// Writes what the file says about itself.
fn describe(file: &mut Document, about: &About) -> Result<(), lopdf::Error> {
    let made = date(about.made_at, about.zone);
    let info = file.add_object(dictionary! {
        "Title" => text_string(&about.title),
        "Author" => text_string(&about.author),
        "Creator" => text_string(concat!("Salur ", env!("CARGO_PKG_VERSION"))),
        "CreationDate" => Object::string_literal(made.clone()),
        "ModDate" => Object::string_literal(made),
    });
    if let Ok(old) = file.trailer.get(b"Info").and_then(Object::as_reference) {
        file.objects.remove(&old);
    }
    let id = Object::String(about.document_id.to_vec(), StringFormat::Hexadecimal);
    file.trailer.set("Info", info);
    file.trailer.set("ID", vec![id.clone(), id]);
    let catalog = file.catalog_mut()?;
    // Indonesian comes first on all paper, whatever else stands below it.
    catalog.set("Lang", Object::string_literal("id-ID"));
    catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true, "PrintScaling" => "None" });
    catalog.remove(b"PageLayout");
    Ok(())
}

/// A moment as PDF writes it: `D:20261207080000+08'00'`.
fn date(moment: Timestamp, zone: Zone) -> String {
    let iso = moment.iso(zone);
    let mut out = String::from("D:");
    let (local, offset) = iso.split_at(iso.len().saturating_sub(6));
    out.extend(local.chars().filter(char::is_ascii_digit));
    let _ = write!(out, "{}'", offset.replace(':', "'"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_the_way_pdf_wants_it() {
        let moment = Timestamp::parse("2026-12-07T08:05:09+08:00").unwrap();
        assert_eq!(date(moment, Zone::Wita), "D:20261207080509+08'00'");
    }
}
