//! Signing in and out, and tokens.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Page, Paging, ProblemBody, id, maybe_id};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::http::guard::{COOKIE, MARKS_COOKIE, SECURE_COOKIE, SECURE_MARKS_COOKIE};
use crate::http::state::API_ZONE;
use crate::http::{Caller, Problem, State};
use crate::service::{Actor, SignInTry, TokenView};

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
pub(super) struct Credentials {
    username: String,
    password: String,
    /// The one-time code of an authenticator app, or a recovery code, of one who has set them up.
    #[serde(default)]
    code: String,
}

/// Who somebody is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Person {
    id: Uuid,
    name: String,
    role: Role,
    agency_id: Uuid,
    point_id: Option<Uuid>,
    device_id: Option<Uuid>,
    /// Whether one-time codes have to be set up before anything else can be done.
    second_factor_due: bool,
    /// Whether another person has to confirm whose account it is before anything else can be done.
    awaiting_confirmation: bool,
}

impl Person {
    fn of(actor: &Actor) -> Self {
        Self {
            id: actor.user.uuid(),
            name: actor.name.clone(),
            role: actor.role,
            agency_id: actor.agency.uuid(),
            point_id: actor.point.map(|point| point.uuid()),
            device_id: actor.device.map(|device| device.uuid()),
            second_factor_due: actor.confined,
            awaiting_confirmation: actor.unconfirmed,
        }
    }
}

/// A sign-in. Its secret is in the cookie.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignInBody {
    /// To be sent as `X-CSRF-Token` with every call that changes something.
    csrf_token: String,
    user: Person,
}

/// The cookie of a sign-in.
pub(in crate::http) fn sign_in_cookie(secret: String, https: bool) -> Cookie<'static> {
    Cookie::build(if https { SECURE_COOKIE } else { COOKIE }, secret)
        .path("/")
        .http_only(true)
        .secure(https)
        .same_site(SameSite::Lax)
        .finish()
}

/// The answer to a sign-in, behind its own cookie with the one in which a browser keeps the marks of those who signed in
/// with it. That one opens nothing: it says that guesses of others are not to be counted against its owners.
pub(in crate::http) fn with_marks(
    mut answer: HttpResponse,
    state: &State,
    caller: &Caller,
    username: &str,
) -> HttpResponse {
    let Some(marks) = state.marks_after(caller, username) else { return answer };
    let cookie = Cookie::build(if state.https { SECURE_MARKS_COOKIE } else { MARKS_COOKIE }, marks)
        .path("/")
        .http_only(true)
        .secure(state.https)
        .same_site(SameSite::Strict)
        .max_age(Duration::days(365))
        .finish();
    // Without it the next try is counted with those of its network, and no more than that.
    drop(answer.add_cookie(&cookie));
    answer
}

/// Sign in. The cookie that comes back lives for twelve hours, and not beyond the time without a request that the rules of
/// the agency allow.
#[utoipa::path(tag = "access", request_body = Credentials, responses(
    (status = 201, body = SignInBody), (status = 401, body = ProblemBody), (status = 429, body = ProblemBody)))]
#[post("/sessions")]
pub(super) async fn sign_in(
    state: Data<State>,
    caller: Caller,
    body: Json<Credentials>,
) -> Result<HttpResponse, Problem> {
    let Credentials { username, password, code } = body.into_inner();
    let guess = state.limit_sign_in(&caller, &username)?;
    let known = guess.is_known();
    let given = SignInTry { username: username.clone(), password, code, from: Some(caller.address), known };
    let ended = state.anybody(&caller, move |office| office.sign_in(&given)).await;
    state.sign_in_ended(guess, &ended);
    let signed_in = ended?;
    let answer = HttpResponse::Created()
        .cookie(sign_in_cookie(signed_in.secret, state.https))
        .json(SignInBody { csrf_token: signed_in.csrf, user: Person::of(&signed_in.actor) });
    Ok(with_marks(answer, &state, &caller, &username))
}

/// End one's own sign-in.
#[utoipa::path(tag = "access", responses((status = 204), (status = 401, body = ProblemBody)))]
#[delete("/sessions/current")]
pub(super) async fn sign_out(state: Data<State>, caller: Caller) -> Result<HttpResponse, Problem> {
    let secret = caller.cookie_secret().map(str::to_owned);
    state
        .act(&caller, move |office, actor| match secret {
            Some(secret) => office.sign_out(actor, &secret),
            None => Ok(()),
        })
        .await?;
    let mut cookie = sign_in_cookie(String::new(), state.https);
    cookie.make_removal();
    Ok(HttpResponse::NoContent().cookie(cookie).finish())
}

/// Who the caller is.
#[utoipa::path(tag = "access", responses((status = 200, body = Person), (status = 401, body = ProblemBody)))]
#[get("/sessions/current")]
pub(super) async fn who_am_i(state: Data<State>, caller: Caller) -> Result<Json<Person>, Problem> {
    state.act(&caller, |_, actor| Ok(Person::of(actor))).await.map(Json)
}

