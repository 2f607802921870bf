//! The second factor: set up, asked for, counted once, slowed down, lost, and taken away.

use std::sync::Arc;
use std::time::Duration;

use accuscope::clock::Clock;
use accuscope::domain::audit::Event;
use accuscope::domain::names::{AccountId, KeyId};
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;
use accuscope::keys::Keyring;
use accuscope::ops::Auth;
use accuscope::store::{SecretDigest, SignInLink};
use data_encoding::BASE32_NOPAD;

use crate::support::{Answer, Site, now};

const PASSPHRASE: &str = "heron moss lamp kettle";

/// An authenticator app.
struct App(Vec<u8>);

impl App {
    /// Types the secret from the page.
    fn of(page: &Answer) -> Self {
        let (_, after) = page.text.split_once("<code class=\"pick\">").unwrap();
        let (spelled, _) = after.split_once('<').unwrap();
        Self(BASE32_NOPAD.decode(spelled.replace(' ', "").as_bytes()).unwrap())
    }

    /// RFC 6238, written down once more, so that the site's own code does not check itself.
    fn code(&self, at: Timestamp) -> String {
        use hmac::{KeyInit as _, Mac as _};
        let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(&self.0).unwrap();
        mac.update(&(at.seconds() / 30).to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let at = usize::from(digest[19] & 15);
        let word = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", word % 1_000_000)
    }
}

struct Desk {
    site: Site,
    clock: Clock,
    cookie: String,
}

async fn account(site: &Site, number: u32, name: &str, role: Role) -> String {
    let id = AccountId::parse(name).unwrap();
    let all = accuscope::domain::clinic_scope::ClinicScope::all();
    site.store.add_account(number, &id, role, &all, now()).await.unwrap();
    let code = format!("link-for-tests-{name}");
    let link = SignInLink::for_passphrase(&id, role, now());
    site.store.create_sign_in_link(SecretDigest::of(code.as_bytes()), &link, now()).await.unwrap();
    let form = format!("passphrase={PASSPHRASE}&again={PASSPHRASE}");
    site.post_as("", &format!("/sign-in/{code}"), &form).await.cookie()
}

async fn desk() -> Desk {
    let keys = Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32]);
    let site = Site::start_with_keys(Auth::Sessions, Arc::new(keys)).await;
    let cookie = account(&site, 1, "zoe", Role::Admin).await;
    Desk { clock: site.state.clock.clone(), site, cookie }
}

impl Desk {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn later(&self, seconds: u64) {
        self.clock.set(self.now().plus(Duration::from_secs(seconds)));
    }

    async fn begin(&self) -> Answer {
        let form = format!("current={PASSPHRASE}");
        self.site.post_as(&self.cookie, "/me/second-factor", &form).await
    }

    async fn confirm(&self, page: &Answer, code: &str) -> Answer {
        let (_, after) = page.text.split_once("name=\"sealed\" value=\"").unwrap();
        let (sealed, _) = after.split_once('"').unwrap();
        let form = format!("sealed={sealed}&code={code}");
        self.site.post_as(&self.cookie, "/me/second-factor/confirm", &form).await
    }

    /// Sets the factor up; gives the app and the recovery codes.
    async fn set_up(&self) -> (App, Vec<String>) {
        let page = self.begin().await;
        assert_eq!(page.status, 200, "{}", page.text);
        let app = App::of(&page);
        let done = self.confirm(&page, &app.code(self.now())).await;
        assert_eq!(done.status, 200, "{}", done.text);
        let codes = done.text.split("<li><code>").skip(1);
        let codes = codes.map(|text| text.split('<').next().unwrap().to_owned()).collect();
        (app, codes)
    }

    async fn sign_in(&self, code: &str) -> u16 {
        let form = format!("name=zoe&passphrase={PASSPHRASE}&code={code}");
        self.site.post_as("", "/sign-in", &form).await.status.as_u16()
    }
}

#[tokio::test]
async fn a_code_is_asked_for_and_counts_once() {
    let desk = desk().await;
    let (app, codes) = desk.set_up().await;
    assert_eq!(codes.len(), 10);
    assert_eq!(desk.sign_in("").await, 422, "the passphrase alone opens nothing");
    let code = app.code(desk.now());
    assert_eq!(desk.sign_in(&code).await, 422, "the code that proved the app is used up");
    desk.later(60);
    let code = app.code(desk.now());
    assert_eq!(desk.sign_in(&code).await, 303);
    assert_eq!(desk.sign_in(&code).await, 422, "the same code again");
    desk.later(30);
    assert_eq!(desk.sign_in(&code).await, 422, "within its leeway, and yet used");
    assert_eq!(desk.sign_in(&app.code(desk.now())).await, 303);
    let me = desk.site.get_as(&desk.cookie, "/me").await;
    assert!(me.text.contains("Recovery codes left: 10"), "{}", me.text);
}

