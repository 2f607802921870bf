//! What attackers send, as others have collected it: the cases of AWS's http-desync-guardian and of
//! gunicorn, none of them copied here. The guardian's own library judges every head that goes on.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use http_desync_guardian::RequestSafetyTier;
use http_desync_guardian::request_analyzer::HttpRequestData;
use yaml_rust2::{Yaml, YamlLoader};

use crate::case::{Bench, Seen};

struct Case {
    name: String,
    bytes: Vec<u8>,
    /// `Severe`, `Ambiguous`, `Acceptable`, `Compliant`, or gunicorn's `invalid` and `valid`.
    tier: String,
}

/// The heads of a case that went on and that servers may read in different ways.
fn ambiguous(seen: &Seen) -> Vec<String> {
    let judged = seen.requests.iter().map(|request| {
        let verdict = HttpRequestData::analyze_raw_request(request.head.as_bytes());
        (request, verdict)
    });
    judged
        .filter(|(_, verdict)| {
            matches!(verdict.tier, RequestSafetyTier::Ambiguous | RequestSafetyTier::Severe)
        })
        .map(|(request, verdict)| format!("{:?}: {:?}", verdict.reason, request.head))
        .collect()
}

/// Whether a case was taken for a request and answered; a body may break after its head went on.
fn passed(seen: &Seen) -> bool {
    !seen.requests.is_empty() && seen.status() == 200
}

/// How many cases of a tier there were, and how many of them went on.
fn count(results: &[(Case, Seen)], tier: &str) -> (usize, usize) {
    let of_tier = results.iter().filter(|(case, _)| case.tier == tier);
    let passed = of_tier.clone().filter(|(_, seen)| passed(seen));
    (of_tier.count(), passed.count())
}

async fn run(cases: Vec<Case>) -> Vec<(Case, Seen)> {
    let bench = Bench::start().await;
    let mut results = Vec::new();
    for case in cases {
        let seen = bench.ask(&case.bytes).await;
        results.push((case, seen));
    }
    let doubtful: Vec<_> = results
        .iter()
        .flat_map(|(case, seen)| ambiguous(seen).into_iter().map(move |why| (&case.name, why)))
        .collect();
    assert!(doubtful.is_empty(), "went on and is ambiguous: {doubtful:#?}");
    results
}

/// The platform that this is built for, as the compiler calls it.
fn host() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// The folder of a crate that Cargo has unpacked.
fn guardian() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        // Packages of other platforms were never fetched.
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", &host()])
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let found = packages.iter().find(|package| package["name"] == "http_desync_guardian").unwrap();
    Path::new(found["manifest_path"].as_str().unwrap()).parent().unwrap().join("tests")
}

/// The files write bytes as escapes of their own, beside those of YAML.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let byte = match c {
            '\\' => match chars.next().unwrap_or('\\') {
                'x' => {
                    let hex: String = chars.by_ref().take(2).collect();
                    u8::from_str_radix(&hex, 16).unwrap()
                }
                'b' => 8,
                'f' => 12,
                'n' => b'\n',
                'r' => b'\r',
                't' => b'\t',
                other => u8::try_from(u32::from(other)).unwrap(),
            },
            // A character below U+0100 stands for its byte.
            other => {
                let Ok(byte) = u8::try_from(u32::from(other)) else {
                    bytes.extend(other.to_string().bytes());
                    continue;
                };
                byte
            }
        };
        bytes.push(byte);
    }
    bytes
}

fn text(value: &Yaml) -> Vec<u8> {
    match value {
        Yaml::Integer(number) => number.to_string().into_bytes(),
        other => unescaped(other.as_str().unwrap_or_default()),
    }
}

/// What the guardian would let pass and we do not, where a rule is stricter than it: codings other than
/// `chunked` alone, or with parameters (RFC 9112, 6.1 and 7.1), and targets that are none (RFC 3986: a fragment, bytes above ASCII, nothing at all).
const REFUSED_ON_PURPOSE: [&str; 10] = [
    "Compliant URL",
    "Correct TE OK",
    "Different Transfer-Encoding headers",
    "Different Transfer-Encoding headers combined",
    "Empty URI",
    "International in URI",
    "Multiple transfer encoding headers in a single request OK",
    "TE with custom parameters OK",
    "Transfer-Encoding with a param: chunked;custom_param",
    "Transfer-Encoding: identity and chunked OK",
];

