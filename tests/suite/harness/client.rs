//! An HTTP client as a scanner or an office program would be: one bearer token, JSON in and out.

use std::time::Duration;

use serde_json::Value;

/// What came back: a status and, where the body is JSON, its content.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The stable code of a problem, or of a verdict.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }
}

/// A client with a connection pool of its own. Statuses are answers, only a broken connection is an error.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    token: String,
}

impl Client {
    pub(crate) fn new(token: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        Self { agent, token: token.to_owned() }
    }

    pub(crate) fn get(&self, base: &str, path: &str) -> Result<Answer, ureq::Error> {
        let request = self.agent.get(format!("{base}/api/v1{path}"));
        let response = request.header("Authorization", format!("Bearer {}", self.token)).call()?;
        read(response)
    }

    pub(crate) fn post(&self, base: &str, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(format!("{base}/api/v1{path}"));
        let response = request.header("Authorization", format!("Bearer {}", self.token)).send_json(body)?;
        read(response)
    }

    /// A call of any method with a JSON body.
    pub(crate) fn call(&self, method: &str, base: &str, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        let body = Some(("application/json", body.to_string().into_bytes()));
        let (status, bytes) = self.send(method, &format!("{base}/api/v1{path}"), body)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    /// A token of somebody who has a name and a password, and may make tokens.
    pub(crate) fn sign_in(base: &str, username: &str, password: &str) -> Self {
        let body = serde_json::json!({ "username": username, "password": password });
        let mut signed_in = ureq::post(format!("{base}/api/v1/sessions")).send_json(&body).unwrap();
        let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let said: Value = signed_in.body_mut().read_json().unwrap();
        let mut made = ureq::post(format!("{base}/api/v1/tokens"))
            .header("Cookie", cookie)
            .header("X-CSRF-Token", said["csrf_token"].as_str().unwrap())
            .send_json(serde_json::json!({ "user_id": said["user"]["id"], "name": "a test" }))
            .unwrap();
        let made: Value = made.body_mut().read_json().unwrap();
        Self::new(made["token"].as_str().unwrap_or_else(|| panic!("no token: {made}")))
    }

    /// Any request at any address of the server; without a token when this client has none.
    pub(crate) fn send(
        &self,
        method: &str,
        address: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> Result<(u16, Vec<u8>), ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(address);
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        let mut response = match body {
            None => self.agent.run(request.body(())?)?,
            Some((kind, bytes)) => self.agent.run(request.header("Content-Type", kind).body(bytes)?)?,
        };
        let status = response.status().as_u16();
        Ok((status, response.body_mut().with_config().limit(100 << 20).read_to_vec()?))
    }

    /// A file in the field `file` of a form, as a browser sends it.
    pub(crate) fn upload(&self, base: &str, path: &str, name: &str, file: &[u8]) -> Result<Answer, ureq::Error> {
        let (status, bytes) = self.send("POST", &format!("{base}/api/v1{path}"), Some(form(name, file)))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }
}

/// A form with one file: its content type and its bytes.
pub(crate) fn form(name: &str, file: &[u8]) -> (&'static str, Vec<u8>) {
    let head = format!(
        "--salur-form\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/csv\r\n\r\n"
    );
    let bytes = [head.as_bytes(), file, b"\r\n--salur-form--\r\n"].concat();
    ("multipart/form-data; boundary=salur-form", bytes)
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status, body })
}

impl Client {
    /// The bytes of a file.
    pub(crate) fn bytes(&self, base: &str, path: &str) -> Vec<u8> {
        let (status, bytes) = self.send("GET", &format!("{base}{path}"), None).unwrap();
        assert_eq!(status, 200, "{path}");
        bytes
    }
}
