//! How a body is coded and delimited.

use std::io::Write as _;

use crate::prove::needles::latin_1;

/// A coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::prove) enum Coding {
    /// The template is the whole message, its head included.
    AsIs,
    /// With a length.
    Length,
    /// With a length that is never reached.
    TooLong,
    /// To the connection's end.
    ToTheEnd,
    /// In chunks of five bytes.
    Chunks,
    /// In one chunk, the canary a second time in an extension and a trailer.
    Trailer,
    /// gzip.
    Gzip,
    /// gzip without its second half.
    HalfGzip,
    /// deflate.
    Deflate,
    /// Said to be br, and is not.
    NoBrotli,
    /// ISO 8859-1.
    Latin1,
    /// UTF-16.
    Utf16,
}

impl Coding {
    /// The fields that say so, and the coded body.
    pub(super) fn code(self, body: Vec<u8>, is_answer: bool) -> (String, Vec<u8>) {
        let text = || String::from_utf8_lossy(&body).into_owned();
        let sized = |field: &str, body: Vec<u8>| {
            (format!("{field}Content-Length: {}\r\n", body.len()), body)
        };
        match self {
            Self::AsIs | Self::ToTheEnd => (String::new(), body),
            Self::Length if body.is_empty() && !is_answer => (String::new(), body),
            Self::Length => sized("", body),
            Self::TooLong => (format!("Content-Length: {}\r\n", body.len() + 999), body),
            Self::Chunks => (CHUNKED.to_owned(), chunks(&body)),
            Self::Trailer => {
                let mut out = format!("{:x};note=\"", body.len()).into_bytes();
                out.extend_from_slice(squeezed_ascii(&body).as_bytes());
                out.extend_from_slice(b"\"\r\n");
                out.extend_from_slice(&body);
                out.extend_from_slice(b"\r\n0\r\nX-Trailer: ");
                out.extend_from_slice(&body);
                out.extend_from_slice(b"\r\n\r\n");
                (format!("{CHUNKED}Trailer: X-Trailer\r\n"), out)
            }
            Self::Gzip => sized("Content-Encoding: gzip\r\n", gzip(&body)),
            Self::HalfGzip => {
                let mut half = gzip(&body);
                half.truncate(half.len() / 2);
                sized("Content-Encoding: gzip\r\n", half)
            }
            Self::Deflate => {
                let mut coder =
                    flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
                // Writing into memory does not fail.
                drop(coder.write_all(&body));
                sized("Content-Encoding: deflate\r\n", coder.finish().unwrap_or_default())
            }
            Self::NoBrotli => sized("Content-Encoding: br\r\n", body),
            Self::Latin1 => sized("", latin_1(&text())),
            Self::Utf16 => {
                let units = text();
                let bytes = units.encode_utf16().flat_map(u16::to_le_bytes);
                sized("", [0xff, 0xfe].into_iter().chain(bytes).collect())
            }
        }
    }
}

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";

fn chunks(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in body.chunks(5) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

fn squeezed_ascii(body: &[u8]) -> String {
    body.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| char::from(*byte)).collect()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing into memory does not fail.
    drop(coder.write_all(body));
    coder.finish().unwrap_or_default()
}
