//! Who is let in: links that work once, tokens, roles, forms of other sites.

use std::sync::atomic::Ordering;
use std::time::Duration;

use accuscope::domain::audit::Event;
use accuscope::domain::names::AccountId;
use accuscope::domain::role::Role;
use accuscope::ops::Auth;
use accuscope::store::{NewToken, SecretDigest, SignInLink};
use axum::body::Body;
use axum::http::Request;

use crate::support::{Site, call, now, token_of};

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let site = Site::start(Auth::Sessions).await;
    for address in [
        "/",
        "/clinics",
        "/clinics/lakeshore",
        "/calls",
        "/calls/x",
        "/runbooks",
        "/code/7KQ4-M2PX",
        "/find",
        "/access-log",
        "/roles",
        "/d/0123456789abcdefghijklmn",
    ] {
        let answer = site.get(address).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/sign-in"), "{address}");
    }
    assert_eq!(site.get("/live").await.status, 403);
    assert_eq!(site.get("/sign-in").await.status, 200);
}

#[tokio::test]
async fn a_link_works_once_and_only_by_its_button() {
    let site = Site::start(Auth::Sessions).await;
    site.link("link-0123456789abcdef", Role::Oncall).await;
    let address = "/sign-in/link-0123456789abcdef";
    for _ in 0..2 {
        assert_eq!(site.get(address).await.status, 200, "looking does not use it up");
    }
    let first = site.post_as("", address, "").await;
    assert_eq!((first.status.as_u16(), first.location()), (303, "/"));
    let set = first.headers["set-cookie"].to_str().unwrap();
    for part in ["__Host-accuscope=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert_eq!(site.post_as("", address, "").await.status, 410);
    let page = site.get_as(&first.cookie(), "/runbooks").await;
    assert!(page.text.contains("r.okafor, on call."), "{}", page.text);
    assert_eq!(site.witness.deeds(), [Event::SignedIn, Event::SignInRefused]);
}

#[tokio::test]
async fn a_link_is_not_spent_where_the_store_went_away() {
    let site = Site::start(Auth::Sessions).await;
    site.link("link-0123456789abcdef", Role::Oncall).await;
    let zoe = AccountId::parse("zoe").unwrap();
    let all = accuscope::domain::clinic_scope::ClinicScope::all();
    site.store.add_account(1, &zoe, Role::Support, &all, now()).await.unwrap();
    let link = SignInLink::for_passphrase(&zoe, Role::Support, now());
    let digest = SecretDigest::of(b"link-for-zoe-0123456789");
    site.store.create_sign_in_link(digest, &link, now()).await.unwrap();
    let form = "passphrase=heron+moss+lamp+kettle&again=heron+moss+lamp+kettle";
    let links =
        [("/sign-in/link-0123456789abcdef", ""), ("/sign-in/link-for-zoe-0123456789", form)];
    site.shut_sessions(true).await;
    for (address, form) in links {
        assert_eq!(site.post_as("", address, form).await.status, 503, "{address}");
    }
    assert_eq!(site.store.passphrase_hash(&zoe).await.unwrap(), None);
    site.shut_sessions(false).await;
    for (address, form) in links {
        assert_eq!(site.get(address).await.status, 200, "{address}");
        assert_eq!(site.post_as("", address, form).await.status, 303, "{address}");
        assert_eq!(site.post_as("", address, form).await.status, 410, "{address}");
    }
}

#[tokio::test]
async fn a_token_signs_in_until_it_is_revoked() {
    let site = Site::start(Auth::Sessions).await;
    let token = NewToken {
        id: uuid::Uuid::from_u128(7),
        digest: SecretDigest::of(b"secret-token"),
        role: Role::Support,
        name: "desk",
        created: now(),
        clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
        expires: None,
    };
    site.store.create_token(&token).await.unwrap();
    assert_eq!(site.post_as("", "/sign-in", "token=wrong").await.status, 422);
    let answer = site.post_as("", "/sign-in", "token=secret-token").await;
    assert_eq!(answer.status, 303);
    site.store.revoke_token(token.id, now()).await.unwrap();
    let again = site.post_as("", "/sign-in", "token=secret-token").await;
    assert_eq!(again.status, 422);
    assert!(!again.text.contains("secret-token"), "a token is never shown again");
}

#[tokio::test]
async fn a_session_ends_by_signing_out_and_by_time() {
    let site = Site::start(Auth::Sessions).await;
    let cookie = site.sign_in(Role::Admin).await;
    assert_eq!(site.get_as(&cookie, "/runbooks").await.status, 200);
    assert_eq!(site.post_as(&cookie, "/sign-out", "").await.location(), "/sign-in");
    assert_eq!(site.get_as(&cookie, "/runbooks").await.status, 303);
    let cookie = site.sign_in(Role::Admin).await;
    site.state.clock.set(now().plus(Duration::from_hours(13)));
    assert_eq!(site.get_as(&cookie, "/runbooks").await.status, 303);
}

#[tokio::test]
async fn a_manager_sees_figures_and_is_kept_from_single_calls() {
    let site = Site::start(Auth::Sessions).await;
    let known = call("lakeshore", 5, 60);
    site.insert(std::slice::from_ref(&known)).await;
    let cookie = site.sign_in(Role::Manager).await;
    let page = site.get_as(&cookie, "/").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("href=\"/calls\""), "no door that stays shut");
    assert_eq!(site.get_as(&cookie, "/clinics/lakeshore").await.status, 200);
    for address in [
        "/calls".to_owned(),
        format!("/calls/{}", known.id),
        format!("/code/{}", known.support_code),
    ] {
        let answer = site.get_as(&cookie, &address).await;
        assert_eq!(answer.status, 403, "{address}");
        assert!(!answer.text.contains(&known.trace_id.to_string()));
    }
    assert_eq!(site.post_as(&cookie, "/find", "q=7KQ4-M2PX").await.status, 403);
    assert!(site.witness.deeds().contains(&Event::KeptOut));
}

