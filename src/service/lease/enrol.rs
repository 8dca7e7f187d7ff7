//! Inviting a device, taking it in, and letting operators open the names on it.

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};

use super::super::{Actor, Error, Office, Refusal, SignInTry, entry, log};
use super::reply::SelfView;
use super::{DeviceCaller, enrolled_fact};
use crate::domain::audit::Event;
use crate::domain::id::{AuditId, DeviceId, Identifier, PointId, UserId};
use crate::domain::lease::brake::Brake;
use crate::domain::lease::office::{Keeper, Standing};
use crate::domain::role::{Action, Role};
use crate::domain::sealed::Field;
use crate::domain::time::Timestamp;
use crate::domain::voucher::TypedCode;
use crate::store::devices::Device;
use crate::store::enrolments::Enrolment;
use crate::store::{self, Conn};
use crate::token::VerifyingKey;
use crate::token::fact::Outside;
use crate::transparency::{Kind, Leaf};
use crate::vault::{hash_secret, new_secret};

/// How long a typed code is good: it is short.
const CODE_MILLIS: i64 = 30 * 60 * 1_000;
/// How long the QR is good.
const QR_MILLIS: i64 = 24 * 60 * 60 * 1_000;
/// How well a key may be kept, from the best.
const TIERS: [&str; 3] = ["hardware", "webcrypto", "software"];
/// The first line of what a device signs to show that it has the key.
const PROOF: &str = "salur-enrolment-1";

/// A device that is to be invited.
#[derive(Debug, Clone)]
pub struct NewEnrolment {
    /// What people will call it.
    pub name: String,
    /// Where it will stand.
    pub point: PointId,
    /// How far it may go without contact.
    pub brake: Brake,
}

/// An invitation. The secrets are shown this once.
#[derive(Clone)]
pub struct EnrolmentView {
    /// Its id.
    pub id: AuditId,
    /// What people will call the device.
    pub name: String,
    /// Where it will stand.
    pub point: PointId,
    /// The code to type.
    pub code: TypedCode,
    /// What stands in the QR: an address whose secret part a browser keeps to itself.
    pub text: String,
    /// Until when the code is good.
    pub code_expires_at: Timestamp,
    /// Until when the QR is good.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for EnrolmentView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EnrolmentView({})", self.id)
    }
}

/// A device that was taken in, with its token, which is shown this once.
#[derive(Clone)]
pub struct EnrolledView {
    /// What it calls with.
    pub token: String,
    /// Whether it had been taken in before with the same code and key.
    pub again: bool,
    /// All that it must know.
    pub device: SelfView,
}

impl std::fmt::Debug for EnrolledView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EnrolledView({})", self.device.device.id)
    }
}

/// An operator who may open the names on a device.
#[derive(Clone)]
pub struct OperatorView {
    /// Who.
    pub user: UserId,
    /// Their user name.
    pub username: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The device's key for the names, to be kept under a PIN.
    pub names_key: [u8; 32],
    /// How many digits that PIN has, and how many wrong ones in a row lock it.
    pub pin: (i32, i32),
}

impl std::fmt::Debug for OperatorView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OperatorView({})", self.user)
    }
}

/// A code as it is compared: upper case, without dashes and blanks.
fn bare(code: &str) -> String {
    code.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').map(|sign| sign.to_ascii_uppercase()).collect()
}

/// What is looked up: a typed code in its one form, or the secret of a QR as it is.
fn digest(bare: &str) -> [u8; 32] {
    match TypedCode::parse(bare) {
        Ok(code) => hash_secret(code.canonical()),
        Err(_) => hash_secret(bare),
    }
}

