//! What the benchmarks of the server share: a client on one connection that costs next to nothing, and what the
//! kernel says of a process.

use std::io::{Read, Write};
use std::net::TcpStream;

/// One connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    request: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(1 << 16), request: Vec::new() }
    }

    pub(crate) fn get(&mut self, path: &str, token: &str) -> (u16, &[u8]) {
        self.send("GET", path, token, &[])
    }

    pub(crate) fn post(&mut self, path: &str, token: &str, body: &[u8]) -> (u16, &[u8]) {
        self.send("POST", path, token, body)
    }

    fn send(&mut self, method: &str, path: &str, token: &str, body: &[u8]) -> (u16, &[u8]) {
        self.request.clear();
        write!(
            self.request,
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .unwrap();
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request).unwrap();
        self.buffer.clear();
        let head = loop {
            self.more();
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head]).unwrap().to_ascii_lowercase();
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).map(|n| n.parse::<usize>());
        let length = length.expect("an answer says how long it is").unwrap();
        while self.buffer.len() < head + length {
            self.more();
        }
        (status, &self.buffer[head..head + length])
    }

    fn more(&mut self) {
        let mut some = [0; 16_384];
        let count = self.stream.read(&mut some).unwrap();
        assert!(count > 0, "the server closed the connection");
        self.buffer.extend_from_slice(&some[..count]);
    }
}

/// Some figures of `/proc/PID/stat`, from the `first` on, counted from 0; none for a process that has ended.
pub(crate) fn stat(pid: u32, first: usize, count: usize) -> Vec<f64> {
    let Ok(text) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return Vec::new() };
    // The name may hold blanks; what follows its bracket does not.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    rest.split_whitespace().skip(first - 2).take(count).filter_map(|figure| figure.parse().ok()).collect()
}

/// A figure of `/proc/PID/status` in KiB; none for a process that has ended.
pub(crate) fn status(pid: u32, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}
