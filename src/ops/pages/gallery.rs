//! Draws every room from invented figures into `target/pages`, to be looked at.
//!
//! Owns the pictures' input and the promises that hold for every page. Nothing here is a real
//! clinic, person or call.

use std::fs;
use std::path::Path;

use super::call::{CallModel, LastWorked, Same};
use super::calls::query::CallsQuery;
use super::calls::view::CallsModel;
use super::clinic::{Detail, Problem, TaskFigures, view::ClinicView};
use super::refusal::Refusal;
use super::{
    adoption, call, calls, clinic, clinics, gallery_of_doors, now, refusal, runbooks, sign_in,
};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::event::Exchange;
use crate::domain::health::Tally;
use crate::domain::labels::{Context, Environment};
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reason::{Ending, Reason};
use crate::domain::registry::Registry;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::assets;
use crate::ops::components::shell::{Frame, Page, Reader, shell};
use crate::ops::freshness::Freshness;
use crate::ops::preferences::{Preferences, Theme};
use crate::ops::reading::fixtures;
use crate::ops::state::Unkept;
use crate::ops::words::language::Language;
use crate::ops::words::times::Zone;

pub(crate) fn frame(address: &str, language: Language) -> Frame {
    let now = fixtures::now();
    Frame {
        environment: Environment::Production,
        reader: Some(Reader {
            name: Some("R. Okafor".into()),
            role: Role::Oncall,
            has_account: true,
            clinics: ClinicScope::all(),
        }),
        freshness: Freshness::of(Some(now.minus(std::time::Duration::from_secs(2))), now),
        unkept: Unkept::default(),
        now,
        address: address.into(),
        preferences: Preferences { theme: Theme::System, utc: false, language },
        home: Zone::of(&jiff::tz::TimeZone::get("America/Vancouver").unwrap())
            .in_language(language),
        read_only: None,
        news: Vec::new(),
        open_incidents: 2,
    }
}

pub(super) fn manager(frame: &Frame) -> Frame {
    let clinics = ClinicScope::all();
    let reader =
        Reader { name: Some("M. Roy".into()), role: Role::Manager, has_account: true, clinics };
    Frame { reader: Some(reader), ..frame.clone() }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// An event from the JSON line that the contract describes.
fn exchange(seconds: i64, operation: &str, ending: (&str, &str, &str, u16)) -> Exchange {
    let ts = Timestamp::from_seconds(at("2026-11-24T17:38:04Z").seconds() + seconds);
    let (outcome, category, reason, status) = ending;
    let text = |value: &str| match value {
        "" => "null".to_owned(),
        value => format!("{value:?}"),
    };
    let id = crate::domain::ids::EventId::new(ts, u128::from(seconds.unsigned_abs()) * 77_777);
    let endpoint = crate::domain::catalogue::Catalogue::embedded().unwrap();
    let endpoint = endpoint.endpoints().iter().find(|e| e.operation.as_str() == operation).unwrap();
    let line = format!(
        r#"{{"v":1,"id":"{id}","ts":"{ts}","env":"production","clinic":"lakeshore","app":"intake-web",
        "context":"provider","operation":"{operation}","domain":"{domain}","method":"{method}","route":"{route}",
        "api_version":"v1","mutation":{mutation},"status":{status},"upstream_status":{status},"outcome":"{outcome}",
        "category":{category},"reason":{reason},"result_count":null,"duration_us":131000,"upstream_us":118000,
        "attempts":1,"source":"upstream","actor_ref":"ac_k1_4c2fefghijklmnopqrstuvwx23",
        "patient_ref":"pt_k1_bf3kefghijklmnopqrstuvwx23","token_ref":"tk_k1_tabcefghijklmnopqrstuvwx23",
        "office":"12","scopes":[],"shape":null,"error_signature":"00f1e2d3c4b5a697","request_id":"{id}",
        "trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","support_code":"7KQ4-M2PX",
        "bytes_in":0,"bytes_out":212,"instance":"edge-1"}}"#,
        domain = endpoint.domain,
        method = endpoint.method,
        route = endpoint.route,
        mutation = endpoint.mutation,
        category = text(category),
        reason = text(reason),
    );
    crate::domain::event::json::read_line(line.replace('\n', "").as_bytes()).unwrap()
}