impl Office {
    /// Invites a device to a point.
    pub fn create_enrolment(&self, actor: &Actor, new: &NewEnrolment) -> Result<EnrolmentView, Error> {
        actor.must(Action::ManageDevices)?;
        let name = entry::text("name", &new.name, 60)?;
        let brake = checked_brake(new.brake)?;
        let code = TypedCode::draw(self.draw()?);
        let secret = BASE32_NOPAD.encode(&self.draw::<16>()?);
        let now = self.now();
        let enrolment = Enrolment {
            id: self.new_id(AuditId::by_time)?,
            agency: actor.agency,
            point: new.point,
            name,
            brake,
            created_by: actor.user,
            created_at: now,
            code_expires_at: now.plus_millis(CODE_MILLIS),
            expires_at: now.plus_millis(QR_MILLIS),
            device: None,
        };
        self.pool.write("enrolment", |tx| {
            let point = store::points::find(tx, new.point)?.ok_or(Refusal::NotFound("point"))?;
            actor.must_own(point.agency, "point")?;
            store::enrolments::insert(tx, &enrolment, hash_secret(code.canonical()), hash_secret(&secret))?;
            self.record(tx, actor.who(), Event::EnrolmentOffered, enrolment.id, enrolment.name.clone())
        })?;
        // The secret stands behind the `#`: a browser does not send it, so it is in nobody's log.
        let place = self.host.as_ref().map(|host| format!("https://{host}")).unwrap_or_default();
        Ok(EnrolmentView {
            id: enrolment.id,
            name: enrolment.name,
            point: enrolment.point,
            code,
            text: format!("{place}/scanner/#enrol={secret}"),
            code_expires_at: enrolment.code_expires_at,
            expires_at: enrolment.expires_at,
        })
    }

