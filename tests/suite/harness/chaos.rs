//! A network between device and server that misbehaves by a seed: it delays, cuts a request or an answer at some
//! byte, sends a request twice, or swallows the answer after the server did its work.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use super::random::Random;

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    None,
    Delay,
    CutRequest,
    CutAnswer,
    Swallow,
    Twice,
}

#[derive(Debug)]
struct Inner {
    upstream: RwLock<String>,
    random: Mutex<Random>,
    /// Of a hundred requests, so many meet a mishap.
    percent: AtomicU64,
    mishaps: [AtomicU64; 6],
    /// Of the requests that brought a parcel, as they came.
    bytes_of_syncs: AtomicU64,
    over: AtomicBool,
}

/// The proxy. It ends with the value.
#[derive(Debug)]
pub(crate) struct Chaos {
    inner: Arc<Inner>,
    address: String,
}

impl Chaos {
    pub(crate) fn before(upstream: &str, seed: u64, percent: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            upstream: RwLock::new(authority(upstream)),
            random: Mutex::new(Random::seeded(seed)),
            percent: AtomicU64::new(percent),
            mishaps: Default::default(),
            bytes_of_syncs: AtomicU64::new(0),
            over: AtomicBool::new(false),
        });
        let shared = inner.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.over.load(Ordering::SeqCst) {
                    break;
                }
                let shared = shared.clone();
                std::thread::spawn(move || drop(serve(client, &shared)));
            }
        });
        Self { inner, address }
    }

    /// Where a device finds it.
    pub(crate) fn base(&self) -> &str {
        &self.address
    }

    /// The server is somewhere else now.
    pub(crate) fn lead_to(&self, upstream: &str) {
        *self.inner.upstream.write().unwrap() = authority(upstream);
    }

    pub(crate) fn behave(&self) {
        self.inner.percent.store(0, Ordering::SeqCst);
    }

    /// How many requests met each mishap: delay, cut request, cut answer, swallowed, twice.
    pub(crate) fn mishaps(&self) -> [u64; 5] {
        [1, 2, 3, 4, 5].map(|kind: usize| self.inner.mishaps[kind].load(Ordering::SeqCst))
    }
}

impl Chaos {
    /// How many bytes requests with parcels have taken so far, request line and headers included.
    pub(crate) fn bytes_of_syncs(&self) -> u64 {
        self.inner.bytes_of_syncs.load(Ordering::SeqCst)
    }
}

impl Drop for Chaos {
    fn drop(&mut self) {
        self.inner.over.store(true, Ordering::SeqCst);
        // The listener waits for one more.
        let _ = TcpStream::connect(authority(&self.address));
    }
}

fn authority(base: &str) -> String {
    base.trim_start_matches("http://").trim_end_matches('/').to_owned()
}

/// One request a connection: the client is told that it is closed, and opens another.
fn serve(mut client: TcpStream, inner: &Inner) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(30)))?;
    let Some(request) = read_request(&mut client)? else { return Ok(()) };
    if request.starts_with(b"POST /api/v1/sync ") {
        inner.bytes_of_syncs.fetch_add((request.len() - CLOSE.len()) as u64, Ordering::SeqCst);
    }
    let (mishap, cut, delay) = {
        let mut random = inner.random.lock().unwrap();
        let misbehave = random.between(0, 100) < inner.percent.load(Ordering::SeqCst);
        let kinds = [Mishap::Delay, Mishap::CutRequest, Mishap::CutAnswer, Mishap::Swallow, Mishap::Twice];
        let kind = if misbehave { kinds[usize::try_from(random.between(0, 5)).unwrap()] } else { Mishap::None };
        (kind, random.word(), random.between(1, 120))
    };
    inner.mishaps[mishap as usize].fetch_add(1, Ordering::SeqCst);
    let place = |length: usize| usize::try_from(cut % (length as u64).max(1)).unwrap();
    if mishap == Mishap::Delay {
        linger(Duration::from_millis(delay));
    }
    let upstream = inner.upstream.read().unwrap().clone();
    let mut answer = Vec::new();
    for _ in 0..if mishap == Mishap::Twice { 2 } else { 1 } {
        let mut server = TcpStream::connect(&upstream)?;
        server.set_read_timeout(Some(Duration::from_secs(60)))?;
        if mishap == Mishap::CutRequest {
            server.write_all(&request[..place(request.len())])?;
            server.shutdown(Shutdown::Both)?;
            return Ok(());
        }
        server.write_all(&request)?;
        answer.clear();
        server.read_to_end(&mut answer)?;
    }
    match mishap {
        Mishap::Swallow => Ok(()),
        Mishap::CutAnswer => client.write_all(&answer[..place(answer.len())]),
        _ => client.write_all(&answer),
    }
}

/// What is added to a request.
const CLOSE: &[u8] = b"\r\nConnection: close";

/// A whole request, with the wish that the server close behind it.
fn read_request(client: &mut TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16_384];
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned))
                .map_or(0, |length| length.trim().parse::<usize>().unwrap_or(0));
            if bytes.len() >= end + 4 + length {
                let mut whole = head.into_bytes();
                whole.extend_from_slice(CLOSE);
                whole.extend_from_slice(b"\r\n\r\n");
                whole.extend_from_slice(&bytes[end + 4..end + 4 + length]);
                return Ok(Some(whole));
            }
        }
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&buffer[..read]);
    }
}

#[expect(clippy::disallowed_methods, reason = "a slow network is slow")]
fn linger(time: Duration) {
    std::thread::sleep(time);
}