/// A token that is to be made.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewToken {
    /// Whom it stands for.
    user_id: Uuid,
    /// The device it stands for as well.
    device_id: Option<Uuid>,
    /// What it is for.
    name: String,
    /// When it ends by itself; never unless told.
    expires_at: Option<String>,
}

/// A fresh token. The secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenBody {
    id: Uuid,
    token: String,
}

/// Make an access token.
#[utoipa::path(tag = "access", request_body = NewToken, responses(
    (status = 201, body = TokenBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/tokens")]
pub(super) async fn create_token(
    state: Data<State>,
    caller: Caller,
    body: Json<NewToken>,
) -> Result<HttpResponse, Problem> {
    let new = body.into_inner();
    let end = new.expires_at.as_deref().filter(|text| !text.is_empty());
    let end = end.map(|text| Timestamp::parse(text).map_err(|_| Problem::bad_request("bad_body", "expires_at")));
    let end = end.transpose()?;
    let made = state
        .act(&caller, move |office, actor| {
            office.create_token(actor, new.user_id.into(), new.device_id.map(Into::into), &new.name, end)
        })
        .await?;
    Ok(HttpResponse::Created().json(TokenBody { id: made.id.uuid(), token: made.secret }))
}

/// End an access token.
#[utoipa::path(tag = "access", responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[delete("/tokens/{id}")]
pub(super) async fn revoke_token(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    state.act(&caller, move |office, actor| office.revoke_token(actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A live token. Its secret was shown once, when it was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenListed {
    id: Uuid,
    user_id: Uuid,
    device_id: Option<Uuid>,
    name: String,
    created_at: String,
    /// When it ends by itself, if it does.
    expires_at: Option<String>,
    /// When it was used last; written down about a minute later.
    last_used_at: Option<String>,
}

impl From<TokenView> for TokenListed {
    fn from(one: TokenView) -> Self {
        Self {
            id: one.id.uuid(),
            user_id: one.user.uuid(),
            device_id: one.device.map(|device| device.uuid()),
            name: one.name,
            created_at: one.created_at.iso(API_ZONE),
            expires_at: one.expires_at.map(|end| end.iso(API_ZONE)),
            last_used_at: one.used_at.map(|at| at.iso(API_ZONE)),
        }
    }
}

/// The live tokens of the agency's people.
#[utoipa::path(tag = "access", params(Paging), responses((status = 200, body = Page<TokenListed>), (status = 403, body = ProblemBody)))]
#[get("/tokens")]
pub(super) async fn tokens(
    state: Data<State>,
    caller: Caller,
    query: Query<Paging>,
) -> Result<Json<Page<TokenListed>>, Problem> {
    let (after, limit) = (maybe_id(query.after.as_deref())?, query.limit);
    let found = state.act(&caller, move |office, actor| office.tokens(actor, after, limit)).await?;
    let listed = found.into_iter().map(TokenListed::from);
    Ok(Json(Page::of(listed.collect(), limit, |one| one.id.to_string())))
}

/// A live sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionBody {
    id: Uuid,
    device_id: Option<Uuid>,
    /// Where it was begun.
    address: String,
    created_at: String,
    /// When it was used last; written down about a minute later.
    last_used_at: Option<String>,
    expires_at: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// Whose sign-ins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Whose {
    /// A person of the agency, for an administrator; one's own unless told.
    user: Option<String>,
}

/// Live sign-ins: one's own, or for an administrator anybody's of the agency.
#[utoipa::path(tag = "access", params(Whose), responses((status = 200, body = Page<SessionBody>),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/sessions")]
pub(super) async fn sessions(
    state: Data<State>,
    caller: Caller,
    query: Query<Whose>,
) -> Result<Json<Page<SessionBody>>, Problem> {
    let user = maybe_id(query.user.as_deref())?;
    let secret = caller.cookie_secret().map(str::to_owned);
    let found = state.act(&caller, move |office, actor| office.live_sign_ins(actor, user, secret.as_deref())).await?;
    let items = found.into_iter().map(|one| SessionBody {
        id: one.id.uuid(),
        device_id: one.device.map(|device| device.uuid()),
        address: one.address,
        created_at: one.created_at.iso(API_ZONE),
        last_used_at: one.seen_at.map(|at| at.iso(API_ZONE)),
        expires_at: one.expires_at.iso(API_ZONE),
        current: one.current,
    });
    Ok(Json(Page { items: items.collect(), next: None }))
}

/// End a sign-in: one's own, or for an administrator anybody's of the agency.
#[utoipa::path(tag = "access", responses((status = 204), (status = 404, body = ProblemBody)))]
#[delete("/sessions/{id}")]
pub(super) async fn revoke_session(
    state: Data<State>,
    caller: Caller,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    state.act(&caller, move |office, actor| office.revoke_session(actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