    /// Takes a device in: whoever has the code, and the private half of the key that is to be registered. Nobody is
    /// signed in. The same code with the same key again gives the same device another token.
    pub fn enrol_device(&self, code: &str, public_key: &[u8], tier: &str, proof: &[u8]) -> Result<EnrolledView, Error> {
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.into() });
        if code.len() > 60 {
            return Err(Refusal::NotFound("enrolment").into());
        }
        let code = bare(code);
        let public: [u8; 32] =
            public_key.try_into().map_err(|_| invalid("public_key", "32 bytes of an Ed25519 public key"))?;
        let key = VerifyingKey::from_bytes(&public).map_err(|fault| invalid("public_key", &fault.to_string()))?;
        if !TIERS.contains(&tier) {
            return Err(invalid("tier", "hardware, webcrypto or software"));
        }
        let said = format!("{PROOF}\n{code}\n{}", BASE64URL_NOPAD.encode(&public));
        if !key.verifies(said.as_bytes(), proof) {
            return Err(invalid("proof", "the signature of the key over what is said in the manual"));
        }
        let token = new_secret(self.draw()?);
        let names_key = zeroize::Zeroizing::new(self.draw::<32>()?);
        let now = self.now();
        let (device, again) = self.pool.write("enrol", |tx| {
            let office = Self::standing(tx)?;
            let unknown = || Error::from(Refusal::NotFound("enrolment"));
            let enrolment = store::enrolments::by_code(tx, digest(&code), now)?.ok_or_else(unknown)?;
            if let Some(taken) = enrolment.device {
                let device = store::devices::find(tx, taken)?.ok_or_else(unknown)?;
                if device.public_key != public || device.standing() != Standing::Active {
                    return Err(unknown());
                }
                store::devices::set_token(tx, device.id, hash_secret(&token))?;
                self.owe(tx, &Outside::Token(device.id, hash_secret(&token)))?;
                return Ok((device, true));
            }
            if store::devices::kid_is_taken(tx, key.id().to_bytes())? {
                return Err(Refusal::Exists("key".into()).into());
            }
            let id = self.new_id(DeviceId::by_time)?;
            let number = store::devices::next_number(tx, enrolment.agency)?;
            let device = Device {
                kid: key.id().to_bytes(),
                public_key: public,
                keeper: Keeper::Itself,
                tier: tier.to_owned(),
                names_key: Some(self.vault.seal(Field::NamesKey, id.bytes(), self.draw()?, &*names_key)?),
                answered: office.epoch,
                brake: enrolment.brake,
                ..Device::desk(id, enrolment.agency, number, enrolment.name.clone(), enrolment.point, now)
            };
            store::devices::insert(tx, &device, Some(hash_secret(&token))).map_err(raced)?;
            if !store::enrolments::take(tx, enrolment.id, id)? {
                return Err(store::Error::Raced.into());
            }
            let fact = enrolled_fact(&device, office.epoch, Some(hash_secret(&token)));
            // Rule 11: otherwise a restored server would not know whom to wait for.
            self.owe(tx, &Outside::Enrolled(Box::new(fact)))?;
            let point = store::points::find(tx, enrolment.point)?.ok_or(Refusal::NotFound("point"))?;
            let (agency, actor) = (Some(enrolment.agency), Some(enrolment.created_by));
            let leaf = Leaf { agency, actor, word: Some(tier.to_owned()), ..Leaf::new(Kind::Enrol, now) };
            log::append(tx, &log::enrol_leaf(leaf, id, point.number, public))?;
            let who = (Some(enrolment.agency), Some(enrolment.created_by));
            self.record(tx, who, Event::DeviceEnrolled, id, format!("{}: {tier}", device.name))?;
            Ok::<_, Error>((device, false))
        })?;
        self.close_gap()?;
        let caller = DeviceCaller { device: device.id, agency: device.agency, point: device.point };
        Ok(EnrolledView { token, again, device: self.device_self(&caller, None)? })
    }

    /// Lets an operator open the names on a device: their password once, their PIN on the device from then on.
    pub fn admit_operator(&self, caller: &DeviceCaller, username: &str, password: &str) -> Result<OperatorView, Error> {
        let given = SignInTry { username: username.to_owned(), password: password.to_owned(), ..SignInTry::default() };
        let user = self.prove(&given)?;
        let may = user.role.may(Action::Redeem)
            && user.agency == caller.agency
            && user.point.is_none_or(|point| point == caller.point);
        if !may {
            return Err(Refusal::Forbidden(Action::Redeem).into());
        }
        let now = self.now();
        let names_key = self.pool.write("operator", |tx| {
            let device = store::devices::hear(tx, caller.device, now)?.ok_or(Refusal::NotFound("device"))?;
            if device.standing() != Standing::Active {
                return Err(Refusal::DeviceRevoked.into());
            }
            store::enrolments::let_operate(tx, device.id, user.id, now)?;
            self.record(tx, (Some(user.agency), Some(user.id)), Event::OperatorAdmitted, device.id, "")?;
            self.names_key(&device)
        })?;
        let rules = self.agency_of(caller.agency)?.rules;
        Ok(OperatorView {
            user: user.id,
            username: user.username,
            name: user.name,
            role: user.role,
            names_key: *names_key,
            pin: (rules.pin_signs, rules.pin_tries),
        })
    }

    /// The key that opens the names in a device's leases.
    pub(super) fn names_key(&self, device: &Device) -> Result<zeroize::Zeroizing<[u8; 32]>, Error> {
        let sealed =
            device.names_key.as_ref().ok_or_else(|| Error::Broken("a device without a key for names".into()))?;
        let plain = self.vault.open(Field::NamesKey, device.id.bytes(), sealed)?;
        let key: [u8; 32] =
            plain.as_slice().try_into().map_err(|_| Error::Broken("a key for names is short".into()))?;
        Ok(zeroize::Zeroizing::new(key))
    }

    /// Sets how far a device goes without contact; it hears of it at its next.
    pub fn set_brake(&self, actor: &Actor, id: DeviceId, brake: Brake) -> Result<(), Error> {
        actor.must(Action::ManageDevices)?;
        let brake = checked_brake(brake)?;
        self.pool.write("brake", |tx| {
            owned_device(tx, actor, id)?;
            store::devices::set_brake(tx, id, brake)?;
            self.record(tx, actor.who(), Event::BrakeSet, id, format!("{:?} {:?}", brake.packages, brake.hours))
        })
    }
}

/// A device of the actor's agency.
pub(super) fn owned_device(conn: &mut Conn, actor: &Actor, id: DeviceId) -> Result<Device, Error> {
    let device = store::devices::find(conn, id)?.ok_or(Refusal::NotFound("device"))?;
    actor.must_own(device.agency, "device")?;
    Ok(device)
}

fn checked_brake(brake: Brake) -> Result<Brake, Error> {
    let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.into() });
    if brake.packages.is_some_and(|most| most == 0 || most > 100_000) {
        return Err(invalid("brake.packages", "1 to 100000, or nothing"));
    }
    if brake.hours.is_some_and(|most| most == 0 || most > 8_760) {
        return Err(invalid("brake.hours", "1 to 8760, or nothing"));
    }
    Ok(brake)
}

/// Somebody took the same number, or the same key, a moment ago: look again.
fn raced(error: store::Error) -> Error {
    match error {
        store::Error::Unique(_) => store::Error::Raced.into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = TypedCode::draw([7; 9]);
        assert_eq!(digest(&bare(&code.to_string().to_lowercase())), hash_secret(code.canonical()));
        assert_eq!(bare("ab-cd ef"), "ABCDEF");
    }
}
