//! What can be wrong with a request's bytes, and what tells its sender: status and reason.
//!
//! Owns the vocabulary; the rules themselves are the wire guard's.

use super::labels::label_enum;
use super::reason::Reason;

label_enum! {
    /// What is wrong with a request's bytes: the label of `accuscope_malformed_requests_total`.
    Malformed, "a problem" {
        /// The request line is not `method SP target SP HTTP/1.x`: this is no HTTP at all.
        RequestLine = "request_line",
        /// The target has bytes that no URI has, or is of a form that the method does not take.
        Target = "target",
        /// The target is too long.
        TargetTooLong = "target_too_long",
        /// An HTTP version that is not spoken here.
        Version = "version",
        /// A field line is not `name: value`.
        FieldLine = "field_line",
        /// A field name that servers take for another one, since it has an underscore in a hyphen's
        /// place or is nearly the name of a framing field.
        FieldName = "field_name",
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
        /// A body where the method has none, which one server reads and the next one takes for
        /// another request.
        UnexpectedBody = "unexpected_body",
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

    /// The reason in the event.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::TargetTooLong | Self::HeadTooLarge => Reason::TooLarge,
            _ => Reason::BadRequest,
        }
    }

    /// Whether the bytes are a request at all, so that its refusal is worth an event.
    #[must_use]
    pub const fn is_request(self) -> bool {
        !matches!(self, Self::RequestLine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_follows_from_the_status() {
        for problem in Malformed::ALL {
            let large = matches!(problem.status(), 413 | 414 | 431);
            assert_eq!(problem.reason() == Reason::TooLarge, large, "{problem}");
        }
    }
}
