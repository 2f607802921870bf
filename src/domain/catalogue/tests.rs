//! Tests of the catalogue: reading it, and finding the operation of a call.

use proptest::prelude::*;

use super::*;

fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap()
}

#[test]
fn finds_operation_route_and_domain() {
    let catalogue = catalogue();
    #[rustfmt::skip]
    let table = [
        // method, path, operation, route, domain, mutation
        ("GET", "/rest/v1/provider-portal/patients/8812", "patient.read", "/rest/v1/provider-portal/patients/{patientId}", "patients", false),
        ("GET", "/v1/provider-portal/patients/-5/", "patient.read", "/rest/v1/provider-portal/patients/{patientId}", "patients", false),
        ("HEAD", "/rest/v1/provider-portal/patients", "patient.search", "/rest/v1/provider-portal/patients", "patients", false),
        ("PUT", "/rest/v1/provider-portal/patients/8812", "patient.update", "/rest/v1/provider-portal/patients/{patientId}", "patients", true),
        ("PATCH", "/rest/v1/provider-portal/patients/8812", "unknown", "/rest/v1/provider-portal/patients/{patientId}", "patients", true),
        ("GET", "/rest/v1/provider-portal/scheduler/appointments/history", "appointment.history.list", "/rest/v1/provider-portal/scheduler/appointments/history", "scheduling", false),
        ("GET", "/rest/v1/provider-portal/scheduler/appointments/history/history", "appointment.history.read", "/rest/v1/provider-portal/scheduler/appointments/{appointmentId}/history", "scheduling", false),
        ("GET", "/rest/v1/provider-portal/scheduler/appointments/77;v=1", "appointment.read", "/rest/v1/provider-portal/scheduler/appointments/{appointmentId}", "scheduling", false),
        ("POST", "/oauth/token", "auth.token", "/oauth/token", "auth", false),
        ("GET", "/rest/v1/provider-portal/patients/8812/Tremblay", "unknown", "/rest/v1/provider-portal/patients/{}/{}", "unknown", false),
        ("DELETE", "/Zoe/Tremblay", "unknown", "/{}/{}", "unknown", true),
        ("GET", "/rest/v1/../oauth/token", "unknown", "/rest/v1/{}/oauth/token", "unknown", false),
        ("GET", "//rest/v1/offices", "unknown", "/{}/rest/v1/offices", "unknown", false),
        ("GET", "*", "unknown", "/{}", "unknown", false),
        ("GET", "/", "unknown", "/{}", "unknown", false),
    ];
    for (method, path, operation, route, domain, mutation) in table {
        let found = catalogue.identify(Method::of(method), path);
        assert_eq!(found.operation.as_str(), operation, "{method} {path}");
        assert_eq!(found.route.as_str(), route, "{method} {path}");
        assert_eq!(found.domain.as_str(), domain, "{method} {path}");
        assert_eq!(found.mutation, mutation, "{method} {path}");
    }
}

#[test]
fn finds_the_patient_with_and_without_rest() {
    let catalogue = catalogue();
    for (path, patient) in [
        ("/rest/v1/provider-portal/patients/88%2012/documents", Some("88%2012")),
        ("/v1/provider-portal/patients/8812/documents/", Some("8812")),
        ("/v1/provider-portal/patients/8812;x=1/labs", Some("8812")),
        ("/rest/v1/provider-portal/labs/77", None),
    ] {
        assert_eq!(catalogue.identify(Method::Get, path).patient_segment, patient, "{path}");
    }
}

#[test]
fn an_overlay_replaces_and_adds() {
    let overlay = "operation,method,path,context,domain,mutation,list,cacheable\n\
                   patient.find,GET,/rest/v1/provider-portal/patients,provider,patients,no,yes,no\n\
                   task.list,GET,/rest/v3/tasks,provider,clinical,no,yes,no\n";
    let catalogue = Catalogue::with_overlay(overlay).unwrap();
    let find = |path| catalogue.identify(Method::Get, path).operation.to_string();
    assert_eq!(find("/rest/v1/provider-portal/patients"), "patient.find");
    assert_eq!(find("/rest/v3/tasks"), "task.list");
    assert_eq!(find("/rest/v1/offices"), "office.list");
}

