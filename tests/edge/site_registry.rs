//! "I made a key on the site. Does it work now, everywhere, and still tomorrow?"

use std::net::SocketAddr;

use crate::launch::{CEDAR, MAPLE, Place, Serving, digest};
use crate::support::app::page;
use crate::support::upstream::OK;
use crate::support::{Client, RawUpstream, until};

fn clinic(id: &str, tenant: &str) -> String {
    format!("[[clinics]]\nid = \"{id}\"\nname = \"{id}\"\ntenant = \"{tenant}\"\n")
}

async fn post(ops: SocketAddr, path: &str, form: &str) -> (u16, String) {
    let mut client = Client::connect(ops).await;
    let length = form.len();
    client
        .send(format!(
            "POST {path} HTTP/1.1\r\nhost: {ops}\r\nsec-fetch-site: same-origin\r\ncontent-length: {length}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n{form}"
        ))
        .await;
    let answer = client.answer().await;
    (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
}

const WEB: &str = "act=add&id=web&name=Web&clinics=";

/// Makes a key on the site: the key itself.
async fn make_key(ops: SocketAddr, app: &str, id: &str) -> String {
    let form = format!("act=make&app={app}&key-id={id}&sure=yes");
    let (status, text) = post(ops, "/settings/keys", &form).await;
    assert_eq!(status, 200, "{text}");
    let at = text.find(">ack_").unwrap() + 1;
    text[at..].split('<').next().unwrap().to_owned()
}

async fn status(serving: &Serving, key: &str) -> u16 {
    serving.call("/a", &format!("accuscope-app-key: {key}\r\n")).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_site_opens_and_closes_the_door_at_every_instance_at_once() {
    let upstream = RawUpstream::always(OK).await;
    let (one, other) = (Place::new(&upstream.url()), Place::new(&upstream.url()));
    one.write("", &clinic("maple-ridge", MAPLE));
    let store = format!("store.url = \"sqlite:{}\"", one.path("store.db").display());
    other.write(&store, &clinic("maple-ridge", MAPLE));
    let (first, second) = (one.serve().await, other.serve().await);
    until("the store", || async {
        (page(first.ops, "/settings/apps").await.0 == 200).then_some(())
    })
    .await;
    assert_eq!(status(&first, "none").await, 200, "no app has a key");
    assert_eq!(post(first.ops, "/settings/apps", WEB).await.0, 303);
    let unsure = post(first.ops, "/settings/keys", "act=make&app=web&key-id=old").await;
    assert_eq!(unsure.0, 422, "the first key shuts everybody out who has none: {}", unsure.1);
    let old = make_key(first.ops, "web", "old").await;
    assert_eq!((status(&first, &old).await, status(&first, "none").await), (200, 403));
    let new = make_key(first.ops, "web", "new").await;
    until("the other instance", || async { (status(&second, "none").await == 403).then_some(()) })
        .await;
    until("its second key", || async { (status(&second, &new).await == 200).then_some(()) }).await;
    assert_eq!(status(&second, &old).await, 200);

    assert_eq!(post(second.ops, "/settings/keys", "act=revoke&app=web&id=old").await.0, 303);
    assert_eq!((status(&second, &old).await, status(&second, &new).await), (403, 200));
    until("the first instance", || async { (status(&first, &old).await == 403).then_some(()) })
        .await;
    assert_eq!(status(&first, &new).await, 200);
    let (_, shown) = page(first.ops, "/settings/apps/web").await;
    for words in ["Revoked", "Valid", "just now", "Here"] {
        assert!(shown.contains(words), "{words} is not in {shown}");
    }
    assert!(!shown.contains(&new) && !shown.contains(&digest(&new)), "shown once");
    for file in ["store.db", "store.db-wal", "journal/registry.json", "log"] {
        let bytes = std::fs::read(one.path(file)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains(&new), "{file} holds the key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_site_keeps_is_in_force_at_a_start_without_the_store_and_comes_back_to_a_new_one()
{
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    place.write("", "");
    let mut serving = place.serve().await;
    until("the store", || async {
        (page(serving.ops, "/settings/apps").await.0 == 200).then_some(())
    })
    .await;
    assert_eq!(post(serving.ops, "/settings/apps", WEB).await.0, 303);
    let key = make_key(serving.ops, "web", "2026-11").await;
    assert_eq!(serving.terminate().await, 0);

    let away = place.path("away/store.db");
    place.write(&format!("store.url = \"sqlite:{}\"", away.display()), "");
    let mut serving = place.serve().await;
    assert_eq!((status(&serving, &key).await, status(&serving, "none").await), (200, 403));
    std::fs::create_dir(place.path("away")).unwrap();
    until("the new store", || async {
        let (code, text) = page(serving.ops, "/settings/apps/web").await;
        (code == 200 && text.contains("2026-11")).then_some(())
    })
    .await;
    serving.logged("it was given them back", 1).await;
    assert_eq!(status(&serving, &key).await, 200);
    assert_eq!(serving.terminate().await, 0);
    // A door beyond this machine is open to nobody without a key, wherever the key is from.
    let beyond = format!("proxy.listen = \"0.0.0.0:0\"\nstore.url = \"sqlite:{}\"", away.display());
    place.write(&beyond, "");
    let (exit, _, error) = place.run("check");
    assert_ne!(exit, 2, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_wins_and_what_contradicts_it_is_named() {
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    place.write("", &clinic("maple-ridge", MAPLE));
    let serving = place.serve().await;
    until("the store", || async {
        (page(serving.ops, "/settings/clinics").await.0 == 200).then_some(())
    })
    .await;
    let form = format!(
        "act=add&id=cedar-hill&name=Kept+Here&tenant={CEDAR}&timezone=America%2FVancouver&phase=live"
    );
    let taken =
        post(serving.ops, "/settings/clinics", &form.replace("cedar-hill", "maple-ridge")).await;
    assert_eq!(taken.0, 422);
    assert!(taken.1.contains("the settings file has an entry of that id"), "{}", taken.1);
    assert_eq!(post(serving.ops, "/settings/clinics", &form).await.0, 303);
    let (_, clinics) = page(serving.ops, "/clinics").await;
    assert!(clinics.contains("Kept Here"), "in force at once");
    serving.call(&format!("/a?uuid={CEDAR}"), "").await;
    assert!(serving.metric("accuscope_unknown_clinic_calls_total").await < 0.5, "it is known");
    // The file gets a clinic of the same tenant: its own counts, the other one is told.
    place.write("", &(clinic("maple-ridge", MAPLE) + &clinic("cedar-north", CEDAR)));
    serving.hang_up().await;
    until("the file's clinic", || async {
        let (_, clinics) = page(serving.ops, "/clinics").await;
        (clinics.contains("cedar-north") && !clinics.contains("Kept Here")).then_some(())
    })
    .await;
    let (_, told) = page(serving.ops, "/settings/clinics").await;
    assert!(told.contains("the clinics cedar-north and cedar-hill have the same tenant"), "{told}");
    // The file lets go of it again.
    place.write("", &clinic("maple-ridge", MAPLE));
    serving.hang_up().await;
    until("the site's clinic", || async {
        page(serving.ops, "/clinics").await.1.contains("Kept Here").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_file_is_revoked_on_the_site_and_stays_so() {
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    let app = format!(
        "[[apps]]\nid = \"intake\"\nname = \"Intake\"\nkeys = [{{ id = \"leaked\", sha256 = \"{}\" }}]\n",
        digest("leaked")
    );
    place.write("", &app);
    let serving = place.serve().await;
    until("the store", || async {
        (page(serving.ops, "/settings/apps").await.0 == 200).then_some(())
    })
    .await;
    assert_eq!(status(&serving, "leaked").await, 200);
    assert_eq!(post(serving.ops, "/settings/keys", "act=revoke&app=intake&id=leaked").await.0, 303);
    assert_eq!(status(&serving, "leaked").await, 403);
    let fresh = make_key(serving.ops, "intake", "fresh").await;
    assert_eq!(status(&serving, &fresh).await, 200, "an app of the file gets a key here as well");
    place.write("", &(app + "clinics = []\n"));
    serving.hang_up().await;
    assert_eq!((status(&serving, "leaked").await, status(&serving, &fresh).await), (403, 200));
}
