//! "check said that all was well, and then serve did not start."

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use crate::certificates::Authority;
use crate::launch::Place;

fn files(place: &Place) -> BTreeSet<String> {
    let name =
        |file: std::io::Result<fs::DirEntry>| file.unwrap().file_name().into_string().unwrap();
    fs::read_dir(place.folder.path()).unwrap().map(name).collect()
}

/// An upstream that answers one question after the other, and keeps what it was asked.
fn upstream() -> (String, std::sync::mpsc::Receiver<String>) {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, questions) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut line = String::new();
            BufReader::new(&socket).read_line(&mut line).unwrap();
            drop(socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
            if asked.send(line).is_err() {
                return;
            }
        }
    });
    (url, questions)
}

fn closed(place: &Place) {
    fs::set_permissions(place.path("k1"), fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn check_makes_no_file_and_asks_accuro_one_harmless_question() {
    let (url, questions) = upstream();
    let place = Place::new(&url);
    closed(&place);
    place.write("", "");
    let before = files(&place);
    let (status, text, error) = place.run("check");
    assert_eq!((status, error.as_str()), (0, ""), "{text}");
    assert_eq!(files(&place), before);
    assert!(text.contains("journal: ") && text.contains("will be made"), "{text}");
    assert!(text.contains("store: no file yet; it will be made"), "{text}");
    drop(text);
    let asked: Vec<String> = questions.try_iter().collect();
    assert_eq!(asked, ["GET /rest/v1/api-version HTTP/1.1\r\n"]);
}

#[test]
fn what_would_stop_the_start_ends_with_status_two() {
    let (url, _questions) = upstream();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = Place::new(&url);
    closed(&place);
    let (authority, other) = (Authority::new(), Authority::new());
    authority.sign(2100).write(place.folder.path());
    fs::write(place.path("other.key"), other.sign(2100).key).unwrap();
    let tls = |key: &str| {
        let file = |name: &str| place.path(name);
        format!("proxy.tls = {{ certificate = {:?}, key = {:?} }}", file("proxy.crt"), file(key))
    };
    for (lines, problem) in [
        ("ops.auth = \"oidc\"".to_owned(), "key ops.oidc: must be a table whose groups is"),
        (
            format!("proxy.listen = \"{}\"", taken.local_addr().unwrap()),
            "proxy.listen: cannot listen",
        ),
        (
            "privacy.keys = { k1 = { file = \"/none\" } }".to_owned(),
            "the file /none cannot be read",
        ),
        ("catalogue.file = \"/none\"".to_owned(), "catalogue.file: /none: cannot be read"),
        ("store.url = \"mysql://x\"".to_owned(), "store.url: a store url begins with"),
        (format!("journal.dir = {:?}", place.path("k1/x")), "k1/x cannot be made, since"),
        (tls("other.key"), "is not the key of the certificate in"),
        (tls("missing.key"), "proxy.tls.key: the file"),
        (tls("proxy.crt"), "holds no private key in PEM"),
        ("telemetry.otlp_endpoint = \"garbage\"".to_owned(), "must be http(s)://host:port"),
        (
            "ops.listen = \"127.0.0.1:7\"\nproxy.listen = \"127.0.0.1:7\"".to_owned(),
            "must be another address than proxy.listen",
        ),
    ] {
        place.write(&lines, "");
        let (status, text, error) = place.run("check");
        assert_eq!(status, 2, "{lines}: {text}{error}");
        assert!(format!("{text}{error}").contains(problem), "{problem}: {text}{error}");
        let (status, _, error) = place.run("serve");
        assert_eq!(status, 2, "serve does not start either: {lines}: {error}");
    }
}

#[test]
fn what_would_work_badly_ends_with_status_one() {
    let (url, _questions) = upstream();
    let place = Place::new(&url);
    closed(&place);
    Authority::new().sign(2021).write(place.folder.path());
    let tls = format!(
        "proxy.tls = {{ certificate = {:?}, key = {:?} }}",
        place.path("proxy.crt"),
        place.path("proxy.key")
    );
    for (lines, problem) in [
        (tls, "has ended on 2021-01-01"),
        (
            "telemetry.otlp_endpoint = \"http://127.0.0.1:9\"".to_owned(),
            "127.0.0.1:9 takes no connection",
        ),
        (
            "upstream.base_url = \"http://127.0.0.1:9\"".to_owned(),
            "http://127.0.0.1:9 cannot be reached",
        ),
        ("store.url = \"sqlite:/nowhere/store.db\"".to_owned(), "/nowhere is no folder"),
    ] {
        place.write(&lines, "");
        let (status, text, error) = place.run("check");
        assert_eq!(status, 1, "{lines}: {text}{error}");
        assert!(text.contains(problem), "{problem}: {text}");
    }
    fs::set_permissions(place.path("k1"), fs::Permissions::from_mode(0o644)).unwrap();
    place.write("", "");
    let (status, text, _) = place.run("check");
    assert_eq!(status, 1);
    assert!(text.contains("privacy.keys: every account of this machine can read"), "{text}");
}

#[test]
fn whoever_stops_reading_hears_no_more_of_it() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_accuscope"))
        .args(["catalogue", "show"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // As `| head` does.
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(141));
    assert!(ended.stderr.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));
}
