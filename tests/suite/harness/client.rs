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
