//! Views of lists that people keep for themselves.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::shell::{Answer, Visit, id, local};
use super::view::fields::Fields;
use super::view::frame::Place;
use super::view::ledger::SavedViews;
use crate::domain::id::SavedFilterId;
use crate::service::{Actor, Error, Office};

/// What this person keeps of a list, to be shown on it; `here` is the address of what it shows now.
pub(super) fn saved_views(
    office: &Office,
    actor: &Actor,
    page: &'static str,
    here: String,
) -> Result<SavedViews, Error> {
    let kept = office.saved_filters(actor, page)?;
    let kept = kept.into_iter().map(|(id, name, address)| (id.to_string(), name, address)).collect();
    Ok(SavedViews { page: Some(page), here, kept })
}

fn back(form: &Fields) -> Answer {
    Answer::See(local(form.of("here")).unwrap_or("/").to_owned())
}

/// `POST /filters`
pub(super) async fn save(visit: Visit, form: web::Form<Fields>) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Home, move |inside| {
            inside.office.save_filter(inside.actor, form.of("page"), form.of("name"), form.of("here"))?;
            Ok(back(&form))
        })
        .await
}

/// `POST /filters/{id}/forget`
pub(super) async fn forget(
    visit: Visit,
    filter: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Home, move |inside| {
            let filter: SavedFilterId = id(&filter, "filter")?;
            inside.office.forget_filter(inside.actor, filter)?;
            Ok(back(&form))
        })
        .await
}
