//! Who signs the documents of an office: titles and names, kind by kind.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::shell::{Answer, Inside, Visit, said};
use super::view::fields::Fields;
use super::view::frame::Place;
use super::view::signature::{KindRow, Signatures};
use crate::domain::document::{Kind, Signature};
use crate::service::{Error, Refusal};

/// `GET /signatures`
pub(super) async fn show(visit: Visit) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Users, move |inside| Answer::page(&page(inside, None)?)).await
}

fn page(inside: Inside<'_>, error: Option<(Kind, Vec<Signature>, String)>) -> Result<Signatures, Error> {
    let kinds = inside.office.signatures(inside.actor)?;
    let row = |kind: Kind, own, signatures| KindRow { kind: kind.as_str().to_owned(), own, signatures };
    let (typed, error) = match error {
        Some((kind, signatures, words)) => (Some((kind, signatures)), Some(words)),
        None => (None, None),
    };
    let kinds = kinds.into_iter().map(|one| match &typed {
        Some((kind, signatures)) if *kind == one.kind => row(one.kind, one.own, signatures.clone()),
        _ => row(one.kind, one.own, one.signatures),
    });
    Ok(Signatures { error, kinds: kinds.collect(), frame: inside.frame })
}

/// The places to sign that were typed; a line without a title and without a name is none.
fn typed(fields: &Fields) -> Vec<Signature> {
    let text = |name: &'static str| fields.all(name).map(str::to_owned).collect::<Vec<_>>();
    let (captions, titles, names, numbers) = (text("caption"), text("title"), text("name"), text("name_no"));
    let at = |texts: &[String], place: usize| texts.get(place).cloned().unwrap_or_default();
    (0..titles.len())
        .map(|place| Signature {
            caption: at(&captions, place),
            title: at(&titles, place),
            name: at(&names, place),
            name_no: at(&numbers, place),
        })
        .filter(|one| !one.title.is_empty() || !one.name.is_empty())
        .collect()
}

/// `POST /signatures/{kind}`: what was typed, or with `do=usual` the titles that most offices use.
pub(super) async fn save(
    visit: Visit,
    kind: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Users, move |inside| {
            let kind = Kind::parse(&kind).ok_or(Refusal::NotFound("document"))?;
            let signatures = if form.of("do") == "usual" { Vec::new() } else { typed(&form) };
            match inside.office.set_signatures(inside.actor, kind, &signatures) {
                Ok(()) => Ok(Answer::See(format!("/signatures#{}", kind.as_str()))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, Some((kind, signatures, text)))?)
                }
            }
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_left_empty_are_no_places_to_sign() {
        let line = |caption: &str, title: &str, name: &str| {
            [("caption", caption), ("title", title), ("name", name), ("name_no", "")]
                .map(|(key, value)| (key, value.to_owned()))
        };
        let [a, b, c, d] = line("Mengetahui,", "Pengguna Anggaran", "RINA");
        let [e, f, g, h] = line("Mengetahui,", "", "");
        let found = typed(&Fields::with([a, b, c, d, e, f, g, h]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].title.as_str(), found[0].name.as_str()), ("Pengguna Anggaran", "RINA"));
    }
}
