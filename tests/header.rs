//! The committed header is what cbindgen writes now, and says what the library exports.
//!
//! `UPDATE_HEADER=1 cargo test --test header` (or `make header`) rewrites it.

use std::collections::BTreeSet;
use std::path::Path;

const HEADER: &str = "include/wxgame.h";

fn generated() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config =
        cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is readable");
    let sources = [
        "status",
        "boundary",
        "error",
        "version",
        "bill_no",
        "options",
        "client",
        "submit",
        "order",
        "operator",
        "push",
        "view",
        "completion",
        "log",
        "stats",
        "help",
        "sign",
        "http",
        "http/midas_v1",
        "http/game_v2",
        "album",
    ];
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in sources {
        builder = builder.with_src(root.join(format!("src/ffi/{source}.rs")));
    }
    let mut text = Vec::new();
    builder
        .generate()
        .expect("the ffi room parses")
        .write(&mut text);
    String::from_utf8(text).expect("the header is UTF-8")
}

fn committed() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(HEADER))
        .expect("include/wxgame.h is there")
}

#[test]
fn the_committed_header_is_what_cbindgen_writes() {
    let generated = generated();
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(HEADER),
            &generated,
        )
        .expect("the header can be written");
    }
    assert!(
        committed() == generated,
        "include/wxgame.h is out of date: run `make header` and read the diff"
    );
}

#[test]
fn the_headers_version_is_the_crates() {
    let header = committed();
    let define = |name: &str| {
        let line = header
            .lines()
            .find(|line| line.starts_with(&format!("#define {name} ")))
            .expect(name);
        line.rsplit(' ')
            .next()
            .expect("a value")
            .trim_matches('"')
            .to_owned()
    };
    assert_eq!(define("WXG_VERSION"), env!("CARGO_PKG_VERSION"));
    assert_eq!(define("WXG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MAJOR"));
    assert_eq!(define("WXG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_MINOR"));
    assert_eq!(define("WXG_VERSION_PATCH"), env!("CARGO_PKG_VERSION_PATCH"));
    assert_eq!(
        define("WXG_ABI_VERSION"),
        wxgame::ffi::version::wxg_abi_version().to_string()
    );
}

/// The names that src/ffi exports, read from its text: cbindgen does not see what a macro makes, so none does.
fn exported_in_source() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ffi")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(path).expect("a source file");
            for (at, _) in source.match_indices("extern \"C\" fn wxg_") {
                let name: String = source[at + "extern \"C\" fn ".len()..]
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                names.insert(name);
            }
        }
    }
    names.remove("wxg_test_panic_next");
    names
}

fn declared_in_header() -> BTreeSet<String> {
    let header = committed();
    let code: String = header
        .split("*/")
        .filter_map(|part| part.split("/*").next())
        .collect();
    code.match_indices("wxg_")
        .filter_map(|(at, _)| {
            let name: String = code[at..]
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            code[at + name.len()..].starts_with('(').then_some(name)
        })
        .filter(|name| name != "wxg_cstr" && !name.ends_with('_'))
        .collect()
}

#[test]
fn every_exported_function_is_in_the_header_and_every_declared_one_is_exported() {
    assert_eq!(exported_in_source(), declared_in_header());
}

#[test]
fn every_function_of_the_header_is_documented() {
    let header = committed();
    let (_, header) = header
        .split_once("extern \"C\"")
        .expect("the functions stand in extern C");
    for name in declared_in_header() {
        let at = header.find(&format!("{name}(")).expect(&name);
        let before = header[..at]
            .rsplit_once("WXG_API")
            .expect("every function is marked WXG_API")
            .0;
        assert!(before.trim_end().ends_with("*/"), "{name} has no comment");
    }
}
