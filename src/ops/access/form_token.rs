//! Forms are of the session that they were drawn in.
//!
//! Owns the token that every form brings back: a digest under the session's own secret, so nothing is kept
//! for it, whoever does not hold the cookie cannot make one, and it ends with the session. It is put into
//! every form of a page here, so no form can be drawn without it. That a form is of this site at all is
//! [`super::guard`]'s.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, HeaderValue};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::{BodyExt as _, Limited};
use sha2::Sha256;

use super::session;

/// The field.
const FIELD: &str = "csrf-token=";
/// What the digest is of.
const ABOUT: &[u8] = b"accuscope: a form of this session";

/// The token of a browser's session, whether or not that still lasts; `None` where it brings none.
pub(super) struct FormToken(Hmac<Sha256>);

impl FormToken {
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut mac = Hmac::new_from_slice(session::secret(headers)?.as_bytes()).ok()?;
        mac.update(ABOUT);
        Some(Self(mac))
    }

    fn text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0.clone().finalize().into_bytes())
    }

    /// In constant time.
    fn is(&self, text: &str) -> bool {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
        bytes.is_ok_and(|bytes| self.0.clone().verify_slice(&bytes).is_ok())
    }

    /// A page whose every form brings the token back.
    pub(super) fn put_into(&self, page: &str) -> String {
        let field = format!(
            "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
            FIELD.trim_end_matches('='),
            self.text()
        );
        let mut drawn = String::with_capacity(page.len() + 2_048);
        let mut parts = page.split("<form");
        drawn.extend(parts.next());
        for part in parts {
            drawn.push_str("<form");
            // What stands in an attribute has no such sign; it is escaped.
            let (tag, rest) = part.split_once('>').unwrap_or((part, ""));
            drawn.push_str(tag);
            drawn.push('>');
            if tag.contains("method=\"post\"") {
                drawn.push_str(&field);
            }
            drawn.push_str(rest);
        }
        drawn
    }
}

/// What is wrong with a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotOurs {
    /// It brings no token, or another session's.
    OtherSession,
    /// It is longer than any form here.
    TooLong,
}

/// Takes the token off a form, if it is of the browser's session; nothing behind this sees it.
pub(super) async fn take_off(request: Request, most: usize) -> Result<Request, NotOurs> {
    let Some(token) = FormToken::of(request.headers()) else { return Ok(request) };
    let (mut parts, body) = request.into_parts();
    let bytes = Limited::new(body, most).collect().await.map_err(|_| NotOurs::TooLong)?.to_bytes();
    let text = std::str::from_utf8(&bytes).map_err(|_| NotOurs::OtherSession)?;
    let (brought, others): (Vec<&str>, Vec<&str>) =
        text.split('&').partition(|pair| pair.starts_with(FIELD));
    match brought.as_slice() {
        [one] if token.is(&one[FIELD.len()..]) => {}
        _ => return Err(NotOurs::OtherSession),
    }
    let rest = others.join("&");
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(rest.len()));
    Ok(Request::from_parts(parts, Body::from(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(cookie).unwrap());
        headers
    }

    fn token(cookie: &str) -> FormToken {
        FormToken::of(&browser(cookie)).unwrap()
    }

    #[test]
    fn every_form_that_changes_something_has_it_and_nothing_else() {
        let token = token("__Host-accuscope=one");
        let page = "<p>a</p><form method=\"get\">1</form><form class=\"x\" action=\"/a\" method=\"post\"><b>2</b>\
                    </form><form method=\"post\">3</form>";
        let field =
            format!("<input type=\"hidden\" name=\"csrf-token\" value=\"{}\">", token.text());
        let drawn = token.put_into(page);
        assert_eq!(drawn.matches(&field).count(), 2);
        assert!(drawn.contains(&format!("action=\"/a\" method=\"post\">{field}<b>2</b></form>")));
        assert_eq!(drawn.replace(&field, ""), page);
    }

    #[test]
    fn it_is_one_sessions() {
        let (one, other) = (token("__Host-accuscope=one"), token("__Host-accuscope=two"));
        assert!(one.is(&one.text()) && !one.is(&other.text()));
        assert!(!one.is("") && !one.is(&one.text()[1..]));
        assert!(FormToken::of(&browser("theme=dark")).is_none());
    }

    #[tokio::test]
    async fn it_is_taken_off() {
        let sent = |cookie: &str, form: String| {
            Request::post("/x").header("cookie", cookie).body(Body::from(form)).unwrap()
        };
        let one = "__Host-accuscope=one";
        let text = token(one).text();
        for (form, rest) in [
            (format!("csrf-token={text}"), Some("")),
            (format!("csrf-token={text}&a=1&b=%20"), Some("a=1&b=%20")),
            (format!("a=1&csrf-token={text}"), Some("a=1")),
            (format!("a=1&csrf-token={text}&csrf-token={text}"), None),
            ("a=1".to_owned(), None),
            ("csrf-token=".to_owned(), None),
            (String::new(), None),
        ] {
            let taken = take_off(sent(one, form.clone()), 200).await;
            let Some(rest) = rest else {
                assert_eq!(taken.err(), Some(NotOurs::OtherSession), "{form}");
                continue;
            };
            let taken = taken.unwrap();
            assert_eq!(taken.headers()[CONTENT_LENGTH], rest.len().to_string());
            assert_eq!(taken.into_body().collect().await.unwrap().to_bytes(), rest);
        }
        let long = take_off(sent(one, "a".repeat(201)), 200).await;
        assert_eq!(long.err(), Some(NotOurs::TooLong));
        let stranger = take_off(sent("theme=dark", "a=1".to_owned()), 200).await.unwrap();
        assert_eq!(stranger.into_body().collect().await.unwrap().to_bytes(), "a=1");
    }
}
