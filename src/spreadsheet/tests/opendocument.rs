//! A small writer of OpenDocument spreadsheets, for tests.

use super::*;

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The content of a document; each sheet with name, hidden or not, and the XML of its rows.
pub(super) fn document(sheets: &[(&str, bool, String)]) -> Vec<u8> {
    let mut content = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content><office:automatic-styles>\
         <style:style style:name=\"ta1\" style:family=\"table\"><style:table-properties table:display=\"true\"/></style:style>\
         <style:style style:name=\"ta2\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>\
         </office:automatic-styles><office:body><office:spreadsheet>",
    );
    for (name, hidden, rows) in sheets {
        let style = if *hidden { "ta2" } else { "ta1" };
        content.push_str(&format!(
            "<table:table table:name=\"{}\" table:style-name=\"{style}\">{rows}</table:table>",
            escaped(name)
        ));
    }
    content.push_str("</office:spreadsheet></office:body></office:document-content>");
    ods_of(content.as_bytes())
}

pub(super) fn ods_of(content: &[u8]) -> Vec<u8> {
    refused::zip_of(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content),
    ])
}

pub(super) fn cell(text: &str) -> String {
    if text.is_empty() {
        "<table:table-cell/>".to_owned()
    } else {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>", escaped(text))
    }
}

pub(super) fn row(cells: &[String]) -> String {
    format!("<table:table-row>{}</table:table-row>", cells.concat())
}

pub(super) fn rows(table: &[Vec<String>]) -> String {
    table.iter().map(|cells| row(&cells.iter().map(|text| cell(text)).collect::<Vec<_>>())).collect()
}
