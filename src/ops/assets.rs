//! The stylesheet, the script and the icon, embedded in the program.
//!
//! Owns their addresses, which carry a digest of the content, so that a browser keeps them for ever
//! and a new version is fetched at once. The stylesheet goes out without its comments.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// One embedded file.
pub(crate) struct Asset {
    content: String,
    content_type: &'static str,
    name: String,
    url: String,
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, content: &str) -> Self {
        let content = if extension == "css" { packed(content) } else { content.to_owned() };
        let digest = Sha256::digest(content.as_bytes());
        let hash = data_encoding::HEXLOWER.encode(&digest[..6]);
        let name = format!("{stem}.{hash}.{extension}");
        let url = format!("/static/{name}");
        Self { content, content_type, name, url }
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// A stylesheet without comments, and with a space only where it may mean something. Texts in it hold neither
/// comments nor braces and semicolons.
fn packed(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let mut out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    for (loose, tight) in
        [(" {", "{"), ("{ ", "{"), ("; ", ";"), (" }", "}"), ("} ", "}"), (";}", "}")]
    {
        out = out.replace(loose, tight);
    }
    out
}

macro_rules! asset {
    ($(#[$meta:meta])* $name:ident, $stem:literal, $extension:literal, $content_type:literal, $path:literal) => {
        $(#[$meta])*
        pub(crate) fn $name() -> &'static Asset {
            static ASSET: OnceLock<Asset> = OnceLock::new();
            ASSET.get_or_init(|| Asset::new($stem, $extension, $content_type, include_str!($path)))
        }
    };
}

asset! {
    /// The stylesheet.
    css, "app", "css", "text/css; charset=utf-8", "assets/app.css"
}
asset! {
    /// The script.
    js, "app", "js", "text/javascript; charset=utf-8", "assets/app.js"
}
asset! {
    /// The icon.
    icon, "icon", "svg", "image/svg+xml", "assets/icon.svg"
}

/// Serves an embedded file.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    match [css(), js(), icon()].into_iter().find(|asset| asset.name == name) {
        Some(asset) => (
            [
                (CONTENT_TYPE, asset.content_type),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.content.as_str(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzipped(text: &str) -> usize {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap().len()
    }

    #[test]
    fn style_and_script_stay_small() {
        assert!(gzipped(&css().content) <= 10_000, "{}", gzipped(&css().content));
        assert!(gzipped(&js().content) <= 5_000, "{}", gzipped(&js().content));
        // Half of what a page may weigh is the page's.
        let all = css().content.len() + js().content.len() + icon().content.len();
        assert!(all <= 50_000, "{all}");
    }

    #[test]
    fn a_stylesheet_loses_comments_and_nothing_else() {
        for (css, expected) in [
            ("a { b: c }", "a{b: c}"),
            ("/* 1. */\n:root {\n  --a: 1px; /* one */ }\n", ":root{--a: 1px}"),
            (".a::before { content: \"/\"; }", ".a::before{content: \"/\"}"),
            (
                "@media (x) {\n  a b { c: d; e: f; }\n  g > h {} }",
                "@media (x){a b{c: d;e: f}g > h{}}",
            ),
            ("a{}/* never ends", "a{}"),
        ] {
            assert_eq!(packed(css), expected);
        }
        let plain = include_str!("assets/app.css");
        assert_eq!(plain.matches('{').count(), css().content.matches('{').count());
        assert!(!plain.contains("url("), "an address could hold what looks like a comment");
        let mut texts = plain.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
        assert!(texts.all(|text| !text.contains(['{', '}', ';'])), "a text would be packed");
    }

    #[test]
    fn an_address_carries_the_contents_digest() {
        let other = Asset::new("app", "css", "text/css", "body{}");
        assert_ne!(css().url(), other.url());
        assert!(css().url().starts_with("/static/app."));
    }
}
