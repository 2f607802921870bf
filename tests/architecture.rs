//! Holds the shape of the house: which module may use which, what the domain never does, where text
//! of a request could hide, and how a file looks.
//!
//! Reads the sources as text, so it knows nothing of types; what a lint can hold is in `Cargo.toml`
//! and `clippy.toml`.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lower floors first. A module may use those on lower floors, and nothing beside or above it.
const FLOORS: &[&[&str]] = &[
    &["domain"],
    &["config", "telemetry", "clock", "keys"],
    &["journal", "store", "broker"],
    &["diagnosis", "indexer", "retention"],
    &["proxy", "ops", "sim"],
    &["app", "demo", "prove"],
    &["cli"],
    &["main"],
];

/// What a module never touches, whatever floor it stands on, and why.
const NEVER: &[(&str, &[&str], &str)] = &[
    (
        "domain",
        &[
            "async fn",
            "async move",
            "tokio",
            "hyper",
            "axum",
            "reqwest",
            "sqlx",
            "std::fs",
            "std::net",
            "std::io::std",
            "std::env",
            "std::process",
            "std::thread",
            "env::var",
            "::now()",
            "getrandom",
            "fastrand",
        ],
        "the domain decides and does nothing else",
    ),
    ("proxy", &["crate::store", "sqlx", "maud"], "nothing in the call path waits for the store"),
    ("ops", &["crate::broker", "hyper_util::client", "sqlx"], "the site never calls Accuro"),
    ("sim", &["crate::config", "crate::telemetry", "crate::keys", "sqlx"], "the sim stands alone"),
    ("diagnosis", &["axum", "hyper", "maud", "sqlx"], "a diagnosis is evidence and a verdict"),
    ("store", &["axum", "hyper", "maud"], "the store knows nothing of pages"),
    ("journal", &["axum", "hyper", "maud", "sqlx"], "the journal knows nothing of the store"),
];

/// One source file: its path, its top module, its text, and its text without comments.
struct Source {
    path: String,
    module: String,
    text: String,
    code: String,
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let skipped = [".git", "target", "artefacts", "node_modules"];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if skipped.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

fn sources_of(folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    walk(Path::new(folder), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    paths.sort();
    assert!(!paths.is_empty(), "{folder} holds no source");
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let inside = path.strip_prefix(folder).unwrap();
            let module = inside.components().next().unwrap().as_os_str().to_str().unwrap();
            Source {
                path: path.to_str().unwrap().to_owned(),
                module: module.trim_end_matches(".rs").to_owned(),
                code: text.lines().flat_map(|line| [without_comment(line), "\n"]).collect(),
                text,
            }
        })
        .collect()
}

/// The modules of the crate. `lib.rs` only lists them, so it stands on no floor.
fn sources() -> Vec<Source> {
    let mut all = sources_of("src");
    all.retain(|source| source.module != "lib");
    all
}

fn without_comment(line: &str) -> &str {
    let after_scheme = |at: usize| line[..at].ends_with(':');
    let comment = line.match_indices("//").find(|(at, _)| !after_scheme(*at));
    comment.map_or(line, |(at, _)| &line[..at])
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn first_name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// The names that a path or a `{…}` group starts with, `a` and `b` of `{a, b::{c, d}}`.
fn heads(after: &str) -> Vec<String> {
    let Some(group) = after.strip_prefix('{') else {
        return vec![first_name(after).to_owned()];
    };
    let (mut depth, mut names, mut at_head) = (0, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_head = true,
            c if at_head && !c.is_whitespace() => {
                names.push(first_name(&group[at..]).to_owned());
                at_head = false;
            }
            _ => {}
        }
    }
    names
}

/// The top modules that a file uses, by `crate::…`, by the crate's name, or by `super::…` far enough.
fn used_modules(source: &Source) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for root in ["crate::", "accuscope::"] {
        for (at, _) in source.code.match_indices(root) {
            used.extend(heads(&source.code[at + root.len()..]));
        }
    }
    // A file lies as deep as its folder, and one deeper unless it is the folder's own mod.rs. Modules
    // inside a file are deeper still, and there `super` says less; they end at the test module.
    let depth = source.path.matches('/').count() - usize::from(source.path.ends_with("/mod.rs"));
    let outside_tests = source.code.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let up = "super::".repeat(depth);
    for (at, _) in outside_tests.match_indices(&up) {
        used.extend(heads(&outside_tests[at + up.len()..]));
    }
    used.retain(|name| floor(name).is_some() && *name != source.module);
    used
}

#[test]
fn every_module_stands_on_a_floor() {
    for Source { path, module, .. } in sources() {
        assert!(floor(&module).is_some(), "{path}: give `{module}` a place in FLOORS");
    }
}