#[tokio::test]
async fn without_an_audit_no_call_is_shown() {
    let site = Site::start(Auth::Off).await;
    let known = call("lakeshore", 5, 60);
    site.insert(std::slice::from_ref(&known)).await;
    site.witness.broken.store(true, Ordering::SeqCst);
    for address in [
        "/calls".to_owned(),
        format!("/calls/{}", known.id),
        format!("/code/{}", known.support_code),
    ] {
        assert_eq!(site.get(&address).await.status, 503, "{address}");
    }
    assert_eq!(site.get("/").await.status, 200, "figures are nobody's");
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let site = Site::start(Auth::Sessions).await;
    site.link("link-0123456789abcdef", Role::Admin).await;
    let request = Request::post("/sign-in/link-0123456789abcdef")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example");
    let answer = site.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 403);
    assert_eq!(site.post_as("", "/sign-in/link-0123456789abcdef", "").await.status, 303);
}

#[tokio::test]
async fn a_form_of_another_session_changes_nothing() {
    let site = Site::start(Auth::Sessions).await;
    let (mine, other) = (site.sign_in(Role::Admin).await, site.sign_in(Role::Support).await);
    let secret = |cookie: &str| cookie.strip_prefix("__Host-accuscope=").unwrap().to_owned();
    let post = async |form: String| {
        let request = Request::post("/writes")
            .header("cookie", &mine)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        site.send_as_it_is(request.body(Body::from(form)).unwrap()).await
    };
    let (own, strange) = (token_of(&secret(&mine)), token_of(&secret(&other)));
    for form in [String::new(), "csrf-token=".to_owned(), format!("csrf-token={strange}")] {
        let answer = post(format!("{form}&writes=off&sure=yes")).await;
        assert_eq!(answer.status, 403, "{form}");
        assert!(answer.text.contains("That form is from before you signed in"), "{}", answer.text);
    }
    assert!(site.state.read_only.cause(now()).is_none(), "nothing was switched");
    let answer = post(format!("csrf-token={own}&writes=off")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    // Every form that changes something has it, and no page shows it otherwise.
    for address in ["/", "/people", "/me", "/writes", "/settings/clinics/new", "/find", "/nope"] {
        let page = site.get_as(&mine, address).await.text;
        let forms = page.matches("method=\"post\"").count();
        let field = format!("<input type=\"hidden\" name=\"csrf-token\" value=\"{own}\">");
        assert!(forms > 0, "{address}");
        assert_eq!((page.matches(&field).count(), page.matches(&own).count()), (forms, forms));
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_and_only_files_are_kept() {
    let site = Site::start(Auth::Off).await;
    let page = site.get("/runbooks").await;
    let style = page.text.split("href=\"/static/").nth(1).unwrap().split('"').next().unwrap();
    for (address, kept) in [
        ("/runbooks".to_owned(), false),
        ("/nope".to_owned(), false),
        (format!("/static/{style}"), true),
    ] {
        let answer = site.get(&address).await;
        let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("cache-control").contains("immutable"), kept, "{address}");
        assert!(kept || header("cache-control") == "no-store", "{address}");
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'")
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
    }
}

#[tokio::test]
async fn clock_and_look_are_kept_without_script() {
    let site = Site::start(Auth::Off).await;
    let utc = site.get("/runbooks?tz=utc").await;
    assert!(utc.text.contains("Times: UTC."));
    assert_eq!(utc.cookie(), "tz=utc");
    assert!(site.get_as("tz=utc", "/runbooks").await.text.contains("Times: UTC."));
    let dark = site.post_as("", "/preferences", "theme=dark&back=%2Fclinics").await;
    assert_eq!((dark.cookie().as_str(), dark.location()), ("theme=dark", "/clinics"));
    assert!(site.get_as("theme=dark", "/runbooks").await.text.contains("data-theme=\"dark\""));
}

#[tokio::test]
async fn an_open_page_hears_of_new_calls_and_lets_go_at_shutdown() {
    let site = Site::start(Auth::Off).await;
    site.insert(&[call("lakeshore", 5, 60)]).await;
    let request = Request::get("/live").body(Body::empty()).unwrap();
    let response = site.open(request).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    let mut number = 6;
    // The looker has to have seen the state before; more calls come until it has.
    let heard = loop {
        site.insert(&[call("lakeshore", number, 59 - i64::try_from(number).unwrap())]).await;
        number += 1;
        let frame = http_body_util::BodyExt::frame(&mut body);
        match tokio::time::timeout(Duration::from_secs(3), frame).await {
            Ok(frame) => break frame.unwrap().unwrap().into_data().unwrap(),
            Err(_) => assert!(number < 20, "nothing was heard"),
        }
    };
    assert!(String::from_utf8_lossy(&heard).contains("event: changed"), "{heard:?}");
    site.state.shutdown.cancel();
    let end = async { while http_body_util::BodyExt::frame(&mut body).await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(5), end).await.unwrap();
}

#[tokio::test]
async fn without_sign_in_a_name_that_points_here_reaches_nothing() {
    let site = Site::start(Auth::Off).await;
    let asks = async |host: &str, address: &str| {
        let request = Request::get(address).header("host", host);
        site.send(request.body(Body::empty()).unwrap()).await
    };
    for address in ["/", "/clinics", "/static/none.css", "/live", "/api/v1/clinics", "/api/v1/"] {
        let answer = asks("evil.example:8081", address).await;
        assert_eq!(answer.status, 421, "{address}");
        assert!(answer.text.contains("only as 127.0.0.1") && !answer.text.contains("evil"));
    }
    for host in ["127.0.0.1:8081", "localhost", "[::1]:8081"] {
        assert_eq!(asks(host, "/clinics").await.status, 200, "{host}");
        assert_eq!(asks(host, "/api/v1/clinics").await.status, 200, "{host}");
    }
    let signed = Site::start(Auth::Sessions).await;
    let request = Request::get("/sign-in").header("host", "ops.example");
    let answer = signed.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200, "where people sign in, any name will do");
}

#[tokio::test]
async fn an_address_keeps_no_parameter_that_the_site_does_not_know() {
    let site = Site::start(Auth::Off).await;
    for (asked, plain) in [
        ("/?chart=9123456780", "/"),
        ("/clinics?phase=pilot&q=Tremblay&tz=utc", "/clinics?phase=pilot&tz=utc"),
        ("/incidents?", "/incidents"),
        ("/d/x?lang=fr&name=Zoe", "/d/x?lang=fr"),
        ("/people?name=zoe", "/people"),
        ("/runbooks?tz=Tremblay", "/runbooks"),
        ("/nowhere?phn=9123456780", "/nowhere"),
        ("/calls?patient=8812&outcome=failed", "/calls?outcome=failed"),
    ] {
        let answer = site.get(asked).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (301, plain), "{asked}");
        assert!(answer.text.is_empty(), "{asked}");
    }
    for kept in ["/clinics?phase=pilot", "/runbooks?tz=utc", "/clinics"] {
        assert_eq!(site.get(kept).await.status, 200, "{kept}");
    }
}

