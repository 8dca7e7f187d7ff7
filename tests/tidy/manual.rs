//! The list of security requirements names, for each, the test that fails when it is not met. That the test says so
//! nobody but a reader can see; that there is such a test is seen here.

use crate::{Text, none, planted, texts};

const LIST: &str = "src/manual/asvs.md";

/// The names of tests in the last column, with the line on which each stands.
fn named(list: &str) -> Vec<(usize, String)> {
    let rows = list.lines().enumerate().filter(|(_, line)| line.starts_with('|'));
    rows.filter_map(|(number, line)| Some((number + 1, line.trim_end().strip_suffix('|')?.rsplit_once(" | ")?.1)))
        .flat_map(|(number, cell)| {
            cell.split('`').skip(1).step_by(2).map(move |name| (number, name.to_owned())).collect::<Vec<_>>()
        })
        .collect()
}

/// Whether a file holds a test.
fn tests_something(file: &Text) -> bool {
    file.path.ends_with(".rs") && file.text.contains("test]\n")
}

/// Whether a test has this name, or begins with it where it ends in `…`.
fn is_a_test(files: &[Text], name: &str) -> bool {
    let wanted = match name.strip_suffix('…') {
        Some(begins) => format!("fn {begins}"),
        None => format!("fn {name}("),
    };
    files.iter().filter(|file| file.path.ends_with(".rs")).any(|file| {
        file.text.match_indices(&wanted).any(|(at, _)| {
            // Between `#[test]`, or that of a runtime, and the name there are other attributes at most.
            let before = file.text.get(..at).unwrap_or_default();
            let attributes = before.rsplit_once("test]\n").map_or("}", |(_, between)| between);
            !attributes.contains('}')
        })
    })
}

/// Whether there is what a name says: a target of make, a place in the repository, a room with tests, or a test.
fn is_there(files: &[Text], name: &str) -> bool {
    if let Some(target) = name.strip_prefix("make ") {
        let begins = format!("\n{target}:");
        return files.iter().any(|file| file.path == "Makefile" && file.text.contains(&begins));
    }
    if name.contains('/') {
        return files.iter().any(|file| file.path == name || file.path.starts_with(&format!("{name}/")));
    }
    let room = match name.strip_prefix("suite::") {
        Some(rest) => format!("tests/suite/{}", rest.replace("::", "/")),
        None => format!("src/{}", name.replace("::", "/")),
    };
    let is_of = |path: &str| {
        let rest = path.strip_prefix(&room);
        rest.is_some_and(|rest| rest == ".rs" || rest == "_tests.rs" || rest.starts_with('/'))
    };
    if files.iter().any(|file| is_of(&file.path) && tests_something(file)) {
        return true;
    }
    // A word that half the tests begin with names none of them.
    name.len() >= 12 && !name.contains("::") && is_a_test(files, name)
}

fn tests_that_are_named_and_are_not_there(files: &[Text]) -> Vec<String> {
    let lists = files.iter().filter(|file| file.path == LIST);
    lists
        .flat_map(|list| named(&list.text))
        .filter(|(_, name)| !is_there(files, name))
        .map(|(line, name)| format!("{LIST}:{line}: {name}"))
        .collect()
}

#[test]
fn every_test_that_the_list_of_requirements_names_is_there() {
    let files = texts();
    let list = files.iter().find(|file| file.path == LIST).unwrap();
    assert!(named(&list.text).len() > 50, "the search for names is broken: {:?}", named(&list.text));
    none(
        "A requirement names a test, a file with tests, or a target of make.",
        &tests_that_are_named_and_are_not_there(&files),
    );
}

#[test]
fn a_planted_name_of_no_test_is_found() {
    let with = |cell: &str| {
        let mut files = planted(LIST, &format!("| section | how | test |\n| 1 | `how` | {cell} |\n"));
        files.extend(planted("tests/suite/access.rs", "#[test]\n#[cfg(unix)]\nfn nobody_comes_in_twice() {}\n"));
        files.extend(planted("tests/suite/harness/mod.rs", "fn nobody_comes_in_again() {}\n"));
        files.extend(planted("src/domain/role.rs", "#[cfg(test)]\nmod tests {\n    #[test]\n    fn x() {}\n}\n"));
        files.extend(planted("src/clock.rs", "pub fn now() {}\n"));
        files.extend(planted("Makefile", ".PHONY: fuzz\nfuzz: ## long\n"));
        tests_that_are_named_and_are_not_there(&files)
    };
    for good in [
        "`suite::access`",
        "`nobody_comes_in_twice`",
        "`nobody_comes_…`",
        "`domain::role`, `domain`",
        "`make fuzz`",
        "`tests/suite`",
        "–",
    ] {
        assert_eq!(with(good), Vec::<String>::new(), "{good}");
    }
    for bad in [
        "`suite::other`",
        "`suite::harness`",
        "`nobody_comes_in_again`",
        "`nobody_comes`",
        "`clock`",
        "`make bench`",
        "`tests/nothing`",
        "`no…`",
    ] {
        let name = bad.trim_matches('`');
        assert_eq!(with(bad), [format!("{LIST}:2: {name}")]);
    }
}