fn guardian_case(yaml: &Yaml) -> Case {
    let mut bytes = [text(&yaml["method"]), text(&yaml["uri"]), text(&yaml["version"])].join(&b' ');
    let (mut body, mut has_host) = (Vec::new(), false);
    bytes.extend(b"\r\n");
    for header in yaml["headers"].as_vec().into_iter().flatten() {
        let (name, value) = (text(&header["name"]), text(&header["value"]));
        // A request that may pass needs the body that it announces.
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = std::str::from_utf8(&value).ok().and_then(|v| v.trim().parse().ok());
            body = vec![b'x'; length.unwrap_or(0usize).min(8 * 1_024 * 1_024)];
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            body = b"1\r\nx\r\n0\r\n\r\n".to_vec();
        }
        has_host |= name.eq_ignore_ascii_case(b"host");
        bytes.extend([&name[..], b": ", &value, b"\r\n"].concat());
    }
    // The cases are about everything else, and leave it out.
    if !has_host {
        bytes.extend(b"Host: p\r\n");
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    Case {
        name: yaml["name"].as_str().unwrap().to_owned(),
        bytes,
        tier: yaml["expected"]["tier"].as_str().unwrap().to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guardians_cases_are_refused_or_pass_in_one_reading() {
    let mut files: Vec<_> = fs::read_dir(guardian())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    let cases: Vec<Case> = files
        .iter()
        .flat_map(|file| YamlLoader::load_from_str(&fs::read_to_string(file).unwrap()).unwrap())
        .flat_map(|document| {
            document.as_vec().unwrap().iter().map(guardian_case).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(cases.len(), 159);
    let results = run(cases).await;
    let (severe, severe_passed) = count(&results, "Severe");
    let (compliant, compliant_passed) = count(&results, "Compliant");
    let (unclear, unclear_passed) = count(&results, "Ambiguous");
    println!(
        "guardian: {severe} severe, {severe_passed} of them passed; {unclear} ambiguous, \
         {unclear_passed} passed; {compliant} compliant, {compliant_passed} passed"
    );
    assert_eq!((severe, severe_passed), (58, 0));
    assert_eq!((unclear, unclear_passed), (58, 0));
    let refused = results.iter().filter(|(case, _)| case.tier == "Compliant");
    let refused = refused.filter(|(_, seen)| !passed(seen));
    let mut refused: Vec<&str> = refused.map(|(case, _)| case.name.as_str()).collect();
    refused.sort_unstable();
    assert_eq!((compliant, refused), (28, REFUSED_ON_PURPOSE.to_vec()));
}

/// gunicorn's own cases, as its source distribution has them; `None` where pip cannot get it.
fn gunicorn() -> Option<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().unwrap();
    let archive = if let Some(file) = env::var_os("ACCUSCOPE_TEST_GUNICORN_SDIST") {
        PathBuf::from(file)
    } else {
        let pip = Command::new("timeout")
            .args(["60", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"])
            .args(["gunicorn", "--dest"])
            .arg(folder.path())
            .output();
        let found = || fs::read_dir(folder.path()).unwrap().next();
        pip.is_ok().then(found)??.unwrap().path()
    };
    let unpacked =
        Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(folder.path()).status();
    assert!(unpacked.unwrap().success(), "the archive cannot be unpacked");
    let mut root = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let root = root.find(|path| path.is_dir()).unwrap().join("tests/requests");
    Some((folder, root))
}

/// The files write line ends as `\r\n`, and other bytes as escapes, and break lines to be read.
fn gunicorn_case(file: &Path, tier: &str) -> Case {
    let mut bytes = Vec::new();
    let raw: Vec<u8> = fs::read(file).unwrap().into_iter().filter(|byte| *byte != b'\n').collect();
    let mut rest = &raw[..];
    while let Some((&first, after)) = rest.split_first() {
        let (byte, length) = match (first, after.first()) {
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b't')) => (b'\t', 2),
            (b'\\', Some(b'0')) => (0, 2),
            (b'\\', Some(b'x')) if rest.len() >= 4 => {
                let hex = std::str::from_utf8(&rest[2..4]).unwrap();
                (u8::from_str_radix(hex, 16).unwrap(), 4)
            }
            _ => (first, 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    Case { name: format!("{tier}/{name}"), bytes, tier: tier.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn gunicorns_cases_are_refused_or_pass_in_one_reading() {
    let Some((_folder, root)) = gunicorn() else {
        let told = "NOT RUN: pip could not get gunicorn's cases; only the guardian's were tried.";
        println!("{told} ACCUSCOPE_TEST_GUNICORN_SDIST may name the archive.");
        return;
    };
    let mut cases = Vec::new();
    for tier in ["invalid", "valid"] {
        let mut files: Vec<_> =
            fs::read_dir(root.join(tier)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "http"));
        files.sort();
        cases.extend(files.iter().map(|file| gunicorn_case(file, tier)));
    }
    assert!(cases.len() >= 140, "{} cases", cases.len());
    let results = run(cases).await;
    let ((invalid, invalid_passed), (valid, valid_passed)) =
        (count(&results, "invalid"), count(&results, "valid"));
    println!(
        "gunicorn: {invalid} invalid, {invalid_passed} of them passed; {valid} valid, \
         {valid_passed} passed"
    );
    for (case, seen) in &results {
        if case.tier == "invalid" && passed(seen) {
            println!("  passed: {}", case.name);
        }
        if case.tier == "valid" && !passed(seen) {
            println!("  refused: {} {}", case.name, seen.status());
        }
    }
    assert!(invalid - invalid_passed >= 62, "{invalid_passed} of {invalid} passed");
}
