//! A browser at the provider: follows where it is sent and carries cookies, until it is sent away.

use std::collections::BTreeMap;

/// A client that follows nothing by itself.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let redirects = reqwest::redirect::Policy::none();
    reqwest::Client::builder().redirect(redirects).no_proxy().build().unwrap()
}

/// Goes to an address of the provider and on from there; gives the first address that is not its own.
pub(crate) async fn walk(issuer: &str, address: &str) -> String {
    let client = client();
    let (mut address, mut jar) = (address.to_owned(), BTreeMap::<String, String>::new());
    for _ in 0..20 {
        let cookies: Vec<String> =
            jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let asked = client.get(&address).header("cookie", cookies.join("; "));
        let answer = asked.send().await.unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            jar.insert(name.to_owned(), value.to_owned());
        }
        let Some(to) = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned())
        else {
            let status = answer.status();
            panic!("{address} leads nowhere: {status} {}", answer.text().await.unwrap());
        };
        address = if to.starts_with('/') { format!("{issuer}{to}") } else { to };
        if !address.starts_with(issuer) {
            return address;
        }
    }
    panic!("it goes in circles")
}