const OK: (&str, &str, &str, u16) = ("ok", "", "", 200);
const REFUSED: (&str, &str, &str, u16) = ("failed", "auth", "forbidden", 403);

fn call_model(ending: (&str, &str, &str, u16)) -> CallModel {
    let mut elsewhere = Tally::default();
    elsewhere.count(Ending::Ok, 1_886);
    elsewhere.count(Ending::failed(Reason::TokenRejected), 91);
    let mut here = Tally::default();
    here.count(Ending::Ok, 318);
    here.count(Ending::failed(Reason::Forbidden), 5);
    CallModel {
        call: exchange(0, "patient.read", ending),
        here,
        elsewhere,
        worked: vec![
            LastWorked { same: Same::Task, call: Some(exchange(340, "patient.read", OK)) },
            LastWorked { same: Same::Person, call: Some(exchange(239, "patient.read", OK)) },
            LastWorked { same: Same::Patient, call: None },
        ],
        before: vec![exchange(-40, "appointment.list", OK), exchange(-12, "patient.search", OK)],
        after: vec![
            exchange(5, "patient.read", REFUSED),
            exchange(87, "patient.read", REFUSED),
            exchange(239, "patient.read", OK),
        ],
    }
}

fn detail() -> Detail {
    let mut slots: Vec<Tally> = vec![Tally::default(); 48];
    for (index, slot) in slots.iter_mut().enumerate() {
        match index {
            0..=13 | 42..=45 => slot.count(Ending::Ok, 60),
            46 => {
                slot.count(Ending::Ok, 20);
                slot.count(Ending::failed(Reason::TokenRejected), 26);
            }
            47 => slot.count(Ending::failed(Reason::TokenRejected), 191),
            _ => {}
        }
    }
    slots[3].count(Ending::failed(Reason::Forbidden), 3);
    let task = |operation: &str, failed: u64, worked: u64, last: &str| {
        let mut recent = Tally::default();
        recent.count(Ending::failed(Reason::TokenRejected), failed);
        let mut day = recent.clone();
        day.count(Ending::Ok, worked);
        TaskFigures {
            operation: OperationName::parse(operation).unwrap(),
            recent,
            day,
            last_worked: Some(at(last)),
            by_day: vec![14, 13, 15, 16, 14, 15, 17, 18, 17, 18, 19, 18, 18, 9],
        }
    };
    Detail {
        first_slot: Some(at("2026-11-23T18:00:00Z")),
        slots,
        tasks: vec![
            task("patient.read", 91, 655, "2026-11-24T17:11:48Z"),
            task("patient.search", 62, 402, "2026-11-24T17:11:20Z"),
            task("appointment.update", 24, 190, "2026-11-24T17:10:02Z"),
            task("auth.token", 14, 61, "2026-11-24T17:11:02Z"),
            task("document.read", 13, 118, "2026-11-24T17:09:10Z"),
            task("lab.list", 8, 88, "2026-11-24T17:08:33Z"),
        ],
        problems: vec![
            Problem {
                reason: Reason::TokenRejected,
                operations: vec![
                    OperationName::parse("patient.read").unwrap(),
                    OperationName::parse("lab.list").unwrap(),
                ],
                calls: 212,
                first: at("2026-11-24T17:00:00Z"),
                last: at("2026-11-24T17:00:00Z"),
            },
            Problem {
                reason: Reason::Forbidden,
                operations: vec![OperationName::parse("patient.read").unwrap()],
                calls: 3,
                first: at("2026-11-23T16:00:00Z"),
                last: at("2026-11-23T22:00:00Z"),
            },
            Problem {
                reason: Reason::ResponseTimeout,
                operations: vec![OperationName::parse("document.read").unwrap()],
                calls: 4,
                first: at("2026-11-20T20:00:00Z"),
                last: at("2026-11-23T18:00:00Z"),
            },
        ],
        contexts: vec![(Context::Provider, 1_502), (Context::Client, 48)],
        first_call: Some(at("2026-11-03T17:02:00Z")),
    }
}

