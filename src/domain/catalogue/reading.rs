//! The second way in which a server may read a path.
//!
//! A path goes to Accuro byte for byte, and Accuro may decode it, resolve dots and merge slashes
//! before it looks for an operation. Owns that other reading, so that nothing can be hidden from the
//! record behind an encoding. Changes nothing that is sent.

use std::borrow::Cow;

/// The path after decoding, with `;` parameters, empty and dot segments resolved; `None` where it
/// can be read in one way only, which is the common case and costs one look at its bytes.
///
/// Sources: RFC 3986, 5.2.4 and 6.2.2; what servlet containers do with `..;` and a backslash.
#[must_use]
pub fn other_reading(path: &str) -> Option<String> {
    let bytes = path.as_bytes();
    let odd = memchr::memchr3(b'%', b';', b'\\', bytes).is_some()
        || bytes.windows(2).any(|two| two == b"//" || two == b"/.");
    if !odd {
        return None;
    }
    let decoded = decoded(path);
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split(['/', '\\']) {
        match segment.split_once(';').map_or(segment, |(before, _)| before) {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            plain => segments.push(plain),
        }
    }
    let mut normal = String::with_capacity(path.len() + 1);
    for segment in segments {
        normal.push('/');
        normal.push_str(segment);
    }
    if normal.is_empty() {
        normal.push('/');
    }
    Some(normal)
}

/// Decodes visible ASCII but for `%` itself; the rest stays encoded, since it is no part of any
/// template.
fn decoded(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let triplet =
            rest.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = triplet.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte @ 0x21..=0x7e) if byte != b'%' => {
                out.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            _ => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_is_read_as_a_server_may_read_it() {
        for (path, other) in [
            ("/a/b", None),
            ("/a/b/", None),
            ("/a.b/c..d", None),
            ("/a//b", Some("/a/b")),
            ("/a/./b/../c", Some("/a/c")),
            ("/../../a", Some("/a")),
            ("/a/%2e%2E/b", Some("/b")),
            ("/a%2fb", Some("/a/b")),
            ("/a%5Cb\\c", Some("/a/b/c")),
            ("/a;x=1/b;y", Some("/a/b")),
            ("/a/..;/b", Some("/b")),
            ("/%70atients/88%2D12", Some("/patients/88-12")),
            ("/a/%252e%252e/b", Some("/a/%252e%252e/b")),
            ("/%e4%00%20%zz%", Some("/%e4%00%20%zz%")),
            ("/..", Some("/")),
        ] {
            assert_eq!(other_reading(path).as_deref(), other, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_makes_it_panic_and_the_result_has_no_third_reading(path in "/[a-c./;%2ef5\\\\é]{0,20}") {
            if let Some(other) = other_reading(&path) {
                prop_assert!(other.starts_with('/'));
                let dots = other.split('/').any(|segment| segment == "." || segment == "..");
                prop_assert!(!dots && !other.contains("//") && !other.contains('\\'));
            }
        }
    }
}
