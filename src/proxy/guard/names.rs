//! Names of fields that mean something on the way to Accuro.
//!
//! Owns the list of what nobody may send under a name that only looks different. Other names with an
//! underscore are the app's own business (RFC 9110, 5.1) and go on as they are.

/// Fields that frame a message, tie it to its connection, say whose it is, or are accuscope's.
const NAMES: [&str; 18] = [
    "authorization",
    "connection",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "idempotency-key",
    "keep-alive",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
    "x-request-id",
];
/// How the names of whole groups of them begin.
const BEGINNINGS: [&str; 9] = [
    "accuscope",
    "content-",
    "proxy-",
    "sec-",
    "x-forwarded",
    "x-http-method",
    "x-method",
    "x-original",
    "x-rewrite",
];

/// Whether a name is one of those once its underscores are hyphens.
pub(super) fn is_spoken_for(name: &[u8]) -> bool {
    let hyphen = |byte: &u8| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    let name: Vec<u8> = name.iter().map(hyphen).collect();
    NAMES.iter().any(|known| known.as_bytes() == name)
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_underscore_hides_nothing_that_means_something() {
        for (name, expected) in [
            ("Content_Length", true),
            ("transfer_encoding", true),
            ("Accuscope_Clinic", true),
            ("Accuscope-App_Key", true),
            ("X_Forwarded_User", true),
            ("X_Http_Method_Override", true),
            ("Idempotency_Key", true),
            ("x_clinic_workflow", false),
            ("device_id", false),
            ("_", false),
        ] {
            assert_eq!(is_spoken_for(name.as_bytes()), expected, "{name}");
        }
    }
}