#[tokio::test]
async fn a_recovery_code_opens_once() {
    let desk = desk().await;
    let (_, codes) = desk.set_up().await;
    assert_eq!(desk.sign_in(&codes[3]).await, 303);
    assert_eq!(desk.sign_in(&codes[3]).await, 422);
    assert_eq!(desk.sign_in(&codes[4].to_uppercase().replace('-', "+")).await, 303);
    let zoe = AccountId::parse("zoe").unwrap();
    assert_eq!(desk.site.store.recovery_codes_left(&zoe).await.unwrap(), 8);
}

#[tokio::test]
async fn a_code_is_not_used_up_where_the_store_went_away() {
    let desk = desk().await;
    let (app, codes) = desk.set_up().await;
    desk.later(60);
    let code = app.code(desk.now());
    desk.site.shut_sessions(true).await;
    // More often than somebody may be wrong.
    for _ in 0..6 {
        assert_eq!(desk.sign_in(&code).await, 503);
        assert_eq!(desk.sign_in(&codes[0]).await, 503);
    }
    desk.site.shut_sessions(false).await;
    assert_eq!(desk.sign_in(&code).await, 303);
    assert_eq!(desk.sign_in(&codes[0]).await, 303);
    assert_eq!(desk.sign_in(&codes[0]).await, 422, "once it has let somebody in, it is spent");
}

#[tokio::test]
async fn guessing_codes_is_slowed_like_guessing_passphrases() {
    let desk = desk().await;
    desk.set_up().await;
    let mut answers = Vec::new();
    for number in 0..8 {
        answers.push(desk.sign_in(&format!("00000{number}")).await);
    }
    assert!(answers.contains(&422) && answers.last() == Some(&429), "{answers:?}");
}

#[tokio::test]
async fn nothing_is_set_up_without_the_passphrase_and_a_code_of_the_moment() {
    let desk = desk().await;
    let wrong =
        desk.site.post_as(&desk.cookie, "/me/second-factor", "current=something+else").await;
    assert_eq!(wrong.status, 422);
    assert!(!wrong.text.contains("class=\"qr\""));
    let page = desk.begin().await;
    assert!(page.text.contains("class=\"qr\"") && page.text.contains("inputmode=\"numeric\""));
    let again = desk.confirm(&page, "000000").await;
    assert_eq!(again.status, 422);
    assert!(again.text.contains("not the code of this moment"), "{}", again.text);
    assert_eq!(desk.sign_in("").await, 303, "nothing is asked before it is proved");
    // Another account cannot make the secret its own.
    let (_, after) = page.text.split_once("name=\"sealed\" value=\"").unwrap();
    let (sealed, _) = after.split_once('"').unwrap();
    let ada = account(&desk.site, 2, "ada", Role::Support).await;
    let form = format!("sealed={sealed}&code={}", App::of(&page).code(desk.now()));
    let taken = desk.site.post_as(&ada, "/me/second-factor/confirm", &form).await;
    assert_eq!(taken.status, 404);
    let zoe = AccountId::parse("zoe").unwrap();
    let (app, _) = desk.set_up().await;
    let kept = desk.site.store.second_factor(&zoe).await.unwrap().unwrap();
    let kept = kept.sealed;
    assert!(!kept.contains(&BASE32_NOPAD.encode(&app.0)) && kept.starts_with("k1."), "{kept}");
}

#[tokio::test]
async fn a_lost_one_is_taken_away_by_its_owner_or_by_an_admin() {
    let desk = desk().await;
    let (app, codes) = desk.set_up().await;
    let people = desk.site.get_as(&desk.cookie, "/people").await.text;
    assert!(people.contains("With a second factor"), "{people}");
    let form = "act=second_factor&name=zoe&version=1";
    assert_eq!(desk.site.post_as(&desk.cookie, "/people", form).await.status, 200);
    assert_eq!(desk.site.get_as(&desk.cookie, "/me").await.status, 303, "its sessions have ended");
    assert_eq!(desk.sign_in("").await, 303);
    let zoe = AccountId::parse("zoe").unwrap();
    assert_eq!(desk.site.store.recovery_codes_left(&zoe).await.unwrap(), 0);
    desk.later(60);
    assert_eq!(
        desk.sign_in(&app.code(desk.now())).await,
        303,
        "what is typed without need is ignored"
    );
    drop(codes);
    let form = format!("name=zoe&passphrase={PASSPHRASE}");
    let cookie = desk.site.post_as("", "/sign-in", &form).await.cookie();
    let desk = Desk { cookie, ..desk };
    desk.set_up().await;
    let form = format!("current={PASSPHRASE}");
    let removed = desk.site.post_as(&desk.cookie, "/me/second-factor/remove", &form).await;
    assert_eq!((removed.status.as_u16(), removed.location()), (303, "/me"));
    assert_eq!(desk.sign_in("").await, 303);
    let deeds = desk.site.witness.deeds();
    for deed in [Event::SecondFactorSet, Event::SecondFactorReset, Event::SecondFactorRemoved] {
        assert!(deeds.contains(&deed), "{deed}");
    }
}
