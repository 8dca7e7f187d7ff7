//! `salur keys`

use std::io::{BufRead, Read};
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;

use super::output::{unreadable, write_file};
use super::{Desk, Fault};
use crate::clock::Entropy;
use crate::domain::id::KeyRequestId;
use crate::domain::role::Action;
use crate::domain::time::{Timestamp, Zone};
use crate::service::{KeyView, Refusal};
use crate::token::{KEY_LIST_CHARS_MAX, KeyId, KeyList, ListFault, VerifyingKey, follows, read_key_list};
use crate::words::Value;

/// The keys that sign vouchers: show them, replace them by two persons, seal the key file under a passphrase
#[derive(Debug, Args)]
#[command(after_help = "Example: salur keys list --json --dir demo")]
pub(super) struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The key set, as it is published under /.well-known/jwks.json
    #[command(after_help = "Example: salur keys list --json --dir demo")]
    List,
    /// The keys of the agency's rounds, with their fingerprints
    #[command(after_help = "Example: salur keys show --as admin --dir demo")]
    Show,
    /// Ask that a key be replaced; another person agrees with `salur keys approve`
    #[command(
        after_help = "Example: salur keys request AbCdEf --reason 'server dicuri' --compromised-since 2026-12-01T00:00:00+08:00 --as admin --dir demo"
    )]
    Request {
        /// The id of the key
        kid: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Since when it may be in other hands: nothing that it signed is good any more
        #[arg(long, value_name = "TIME")]
        compromised_since: Option<String>,
    },
    /// Agree to what another person asked: the round gets a new key
    #[command(after_help = "Example: salur keys approve 0199… --as issuer --dir demo")]
    Approve {
        /// The id of the request
        id: KeyRequestId,
    },
    /// The vouchers that a compromised key has spoilt and that are to be printed again
    #[command(after_help = "Example: salur keys spoilt AbCdEf --as issuer --dir demo --json")]
    Spoilt {
        /// The id of the key
        kid: String,
    },
    /// Check the signed list of keys, as it stands at /.well-known/salur-keys.json; needs no installation
    #[command(
        after_help = "Example: curl -s https://salur.example.go.id/.well-known/salur-keys.json | salur keys verify - --fingerprint '21FE 31DF …'\n\
                      The fingerprint is that of the key that signs the list: from paper, not from the same screen."
    )]
    Verify {
        /// The file, or - for standard input
        file: std::path::PathBuf,
        /// What the signing key's fingerprint must be
        #[arg(long)]
        fingerprint: Option<String>,
        /// A list of an earlier day: nothing that stood in it may be gone
        #[arg(long, value_name = "FILE")]
        before: Option<std::path::PathBuf>,
    },
    /// Seal the key file under a passphrase from standard input. Keep the old file in a safe
    #[command(
        after_help = "Example: echo 'four unrelated words here' | salur keys seal --to salur.sealed.key --dir salur"
    )]
    Seal {
        /// Where the sealed file goes
        #[arg(long)]
        to: std::path::PathBuf,
    },
}

fn key_id(text: &str) -> Result<KeyId, Fault> {
    text.parse().map_err(|_| Fault::Office(Refusal::NotFound("key").into()))
}

impl Keys {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        match &self.what {
            What::List => {
                let set = desk.office()?.key_set()?;
                let lines: Vec<String> = set.keys.iter().map(|key| format!("{}  {}", key.kid, key.x)).collect();
                desk.output.say(&lines.join("\n"), &json!(set))
            }
            What::Show => {
                let office = desk.office()?;
                let actor = office.console_actor(desk.person(), Action::RotateKeys)?;
                let keys = office.keys(&actor)?;
                let lines: Vec<String> = keys.iter().map(line).collect();
                desk.output.say(&lines.join("\n"), &json!(keys.iter().map(value).collect::<Vec<_>>()))
            }
            What::Request { kid, reason, compromised_since } => {
                let office = desk.office()?;
                let actor = office.console_actor(desk.person(), Action::RotateKeys)?;
                let since = compromised_since.as_deref().map(Timestamp::parse).transpose();
                let since =
                    since.map_err(|_| Fault::Usage("cli-no-time", vec![("option", "--compromised-since".into())]))?;
                let made = office.request_key(&actor, key_id(kid)?, since, reason)?;
                desk.output.say(&made.id.to_string(), &json!({ "id": made.id, "kid": kid }))
            }
            What::Approve { id } => {
                let office = desk.office()?;
                let actor = office.console_actor(desk.person(), Action::RotateKeys)?;
                let fresh = office.approve_key(&actor, *id)?;
                desk.output.say(&line(&fresh), &value(&fresh))
            }
            What::Spoilt { kid } => {
                let office = desk.office()?;
                let actor = office.console_actor(desk.person(), Action::RotateKeys)?;
                let (kid, mut all, mut after) = (key_id(kid)?, Vec::new(), None);
                loop {
                    let page = office.to_reissue(&actor, kid, after, Some(500))?;
                    let Some(last) = page.last() else { break };
                    after = Some(last.entitlement);
                    all.extend(page);
                }
                let lines: Vec<String> = all.iter().map(|one| format!("{}  {}", one.point, one.entitlement)).collect();
                let values: Vec<_> = all
                    .iter()
                    .map(|one| json!({ "entitlement_id": one.entitlement, "point": one.point, "print_no": one.print_no }))
                    .collect();
                desk.output.say(&lines.join("\n"), &json!(values))
            }
            What::Verify { file, fingerprint, before } => verify(desk, file, fingerprint.as_deref(), before.as_deref()),
            What::Seal { to } => seal(desk, to),
        }
    }
}

