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
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status, body })
}

impl Client {
    /// Uploads a file of households.
    pub(crate) fn upload(&self, base: &str, programme: &str, name: &str, bytes: &[u8]) -> Answer {
        let mut body = format!("--fold\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n")
            .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--fold--\r\n");
        let request = self.agent.post(format!("{base}/api/v1/intakes?programme={programme}"));
        let response = request
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "multipart/form-data; boundary=fold")
            .send(&body[..])
            .unwrap();
        read(response).unwrap()
    }

    /// The bytes of a file.
    pub(crate) fn bytes(&self, base: &str, path: &str) -> Vec<u8> {
        let request = self.agent.get(format!("{base}{path}"));
        let mut response = request.header("Authorization", format!("Bearer {}", self.token)).call().unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        response.body_mut().read_to_vec().unwrap()
    }
}
