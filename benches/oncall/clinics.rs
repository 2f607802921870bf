//! Clinics at work: a few people each, who look up a patient now and then.
//!
//! Owns their names and their pace: three calls in two seconds a clinic.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinSet;

/// How many.
pub(crate) const CLINICS: usize = 6;
/// People at each.
const PEOPLE: usize = 6;
/// Between two calls of a person.
const PAUSE: Duration = Duration::from_secs(4);
/// The end of the token of somebody whose sign-in ended.
pub(crate) const BAD_CALLER: &str = "-0-0";

/// The uuid that Accuro knows a clinic by.
pub(crate) fn tenant(clinic: usize) -> String {
    uuid::Uuid::from_u128(0x1000 + clinic as u128).to_string()
}

/// The clinics' part of the settings.
pub(crate) fn settings() -> String {
    let mut text = String::new();
    for clinic in 0..CLINICS {
        let tenant = tenant(clinic);
        writeln!(
            text,
            "[[clinics]]\nid = \"clinic-{clinic}\"\nname = \"Clinic {clinic}\"\ntenant = \"{tenant}\"\n"
        )
        .unwrap();
    }
    text
}

/// Everybody at work, until dropped.
pub(crate) fn work(proxy: SocketAddr) -> JoinSet<()> {
    let mut people = JoinSet::new();
    let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
    for clinic in 0..CLINICS {
        for person in 0..PEOPLE {
            let client = client.clone();
            let place = u32::try_from(clinic * PEOPLE + person).unwrap();
            let everybody = u32::try_from(CLINICS * PEOPLE).unwrap();
            let patient = 1_000 + clinic * 100 + person;
            let address = format!(
                "http://{proxy}/rest/v1/provider-portal/patients/{patient}?uuid={}",
                tenant(clinic)
            );
            people.spawn(async move {
                // Not all at the same moment.
                tokio::time::sleep(PAUSE * place / everybody).await;
                let mut beat = tokio::time::interval(PAUSE);
                loop {
                    beat.tick().await;
                    let call = client
                        .get(&address)
                        .bearer_auth(format!("token-{clinic}-{person}"))
                        .header("Accuscope-Actor", format!("person-{clinic}-{person}"));
                    // What fails is the fault's; the next call comes all the same.
                    drop(call.send().await);
                }
            });
        }
    }
    people
}