pub(super) type Picture = (&'static str, Frame, Page);

fn pages(language: Language) -> Vec<Picture> {
    let registry = fixtures::registry();
    let reading = fixtures::reading();
    let mut all = Vec::new();
    let f = frame("/", language);
    all.push(("now", f.clone(), now::view::view(&reading, &registry, &f)));
    let mut stale = fixtures::reading();
    stale.recorded_until = Some(fixtures::now().minus(std::time::Duration::from_mins(15)));
    let sf = Frame {
        freshness: Freshness::of(stale.recorded_until, f.now),
        environment: Environment::Sandbox,
        ..f.clone()
    };
    all.push(("stale", sf.clone(), now::view::view(&stale, &registry, &sf)));
    let mut calm = fixtures::reading();
    calm.clinics.retain(|c| !matches!(c.facts.clinic.as_str(), "harbour-view" | "maple-grove"));
    calm.actors = None;
    let manager = manager(&f);
    all.push(("calm-manager", manager.clone(), now::view::view(&calm, &registry, &manager)));
    let f = frame("/clinics", language);
    all.push((
        "clinics",
        f.clone(),
        clinics::view(&reading, &registry, clinics::ClinicsFilter::default(), &f),
    ));
    let f = frame("/clinics/harbour-view", language);
    let judged = reading.verdict();
    let detail = detail();
    for id in ["harbour-view", "north-shore"] {
        let clinic = registry.clinic(&ClinicId::parse(id).unwrap()).unwrap();
        let model = ClinicView {
            clinic,
            reading: &reading,
            verdict: &judged,
            detail: &detail,
            registry: &registry,
            frame: &f,
        };
        all.push((
            if id == "harbour-view" { "clinic" } else { "clinic-fine" },
            f.clone(),
            clinic::view::view(&model),
        ));
    }
    all.extend(adoption::pictures::pages(language));
    all.extend(single_calls(&registry, language));
    all.extend(doors(language));
    all
}

fn single_calls(registry: &Registry, language: Language) -> Vec<Picture> {
    let mut all = Vec::new();
    let f = frame("/calls?clinic=lakeshore", language);
    let zone = |_: Option<&ClinicId>| jiff::tz::TimeZone::get("America/Vancouver").unwrap();
    let listed = CallsModel {
        query: CallsQuery::parse(
            "clinic=lakeshore&from=2026-11-24T17:25Z&to=2026-11-24T17:55Z",
            zone,
        ),
        calls: (0..24)
            .map(|i| {
                exchange(
                    200 - i * 9,
                    ["patient.read", "patient.search", "document.list", "appointment.update"]
                        [usize::try_from(i % 4).unwrap()],
                    if i % 5 == 2 { REFUSED } else { OK },
                )
            })
            .collect(),
        next: Some("AQ".into()),
        total: 640,
        failed: 12,
        recorded: 640,
        oldest: Some(at("2026-08-24T17:00:00Z")),
    };
    all.push(("calls", f.clone(), calls::view::view(&listed, registry, &f)));
    let empty = CallsModel {
        query: CallsQuery::parse(
            "support_code=7KQ4-M2PX&clinic=lakeshore&from=2026-11-24T17:25Z",
            zone,
        ),
        calls: vec![],
        next: None,
        total: 0,
        failed: 0,
        recorded: 640,
        oldest: Some(at("2026-08-24T17:00:00Z")),
    };
    all.push(("calls-empty", f.clone(), calls::view::view(&empty, registry, &f)));
    let f = frame("/calls/x", language);
    all.push(("call", f.clone(), call::view::view(&call_model(REFUSED), registry, &f)));
    all.push((
        "call-empty",
        f.clone(),
        call::view::view(&call_model(("empty", "not_found", "empty_result", 200)), registry, &f),
    ));
    all
}

fn doors(language: Language) -> Vec<Picture> {
    let mut all = Vec::new();
    let manager = manager(&frame("/calls", language));
    let f = frame("/runbooks", language);
    all.push(("runbooks", f.clone(), runbooks::list(&f)));
    let alert = "AccuscopeClinicAuthFailing";
    all.push((
        "runbook",
        f.clone(),
        runbooks::one(alert, runbooks::text(alert).unwrap_or("## Meaning\n\nNone."), &f),
    ));
    let nobody =
        Frame { reader: None, freshness: Freshness::Unasked, ..frame("/sign-in", language) };
    all.push((
        "sign-in",
        nobody.clone(),
        sign_in::view(sign_in::SignIn::Wrong, sign_in::Ways::Accounts, language),
    ));
    let asked = sign_in::Choose { name: "r.okafor", is_first: false, mistake: None };
    all.push(("choose-passphrase", nobody.clone(), sign_in::choose(&asked, language)));
    all.push((
        "sign-in-link",
        nobody.clone(),
        sign_in::view(sign_in::SignIn::Link, sign_in::Ways::Accounts, language),
    ));
    all.extend(gallery_of_doors::second_ways(&nobody, &frame("/me", language)));
    all.push((
        "not-allowed",
        manager.clone(),
        refusal::view(Refusal::NotAllowed(Permission::Calls), &manager),
    ));
    let lost = Frame { freshness: Freshness::Unreachable, ..frame("/", language) };
    all.push(("failed", lost.clone(), refusal::view(Refusal::StoreFailed, &lost)));
    all
}

#[test]
fn no_markup_goes_around_the_escaping() {
    // Clippy cannot ban the type: the macro that escapes is written with it.
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops")];
    let banned = ["Pre", "Escaped"].concat();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&entry).unwrap();
                assert!(!text.contains(&banned), "{} goes around the escaping", entry.display());
            }
        }
    }
}

