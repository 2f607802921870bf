//! The first admin, the command about people, and who looks up too much: on the program itself.

use accuscope::domain::audit::Event;

use crate::support::audit::audit;
use crate::support::child::Program;
use crate::support::client::Answer;
use crate::support::{Client, RawUpstream, until};

const PASSPHRASE: &str = "heron+moss+lamp+kettle";
const LOCAL: [(&str, &str); 1] = [("ops.auth", "\"local\"")];

async fn program() -> Program {
    let upstream = RawUpstream::always(crate::support::upstream::OK).await;
    Program::start(&upstream.url(), &LOCAL).await
}

async fn ask(program: &Program, head: &str, body: &str) -> Answer {
    let mut client = Client::connect(program.ops).await;
    let length = body.len();
    let request =
        format!("{head}Host: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    client.send(request).await;
    client.answer().await
}

async fn post(program: &Program, path: &str, form: &str) -> Answer {
    let form_type = "Content-Type: application/x-www-form-urlencoded";
    ask(program, &format!("POST {path} HTTP/1.1\r\n{form_type}\r\n"), form).await
}

/// The path of the link in a text.
fn link(text: &str) -> Option<String> {
    let at = text.find("/sign-in/")?;
    text[at..].split_whitespace().next().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admin_comes_in_by_the_link_of_the_start_and_the_last_one_stays() {
    let program = program().await;
    let first = until("the first link", || async { link(&program.log()) }).await;
    let chosen = format!("name=zoe&passphrase={PASSPHRASE}&again={PASSPHRASE}");
    let begun = post(&program, &first, &chosen).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let cookie = begun.values("set-cookie")[0].split(';').next().unwrap().to_owned();
    let people = ask(&program, &format!("GET /people HTTP/1.1\r\nCookie: {cookie}\r\n"), "").await;
    assert_eq!(people.status, 200, "{}", people.text());
    assert_eq!(post(&program, &first, &chosen).await.status, 410, "the link works once");

    let (added, said) = program.command(&["user", "add", "sam", "--role", "support"]);
    assert!(added, "{said}");
    let chosen = format!("passphrase={PASSPHRASE}&again={PASSPHRASE}");
    assert_eq!(post(&program, &link(&said).unwrap(), &chosen).await.status, 303);
    let sign_in = format!("name=sam&passphrase={PASSPHRASE}");
    assert_eq!(post(&program, "/sign-in", &sign_in).await.status, 303);
    let (_, listed) = program.command(&["user", "list"]);
    assert!(listed.contains("zoe") && listed.contains("sam"), "{listed}");
    assert!(program.command(&["user", "disable", "sam"]).0);
    assert_eq!(post(&program, "/sign-in", &sign_in).await.status, 422);
    let (done, said) = program.command(&["user", "disable", "zoe"]);
    assert!(!done && said.contains("the last admin"), "{said}");

    let journal = program.folder().join("journal");
    until("everything in the audit", || async {
        let records = audit(&journal);
        let kept = |event| {
            records
                .iter()
                .any(|record| record.entry.detail.is_some_and(|detail| detail.event == event))
        };
        let events = [
            Event::FirstLinkMade,
            Event::PassphraseSet,
            Event::AccountAdded,
            Event::MadeSupport,
            Event::AccountDisabled,
            Event::NotDone,
            Event::SignInRefused,
        ];
        events.into_iter().all(kept).then_some(())
    })
    .await;
    let log = program.log();
    assert!(!log.contains("heron") && log.matches("/sign-in/").count() == 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_instance_prints_no_link_of_its_own_and_says_where_the_first_one_is() {
    let one = program().await;
    let first = until("the first link", || async { link(&one.log()) }).await;
    let store = format!("\"sqlite:{}\"", one.folder().join("store.db").display());
    let upstream = RawUpstream::always(crate::support::upstream::OK).await;
    let both = [LOCAL[0], ("store.url", store.as_str())];
    let other = Program::start(&upstream.url(), &both).await;
    let said = until("its words", || async {
        other.log().lines().find(|line| line.contains("nobody can sign in yet")).map(str::to_owned)
    })
    .await;
    let instance = std::fs::read_to_string(one.folder().join("journal/instance")).unwrap();
    assert!(said.contains(&format!("printed by the instance {} at 20", instance.trim())), "{said}");
    assert!(!other.log().contains("/sign-in/"), "{said}");
    // The link that was printed works, at whichever of them.
    let chosen = format!("name=zoe&passphrase={PASSPHRASE}&again={PASSPHRASE}");
    assert_eq!(post(&other, &first, &chosen).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_looks_up_many_patients_is_counted_without_a_name() {
    let program = program().await;
    let (made, said) =
        program.command(&["token", "create", "--role", "support", "--name", "zoe.tremblay"]);
    assert!(made, "{said}");
    let token = said.split_whitespace().find(|word| word.len() > 30).unwrap();
    let head = format!(
        "POST /api/v1/references HTTP/1.1\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n"
    );
    let look_up = async |patient: u8| {
        let body = format!(
            "{{\"kind\":\"patient\",\"clinic\":\"maple-ridge\",\"identifier\":\"{patient}\"}}"
        );
        ask(&program, &head, &body).await
    };
    // Serving begins before the store is reached.
    until("the store", || async { (look_up(0).await.status == 200).then_some(()) }).await;
    for patient in 1..30 {
        let answer = look_up(patient).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let metrics = until("the metric", || async {
        let (_, text) = program.page("/metrics").await;
        text.contains("accuscope_unusual_access_accounts 1").then_some(text)
    })
    .await;
    assert!(!metrics.contains("tremblay"), "nobody is named");
}
