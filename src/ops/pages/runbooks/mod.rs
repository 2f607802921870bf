//! Runbooks: what to do about each alert, from the files beside the alerts.
//!
//! Owns the list and the page. The texts are Markdown in `alerts/runbooks`, compiled in; see
//! [`markdown`] for what of it is drawn. [`metrics`] lists what the alerts are made of,
//! [`rules`] which alert looks at which metric.

mod markdown;
pub(crate) mod metrics;
mod rules;

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};

use crate::domain::alert::tie;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::words::language::{Language, said};
use crate::ops::words::{self, alerts};

/// Every runbook: the alert's name and the text.
const RUNBOOKS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/runbooks.rs"));

/// The address of an alert's runbook, if there is one.
pub(crate) fn address(alert: &str) -> Option<String> {
    RUNBOOKS.iter().any(|(name, _)| *name == alert).then(|| format!("/runbooks/{alert}"))
}

/// The text of an alert's runbook.
pub(crate) fn text(alert: &str) -> Option<&'static str> {
    RUNBOOKS.iter().find(|(name, _)| *name == alert).map(|(_, text)| *text)
}

/// The page with the list.
pub(crate) async fn page(visit: Visit) -> Response {
    match visit.admit(Permission::Runbooks).await {
        Ok(()) => {
            let frame = visit.frame(Freshness::Unasked);
            visit.show(&frame, &list(&frame))
        }
        Err(answer) => answer,
    }
}

/// The page of one runbook.
pub(crate) async fn page_of(visit: Visit, Path(alert): Path<String>) -> Response {
    if let Err(answer) = visit.admit(Permission::Runbooks).await {
        return answer;
    }
    match text(&alert) {
        Some(text) => {
            let frame = visit.frame(Freshness::Unasked);
            visit.show(&frame, &one(&alert, text, &frame))
        }
        None => visit.refuse(Refusal::NotFound),
    }
}

/// Every alert that has a runbook.
pub(crate) fn alerts() -> impl Iterator<Item = &'static str> {
    RUNBOOKS.iter().map(|(alert, _)| *alert)
}

