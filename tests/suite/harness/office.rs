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

    pub(crate) fn get(&self, role: &str, path: &str) -> Answer {
        self.of(role).get(self.base(), path).unwrap()
    }

    pub(crate) fn post(&self, role: &str, path: &str, body: &Value) -> Answer {
        self.of(role).post(self.base(), path, body).unwrap()
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

    /// The books of the demonstration's round, which must close and say what happened.
    pub(crate) fn books(&self, expected: Expected) -> Value {
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
