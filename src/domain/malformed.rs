//! What can be wrong with a request's bytes, and the status that tells its sender.
//!
//! Owns the vocabulary; the rules themselves are the wire guard's.

use super::labels::label_enum;

label_enum! {
    /// What is wrong with a request's bytes: the label of `accuscope_malformed_requests_total`.
    Malformed, "a problem" {
        /// The request line is not `method SP target SP HTTP/1.x`.
        RequestLine = "request_line",
        /// The target has bytes that no URI has, or is of a form that the method does not take.
        Target = "target",
        /// The target is too long.
        TargetTooLong = "target_too_long",
        /// An HTTP version that is not spoken here.
        Version = "version",
        /// A field line is not `name: value`.
        FieldLine = "field_line",
        /// A line ends without CR, or a CR or NUL stands inside one.
        LineEnd = "line_end",
        /// The head is too large.
        HeadTooLarge = "head_too_large",
        /// No `Host`, more than one, or one that names no host.
        Host = "host",
        /// `Content-Length` is not one number.
        ContentLength = "content_length",
        /// `Transfer-Encoding` is not exactly `chunked`, or stands beside `Content-Length`.
        TransferEncoding = "transfer_encoding",
        /// A transfer coding that is not implemented.
        UnknownCoding = "unknown_coding",
        /// The head did not arrive in time.
        HeadTimeout = "head_timeout",
        /// Bytes came after a request to switch protocols and before its answer.
        EarlyBytes = "early_bytes",
        /// A chunked body breaks its grammar.
        Chunk = "chunk",
    }
}

impl Malformed {
    /// The status that tells the sender.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::HeadTimeout => 408,
            Self::TargetTooLong => 414,
            Self::HeadTooLarge => 431,
            Self::UnknownCoding => 501,
            Self::Version => 505,
            _ => 400,
        }
    }
}