#[tokio::test]
async fn writes_go_off_by_the_second_press_and_on_by_the_first() {
    let site = Site::start(Auth::Off).await;
    let asked = site.post_as("", "/writes", "writes=off").await;
    assert_eq!(asked.status, 200);
    assert!(asked.text.contains("Switch writes off for every clinic?"), "{}", asked.text);
    assert!(!site.state.read_only.switch().is_on && site.witness.deeds().is_empty());
    let done = site.post_as("", "/writes", "sure=yes&writes=off").await;
    assert_eq!((done.status.as_u16(), done.location()), (303, "/writes"));
    assert!(site.state.read_only.switch().is_on);
    assert_eq!(site.post_as("", "/writes", "writes=on").await.status, 303);
    assert!(!site.state.read_only.switch().is_on);
    assert_eq!(site.witness.deeds(), [Event::ReadOnlyOn, Event::ReadOnlyOff]);
}

#[tokio::test]
async fn a_flood_of_wrong_tokens_and_links_fills_no_audit_and_shuts_nobody_out() {
    let site = Site::start(Auth::Sessions).await;
    let mut told_to_wait = 0;
    for number in 0..200 {
        let by_token = site.post_as("", "/sign-in", &format!("token=wrong-{number}")).await;
        let by_link = site.post_as("", "/sign-in/0123456789abcdef", "").await;
        for (answer, refused) in [(by_token, 422), (by_link, 410)] {
            match answer.status.as_u16() {
                429 => {
                    told_to_wait += 1;
                    assert!(answer.headers.contains_key("retry-after"));
                }
                status => assert_eq!(status, refused),
            }
        }
    }
    assert_eq!(told_to_wait, 370, "400 tries, of which 30 may come at once");
    assert_eq!(site.witness.deeds(), [Event::SignInRefused; 30]);
    let cookie = site.sign_in(Role::Support).await;
    assert_eq!(site.get_as(&cookie, "/clinics").await.status, 200, "what works goes on working");
}

