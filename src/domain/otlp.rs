//! Spans: where they go, how, and which calls become one.
//!
//! Owns the settings' types and the decision about sampling, a pure function, so that what `traceparent`
//! says and what is exported never differ. Sends nothing.

use super::labels::label_enum;
use super::trace_context::{TraceId, TraceParent};

label_enum! {
    /// How spans are sent (OpenTelemetry's names of `OTEL_EXPORTER_OTLP_PROTOCOL`).
    OtlpProtocol, "a protocol of OTLP" {
        /// Protocol buffers over HTTP/1.1.
        HttpProtobuf = "http/protobuf",
        /// gRPC.
        Grpc = "grpc",
    }
}

/// Where spans go, `telemetry.otlp_…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Otlp {
    /// `http://host:4318`, for gRPC usually `http://host:4317`.
    pub endpoint: String,
    /// How they are sent.
    pub protocol: OtlpProtocol,
    /// Of a hundred traces that begin here, so many are sent; traces that an app began follow the app's flag.
    pub sample_percent: u64,
}

/// Bits of a trace id that are random (W3C Trace Context level 2, section 3.2.2.5.2: the last seven bytes).
const RANDOM_BITS: u32 = 56;

/// Whether a call becomes a span. Where an app has begun the trace, the app has decided, and its flag holds;
/// of the traces that begin here `percent` in a hundred do. The same ids in every process: an id is compared
/// with a threshold (OpenTelemetry, "consistent probability sampling": `R >= T`).
#[must_use]
pub fn is_sampled(app: Option<TraceParent>, trace_id: TraceId, percent: u64) -> bool {
    app.map_or_else(|| is_of_those(trace_id, percent), TraceParent::is_sampled)
}

fn is_of_those(trace_id: TraceId, percent: u64) -> bool {
    let random = trace_id.bits() & ((1 << RANDOM_BITS) - 1);
    random * 100 >= u128::from(100 - percent.min(100)) << RANDOM_BITS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::trace_context::SpanId;

    const LAST: u128 = (1 << RANDOM_BITS) - 1;

    #[test]
    fn an_app_that_began_the_trace_has_decided() {
        for (flags, expected) in [(0b00, false), (0b01, true), (0b10, false), (0b11, true)] {
            let trace_id = TraceId::from_bits(7);
            let app = TraceParent { trace_id, span_id: SpanId::from_bits(1), flags };
            for percent in [0, 1, 100] {
                assert_eq!(is_sampled(Some(app), trace_id, percent), expected, "{flags} {percent}");
            }
        }
    }

    #[test]
    fn of_the_others_so_many_in_a_hundred() {
        for (random, percent, expected) in [
            (0, 0, false),
            (LAST, 0, false),
            (0, 100, true),
            (LAST, 100, true),
            (LAST, 1, true),
            (LAST / 2, 50, false),
            (LAST / 2 + 1, 50, true),
        ] {
            // What stands before the random bits does not matter.
            for before in [0, 1 << 56, 0xabcd << 100] {
                let id = TraceId::from_bits(random | before);
                assert_eq!(is_sampled(None, id, percent), expected, "{random:x} {percent}");
            }
        }
    }

    proptest! {
        #[test]
        fn who_is_sampled_stays_so_where_more_are(id in 1u128.., less in 0u64..=100, more in 0u64..=100) {
            let (less, more) = (less.min(more), less.max(more));
            let id = TraceId::from_bits(id);
            prop_assert!(!is_sampled(None, id, less) || is_sampled(None, id, more));
        }
    }
}
