//! How an address is asked: HEAD as GET without a body, and a method that it does not take.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::accounts::until;
use crate::harness::installation::Installation;

/// What a server answers, as it goes over the wire.
struct Raw {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Raw {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// Asks without a library between: one that knows HEAD would not read a body that comes all the same.
fn ask(base: &str, method: &str, path: &str, more: &str) -> Raw {
    let address = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{more}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Raw { status, head, body: bytes[end + 4..].to_vec() }
}

#[test]
fn head_is_answered_as_get_is_without_the_body() {
    let installation = Installation::demo(5, 3);
    let server = installation.serve();
    let base = server.base();
    until("the log is signed", || ask(base, "GET", "/api/v1/log/checkpoint", "").status == 200);
    let checkpoint = String::from_utf8(ask(base, "GET", "/api/v1/log/checkpoint", "").body).unwrap();
    let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    let tile = if size < 256 { format!("/api/v1/log/tile/0/000.p/{size}") } else { "/api/v1/log/tile/0/000".into() };
    let paths = [
        "/healthz",
        "/readyz",
        "/.well-known/jwks.json",
        "/api/v1/openapi.json",
        "/api/v1/log/checkpoint",
        "/api/v1/log/vkey",
        &tile,
        "/sign-in",
        "/no-such-page",
        "/api/v1/none",
    ];
    for path in paths {
        let (get, head) = (ask(base, "GET", path, ""), ask(base, "HEAD", path, ""));
        assert!(!get.body.is_empty() && head.body.is_empty(), "{path}: {} bytes", head.body.len());
        for name in ["content-type", "content-length", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
        assert_eq!(head.status, get.status, "{path}");
        assert!(get.status == 200 || path.contains("no"), "{path}: {}", get.status);
    }
    // What is counted grows with each look.
    let (get, head) = (ask(base, "GET", "/metrics", ""), ask(base, "HEAD", "/metrics", ""));
    assert_eq!((get.status, head.status, head.body.len()), (200, 200, 0));
    assert_eq!(head.header("content-type"), get.header("content-type"));
    // What one may not read is not there for HEAD either.
    assert_eq!(ask(base, "HEAD", "/api/v1/programmes", "").status, 401);
}

#[test]
fn an_address_says_which_methods_it_takes() {
    let installation = Installation::demo(5, 3);
    let server = installation.serve();
    let token = format!("Authorization: Bearer {}\r\n", installation.token("admin"));
    let one = "/api/v1/programmes/00000000-0000-7000-8000-000000000000";
    for (method, path, allowed) in [
        ("DELETE", "/api/v1/programmes", "GET, HEAD, POST"),
        ("PUT", one, "GET, HEAD"),
        ("GET", "/api/v1/redemptions", "POST"),
        ("HEAD", "/api/v1/redemptions", "POST"),
        ("DELETE", "/api/v1/sync", "POST"),
        ("POST", "/api/v1/openapi.json", "GET, HEAD"),
        ("POST", "/api/v1/log/checkpoint", "GET, HEAD"),
        ("POST", "/api/v1/log/tile/0/000", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
        ("PUT", "/readyz", "GET, HEAD"),
        ("DELETE", "/metrics", "GET, HEAD"),
        ("POST", "/.well-known/jwks.json", "GET, HEAD"),
        ("GET", "/sign-out", "POST"),
        ("POST", "/privacy", "GET, HEAD"),
    ] {
        for more in ["", token.as_str()] {
            let answer = ask(server.base(), method, path, &format!("{more}Content-Length: 0\r\n"));
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.head);
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{method} {path}");
            if method != "HEAD" {
                let said: Value = serde_json::from_slice(&answer.body).unwrap();
                assert_eq!((said["code"].as_str(), said["status"].as_u64()), (Some("method_not_allowed"), Some(405)));
            }
        }
    }
    for path in ["/api/v1/none", "/none", "/api/v1/programmes/x/y/z"] {
        assert_eq!(ask(server.base(), "POST", path, "Content-Length: 0\r\n").status, 404, "{path}");
    }
    // A person who follows an old link reads a page.
    let page = ask(server.base(), "GET", "/sign-out", "Accept: text/html\r\n");
    assert_eq!((page.status, page.header("allow")), (405, Some("POST")));
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{}", page.head);
}
