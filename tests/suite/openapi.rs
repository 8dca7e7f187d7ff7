//! The committed description of the API is the one that the program gives.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

const RENEW: &str = "SALUR_WRITE_OPENAPI=1 cargo test --test suite openapi";

#[test]
fn the_committed_description_of_the_api_is_the_one_the_program_gives() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/openapi.json");
    let given = salur::http::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("SALUR_WRITE_OPENAPI").is_some() {
        fs::write(&file, &given).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let differs = committed.lines().zip(given.lines()).position(|(one, other)| one != other);
    assert!(
        committed == given,
        "assets/openapi.json is not what the program gives (from line {} on). Renew it: {RENEW}",
        differs.unwrap_or_else(|| committed.lines().count().min(given.lines().count())) + 1
    );
}

/// Everything that the description refers to.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(to) = members.get("$ref").and_then(Value::as_str) {
                found.push(to.to_owned());
            }
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_description_names_each_call_and_each_form_once_and_refers_to_what_is_there() {
    let given: Value = serde_json::from_str(&salur::http::openapi().to_json().unwrap()).unwrap();
    let mut found = Vec::new();
    references(&given, &mut found);
    assert!(found.len() > 100);
    for to in found {
        assert!(given.pointer(&to[1..]).is_some(), "{to} is nowhere");
    }
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, calls) in given["paths"].as_object().unwrap() {
        for call in calls.as_object().unwrap().values() {
            let id = call["operationId"].as_str().unwrap();
            assert_eq!(ids.insert(id, path), None, "{id} names two calls");
            let other = &call["responses"]["default"]["content"]["application/problem+json"];
            assert!(other.is_object(), "{path} does not say how it refuses");
        }
    }
}

/// What is wrong with an answer by the description of its call: members that it does not name or that are lacking, and
/// values of another kind.
pub(crate) fn undescribed(all: &Value, call: &str, status: u16, answer: &Value) -> Vec<String> {
    let (method, path) = call.split_once(' ').unwrap();
    let said = &all["paths"][path][method.to_lowercase()]["responses"];
    let said = said.get(status.to_string()).unwrap_or(&said["default"]);
    let kind = if status < 400 { "application/json" } else { "application/problem+json" };
    let mut found = Vec::new();
    if let Some(schema) = said["content"].get(kind).map(|content| &content["schema"]) {
        compare(all, schema, answer, "", &mut found);
    } else if status >= 400 {
        found.push("it does not say how it refuses".to_owned());
    }
    found
}

fn resolved<'a>(all: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"].as_str().map_or(schema, |to| resolved(all, all.pointer(&to[1..]).unwrap()))
}

fn compare(all: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = resolved(all, schema);
    if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        let tried: Vec<Vec<String>> = choices
            .iter()
            .map(|choice| {
                let mut found = Vec::new();
                compare(all, choice, value, at, &mut found);
                found
            })
            .collect();
        if !tried.iter().any(Vec::is_empty) {
            found.extend(tried.into_iter().max_by_key(|faults| faults.iter().map(String::len).sum::<usize>()).unwrap());
        }
        return;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |named: &Value| *named == kind || (*named == "number" && kind == "integer");
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(is),
        one => is(one),
    };
    if !fits {
        found.push(format!("{at} is of the kind {kind}, and not {}", schema["type"]));
    }
    match value {
        Value::Array(values) if schema.get("items").is_some() => {
            values.iter().for_each(|one| compare(all, &schema["items"], one, &format!("{at}[]"), found));
        }
        Value::Object(members) => {
            let parts: Vec<&Value> = match schema["allOf"].as_array() {
                Some(parts) => parts.iter().map(|part| resolved(all, part)).collect(),
                None => vec![schema],
            };
            let free = parts.iter().any(|part| {
                part.get("additionalProperties").is_some()
                    || (part.get("properties").is_none() && schema.get("allOf").is_none())
            });
            for (name, value) in members {
                match parts.iter().find_map(|part| part["properties"].get(name)) {
                    Some(part) => compare(all, part, value, &format!("{at}.{name}"), found),
                    None if free => {}
                    None => found.push(format!("{at}.{name} is not described")),
                }
            }
            for name in parts.iter().filter_map(|part| part["required"].as_array()).flatten() {
                if !members.contains_key(name.as_str().unwrap()) {
                    found.push(format!("{at}.{} is lacking", name.as_str().unwrap()));
                }
            }
        }
        _ => {}
    }
}

#[test]
fn an_answer_that_the_description_does_not_have_is_noticed() {
    let all = serde_json::to_value(salur::http::openapi()).unwrap();
    let faults = |body: Value| undescribed(&all, "POST /api/v1/redemptions", 409, &body).join("; ");
    let mut body = json!({ "type": "t", "title": "t", "status": 409, "code": "c", "detail": "d", "reason": null });
    assert_eq!(faults(body.clone()), "");
    body["first"] = json!({ "id": 1 });
    assert!(faults(body.clone()).contains(".first.id is of the kind integer"), "{}", faults(body));
    body = json!({ "title": "t", "status": "409", "code": "c", "detail": "d", "new": 1 });
    for wrong in [".type is lacking", ".status is of the kind string", ".new is not described"] {
        assert!(faults(body.clone()).contains(wrong), "{wrong}: {}", faults(body.clone()));
    }
}

/// Two types of one name would be one form in the description, and one of them wrong.
#[test]
fn no_two_forms_of_the_api_have_one_name() {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for item in text.split("#[derive(").skip(1).filter(|item| item.lines().next().unwrap().contains("ToSchema"))
            {
                let head = &item[..item.find('{').unwrap_or(item.len())];
                let renamed = head.split("schema(as = ").nth(1).and_then(|rest| rest.split(')').next());
                let name =
                    ["struct ", "enum "].into_iter().find_map(|kind| head.split_once(kind)).map(|(_, name)| name);
                let name = renamed.or(name).unwrap().split(['<', ' ', ';', '(']).next().unwrap().to_owned();
                let here = path.display().to_string();
                if let Some(other) = names.insert(name.clone(), here.clone()) {
                    panic!("{name} is a form of the API in {other} and in {here}: name one with #[schema(as = …)]");
                }
            }
        }
    }
    assert!(names.len() > 100, "{}", names.len());
}

#[test]
fn the_server_hands_out_the_description() {
    let office = crate::harness::office::Office::open(77);
    let bytes = crate::harness::client::Client::new("").bytes(office.base(), "/api/v1/openapi.json");
    let given: Value = serde_json::from_slice(&bytes).unwrap();
    let committed = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/openapi.json")).unwrap();
    assert_eq!(given, serde_json::from_slice::<Value>(&committed).unwrap());
}
