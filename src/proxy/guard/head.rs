//! The rules for one request head.
//!
//! Sources: RFC 9112 sections 2.2, 3, 5 and 6; RFC 9110 sections 5.5 and 7.2.

use super::names;
use crate::domain::labels::Method;
use crate::domain::malformed::Malformed;

/// Longest request target, in bytes. RFC 9112 recommends at least 8000 for the request line.
pub(super) const MAX_TARGET_BYTES: usize = 16 * 1_024;
/// Most field lines; the HTTP library takes no more.
pub(super) const MAX_FIELDS: usize = 100;

/// How the body after a head is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFraming {
    /// So many bytes.
    Length(u64),
    /// The chunked coding.
    Chunked,
}

/// What the guard needs of a valid head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) body: BodyFraming,
    /// HTTP/1.1, so that interim responses may be sent.
    pub(super) takes_interim: bool,
    /// It asks to switch to another protocol.
    pub(super) upgrades: bool,
    /// Where the minor version stands, if it is one that nobody has written down yet.
    pub(super) later_minor_at: Option<usize>,
}

/// The method at the start of a head, valid or not.
pub(super) fn method(head: &[u8]) -> Option<Method> {
    const LONGEST: usize = 32;
    let end = memchr::memchr(b' ', &head[..head.len().min(LONGEST)])?;
    let name = std::str::from_utf8(&head[..end]).ok()?;
    (!name.is_empty() && name.bytes().all(is_token)).then(|| Method::of(name))
}

/// Checks a head, from the request line to the empty line.
pub(super) fn check(head: &[u8]) -> Result<Head, Malformed> {
    let mut lines = Lines(head);
    let request_line = lines.next().ok_or(Malformed::RequestLine)??;
    let (method, version) = request_line_parts(request_line)?;
    let mut fields = Fields::default();
    let mut count = 0;
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        count += 1;
        if count > MAX_FIELDS {
            return Err(Malformed::HeadTooLarge);
        }
        let (name, value) = field(line)?;
        fields.take(name, value)?;
    }
    if fields.hosts > 1 || (version != Version::Http10 && fields.hosts == 0) {
        return Err(Malformed::Host);
    }
    let body = match (fields.chunked, fields.length) {
        (true, Some(_)) => return Err(Malformed::TransferEncoding),
        // RFC 9112, 6.1: in HTTP/1.0 its framing is faulty.
        (true, None) if version == Version::Http10 => return Err(Malformed::TransferEncoding),
        (true, None) => BodyFraming::Chunked,
        (false, length) => BodyFraming::Length(length.unwrap_or(0)),
    };
    // These have no body of defined meaning (RFC 9110, 9.3.1, 9.3.2, 9.3.6, 9.3.8). Servers are known
    // that leave one unread and take it for the next request.
    if body != BodyFraming::Length(0) && matches!(method, b"GET" | b"HEAD" | b"CONNECT" | b"TRACE")
    {
        return Err(Malformed::UnexpectedBody);
    }
    Ok(Head {
        body,
        takes_interim: version != Version::Http10,
        // In HTTP/1.0 it means nothing (RFC 9110, 7.8).
        upgrades: fields.upgrades && version != Version::Http10,
        later_minor_at: (version == Version::Later).then(|| request_line.len() - 1),
    })
}

/// The lines of a head, each without its CR LF; an error where one ends or is built wrongly.
struct Lines<'h>(&'h [u8]);

impl<'h> Iterator for Lines<'h> {
    type Item = Result<&'h [u8], Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let Some(end) = memchr::memchr(b'\n', self.0) else { return Some(Err(Malformed::LineEnd)) };
        let (line, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        let Some((b'\r', line)) = line.split_last() else { return Some(Err(Malformed::LineEnd)) };
        let clean = memchr::memchr2(b'\r', 0, line).is_none();
        Some(if clean { Ok(line) } else { Err(Malformed::LineEnd) })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
    /// HTTP/1 with a minor version above 1.
    Later,
}

fn request_line_parts(line: &[u8]) -> Result<(&[u8], Version), Malformed> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Malformed::RequestLine);
    };
    if method.is_empty() || !method.iter().all(|byte| is_token(*byte)) {
        return Err(Malformed::RequestLine);
    }
    let version = match version {
        b"HTTP/1.1" => Version::Http11,
        b"HTTP/1.0" => Version::Http10,
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9'] => Version::Later,
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            return Err(Malformed::Version);
        }
        _ => return Err(Malformed::RequestLine),
    };
    if target.len() > MAX_TARGET_BYTES {
        return Err(Malformed::TargetTooLong);
    }
    if is_target(method, target) { Ok((method, version)) } else { Err(Malformed::Target) }
}

