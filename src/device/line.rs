//! The wire: one call, one answer. What it carries is somebody else's to understand and to believe.

use std::time::Duration;

use serde_json::Value;

use super::Fault;

/// How long a call may take as a whole: a full parcel over a bad line.
const CALL_AT_MOST: Duration = Duration::from_secs(120);
/// How long it may take to reach the server at all.
const REACH_AT_MOST: Duration = Duration::from_secs(10);
/// The longest answer that is read: the pages of five thousand leases, and some.
const ANSWER_BYTES_MAX: u64 = 16 << 20;

/// What goes along with a call.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing: a GET.
    None,
    /// JSON.
    Json(Value),
    /// A parcel.
    Cbor(Vec<u8>),
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The JSON; null when it was none.
    pub body: Value,
}

impl Answer {
    /// The body of a call that went well; the server's own words otherwise.
    pub fn well(self) -> Result<Value, Fault> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        let text = |member: &str| self.body[member].as_str().unwrap_or_default().to_owned();
        // A server that is ill, or something in between that answers in its place, is as good as none.
        if self.status >= 500 || self.body["code"].as_str().is_none() {
            return Err(Fault::Unreachable(format!("it answers {}", self.status)));
        }
        Err(Fault::Refused { code: text("code"), detail: text("detail") })
    }
}

/// Something that carries calls to the server.
pub trait Line: Send + Sync {
    /// One call below `/api/v1`. A server that answers is no fault, whatever it says.
    fn call(&self, token: Option<&str>, path: &str, body: Body) -> Result<Answer, Fault>;
}

/// HTTP, with TLS when the server's address says so.
#[derive(Debug)]
pub struct Http {
    agent: ureq::Agent,
    server: String,
}

impl Http {
    /// A line to the server at this address.
    pub fn to(server: &str) -> Result<Self, Fault> {
        let wrong = || Fault::Unreachable(format!("{server:?} is no address: it begins with https:// or http://"));
        if !server.starts_with("https://") && !server.starts_with("http://") {
            return Err(wrong());
        }
        let config = crate::wire::caller()
            .max_redirects(0)
            .timeout_connect(Some(REACH_AT_MOST))
            .timeout_global(Some(CALL_AT_MOST))
            .user_agent(concat!("salur-device/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.into(), server: server.trim_end_matches('/').to_owned() })
    }
}

impl Line for Http {
    fn call(&self, token: Option<&str>, path: &str, body: Body) -> Result<Answer, Fault> {
        let lost = |fault: ureq::Error| Fault::Unreachable(fault.to_string());
        let address = format!("{}/api/v1{path}", self.server);
        let with = |builder: ureq::http::request::Builder| match token {
            Some(token) => builder.header("Authorization", format!("Bearer {token}")),
            None => builder,
        };
        let request = ureq::http::Request::builder().uri(&address);
        let broken = |fault: ureq::http::Error| Fault::Unreachable(fault.to_string());
        let response = match body {
            Body::None => self.agent.run(with(request.method("GET")).body(()).map_err(broken)?),
            Body::Json(value) => {
                let request = with(request.method("POST")).header("Content-Type", "application/json");
                self.agent.run(request.body(value.to_string().into_bytes()).map_err(broken)?)
            }
            Body::Cbor(bytes) => {
                let request = with(request.method("POST")).header("Content-Type", "application/cbor");
                self.agent.run(request.body(bytes).map_err(broken)?)
            }
        };
        let mut response = response.map_err(lost)?;
        let status = response.status().as_u16();
        let bytes = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec().map_err(lost)?;
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}
