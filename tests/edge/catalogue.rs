//! `catalogue import` and `show` at the command line: what is printed can be used as it is.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Exit status, standard output, standard error.
fn catalogue(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_accuscope"))
        .arg("catalogue")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
}

const DOCUMENT: &str = r#"{"openapi": "3.1.0", "servers": [{"url": "/rest"}], "paths": {
    "/v1/provider-portal/patients/{patientId}/referrals": {"get": {}, "post": {}},
    "/v1/provider-portal/widgets/{id}": {"get": {}},
    "/v1/offices": {"get": {}}}}"#;

#[test]
fn an_imported_document_is_an_overlay_that_can_be_used_and_grown() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("emr.json"), DOCUMENT).unwrap();
    let (status, printed, said) = catalogue(folder.path(), &["import", "emr.json"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("emr.json: OpenAPI; 3 endpoints are new, 1 were known"), "{said}");
    assert!(said.contains("1 of the new ones are POST"), "{said}");
    assert!(said.contains("1 of the new ones have no workflow domain"), "{said}");
    assert_eq!(printed.lines().count(), 4, "{printed}");

    let (status, nothing, _) =
        catalogue(folder.path(), &["import", "emr.json", "--output", "own.csv"]);
    assert_eq!((status, nothing.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(folder.path().join("own.csv")).unwrap(), printed);
    let (status, _, said) =
        catalogue(folder.path(), &["import", "emr.json", "--output", "own.csv"]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("own.csv: is there already"), "{said}");

    let (status, said, _) = catalogue(folder.path(), &["check", "own.csv"]);
    assert_eq!(status, 0);
    assert!(said.contains("fine; 3 of "), "{said}");
    // What `show` prints is a whole catalogue, kinds of answers included.
    let (_, shown, _) = catalogue(folder.path(), &["show"]);
    assert!(
        shown.contains("\nauth.authorize,GET,/oauth/authorize,none,auth,no,no,no,html,published\n")
    );
    fs::write(folder.path().join("all.csv"), &shown).unwrap();
    assert_eq!(catalogue(folder.path(), &["check", "all.csv"]).0, 0);
}

#[test]
fn what_is_no_document_is_named_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad"), "<application>Tremblay").unwrap();
    fs::write(folder.path().join("latin"), b"openapi: Zo\xeb").unwrap();
    for (file, says) in [
        ("bad", "bad: line 1: this is not well-formed XML"),
        ("latin", "latin: cannot be read (it is not UTF-8)"),
        ("none", "none: cannot be read"),
    ] {
        let (status, printed, said) = catalogue(folder.path(), &["import", file]);
        assert_eq!((status, printed.as_str()), (2, ""), "{said}");
        assert!(said.contains(says) && !said.contains("Tremblay"), "{said}");
    }
}
