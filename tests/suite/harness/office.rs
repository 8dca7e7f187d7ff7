//! An office at work: a demonstration with its server, and one client for each who works there.

use serde_json::{Value, json};

use super::books::{self, Expected};
use super::client::{Answer, Client};
use super::installation::{Installation, Server, Voucher};

/// The file of ten households that the demonstration does not know yet.
pub(crate) const TEN: &[u8] = include_bytes!("../../data/penerima-contoh.csv");

/// What one package of the demonstration is worth.
pub(crate) const VALUE: i64 = 500_000;

/// The vouchers of the demonstration itself.
pub(crate) const HOUSEHOLDS: i64 = 40;

#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) installation: Installation,
    pub(crate) server: Server,
}

/// Does to a database what no call can do yet; how many rows it changed.
pub(crate) fn sql_count(installation: &Installation, statement: &str) -> usize {
    use diesel::RunQueryDsl as _;
    use salur::store::{Conn, Error, Pool};
    let file = installation.dir().join("salur.db");
    let url = installation.database_url().map_or_else(|| format!("sqlite://{}", file.display()), str::to_owned);
    let pool = Pool::open(&url.parse().unwrap(), 1).unwrap();
    let done = pool.write("a test", |tx| {
        Ok::<_, Error>(match &mut **tx {
            Conn::Sqlite(inner) => diesel::sql_query(statement).execute(inner)?,
            Conn::Postgres(inner) => diesel::sql_query(statement).execute(inner)?,
        })
    });
    done.unwrap()
}

impl Office {
    pub(crate) fn open(seed: u64) -> Self {
        let installation = Installation::demo(u32::try_from(HOUSEHOLDS).unwrap(), seed);
        let server = installation.serve();
        Self { installation, server }
    }

    pub(crate) fn base(&self) -> &str {
        self.server.base()
    }

    pub(crate) fn of(&self, role: &str) -> Client {
        Client::new(self.installation.token(role))
    }

    /// A token for anybody of an agency, which its administrator makes at the console of the server.
    pub(crate) fn token_at_console(&self, admin: &str, username: &str) -> Client {
        let words = ["tokens", "create", "--user", username, "--name", "a test", "--as", admin, "--json"];
        let done = self.installation.run(&words);
        let said: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
        Client::new(text(&said, "token"))
    }

    pub(crate) fn get(&self, role: &str, path: &str) -> Answer {
        self.of(role).get(self.base(), path).unwrap()
    }

    pub(crate) fn post(&self, role: &str, path: &str, body: &Value) -> Answer {
        self.of(role).post(self.base(), path, body).unwrap()
    }

    pub(crate) fn put(&self, role: &str, path: &str, body: &Value) -> Answer {
        self.of(role).call("PUT", self.base(), path, body).unwrap()
    }

    /// The id of a point by its code.
    pub(crate) fn point(&self, code: &str) -> String {
        let points = self.get("admin", "/points").body;
        let found = points["items"].as_array().unwrap().iter().find(|point| point["code"] == code);
        text(found.unwrap_or_else(|| panic!("no point {code}")), "id").to_owned()
    }

    /// The id of a household by its name and its key in the source.
    pub(crate) fn household(&self, name: &str, source_id: &str) -> String {
        let found = self.get("coordinator", &format!("/households?q={name}&limit=500")).body;
        let found = found["items"].as_array().unwrap().iter().find(|one| one["source_id"] == source_id).cloned();
        text(&found.unwrap_or_else(|| panic!("no household {source_id}")), "id").to_owned()
    }

    /// A programme of its own with the demonstration's package and a round that is open now; their ids.
    pub(crate) fn programme_with_round(&self, code: &str, ceiling: i64) -> (String, String) {
        let demo = self.installation.programme();
        let package = self.get("admin", &format!("/packages?programme={demo}")).body["items"][0].clone();
        let rounds = self.get("admin", &format!("/rounds?programme={demo}")).body;
        let old =
            rounds["items"].as_array().unwrap().iter().find(|one| one["id"] == self.installation.round()).unwrap();
        let new = json!({ "code": code, "name": format!("Program {code}"), "ceiling_minor": ceiling });
        let programme = text(&self.made("/programmes", &new), "id").to_owned();
        let new =
            json!({ "programme_id": programme, "code": package["code"], "name": "Paket", "items": package["items"] });
        let package = self.made("/packages", &new);
        let new = json!({ "programme_id": programme, "number": 1, "name": "Tahap 1", "package_id": package["id"],
            "opens_at": old["opens_at"], "closes_at": old["closes_at"] });
        let round = text(&self.made("/rounds", &new), "id").to_owned();
        (programme, round)
    }

    fn made(&self, path: &str, new: &Value) -> Value {
        let made = self.post("admin", path, new);
        assert_eq!(made.status, 201, "{path}: {}", made.body);
        made.body
    }

    /// Does to the database what no call can do yet.
    pub(crate) fn sql(&self, statement: &str) {
        assert!(self.sql_count(statement) > 0, "{statement} changed nothing");
    }

    /// The same, and how many rows it changed.
    pub(crate) fn sql_count(&self, statement: &str) -> usize {
        sql_count(&self.installation, statement)
    }

    pub(crate) fn upload(&self, role: &str, programme: &str) -> Answer {
        let path = format!("/intakes?programme={programme}");
        self.of(role).upload(self.base(), &path, "penerima-contoh.csv", TEN).unwrap()
    }

    /// The ten households: uploaded by one, agreed to by another.
    pub(crate) fn take_in_the_ten(&self, programme: &str) {
        let uploaded = self.upload("registrar", programme);
        assert_eq!(uploaded.status, 201, "{}", uploaded.body);
        let applied = self.post("verifier", &format!("/intakes/{}/apply", text(&uploaded.body, "id")), &json!({}));
        assert_eq!(applied.status, 200, "{}", applied.body);
    }

    pub(crate) fn issue(&self, round: &str) -> Answer {
        self.post("issuer", &format!("/rounds/{round}/issue"), &json!({}))
    }

    pub(crate) fn vouchers(&self) -> Vec<Voucher> {
        self.installation.vouchers(self.base())
    }

    /// A request of the device that stands at a point.
    pub(crate) fn redeem_at(&self, point: &str, body: &Value) -> Answer {
        Client::new(self.installation.device_token(point)).post(self.base(), "/redemptions", body).unwrap()
    }

    /// A request of the device that stands where the voucher belongs.
    pub(crate) fn redeem(&self, voucher: &Voucher, body: &Value) -> Answer {
        self.redeem_at(&voucher.point, body)
    }

    /// The books of the demonstration's round, which must close and say what happened; and so must the log.
    pub(crate) fn books(&self, expected: Expected) -> Value {
        super::auditor::log_is_whole(&self.installation);
        self.books_alone(expected)
    }

    /// The books without the log.
    pub(crate) fn books_alone(&self, expected: Expected) -> Value {
        books::must_close(&self.of("finance"), self.base(), self.installation.round(), VALUE, expected)
    }
}

pub(crate) fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_else(|| panic!("no text {member}: {body}"))
}

/// The plainest redemption by a code.
pub(crate) fn by_code(id: &str, code: &str) -> Value {
    json!({ "id": id, "code": code, "collector": { "kind": "self", "id_seen": true } })
}