#[test]
fn every_page_keeps_the_promises_of_the_site() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    fs::create_dir_all(&folder).unwrap();
    for (name, source) in [("app.css", "app.css"), ("app.js", "app.js"), ("icon.svg", "icon.svg")] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops/assets").join(source);
        fs::copy(from, folder.join(name)).unwrap();
    }
    let french =
        pages(Language::French).into_iter().map(|(name, f, page)| (format!("{name}-fr"), f, page));
    let all =
        pages(Language::English).into_iter().map(|(name, f, page)| (name.to_owned(), f, page));
    for (name, frame, page) in all.chain(french) {
        let drawn = shell(&frame, &page).into_string();
        for banned in
            [" style=", "<script>", "onclick", "javascript:", "pt_k1_", "ac_k1_", "tk_k1_"]
        {
            assert!(!drawn.contains(banned), "{name} holds {banned}");
        }
        assert_eq!(drawn.matches("<h1").count(), 1, "{name} has one first-level heading");
        assert!(drawn.contains("class=\"skip\""), "{name}");
        let marked = if frame.environment == Environment::Sandbox {
            frame.t("Sandbox. Not real clinics", "Bac à sable. Cliniques fictives")
        } else {
            "Production"
        };
        assert!(drawn.contains(marked), "{name} says its environment");
        assert!(drawn.len() < 100_000, "{name} is {} bytes", drawn.len());
        let local = drawn
            .replace(assets::css().url(), "app.css")
            .replace(assets::js().url(), "app.js")
            .replace(assets::icon().url(), "icon.svg");
        fs::write(folder.join(format!("{name}.html")), local).unwrap();
    }
}
