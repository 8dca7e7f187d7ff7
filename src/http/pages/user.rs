//! People with an account.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::device::Paging;
use super::fault::PageError;
use super::shell::{Answer, Inside, ROWS, Visit, after, id, next, said};
use super::view::frame::{Choice, Place};
use super::view::user::{UserRow, Users};
use crate::domain::role::{Action, Role};
use crate::service::{Error, NewUser, Refusal};

/// `GET /users`
pub(super) async fn list(visit: Visit, paging: web::Query<Paging>) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Users, move |inside| Answer::page(&page(inside, paging.after.as_deref(), None)?)).await
}

fn page(inside: Inside<'_>, begin: Option<&str>, error: Option<String>) -> Result<Users, Error> {
    let found = inside.office.users(inside.actor, after(begin), Some(ROWS))?;
    let points = inside.office.points(inside.actor)?;
    let codes: HashMap<_, _> = points.iter().map(|point| (point.id, point.code.as_str())).collect();
    Ok(Users {
        may_create: inside.actor.role.may(Action::ManageUsers),
        error,
        next: next(&found, |user| user.id.to_string()),
        rows: found
            .into_iter()
            .map(|user| UserRow {
                point: user.point.and_then(|point| codes.get(&point)).map(|code| (*code).to_owned()),
                name: user.name,
                username: user.username,
                role: user.role.as_str().to_owned(),
                active: user.enabled,
            })
            .collect(),
        points: points
            .iter()
            .map(|point| Choice::new(point.id.to_string(), format!("{} · {}", point.code, point.name)))
            .collect(),
        frame: inside.frame,
    })
}

#[derive(Deserialize)]
pub(super) struct UserForm {
    csrf: String,
    name: String,
    username: String,
    password: String,
    role: String,
    #[serde(default)]
    point: String,
}

impl UserForm {
    fn wanted(self) -> Result<NewUser, Error> {
        let role = || Error::from(Refusal::Invalid { field: "role", why: "choose one of the list".into() });
        Ok(NewUser {
            role: Role::parse(&self.role).ok_or_else(role)?,
            point: if self.point.is_empty() { None } else { Some(id(&self.point, "point")?) },
            username: self.username,
            name: self.name,
            password: self.password,
        })
    }
}

/// `POST /users`
pub(super) async fn create(visit: Visit, form: web::Form<UserForm>) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visit
        .with_form_token(&form.csrf.clone())
        .inside(Place::Users, move |inside| {
            let created = form.wanted().and_then(|new| inside.office.create_user(inside.actor, &new));
            match created {
                Ok(_) => Ok(Answer::See(Place::Users.href().into())),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, None, Some(text))?)
                }
            }
        })
        .await
}