#[test]
fn a_bad_row_is_named_without_its_content() {
    let head = "operation,method,path,context,domain,mutation,list,cacheable\n";
    for (row, message) in [
        ("Tremblay,GET,/a,any,labs,no,no,no", "line 2 of the catalogue: an operation has only"),
        ("a.b,FETCH,/a,any,labs,no,no,no", "line 2 of the catalogue: column method"),
        (
            "a.b,GET,/a/9123456780,any,labs,no,no,no",
            "line 2 of the catalogue: a route has no segment",
        ),
        ("a.b,GET,/a,any,labs,maybe,no,no", "column mutation must be yes or no"),
        ("a.b,GET,/a,any,Tremblay,no,no,no", "column domain must be"),
    ] {
        let error = Catalogue::with_overlay(&format!("{head}{row}\n")).unwrap_err().to_string();
        assert!(error.contains(message), "{row}: {error}");
        assert!(!error.contains("Tremblay") && !error.contains("9123456780"), "{error}");
    }
}

#[test]
fn scopes_are_kept_only_if_every_word_is_known() {
    let catalogue = catalogue();
    let kept: Vec<String> = catalogue
        .known_scopes("user/patients.read offline_access Tremblay zoe.patients.read openid *")
        .map(|s| s.as_str().to_owned())
        .collect();
    assert_eq!(kept, ["user/patients.read", "offline_access", "openid", "*"]);
}

proptest! {
    /// Whatever the path, the route shows only the catalogue's own words.
    #[test]
    fn no_segment_outside_the_vocabulary_is_shown(path in "/[a-zA-Z0-9/%. ;=-]{0,80}") {
        let catalogue = catalogue();
        let found = catalogue.identify(Method::Get, &path);
        for segment in found.route.as_str().split('/').skip(1) {
            let shown = segment.starts_with('{') || catalogue.vocabulary.contains(segment);
            prop_assert!(shown);
        }
    }
}

#[test]
fn no_spelling_of_a_path_hides_what_it_asks_for() {
    let catalogue = Catalogue::embedded().unwrap();
    let patients = "/rest/v1/provider-portal/patients";
    let read = |method, path: &str| {
        let other = other_reading(path);
        let found = match &other {
            None => catalogue.identify(method, path),
            Some(other) => catalogue.identify_both(method, path, other),
        };
        // Whoever makes a reference of it decodes it.
        let patient = found.patient_segment.map(|segment| {
            percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
        });
        (found.operation.as_str().to_owned(), patient, found.mutation)
    };
    let plain = read(Method::Get, &format!("{patients}/8812"));
    assert_eq!((plain.0.as_str(), plain.1.as_deref()), ("patient.read", Some("8812")));
    for path in [
        format!("{patients}//8812"),
        format!("{patients}/./8812"),
        format!("/x/..{patients}/8812"),
        format!("/x/%2e%2e{patients}/8812"),
        format!("/x/..;{patients}/8812"),
        format!("{patients};v=1/8812;w=2"),
        format!("{patients}%2F8812"),
        format!("{patients}\\8812"),
        format!("{patients}/88%312"),
        "/rest/v1/provider%2Dportal/p%61tients/8812".to_owned(),
    ] {
        assert_eq!(read(Method::Get, &path), plain, "{path}");
    }
    // A write stays a write, whatever it looks like.
    for path in ["/oauth/token/..;/x", "/oauth/token/%2e%2e/x", "/oauth//token/../x"] {
        let (operation, _, mutation) = read(Method::Post, path);
        assert_eq!((operation.as_str(), mutation), ("unknown", true), "{path}");
    }
    let token = read(Method::Post, "/oauth/%74oken");
    assert_eq!((token.0.as_str(), token.2), ("auth.token", true), "the path itself names nothing");
    // One reading names a patient's record, the other one another operation.
    let both = read(Method::Get, &format!("{patients}/%2e%2e"));
    assert_eq!(both.0, "unknown", "{both:?}");
}
