//! "The screen said something in English that nobody here could do anything with."

use crate::launch::{Place, digest};
use crate::support::Client;

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_in_the_reader_s_language_with_what_to_do_and_a_code() {
    let place = Place::new("http://127.0.0.1:9");
    let app = format!("[[apps]]\nid = \"a\"\nname = \"A\"\nkey_sha256 = \"{}\"\n", digest("k"));
    place.write("", &app);
    let serving = place.serve().await;
    for (header, language, words) in [
        (
            "",
            "en",
            "Please tell the people who support the app. If you ask for help, give this code:",
        ),
        ("accept-language: de\r\n", "en", "Please tell"),
        (
            "accept-language: fr-CA, en;q=0.8\r\n",
            "fr",
            "Avisez les gens qui s'occupent de l'appli. Si vous demandez de l'aide, donnez ce code :",
        ),
        ("accept-language: en\r\naccept-language: fr;q=0.5\r\n", "en", "Please tell"),
    ] {
        let mut client = Client::connect(serving.proxy).await;
        client.send(format!("GET /a HTTP/1.1\r\nhost: p\r\n{header}\r\n")).await;
        let answer = client.answer().await;
        let problem = answer.is_problem(403);
        assert_eq!(answer.header("content-language"), Some(language), "{header}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{detail}");
        assert!(detail.ends_with(&answer.support_code()), "{detail}");
    }
}
