//! People with an account.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::device::Paging;
use super::fault::PageError;
use super::form;
use super::shell::{Answer, Inside, ROWS, Sent, Visit, after, id, moment, next, said};
use super::view::frame::{Choice, Place};
use super::view::user::{InvitedPage, UserPage, UserRow, Users};
use crate::domain::role::{Action, Role};
use crate::domain::time::Zone;
use crate::service::{Error, NewInvitation, NewUser, Phase, Refusal, UserChange};

/// `GET /users`
pub(super) async fn list(visit: Visit, paging: web::Query<Paging>) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Users, move |inside| Answer::page(&page(inside, paging.after.as_deref(), None)?)).await
}

fn page(inside: Inside<'_>, begin: Option<&str>, error: Option<String>) -> Result<Users, Error> {
    let found = inside.office.users(inside.actor, after(begin), Some(ROWS))?;
    let points = inside.office.points(inside.actor)?;
    let now = inside.office.now();
    let rounds = inside.office.round_overviews(inside.actor)?;
    let codes: HashMap<_, _> = points.iter().map(|point| (point.id, point.code.as_str())).collect();
    Ok(Users {
        may_create: inside.actor.role.may(Action::ManageUsers),
        error,
        next: next(&found, |user| user.id.to_string()),
        rows: found
            .into_iter()
            .map(|user| UserRow {
                id: user.id.to_string(),
                active: user.works(now),
                point: user.point.and_then(|point| codes.get(&point)).map(|code| (*code).to_owned()),
                name: user.name,
                username: user.username,
                role: user.role.as_str().to_owned(),
            })
            .collect(),
        rounds: rounds
            .into_iter()
            .filter(|one| one.phase != Phase::Closed)
            .map(|one| Choice::new(one.round.id.to_string(), one.round.name))
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
pub(super) async fn create(visit: Visit, form: Sent<UserForm>) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Users, move |inside| {
            let created = form.into_inner().wanted().and_then(|new| inside.office.create_user(inside.actor, &new));
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

/// `GET /users/{id}`
pub(super) async fn show(visit: Visit, user: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Users, move |inside| Answer::page(&one(inside, &user, None)?)).await
}

fn one(inside: Inside<'_>, user: &str, error: Option<String>) -> Result<UserPage, Error> {
    let (office, actor, zone) = (inside.office, inside.actor, inside.agency.zone);
    let found = office.user(actor, id(user, "user")?)?;
    let may_change = actor.role.may(Action::ManageUsers);
    let sessions = if may_change && found.id != actor.user {
        office.live_sign_ins(actor, Some(found.id), None)?
    } else {
        Vec::new()
    };
    Ok(UserPage {
        error,
        id: found.id.to_string(),
        active: found.works(office.now()),
        open: found.enabled,
        ends: found.expires_at.map(|end| moment(end, zone)),
        second_factor: !office.with_second_factor(actor, &[found.id])?.is_empty(),
        may_change,
        sessions: sessions.into_iter().map(|one| super::account::row(one, zone)).collect(),
        name: found.name,
        username: found.username,
        role: found.role.as_str().to_owned(),
        frame: inside.frame,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangeForm {
    #[serde(rename = "do")]
    what: String,
    #[serde(default)]
    ends: String,
}

impl ChangeForm {
    fn wanted(&self, zone: Zone) -> Result<UserChange, Error> {
        let nothing = UserChange::default();
        Ok(match self.what.as_str() {
            "close" => UserChange { enabled: Some(false), ..nothing },
            "open" => UserChange { enabled: Some(true), ..nothing },
            "reset" => UserChange { reset_second_factor: true, ..nothing },
            "end" if self.ends.is_empty() => UserChange { expires_at: Some(None), ..nothing },
            "end" => UserChange { expires_at: Some(Some(form::moment(&self.ends, "ends", zone)?)), ..nothing },
            _ => return Err(Refusal::Invalid { field: "do", why: "close, open, end or reset".into() }.into()),
        })
    }
}

/// `POST /users/{id}`
pub(super) async fn change(
    visit: Visit,
    user: web::Path<String>,
    form: Sent<ChangeForm>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form.fields)
        .inside(Place::Users, move |inside| {
            let changed = form
                .wanted(inside.agency.zone)
                .and_then(|wanted| inside.office.change_user(inside.actor, id(&user, "user")?, wanted));
            match changed {
                Ok(changed) => Ok(Answer::See(format!("/users/{}", changed.id))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &one(inside, &user, Some(text))?)
                }
            }
        })
        .await
}

/// `POST /users/{id}/sessions/{session}/end`
pub(super) async fn end_session(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<super::session::TokenForm>,
) -> Result<HttpResponse, PageError> {
    let (user, session) = path.into_inner();
    visit
        .with_form_token(&form.csrf)
        .inside(Place::Users, move |inside| {
            inside.office.revoke_session(inside.actor, id(&session, "session")?)?;
            let user: crate::domain::id::UserId = id(&user, "user")?;
            Ok(Answer::See(format!("/users/{user}")))
        })
        .await
}

#[derive(Debug, Deserialize)]
pub(super) struct InviteForm {
    name: String,
    role: String,
    #[serde(default)]
    point: String,
    #[serde(default)]
    round: String,
}

impl InviteForm {
    fn wanted(&self) -> Result<NewInvitation, Error> {
        let role = || Error::from(Refusal::Invalid { field: "role", why: "choose one of the list".into() });
        Ok(NewInvitation {
            name: self.name.clone(),
            role: Role::parse(&self.role).ok_or_else(role)?,
            point: if self.point.is_empty() { None } else { Some(id(&self.point, "point")?) },
            round: if self.round.is_empty() { None } else { Some(id(&self.round, "round")?) },
        })
    }
}

/// `POST /users/invite`
pub(super) async fn invite(visit: Visit, form: Sent<InviteForm>) -> Result<HttpResponse, PageError> {
    let host = visit.state.host.clone();
    visit
        .with_form(&form.fields)
        .inside(Place::Users, move |inside| {
            let invited = form.into_inner().wanted().and_then(|new| inside.office.invite(inside.actor, &new));
            match invited {
                Ok(made) => {
                    let zone = inside.agency.zone;
                    let text = host.map_or_else(|| made.code.clone(), |host| format!("{host}/join/{}", made.code));
                    Answer::page(&InvitedPage {
                        svg: crate::pdf::qr::svg(&text).unwrap_or_default(),
                        code: made.code,
                        until: moment(made.invitation.expires_at, zone),
                        ends: made.invitation.account_expires_at.map(|end| moment(end, zone)),
                        role: made.invitation.role.as_str().to_owned(),
                        name: made.invitation.name,
                        frame: inside.frame,
                    })
                }
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, None, Some(text))?)
                }
            }
        })
        .await
}