fn line(key: &KeyView) -> String {
    let state = match (key.compromised_since, key.retired_at) {
        (Some(_), _) => "bocor",
        (None, Some(_)) => "pensiun",
        (None, None) => "aktif",
    };
    format!("{}  {}  {state}  {}", key.kid, key.fingerprint, key.created_at.iso(Zone::Wita))
}

fn value(key: &KeyView) -> serde_json::Value {
    json!({
        "kid": key.kid.to_string(),
        "purpose": key.purpose,
        "round_id": key.round,
        "fingerprint": key.fingerprint,
        "created_at": key.created_at.iso(Zone::Wita),
        "retired_at": key.retired_at.map(|at| at.iso(Zone::Wita)),
        "compromised_since": key.compromised_since.map(|at| at.iso(Zone::Wita)),
    })
}

/// Reads a signed list: bare, or as the server gives it.
fn read_list(path: &Path) -> Result<(KeyList, VerifyingKey), Fault> {
    let broken = |fault: std::io::Error| unreadable(path, &fault);
    let mut input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(path).map_err(broken)?)
    };
    let mut text = String::new();
    input.by_ref().take(2 * KEY_LIST_CHARS_MAX as u64).read_to_string(&mut text).map_err(broken)?;
    let given: Option<serde_json::Value> = serde_json::from_str(&text).ok();
    let signed = given.as_ref().and_then(|given| given["signed"].as_str()).unwrap_or(&text);
    read_key_list(signed).map_err(|fault| disbelieved(path, &fault))
}

fn disbelieved(path: &Path, fault: &ListFault) -> Fault {
    let named = vec![("path", path.display().to_string()), ("why", fault.to_string())];
    Fault::Denied("key_list".into(), "cli-key-list", named)
}

fn verify(desk: &Desk<'_>, file: &Path, fingerprint: Option<&str>, before: Option<&Path>) -> Result<(), Fault> {
    let (list, signer) = read_list(file)?;
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_uppercase()).collect()
    };
    if fingerprint.is_some_and(|wanted| plain(wanted) != plain(&signer.fingerprint())) {
        let named = vec![("fingerprint", signer.fingerprint())];
        return Err(Fault::Denied("key_list".into(), "cli-key-list-other", named));
    }
    if let Some(before) = before {
        let (earlier, _) = read_list(before)?;
        follows(&earlier, &list).map_err(|fault| disbelieved(file, &fault))?;
    }
    let mut lines: Vec<String> = list
        .keys
        .iter()
        .map(|key| {
            let end = match (&key.compromised_since, &key.retired) {
                (Some(since), _) => format!("bocor sejak {since}"),
                (None, Some(at)) => format!("pensiun {at}"),
                (None, None) => "aktif".to_owned(),
            };
            format!("{}  {}  {}  {}  {end}", key.kid, key.purpose.as_str(), key.fingerprint, key.valid_from)
        })
        .collect();
    let said = if fingerprint.is_some() { "keys-list-verified" } else { "keys-list-unanchored" };
    let values = [("version", Value::from(list.version)), ("fingerprint", Value::from(signer.fingerprint()))];
    lines.push(desk.words.with(said, &values));
    let value = json!({ "version": list.version, "signed_by": signer.id().to_string(),
        "fingerprint": signer.fingerprint(), "compared": fingerprint.is_some(), "keys": list.keys });
    desk.output.say(&lines.join("\n"), &value)
}

fn draw<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    if entropy.fill(&mut bytes) { Ok(bytes) } else { Err(Fault::Broken("no randomness to be had".into())) }
}

fn seal(desk: &Desk<'_>, to: &std::path::Path) -> Result<(), Fault> {
    let config = desk.config(None)?;
    let key = config.read_key()?;
    if to.exists() {
        return Err(Fault::Denied("exists".into(), "cli-there", vec![("path", to.display().to_string())]));
    }
    let mut passphrase = zeroize::Zeroizing::new(String::new());
    std::io::stdin()
        .lock()
        .read_line(&mut passphrase)
        .map_err(|fault| Fault::Broken(format!("no passphrase could be read from standard input: {fault}")))?;
    let entropy = desk.surroundings.entropy.as_ref();
    let text = key
        .to_sealed_file(&passphrase, draw(entropy)?, draw(entropy)?)
        .map_err(|fault| Fault::Broken(fault.to_string()))?;
    write_file(to, text.as_bytes())?;
    let said = format!(
        "{} dibuat. Pindahkan {} ke tempat terkunci, lalu jalankan dengan --key-file dan SALUR_PASSPHRASE_FILE.",
        to.display(),
        config.key_file.display()
    );
    desk.output.say(&said, &json!({ "file": to }))
}