#[tokio::test]
async fn a_choice_is_kept_over_secure_connections_only() {
    let site = Site::start(Auth::Sessions).await;
    let chosen = site.post_as("", "/preferences", "theme=dark&lang=fr&back=/").await;
    let clock = site.get("/sign-in?tz=utc").await;
    let set = [&chosen, &clock].map(|answer| answer.headers.get_all("set-cookie"));
    let cookies: Vec<&str> = set.iter().flatten().map(|one| one.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 3, "{cookies:?}");
    for cookie in cookies {
        assert!(cookie.contains("Secure") && cookie.contains("HttpOnly"), "{cookie}");
    }
}

#[tokio::test]
async fn a_form_without_its_fields_is_told_so() {
    let site = Site::start(Auth::Sessions).await;
    let nothing = site.post_as("", "/preferences", "").await;
    assert_eq!((nothing.status.as_u16(), nothing.location()), (303, "/"));
    let twice = site.post_as("", "/preferences", "back=/&back=/").await;
    assert_eq!(twice.status, 422);
    assert!(twice.text.contains("That form was not complete"), "{}", twice.text);
    let admin = site.sign_in(Role::Admin).await;
    for form in ["", "writes=Tremblay", "writes=off&writes=off"] {
        let answer = site.post_as(&admin, "/writes", form).await;
        assert_eq!(answer.status, 422, "{form}");
        assert!(answer.text.contains("That form was not complete"), "{}", answer.text);
        assert!(!answer.text.contains("Tremblay"), "what was sent is not given back");
    }
    let alert = "/incidents/by-alert?alertname=a&alertname=Tremblay";
    let answer = site.get_as(&admin, alert).await;
    assert!(answer.status.is_redirection() && !answer.text.contains("Tremblay"), "{}", answer.text);
}
