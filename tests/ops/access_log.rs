//! Who looked up what: shown to admins, filtered strictly, taken out safely, and recorded itself.

use std::sync::atomic::Ordering;
use std::time::Duration;

use accuscope::domain::audit::chain::Head;
use accuscope::domain::audit::json::read_line;
use accuscope::domain::audit::{Entry, Event, Kind};
use accuscope::domain::names::{AccountId, ClinicId, InstanceId, KeyId};
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::domain::role::Role;
use accuscope::ops::Auth;
use accuscope::store::{AuditCopied, AuditRow};

use crate::support::{Site, now};

fn patient(byte: u8) -> Reference {
    Reference::new(ReferenceKind::Patient, KeyId::parse("k1").unwrap(), [byte; Reference::BYTES])
}

fn lookup(account: &str, patient_ref: Option<Reference>) -> Entry {
    Entry {
        user: Some(AccountId::parse(account).unwrap()),
        role: Some(Role::Support),
        clinic: Some(ClinicId::parse("harbour-view").unwrap()),
        detail: Some(Event::DiagnosedForTicket.plain()),
        patient_ref,
        ..Entry::new(Kind::Lookup)
    }
}

/// Copies records into the store, each a second after the one before it, the last one now.
async fn copy(site: &Site, entries: Vec<Entry>) {
    let instance = InstanceId::parse("i-1").unwrap();
    let (mut head, mut lines) = (Head::START, Vec::new());
    let seq = u64::try_from(entries.len()).unwrap();
    for (left, entry) in (0..seq).rev().zip(entries) {
        head.append(entry, now().minus(Duration::from_secs(left)), &instance, &mut lines);
    }
    let text = String::from_utf8(lines).unwrap();
    let row = |line: &str| AuditRow {
        record: read_line(line.as_bytes()).unwrap(),
        line: line.to_owned(),
    };
    let rows: Vec<_> = text.lines().map(row).collect();
    let copied = AuditCopied { instance, segment: 1, offset: 1, seq };
    site.store.copy_audit(&rows, &copied, now()).await.unwrap();
}

#[tokio::test]
async fn the_log_says_who_what_where_and_shows_no_whole_reference() {
    let site = Site::start(Auth::Off).await;
    let refused = Entry {
        user: None,
        role: None,
        detail: Some(Event::SignInRefused.plain()),
        ..Entry::new(Kind::SignIn)
    };
    let made = Entry::of(Event::MadeSupport.of(12));
    copy(&site, vec![made, refused, lookup("zoe", Some(patient(7))), Entry::new(Kind::Intent)])
        .await;
    let page = site.get("/access-log").await;
    assert_eq!(page.status, 200);
    for expected in [
        "Diagnosed for ticket",
        "Sign in refused",
        "Made support",
        "Account no. 12",
        "Harbour View Medical",
        "10:45:59",
        "As of ",
        "It is not the clinic’s legal access log",
        "aria-current=\"page\"",
    ] {
        assert!(page.text.contains(expected), "{expected} in {}", page.text);
    }
    let whole = patient(7).to_string();
    let letters = whole.rsplit('_').next().unwrap()[..4].to_uppercase();
    assert!(page.text.contains(&letters) && !page.text.contains(&whole), "{}", page.text);
    assert!(!page.text.contains("Intent"), "a write of an app is nobody's look-up");
    assert_eq!(site.witness.deeds(), [Event::ReadAccessLog]);
}

#[tokio::test]
async fn an_empty_log_and_an_old_one_say_so() {
    let site = Site::start(Auth::Off).await;
    let empty = site.get("/access-log").await.text;
    assert!(empty.contains("Nobody has looked anything up yet"), "{empty}");
    assert!(empty.contains("Nothing of the audit is in the store yet."), "{empty}");
    copy(&site, vec![lookup("zoe", None)]).await;
    site.state.clock.set(now().plus(Duration::from_mins(15)));
    let old = site.get("/access-log").await.text;
    assert!(old.contains("<title>Stale. Access log"), "{old}");
    assert!(old.contains("What you see is from 10:46, 15 min ago."), "{old}");
}

