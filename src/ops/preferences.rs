//! What a reader prefers: light or dark, the clinic's clock or UTC, English or French.
//!
//! Owns the cookies and the forms that set them. They hold one word each and nothing about a
//! person, so they need no signature.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::access::visit::Visit;
use super::pages::refusal::Refusal;
use super::words::language::Language;

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the machine is set.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order of its buttons.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The text in the cookie.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    /// The attribute on the page's root; none where the machine decides.
    pub(crate) const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// The word on its button.
    pub(crate) const fn word(self, language: Language) -> &'static str {
        match self {
            Self::System => language.of("System", "Système"),
            Self::Light => language.of("Light", "Clair"),
            Self::Dark => language.of("Dark", "Sombre"),
        }
    }
}

/// What a reader prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// Light or dark.
    pub(crate) theme: Theme,
    /// UTC instead of the clinic's clock.
    pub(crate) utc: bool,
    /// The language; the browser's, until the reader chooses one.
    pub(crate) language: Language,
}

impl Preferences {
    /// Reads them from a request. An address that says `tz` is shown so, whatever the cookie says,
    /// so that a shared link shows what its sender saw.
    pub(crate) fn of(headers: &HeaderMap, uri: &Uri) -> Self {
        let theme = cookie(headers, "theme").and_then(Theme::parse).unwrap_or(Theme::System);
        let query = uri.query().unwrap_or_default();
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("tz="));
        let utc = asked.or(cookie(headers, "tz")) == Some("utc");
        let chosen = cookie(headers, "lang").and_then(Language::parse);
        let language = chosen.unwrap_or_else(|| Language::asked(headers));
        Self { theme, utc, language }
    }

    /// The address with the other clock.
    #[expect(clippy::unused_self, reason = "reads as a question to the preferences")]
    pub(crate) fn with_utc(self, address: &str, utc: bool) -> String {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let mut pairs: Vec<&str> =
            query.split('&').filter(|p| !p.is_empty() && !p.starts_with("tz=")).collect();
        pairs.push(if utc { "tz=utc" } else { "tz=clinic" });
        format!("{path}?{}", pairs.join("&"))
    }

    /// The cookie that keeps the clock, where the address asks for one.
    pub(crate) fn keep(uri: &Uri) -> Option<String> {
        let query = uri.query()?;
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("tz="))?;
        matches!(asked, "utc" | "clinic").then(|| preference_cookie("tz", asked))
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(axum::http::header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn preference_cookie(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax; Secure; HttpOnly")
}

/// What the forms send: one of the two, and where from.
#[derive(Deserialize)]
pub(crate) struct PreferenceForm {
    theme: Option<String>,
    lang: Option<String>,
    #[serde(default)]
    back: String,
}

/// Keeps what was chosen and leads back to the page.
pub(crate) async fn set(
    visit: Visit,
    form: Result<Form<PreferenceForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return visit.refuse(Refusal::NotUnderstood) };
    let mut response =
        (StatusCode::SEE_OTHER, [(LOCATION, own_address(&form.back))]).into_response();
    let theme = form.theme.map(|text| Theme::parse(&text).unwrap_or(Theme::System).as_str());
    let language = form.lang.as_deref().and_then(Language::parse).map(Language::as_str);
    let cookies = [("theme", theme), ("lang", language)];
    for (name, value) in cookies.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        if let Ok(cookie) = HeaderValue::from_str(&preference_cookie(name, value)) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

/// An address on this site, or the first page: a form must not lead elsewhere.
pub(crate) fn own_address(address: &str) -> String {
    let own = address.starts_with('/')
        && !address.starts_with("//")
        && address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if own { address.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cookies: &str, uri: &str) -> Preferences {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", cookies.parse().unwrap());
        Preferences::of(&headers, &uri.parse().unwrap())
    }

    #[test]
    fn the_address_wins_over_the_cookie() {
        let read = of("theme=dark; tz=utc; lang=fr", "/");
        let language = Language::French;
        assert_eq!(read, Preferences { theme: Theme::Dark, utc: true, language });
        assert!(!of("tz=utc", "/calls?clinic=a&tz=clinic").utc);
        assert!(of("", "/calls?tz=utc").utc);
        assert_eq!(of("theme=plaid", "/").theme, Theme::System);
    }

    #[test]
    fn the_clock_changes_and_the_rest_of_the_address_stays() {
        let preferences = of("", "/");
        assert_eq!(preferences.with_utc("/", true), "/?tz=utc");
        assert_eq!(
            preferences.with_utc("/calls?clinic=a&tz=utc", false),
            "/calls?clinic=a&tz=clinic"
        );
    }

    #[test]
    fn a_form_never_leads_off_the_site() {
        for (address, expected) in [
            ("/calls?clinic=a", "/calls?clinic=a"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\r\nset-cookie: x", "/"),
        ] {
            assert_eq!(own_address(address), expected);
        }
    }
}