pub(super) fn is_target(method: &[u8], target: &[u8]) -> bool {
    // RFC 3986 has no other bytes; a `#` would begin a fragment, which is never sent. Some of its
    // "unwise" characters are common in practice and pass; on these nobody agrees, and the library
    // takes none of them.
    let query = memchr::memchr(b'?', target).unwrap_or(target.len());
    let (path, query) = target.split_at(query);
    let plain = |text: &[u8], strange: &[u8]| {
        text.iter().all(|byte| matches!(byte, 0x21..=0x7e) && !strange.contains(byte))
    };
    let plain = plain(path, b"#<>`") && plain(query, b"#<>\"");
    let form = match (method, target) {
        (b"CONNECT", target) => is_host(target) && target.contains(&b':'),
        (b"OPTIONS", b"*") | (_, [b'/', ..]) => true,
        (_, target) => [&b"http://"[..], b"https://"].iter().any(|scheme| {
            target.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme))
                && is_host(authority(&target[scheme.len()..]))
        }),
    };
    plain && form
}

fn authority(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    &rest[..end]
}

/// One field line, its name and its trimmed value.
pub(super) fn field(line: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let colon = memchr::memchr(b':', line).ok_or(Malformed::FieldLine)?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    // White space before the colon or at the line's start (a folded line) is no token either.
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
        return Err(Malformed::FieldLine);
    }
    if value.iter().any(|byte| matches!(byte, 0..=8 | 10..=31 | 127)) {
        return Err(Malformed::FieldLine);
    }
    if is_mistakable(name) {
        return Err(Malformed::FieldName);
    }
    Ok((name, value.trim_ascii()))
}

/// Whether a server could take a field's name for another one's that means something on the way: an
/// underscore is a hyphen to many, and some read `transfer---encoding` as if it said how the body is
/// framed.
pub(super) fn is_mistakable(name: &[u8]) -> bool {
    if memchr::memchr(b'_', name).is_some() && names::is_spoken_for(name) {
        return true;
    }
    let framing: &[u8] = match name.first().map(u8::to_ascii_lowercase) {
        Some(b't') if name.len() > 15 => b"transfer-encoding",
        Some(b'c') if name.len() > 12 => b"content-length",
        _ => return false,
    };
    let letters = |text: &'_ [u8]| -> [u8; 17] {
        let mut letters = [0; 17];
        let found = text.iter().filter(|byte| byte.is_ascii_alphanumeric());
        for (slot, byte) in letters.iter_mut().zip(found) {
            *slot = byte.to_ascii_lowercase();
        }
        letters
    };
    !name.eq_ignore_ascii_case(framing) && letters(name) == letters(framing)
}

#[derive(Default)]
struct Fields {
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
    upgrades: bool,
}

impl Fields {
    fn take(&mut self, name: &[u8], value: &[u8]) -> Result<(), Malformed> {
        // Framing fields only; comparing lengths first keeps the common case cheap.
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => {
                self.hosts += 1;
                if is_host(value) { Ok(()) } else { Err(Malformed::Host) }
            }
            7 if name.eq_ignore_ascii_case(b"upgrade") => {
                self.upgrades = true;
                Ok(())
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let digits = matches!(value.len(), 1..=18) && value.iter().all(u8::is_ascii_digit);
                if self.length.is_some() || !digits {
                    return Err(Malformed::ContentLength);
                }
                let number = value.iter().fold(0, |n, digit| n * 10 + u64::from(digit - b'0'));
                self.length = Some(number);
                Ok(())
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                if self.chunked {
                    return Err(Malformed::TransferEncoding);
                }
                if value.eq_ignore_ascii_case(b"chunked") {
                    self.chunked = true;
                    return Ok(());
                }
                // RFC 9112, 6.1: a coding that is not understood gets 501; one that leaves the
                // length open gets 400.
                let last = value.rsplit(|byte| *byte == b',').next().map(<[u8]>::trim_ascii);
                let known = last.is_some_and(|last| last.eq_ignore_ascii_case(b"chunked"));
                Err(if known { Malformed::UnknownCoding } else { Malformed::TransferEncoding })
            }
            _ => Ok(()),
        }
    }
}

/// `uri-host [ ":" port ]`, not empty: a reverse proxy's callers know whom they call.
pub(super) fn is_host(value: &[u8]) -> bool {
    let (host, port) = match value {
        [b'[', rest @ ..] => {
            let Some(end) = memchr::memchr(b']', rest) else { return false };
            let literal = &rest[..end];
            let inside = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.' | b'v');
            if literal.is_empty() || !literal.iter().all(inside) {
                return false;
            }
            (literal, &rest[end + 1..])
        }
        _ => value.split_at(memchr::memchr(b':', value).unwrap_or(value.len())),
    };
    let port_fits = match port {
        [] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    // reg-name = *( unreserved / pct-encoded / sub-delims ), RFC 3986, 3.2.2; a comma would make
    // two hosts of one in a joined field.
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+;=:".contains(b);
    port_fits && !host.is_empty() && host.iter().all(name)
}

/// RFC 9110, 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