/// An alert's name as words: `AccuscopeClinicSilent` becomes `Clinic silent`.
pub(crate) fn title(alert: &str, language: Language) -> String {
    if let Some(french) = alerts::french(alert).filter(|_| language == Language::French) {
        return french.to_owned();
    }
    let short = alert.strip_prefix("Accuscope").unwrap_or(alert);
    // One word alone, such as "Down", would not say what is down.
    let one_word = short.chars().filter(char::is_ascii_uppercase).count() < 2;
    let mut words = String::new();
    for (index, letter) in (if one_word { alert } else { short }).chars().enumerate() {
        if index > 0 && letter.is_ascii_uppercase() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// The list.
pub(crate) fn list(frame: &Frame) -> Page {
    let body = html! {
        div.pagehead {
            div {
                h1 { (frame.t("Runbooks", "Guides")) }
                p.soft.small { (frame.t("One for each alert: what it means, whose it is, what to do.", "Un par alerte : ce qu’elle veut dire, à qui elle est, que faire.")) }
                (in_english(frame))
            }
            div.actions { a.btn href="/runbooks/metrics" { (frame.t("Metrics", "Métriques")) } }
        }
        section.card aria-label=(frame.t("Every runbook", "Tous les guides")) {
            @if RUNBOOKS.is_empty() {
                p.pad.soft { (frame.t("This build holds no runbooks.", "Cette version ne contient aucun guide.")) }
            } @else {
                ul.plain.pad {
                    @for (alert, text) in RUNBOOKS {
                        li {
                            div {
                                a.rowlink href={ "/runbooks/" (alert) } { (title(alert, frame.language())) }
                                p.small.soft lang=[frame.lang_of(Language::English)] { (markdown::summary(text)) }
                            }
                        }
                    }
                }
            }
        }
    };
    Page {
        room: Some(Room::Runbooks),
        title: frame.t("Runbooks", "Guides").to_owned(),
        live: false,
        body,
    }
}

/// One runbook.
pub(crate) fn one(alert: &str, text: &str, frame: &Frame) -> Page {
    let title = title(alert, frame.language());
    let body = html! {
        div.pagehead {
            div {
                ol.crumb { li { a href="/runbooks" { (frame.t("Runbooks", "Guides")) } } li { (title) } }
                h1 { (title) }
                p.soft.small { (frame.t("Alert ", "Alerte ")) code { (alert) } }
            }
        }
        (causes(alert, frame))
        (in_english(frame))
        article.card.pad.prose lang=[frame.lang_of(Language::English)] { (draw(text)) }
        (looks_at(alert, frame))
    };
    Page {
        room: Some(Room::Runbooks),
        title: said!(frame.language(), "{title}. Runbook", "{title}. Guide"),
        live: false,
        body,
    }
}

/// To readers of French, that a runbook's own text is English, and where the same stands in French.
fn in_english(frame: &Frame) -> Markup {
    html! {
        @if frame.language() == Language::French {
            p.small.soft {
                "Le texte des guides est en anglais. Ce qu’il y a à faire et les messages à envoyer sont en français sur la page de "
                a href="/incidents" { "l’incident" } "."
            }
        }
    }
}

/// What the site itself calls the troubles that raise an alert: where somebody comes from here.
fn causes(alert: &str, frame: &Frame) -> Markup {
    let causes = tie::speaks_of(alert);
    html! {
        @if !causes.is_empty() {
            p.small.soft {
                (frame.t("On the site, the trouble behind it is called: ", "Sur le site, le problème derrière elle s’appelle : "))
                @for (index, cause) in causes.iter().enumerate() {
                    @if index > 0 { ", " }
                    (words::causes::words(*cause, frame.language()).name)
                }
                ". " a href={ "/incidents/by-alert?alertname=" (alert) } { (frame.t("The incident, if one is open", "L’incident, s’il y en a un d’ouvert")) } "."
            }
        }
    }
}

/// The metrics that the alert looks at.
fn looks_at(alert: &str, frame: &Frame) -> Markup {
    let metrics: Vec<&str> = rules::looks_at(alert).collect();
    html! {
        @if !metrics.is_empty() {
            p.small.soft {
                (frame.t("The alert looks at ", "L’alerte regarde "))
                @for (index, metric) in metrics.iter().enumerate() {
                    @if index > 0 { ", " }
                    a href=(self::metrics::anchor(metric)) { (metric) }
                }
                "."
            }
        }
    }
}

fn draw(text: &str) -> Markup {
    markdown::render(text, &address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alerts_name_reads_as_words() {
        assert_eq!(title("AccuscopeClinicAuthFailing", Language::English), "Clinic auth failing");
        assert_eq!(title("AccuscopeDown", Language::English), "Accuscope down");
    }

    #[test]
    fn every_trouble_has_a_runbook_whose_alert_speaks_of_it() {
        use crate::domain::health::Trouble;
        for trouble in Trouble::ALL {
            let alert = words::health::runbook(*trouble);
            assert!(address(alert).is_some(), "{trouble}: {alert} has no runbook");
        }
    }

    #[test]
    fn a_reader_of_french_is_told_that_a_runbook_is_english_and_a_screen_reader_too() {
        use crate::ops::pages::gallery::frame;
        let (alert, text) = RUNBOOKS[0];
        for (language, told) in [(Language::French, true), (Language::English, false)] {
            let frame = frame("/runbooks", language);
            for page in [list(&frame), one(alert, text, &frame)] {
                let drawn = page.body.into_string();
                assert_eq!(drawn.contains("Le texte des guides est en anglais"), told, "{drawn}");
                assert_eq!(drawn.contains(" lang=\"en"), told, "{drawn}");
            }
        }
    }

    #[test]
    fn an_unknown_alert_has_no_page() {
        assert_eq!(address("NoSuchAlert"), None);
        assert_eq!(text("../../etc/passwd"), None);
    }
}
