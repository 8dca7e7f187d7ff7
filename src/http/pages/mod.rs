//! Pages for people: plain HTML, plain forms, words in two languages. All but the desk's comfort works
//! without a script.

pub mod view;

/// Every page.
pub(super) fn routes(_config: &mut actix_web::web::ServiceConfig) {}
