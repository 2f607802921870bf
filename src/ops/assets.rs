//! The stylesheet, the script and the icon, embedded in the program.
//!
//! Owns their addresses, which carry a digest of the content, so that a browser keeps them for ever
//! and a new version is fetched at once.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// One embedded file.
pub(crate) struct Asset {
    content: &'static str,
    content_type: &'static str,
    name: String,
    url: String,
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, content: &'static str) -> Self {
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
            asset.content,
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
        assert!(gzipped(css().content) <= 10_000, "{}", gzipped(css().content));
        assert!(gzipped(js().content) <= 5_000, "{}", gzipped(js().content));
    }

    #[test]
    fn an_address_carries_the_contents_digest() {
        let other = Asset::new("app", "css", "text/css", "body{}");
        assert_ne!(css().url(), other.url());
        assert!(css().url().starts_with("/static/app."));
    }
}
