//! What the engines, the web server and the signatures do without Salur, for the benchmarks to compare with.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::prelude::*;
use ed25519_dalek::{Signer as _, SigningKey};

use super::redeem::Figures;
use super::wire::Connection;

const FOR: Duration = Duration::from_secs(4);

/// How many signatures are verified (strictly) and made in a second of one core.
pub(crate) fn signatures() -> (f64, f64) {
    let key = SigningKey::from_bytes(&[7; 32]);
    let message = [42_u8; 120];
    let signature = key.sign(&message);
    let public = key.verifying_key();
    let rate = |mut f: Box<dyn FnMut() + '_>| {
        let (began, mut count) = (Instant::now(), 0_u32);
        while began.elapsed() < Duration::from_millis(500) {
            f();
            count += 1;
        }
        f64::from(count) / began.elapsed().as_secs_f64()
    };
    let verify = rate(Box::new(|| public.verify_strict(std::hint::black_box(&message), &signature).unwrap()));
    let sign = rate(Box::new(|| {
        std::hint::black_box(key.sign(std::hint::black_box(&message)));
    }));
    (verify, sign)
}

/// The web server with a handler that does nothing.
pub(crate) fn empty_handler(clients: usize) -> Figures {
    use actix_web::{App, HttpResponse, HttpServer, web};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = std::sync::mpsc::channel();
    let server = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let app =
                || App::new().route("/", web::post().to(|_: web::Bytes| async { HttpResponse::Created().finish() }));
            let server = HttpServer::new(app).workers(2).listen(listener).unwrap().run();
            tell.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    let handle = told.recv().unwrap();
    let each = Mutex::new(Vec::new());
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let mut connection = Connection::open(&address);
                let mut own = Vec::new();
                while began.elapsed() < FOR / 2 {
                    let sent = Instant::now();
                    assert_eq!(connection.post("/", "nobody", &[b'x'; 300]).0, 201);
                    own.push(sent.elapsed());
                }
                each.lock().unwrap().extend(own);
            });
        }
    });
    let figures = Figures::of(each.into_inner().unwrap(), began.elapsed());
    drop(handle.stop(false));
    server.join().unwrap();
    figures
}

diesel::table! {
    rights (id) { id -> Binary, state -> Text, fence -> BigInt, }
}
diesel::table! {
    receipts (id) { id -> Binary, right_id -> Binary, seq -> BigInt, receipt -> Binary, }
}

/// SQLite with nothing around it: a conditional change and a receipt, so many a commit, each commit durable.
pub(crate) fn sqlite(folder: &Path, a_commit: usize) -> Figures {
    let path = folder.join(format!("bare-{a_commit}.db"));
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE rights (id BLOB NOT NULL PRIMARY KEY, state TEXT NOT NULL, fence BIGINT NOT NULL) WITHOUT ROWID;
         CREATE TABLE receipts (id BLOB NOT NULL PRIMARY KEY, right_id BLOB NOT NULL UNIQUE, seq BIGINT NOT NULL,
             receipt BLOB NOT NULL);",
    )
    .unwrap();
    let rights = 200_000_u64;
    let id = |number: u64| {
        let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        [mixed.to_be_bytes(), number.to_be_bytes()].concat()
    };
    conn.transaction(|conn| {
        for number in 0..rights {
            let row = (rights::id.eq(id(number)), rights::state.eq("available"), rights::fence.eq(0));
            diesel::insert_into(rights::table).values(row).execute(conn)?;
        }
        Ok::<_, diesel::result::Error>(())
    })
    .unwrap();
    let (mut each, mut number) = (Vec::new(), 0);
    let began = Instant::now();
    while began.elapsed() < FOR && number + u64::try_from(a_commit).unwrap() < rights {
        let commit = Instant::now();
        conn.immediate_transaction(|conn| {
            for _ in 0..a_commit {
                let (right, receipt) = (id(number), id(u64::MAX - number));
                let free = rights::table.find(&right).filter(rights::state.eq("available"));
                let changed = diesel::update(free)
                    .set((rights::state.eq("redeemed"), rights::fence.eq(rights::fence + 1)))
                    .execute(conn)?;
                assert_eq!(changed, 1);
                diesel::insert_into(receipts::table)
                    .values((
                        receipts::id.eq(receipt),
                        receipts::right_id.eq(right),
                        receipts::seq.eq(i64::try_from(number).unwrap()),
                        receipts::receipt.eq([number.to_le_bytes()[0]; 400].as_slice()),
                    ))
                    .execute(conn)?;
                number += 1;
            }
            Ok::<_, diesel::result::Error>(())
        })
        .unwrap();
        each.extend(std::iter::repeat_n(commit.elapsed(), a_commit));
    }
    Figures::of(each, began.elapsed())
}

/// pgbench with the same change as one statement.
pub(crate) struct PgBench {
    bin: PathBuf,
    url: String,
    script: tempfile::NamedTempFile,
}

impl PgBench {
    pub(crate) fn prepare(bin: &Path, url: &str) -> Self {
        let mut script = tempfile::NamedTempFile::new().unwrap();
        script
            .write_all(
                b"WITH taken AS (UPDATE rights SET state = 'redeemed', fence = fence + 1 \
                  WHERE id = (SELECT decode(md5(nextval('next_right')::text), 'hex')) AND state = 'available' RETURNING id) \
                  INSERT INTO receipts SELECT decode(md5(random()::text), 'hex'), id, 1, decode(repeat('ab', 400), 'hex') \
                  FROM taken;\n",
            )
            .unwrap();
        let one = Self { bin: bin.to_owned(), url: url.to_owned(), script };
        one.psql(
            "CREATE TABLE rights (id BYTEA NOT NULL PRIMARY KEY, state TEXT NOT NULL, fence BIGINT NOT NULL);
             CREATE TABLE receipts (id BYTEA NOT NULL PRIMARY KEY, right_id BYTEA NOT NULL UNIQUE REFERENCES rights (id),
                 seq BIGINT NOT NULL, receipt BYTEA NOT NULL);
             CREATE SEQUENCE next_right;
             INSERT INTO rights SELECT decode(md5(n::text), 'hex'), 'available', 0 FROM generate_series(1, 300000) n;
             ANALYZE;",
        );
        one
    }

    fn psql(&self, sql: &str) {
        let done = Command::new(self.bin.join("psql")).args(["-X", "-q", "-d", &self.url, "-c", sql]).status().unwrap();
        assert!(done.success());
    }

    pub(crate) fn run(&self, clients: usize) -> Figures {
        let folder = tempfile::tempdir().unwrap();
        let said = Command::new(self.bin.join("pgbench"))
            .current_dir(folder.path())
            .args([
                "-n",
                "-M",
                "prepared",
                "-l",
                "-j",
                "2",
                "-T",
                &FOR.as_secs().to_string(),
                "-c",
                &clients.to_string(),
            ])
            .arg("-f")
            .arg(self.script.path())
            .arg(&self.url)
            .output()
            .unwrap();
        assert!(said.status.success(), "pgbench: {}", String::from_utf8_lossy(&said.stderr));
        let mut each = Vec::new();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines() {
                let micros = line.split(' ').nth(2).and_then(|text| text.parse().ok()).unwrap();
                each.push(Duration::from_micros(micros));
            }
        }
        Figures::of(each, FOR)
    }
}
