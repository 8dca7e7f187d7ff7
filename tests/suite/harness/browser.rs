//! A browser as a page of ours uses it: a cookie, the token of its forms, and what it says of where a request
//! comes from.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::Answer;

/// One sign-in.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    agent: ureq::Agent,
    base: String,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

/// A try to sign in: what is answered, and the cookie that comes with it.
pub(crate) fn try_sign_in(base: &str, credentials: &Value, headers: &[(&str, &str)]) -> (Answer, String) {
    let mut request = agent().post(format!("{base}/api/v1/sessions"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = request.send_json(credentials).unwrap();
    let cookie = response.headers().get("set-cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }, cookie)
}

/// A sign-in of which the marks are wanted: what the browser keeps of it for the next.
pub(crate) fn marks_of(base: &str, credentials: &Value) -> String {
    let response = agent().post(format!("{base}/api/v1/sessions")).send_json(credentials).unwrap();
    assert_eq!(response.status().as_u16(), 201);
    let mut cookies = response.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let marks = cookies.rfind(|cookie| cookie.starts_with("salur_known=")).expect("a mark");
    assert!(marks.contains("HttpOnly") && marks.contains("SameSite=Strict"), "{marks}");
    marks.split(';').next().unwrap().to_owned()
}

impl Browser {
    pub(crate) fn sign_in(base: &str, username: &str, password: &str, code: &str) -> Self {
        let credentials = json!({ "username": username, "password": password, "code": code });
        let (answer, cookie) = try_sign_in(base, &credentials, &[]);
        assert_eq!(answer.status, 201, "{username}: {}", answer.body);
        let csrf = answer.body["csrf_token"].as_str().unwrap().to_owned();
        Self { agent: agent(), base: base.to_owned(), cookie, csrf }
    }

    /// A request with the cookie and these headers: its status, where it leads, and its body.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        kind: &str,
        body: &str,
    ) -> (u16, String, String) {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        request = request.header("Cookie", &self.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = if body.is_empty() {
            self.agent.run(request.body(()).unwrap()).unwrap()
        } else {
            self.agent.run(request.header("Content-Type", kind).body(body.to_owned()).unwrap()).unwrap()
        };
        let leads = response.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
        (response.status().as_u16(), leads, response.body_mut().read_to_string().unwrap_or_default())
    }

    /// A call of the API with the token that our own pages carry.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let token = [("X-CSRF-Token", self.csrf.as_str())];
        let (status, _, text) = self.send(method, &format!("/api/v1{path}"), &token, "application/json", &body);
        Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null)
    }
}
