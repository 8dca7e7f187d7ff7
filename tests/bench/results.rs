//! What a run of the benchmarks came to, in files that can be laid beside those of another machine: every figure with
//! the machine and the commit, and the ratios as a picture. They lie in `target/bench/`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use serde_json::json;

/// A figure of Salur divided by that of the bare engine, or the other way round where less is better.
struct Ratio {
    what: String,
    value: f64,
    /// What it is to be at least, or at most.
    goal: Option<Goal>,
}

/// What a ratio is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

static RATIOS: Mutex<Vec<Ratio>> = Mutex::new(Vec::new());

/// Puts a ratio into the results of this run.
pub(crate) fn ratio(what: impl Into<String>, value: f64, goal: Option<Goal>) {
    RATIOS.lock().unwrap().push(Ratio { what: what.into(), value, goal });
}

fn said_by(program: &str, args: &[&str]) -> String {
    let said = Command::new(program).args(args).output();
    said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default()
}

fn machine() -> String {
    let first = |path: &str, name: &str| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches([' ', '\t', ':']).trim().to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{}, {cores} cores, {}", first("/proc/cpuinfo", "model name"), first("/proc/meminfo", "MemTotal"))
}

/// Writes the results of this run.
pub(crate) fn write() {
    let ratios = RATIOS.lock().unwrap();
    if ratios.is_empty() {
        return;
    }
    let commit = said_by("git", &["describe", "--always", "--dirty"]);
    let when = jiff::Timestamp::now().to_string();
    let goal = |goal: Option<Goal>| match goal {
        None => serde_json::Value::Null,
        Some(Goal::AtLeast(value)) => json!({ "at_least": value }),
        Some(Goal::AtMost(value)) => json!({ "at_most": value }),
    };
    let all: Vec<_> =
        ratios.iter().map(|one| json!({ "what": one.what, "ratio": one.value, "goal": goal(one.goal) })).collect();
    let results = json!({ "machine": machine(), "commit": commit, "at": when, "ratios": all });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("results.json"), serde_json::to_vec_pretty(&results).unwrap()).unwrap();
    std::fs::write(folder.join("results.svg"), picture(&ratios, &format!("{} · {commit} · {when}", machine())))
        .unwrap();
    println!("\nwritten: target/bench/results.json, target/bench/results.svg");
}

/// One bar a ratio, on a scale of tens, since some are a tenth and some are ten; a line across it where its goal lies.
fn picture(ratios: &[Ratio], about: &str) -> String {
    const LEFT: f64 = 360.0;
    const WIDTH: f64 = 520.0;
    const ROW: f64 = 24.0;
    let x = |value: f64| LEFT + WIDTH * ((value.max(0.01).log10() + 2.0) / 4.0).clamp(0.0, 1.0);
    let height = 70.0 + ROW * ratios.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1090 {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"1090\" height=\"{height}\" fill=\"#fff\"/>\n<text x=\"10\" y=\"20\">{}</text>\n",
        escaped(about)
    );
    for (place, value) in [0.01, 0.1, 1.0, 10.0, 100.0].into_iter().enumerate() {
        let (at, dark) = (x(value), if place == 2 { "#222" } else { "#ccc" });
        let _ = writeln!(
            svg,
            "<line x1=\"{at}\" x2=\"{at}\" y1=\"46\" y2=\"{height}\" stroke=\"{dark}\"/><text x=\"{at}\" y=\"40\" text-anchor=\"middle\">{value}</text>"
        );
    }
    for (row, one) in ratios.iter().enumerate() {
        let y = 52.0 + ROW * row as f64;
        let met = match one.goal {
            None => true,
            Some(Goal::AtLeast(goal)) => one.value >= goal,
            Some(Goal::AtMost(goal)) => one.value <= goal,
        };
        let (from, to) = (x(1.0).min(x(one.value)), x(1.0).max(x(one.value)));
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><rect x=\"{from}\" y=\"{y}\" width=\"{}\" height=\"16\" fill=\"{}\"/>\
             <text x=\"{}\" y=\"{}\">{:.2}{}</text>",
            LEFT - 8.0,
            y + 13.0,
            escaped(&one.what),
            (to - from).max(1.0),
            if met { "#1b6e3c" } else { "#b3261e" },
            LEFT + WIDTH + 10.0,
            y + 13.0,
            one.value,
            match one.goal {
                None => String::new(),
                Some(Goal::AtLeast(goal)) => format!(" (goal ≥ {goal})"),
                Some(Goal::AtMost(goal)) => format!(" (goal ≤ {goal})"),
            }
        );
        if let Some(Goal::AtLeast(goal) | Goal::AtMost(goal)) = one.goal {
            let at = x(goal);
            let _ = writeln!(
                svg,
                "<line x1=\"{at}\" x2=\"{at}\" y1=\"{}\" y2=\"{}\" stroke=\"#000\" stroke-width=\"2\"/>",
                y - 3.0,
                y + 19.0
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
