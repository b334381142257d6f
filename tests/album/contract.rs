//! The page's contract is what the tests show: each of its rows names one that is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A file of the project, as it is now.
fn read(way: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(way)).expect(way)
}

/// The files of a folder whose names begin and end so.
fn sources(folder: &str, begin: &str, end: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    fs::read_dir(folder)
        .expect("it is there")
        .map(|entry| entry.expect("it is there").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(begin) && name.ends_with(end)
        })
        .map(|path| fs::read_to_string(path).expect("it can be read"))
        .collect()
}

/// What a row may name: the tests of this folder, and the stories of the C programs.
fn tests() -> BTreeSet<String> {
    let rust = sources("tests/album", "", ".rs");
    let c = sources("tests/c", "album", ".c");
    let rust = rust.iter().flat_map(|source| tests_in(source));
    rust.chain(c.iter().flat_map(|source| stories_in(source)))
        .collect()
}

/// The functions behind `#[test]`, unless they are ignored.
fn tests_in(source: &str) -> Vec<String> {
    let (mut is_test, mut is_ignored) = (false, false);
    let mut names = Vec::new();
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line == "#[test]";
            is_ignored |= line.starts_with("#[ignore");
        } else if let Some(rest) = line.strip_prefix("fn ") {
            let name = rest.split('(').next().unwrap_or_default();
            names.extend((is_test && !is_ignored).then(|| name.to_owned()));
            (is_test, is_ignored) = (false, false);
        }
    }
    names
}

/// The functions of a C program that it calls as statements of their own.
fn stories_in(source: &str) -> Vec<String> {
    let called = |name: &str| {
        ["();", "(way);"]
            .iter()
            .any(|end| source.contains(&format!("\n    {name}{end}")))
    };
    source
        .lines()
        .filter_map(|line| line.strip_prefix("static void ")?.split('(').next())
        .filter(|name| called(name))
        .map(str::to_owned)
        .collect()
}

/// The rows of the table under the heading, without its head.
fn rows(page: &str) -> Vec<Vec<String>> {
    let (_, section) = page.split_once("\n## The contract\n").expect("the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim().trim_start_matches('|').trim_end_matches('|');
            cells
                .split(" | ")
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

#[test]
fn each_row_of_the_contract_names_a_test_that_exists() {
    let tests = tests();
    let rows = rows(&read("docs/album.md"));
    assert!(rows.len() > 30, "the table was found");
    let mut wrong = Vec::new();
    for row in rows {
        assert_eq!(row.len(), 4, "WeChat, here, difference, test: {row:?}");
        let named: Vec<&str> = row[3].split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            wrong.push(format!("{}: names no test", row[0]));
        }
        let missing = named.iter().filter(|name| !tests.contains(**name));
        wrong.extend(missing.map(|name| format!("{}: no test is called {name}", row[0])));
    }
    assert!(wrong.is_empty(), "docs/album.md:\n{}", wrong.join("\n"));
}