#[test]
fn modules_use_only_what_is_below_them() {
    let mut wrong = Vec::new();
    for source in sources() {
        let own = floor(&source.module).unwrap();
        let top = own == FLOORS.len() - 1;
        for used in used_modules(&source) {
            let theirs = floor(&used).unwrap();
            // The top floor wires the program together, its rooms with each other too.
            if theirs > own || theirs == own && !top {
                wrong.push(format!("{}: `{}` must not use `{used}`", source.path, source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_module_leaves_alone_what_is_not_its_business() {
    let mut wrong = Vec::new();
    for Source { path, module, code, .. } in sources() {
        for (_, banned, why) in NEVER.iter().filter(|(name, ..)| *name == module) {
            for word in banned.iter().filter(|word| code.contains(**word)) {
                wrong.push(format!("{path} contains {word:?}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn events_and_audit_records_have_no_room_for_text_from_a_request() {
    has_no_room_for_text("src/domain/event/mod.rs", "Exchange", 20);
    has_no_room_for_text("src/domain/audit/mod.rs", "Entry", 19);
    has_no_room_for_text("src/domain/audit/mod.rs", "Record", 5);
}

fn has_no_room_for_text(file: &str, name: &str, more_than: usize) {
    let text = fs::read_to_string(file).unwrap();
    let (_, after) = text.split_once(&format!("pub struct {name} {{")).unwrap();
    let (fields, _) = after.split_once("\n}").unwrap();
    let fields: Vec<&str> =
        fields.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    assert!(fields.len() > more_than, "only {} fields were found", fields.len());
    for line in fields {
        for banned in ["String", "str", "Cow", "Vec", "Value", "HeaderMap", "Uri", "Bytes", "[u8"] {
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '[');
            assert!(words.into_iter().all(|word| word != banned), "PHI could hide in: {line}");
        }
    }
}

#[test]
fn log_lines_are_written_in_one_file() {
    let macros = ["trace!", "debug!", "info!", "warn!", "error!", "event!", "span!"];
    for Source { path, code, .. } in sources() {
        if path == "src/telemetry/events.rs" {
            continue;
        }
        let logs = ["tracing::", "log::"].iter().any(|root| {
            let mut found = code.match_indices(root);
            found.any(|(at, _)| !code[..at].ends_with(|c: char| c == '_' || c.is_alphanumeric()))
        });
        // The other files of telemetry set the log up, and write nothing into it.
        let sets_up = path.starts_with("src/telemetry/");
        let writes = macros.iter().any(|name| code.contains(&format!("tracing::{name}")));
        assert!(!writes && (!logs || sets_up), "{path}: write log lines in telemetry/events.rs");
    }
}

/// Who is limited to some clinics must not get at the store past `store::Scoped`.
#[test]
fn pages_and_the_api_read_the_store_within_the_readers_clinics() {
    /// What is not about clinics: people, the access log, one's own account.
    const OFFICES: [&str; 3] =
        ["src/ops/pages/people/", "src/ops/pages/access_log/", "src/ops/pages/own"];
    let pages = |path: &str| path.starts_with("src/ops/pages/") || path.starts_with("src/ops/api/");
    for source in sources().iter().filter(|source| pages(&source.path)) {
        let office = OFFICES.iter().any(|office| source.path.starts_with(office));
        // The caller finds out first which clinics its token shows.
        let caller = source.path == "src/ops/api/caller.rs";
        for way_past in
            ["enter_office", ".office()", "state.store", "to_compare", ".whole()", "readings.get"]
        {
            let found = source.code.contains(way_past) && !office && !caller;
            assert!(!found, "{}: {way_past} goes past the reader's clinics", source.path);
        }
    }
}

#[test]
fn a_file_fits_on_a_few_screens_and_says_what_it_is_for() {
    let mut wrong = Vec::new();
    for Source { path, text, .. } in sources_of("src").into_iter().chain(sources_of("tests")) {
        let lines = text.lines().count();
        if lines > 400 {
            wrong.push(format!("{path} has {lines} lines; split it by meaning"));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{path} does not start with a module doc"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_undone_silenced_or_skipped() {
    // Written in two halves, so that this file does not contain them.
    let banned = [
        ("#[ign", "ore"),
        ("#[should_", "panic"),
        ("to", "do!("),
        ("unimpl", "emented!("),
        ("db", "g!("),
        ("#[al", "low("),
        ("#![al", "low("),
    ]
    .map(|(one, two)| format!("{one}{two}"));
    for Source { path, code, .. } in sources_of("src").into_iter().chain(sources_of("tests")) {
        for word in &banned {
            assert!(!code.contains(word.as_str()), "{path} contains {word}");
        }
    }
}

#[test]
fn a_module_has_one_place_and_a_name_that_says_something() {
    for Source { path, .. } in sources_of("src") {
        let folder = path.trim_end_matches(".rs");
        let mut inside = Vec::new();
        if Path::new(folder).is_dir() {
            walk(Path::new(folder), &mut inside);
        }
        let split = inside.iter().any(|file| file.extension().is_some_and(|end| end == "rs"));
        assert!(!split, "{path}: use {folder}/mod.rs");
        let name = folder.rsplit('/').next().unwrap();
        assert!(!["utils", "util", "helpers", "common", "misc"].contains(&name), "{path}: name it");
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeSet<String> {
        let Ok(entries) = fs::read_dir(Path::new("migrations").join(database)) else {
            return BTreeSet::new();
        };
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"), "sqlite on the left, postgres on the right");
}

#[test]
fn the_project_does_not_lean_on_the_place_where_it_was_made() {
    let banned =
        [("/wo", "rk/"), ("/ho", "me/"), ("/Us", "ers/")].map(|(one, two)| format!("{one}{two}"));
    let mut paths = Vec::new();
    walk(Path::new("."), &mut paths);
    for path in paths {
        let text = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&text);
        for word in &banned {
            assert!(!text.contains(word.as_str()), "{} mentions {word}", path.display());
        }
    }
}
