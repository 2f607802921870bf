//! What the bytes of a sink decode to: percent, escapes, entities, UTF-16, base 64, base 32, hexadecimal, and archives.
//!
//! Decoders here are tolerant on purpose: what is no code stays as it is, since a leak may be half code.

use std::io::Read;

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, HEXLOWER_PERMISSIVE};
use percent_encoding::percent_decode;

/// Shortest run of a base that is decoded.
const SHORTEST_RUN: usize = 11;
/// Most bytes that one archive may hold; more is told as far as it goes.
const MOST_INFLATED: u64 = 64 * 1_024 * 1_024;

/// Calls back with each view that differs from the bytes.
pub(super) fn each(bytes: &[u8], seen: &mut dyn FnMut(&'static str, &[u8])) {
    let texts = |bytes: &[u8], seen: &mut dyn FnMut(&'static str, &[u8])| {
        let once = percent(bytes);
        if let Some(once) = &once {
            seen("percent-decoded", once);
            if let Some(twice) = percent(once) {
                seen("percent-decoded twice", &twice);
            }
        }
        let plain = once.as_deref().unwrap_or(bytes);
        let unescaped = escapes(plain);
        if let Some(unescaped) = &unescaped {
            seen("unescaped", unescaped);
        }
        if let Some(text) = entities(unescaped.as_deref().unwrap_or(plain)) {
            seen("entities decoded", &text);
        }
        if bytes.contains(&0) {
            // Letters up to U+00FF, which is where names are; the other half of each is the zero.
            let letters = bytes.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte));
            seen("UTF-16", letters.collect::<String>().as_bytes());
        }
        seen("base64-decoded", &runs(bytes, is_base_64, base_64));
        seen("hex-decoded", &runs(bytes, |byte| byte.is_ascii_hexdigit(), hex));
        seen("base32-decoded", &runs(bytes, |byte| byte.is_ascii_alphanumeric(), base_32));
    };
    texts(bytes, seen);
    for inflated in archives(bytes) {
        seen("inflated", &inflated);
        texts(&inflated, seen);
    }
}

fn percent(bytes: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr2(b'%', b'+', bytes)?;
    let spaced: Vec<u8> = bytes.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    Some(percent_decode(&spaced).collect())
}

/// `\xHH`, `\uXXXX`, octal, and the escapes of one letter.
fn escapes(bytes: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr(b'\\', bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let number = |digits: Option<&[u8]>, radix| {
            let text = std::str::from_utf8(digits?).ok()?;
            u32::from_str_radix(text, radix).ok()
        };
        match rest.first() {
            Some(b'x') if let Some(byte) = number(rest.get(1..3), 16) => {
                out.extend(u8::try_from(byte));
                rest = &rest[3..];
            }
            Some(b'u') if let Some(unit) = number(rest.get(1..5), 16) => {
                let c = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[5..];
            }
            Some(b'0'..=b'3') if let Some(byte) = number(rest.get(..3), 8) => {
                out.extend(u8::try_from(byte));
                rest = &rest[3..];
            }
            Some(letter) => {
                out.push(*letter);
                rest = &rest[1..];
            }
            None => {}
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// Numeric entities of HTML, and the five that markup itself needs.
fn entities(bytes: &[u8]) -> Option<Vec<u8>> {
    const NAMED: [(&[u8], u8); 6] = [
        (b"amp", b'&'),
        (b"lt", b'<'),
        (b"gt", b'>'),
        (b"quot", b'"'),
        (b"apos", b'\''),
        (b"nbsp", b' '),
    ];
    memchr::memchr(b'&', bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'&', rest) {
        out.extend_from_slice(&rest[..at]);
        let after = &rest[at + 1..];
        let end = after.iter().take(10).position(|byte| *byte == b';');
        let decoded = end.and_then(|end| {
            let name = &after[..end];
            if let Some((_, byte)) = NAMED.iter().find(|(named, _)| *named == name) {
                return Some(char::from(*byte));
            }
            let number = std::str::from_utf8(name.strip_prefix(b"#")?).ok()?;
            let hex = number.strip_prefix(['x', 'X']);
            let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
            char::from_u32(code.ok()?)
        });
        if let (Some(c), Some(end)) = (decoded, end) {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &after[end + 1..];
        } else {
            out.push(b'&');
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// Decodes every long run of an alphabet, one after the other.
fn runs(bytes: &[u8], of: fn(u8) -> bool, decode: fn(&[u8], &mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    for run in bytes.split(|byte| !of(*byte)).filter(|run| run.len() >= SHORTEST_RUN) {
        decode(run, &mut out);
        out.push(b'\n');
    }
    out
}

fn is_base_64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// From each of the four symbols where a code could begin.
fn base_64(run: &[u8], out: &mut Vec<u8>) {
    let plain: Vec<u8> = run
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    for from in 0..4 {
        let piece = &plain[from.min(plain.len())..];
        let whole = piece.len() / 4 * 4;
        // A tail of two or three symbols holds one or two bytes more, if its last bits are zero.
        let tail = if piece.len() - whole >= 2 { piece.len() } else { whole };
        let decoded = BASE64_NOPAD.decode(&piece[..tail]);
        out.extend(decoded.or_else(|_| BASE64_NOPAD.decode(&piece[..whole])).unwrap_or_default());
        out.push(b'\n');
    }
}

fn hex(run: &[u8], out: &mut Vec<u8>) {
    for from in 0..2 {
        let piece = &run[from..];
        let even = &piece[..piece.len() / 2 * 2];
        out.extend(HEXLOWER_PERMISSIVE.decode(even).unwrap_or_default());
        out.push(b'\n');
    }
}

fn base_32(run: &[u8], out: &mut Vec<u8>) {
    let upper = run.to_ascii_uppercase();
    let whole = &upper[..upper.len() / 8 * 8];
    let decoded = BASE32_NOPAD.decode(&upper).or_else(|_| BASE32_NOPAD.decode(whole));
    out.extend(decoded.unwrap_or_default());
}

/// Members of gzip and of zlib, wherever they begin.
fn archives(bytes: &[u8]) -> Vec<Vec<u8>> {
    let gzip = memchr::memmem::find_iter(bytes, &[0x1f, 0x8b, 0x08])
        .filter_map(|at| read(flate2::read::GzDecoder::new(&bytes[at..])));
    let zlib = memchr::memchr_iter(0x78, bytes).filter_map(|at| {
        let level = bytes.get(at + 1)?;
        let is_head = matches!(level, 0x01 | 0x5e | 0x9c | 0xda);
        if is_head { read(flate2::read::ZlibDecoder::new(&bytes[at..])) } else { None }
    });
    gzip.chain(zlib).collect()
}

fn read(decoder: impl Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    // Half an archive is read as far as it goes.
    drop(decoder.take(MOST_INFLATED).read_to_end(&mut out));
    (!out.is_empty()).then_some(out)
}