#[tokio::test]
async fn filters_narrow_and_pages_lead_on_without_anything_in_an_address() {
    let site = Site::start(Auth::Off).await;
    let mut entries = vec![lookup("amir", None); 60];
    entries.extend(vec![lookup("zoe", None); 3]);
    copy(&site, entries).await;
    let rows = |text: &str| text.matches("Diagnosed for ticket").count();
    let zoe = site.post_as("", "/access-log", "account=zoe&what=diagnosis&role=support").await;
    assert_eq!((zoe.status.as_u16(), rows(&zoe.text)), (200, 3));
    assert_eq!(rows(&site.post_as("", "/access-log", "role=oncall").await.text), 0);
    assert_eq!(rows(&site.post_as("", "/access-log", "to=2026-11-24T10:00").await.text), 0);
    let first = site.post_as("", "/access-log", "account=amir").await.text;
    assert_eq!(rows(&first), 50);
    let after = first.split("name=\"after\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("account=amir&after={after}");
    let second = site.post_as("", "/access-log", &form).await.text;
    assert_eq!(rows(&second), 10);
    for page in [&first, &second] {
        assert!(!page.contains("?account") && !page.contains("/amir"), "{page}");
    }
}

#[tokio::test]
async fn a_wrong_filter_is_named_and_finds_nothing() {
    let site = Site::start(Auth::Off).await;
    copy(&site, vec![lookup("zoe", None)]).await;
    for (form, says) in [
        ("clinic=nowhere", "Choose one of the clinics"),
        ("what=Tremblay", "Choose one of the kinds"),
        ("role=root", "Choose one of the roles"),
        ("account=Zo%C3%AB+Tremblay", "Choose one of the accounts"),
        ("from=9123456780", "Give a day and a time"),
        ("from=2026-11-24T10%3A00&to=2026-11-23T10%3A00", "The end has to be after the beginning"),
        ("after=1", "That page is not there"),
        ("account=a&account=b", "That was no form of this page"),
    ] {
        for address in ["/access-log", "/access-log/export"] {
            let answer = site.post_as("", address, form).await;
            assert_eq!(answer.status, 422, "{form}");
            assert!(answer.text.contains(says), "{form}: {}", answer.text);
            for typed in ["Tremblay", "9123456780", "nowhere", "Diagnosed for ticket"] {
                assert!(!answer.text.contains(typed), "{form}: {typed}");
            }
        }
    }
}

#[tokio::test]
async fn the_file_holds_what_was_asked_for_and_no_formula_and_the_export_is_recorded() {
    let site = Site::start(Auth::Off).await;
    let mut entries = vec![lookup("amir", Some(patient(1))); 700];
    entries.push(lookup("-zoe", Some(patient(2))));
    entries.push(lookup("@lin", None));
    copy(&site, entries).await;
    let all = site.post_as("", "/access-log/export", "").await;
    assert_eq!(all.status, 200);
    assert_eq!(all.headers["content-type"], "text/csv; charset=utf-8");
    assert!(all.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(all.headers["cache-control"], "no-store");
    let mut reader = csv::Reader::from_reader(all.text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 702);
    let cell = |row: &csv::StringRecord, name: &str| {
        let columns = accuscope::domain::audit::export::csv::COLUMNS;
        row[columns.iter().position(|column| *column == name).unwrap()].to_owned()
    };
    assert_eq!((cell(&rows[0], "user"), cell(&rows[1], "user")), ("'@lin".into(), "'-zoe".into()));
    assert_eq!(cell(&rows[1], "patient_ref"), patient(2).to_string());
    for row in &rows {
        for text in row {
            assert!(!text.starts_with(['=', '+', '-', '@', '\t', '\r']), "{text}");
        }
    }
    let some = site.post_as("", "/access-log/export", "account=amir").await.text;
    assert_eq!(some.lines().count(), 701);
    assert_eq!(site.witness.deeds(), [Event::AuditExported, Event::AuditExported]);
}

#[tokio::test]
async fn admins_alone_see_it_and_nobody_without_an_audit() {
    let site = Site::start(Auth::Sessions).await;
    copy(&site, vec![lookup("zoe", None)]).await;
    for role in [Role::Support, Role::Oncall, Role::Manager] {
        let cookie = site.sign_in(role).await;
        let page = site.get_as(&cookie, "/access-log").await;
        assert_eq!(page.status, 403, "{role}");
        assert!(!page.text.contains("href=\"/access-log\""), "no door that stays shut");
        assert_eq!(page.text.contains("href=\"/writes\""), role == Role::Oncall, "{role}");
        for address in ["/access-log", "/access-log/export"] {
            assert_eq!(site.post_as(&cookie, address, "").await.status, 403, "{role}");
        }
        assert_eq!(site.get_as(&cookie, "/roles").await.status, 200, "{role}");
    }
    let cookie = site.sign_in(Role::Admin).await;
    assert_eq!(site.get_as(&cookie, "/access-log").await.status, 200);
    site.witness.broken.store(true, Ordering::SeqCst);
    for address in ["/access-log", "/access-log/export"] {
        assert_eq!(site.post_as(&cookie, address, "").await.status, 503, "{address}");
    }
}

#[tokio::test]
async fn somebody_who_looks_up_many_patients_stands_at_the_top() {
    let site = Site::start(Auth::Off).await;
    copy(&site, (0..29).map(|n| lookup("zoe", Some(patient(n * 3)))).collect()).await;
    let calm = site.get("/access-log").await.text;
    assert!(!calm.contains("within the last hour. </strong>"), "{calm}");
    let site = Site::start(Auth::Off).await;
    copy(&site, (0..30).map(|n| lookup("zoe", Some(patient(n * 3)))).collect()).await;
    let page = site.get("/access-log").await.text;
    assert!(page.contains("zoe looked up 30 different patients within the last hour."), "{page}");
    assert!(page.contains("href=\"/runbooks/AccuscopeUnusualAccess\""), "{page}");
}

#[tokio::test]
async fn the_page_of_roles_is_the_policy() {
    let site = Site::start(Auth::Sessions).await;
    let cookie = site.sign_in(Role::Manager).await;
    let page = site.get_as(&cookie, "/roles").await.text;
    for expected in ["Look up single calls", "Read who looked up what", "signed in as manager"] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
}
