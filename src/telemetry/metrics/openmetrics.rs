//! The metrics as `OpenMetrics` 1.0, which can carry examples; and when a client wants that form.
//!
//! Owns the form, written from the gathered families since the metrics' library has neither. Numbers are
//! written as in the text format, `le="1"` rather than `le="1.0"`, so that a client that changes the form
//! goes on with the same series. Does not decide which trace ids may be shown; see [`super::exemplars`].
//!
//! Source: `OpenMetrics` 1.0.0, sections "Text format" and "Counter".

use std::fmt::Write as _;

use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::exemplars::{Exemplar, OfSeries};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus's text format.
    Text,
    /// `OpenMetrics`.
    OpenMetrics,
}

impl Format {
    /// The value of `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// What an `Accept` asks for: `OpenMetrics` where it is named, in a version that is ours, and nothing
    /// that is named for the text format is liked better. Everybody else gets what they always got.
    #[must_use]
    pub fn of_accept(accept: &str) -> Self {
        let (mut open, mut text) = (0, 0);
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let (mut quality, mut version) = (1_000, None);
            for part in parts {
                match part.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
                    Some(("q", value)) => quality = thousandths(value),
                    Some(("version", value)) => version = Some(value.trim_matches('"')),
                    _ => {}
                }
            }
            match &*media {
                "application/openmetrics-text"
                    if matches!(version, None | Some("1.0.0" | "0.0.1")) =>
                {
                    open = open.max(quality);
                }
                "text/plain" => text = text.max(quality),
                _ => {}
            }
        }
        if open > 0 && open >= text { Self::OpenMetrics } else { Self::Text }
    }
}

/// A weight such as `0.75`, in thousandths; 0 for what is none.
fn thousandths(weight: &str) -> u32 {
    let (whole, rest) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = rest.len() <= 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, format!("{rest:0<3}").parse()) {
        ("1", _) => 1_000,
        ("0", Ok(rest)) if digits => rest,
        _ => 0,
    }
}

/// Writes the families. `examples` gives those of a histogram's series.
pub(super) fn write(
    families: &[MetricFamily],
    examples: impl Fn(&str, &Metric) -> Option<OfSeries>,
) -> String {
    let mut text = String::with_capacity(64 * 1_024);
    for family in families.iter().filter(|family| !family.get_metric().is_empty()) {
        let name = family.name();
        let counter = family.get_field_type() == MetricType::COUNTER;
        // A counter's samples end in `_total`, and its family's name does not.
        let (base, kind) = match (family.get_field_type(), name.strip_suffix("_total")) {
            (MetricType::COUNTER, Some(base)) => (base, "counter"),
            (MetricType::GAUGE, _) => (name, "gauge"),
            (MetricType::HISTOGRAM, _) => (name, "histogram"),
            _ => (name, "unknown"),
        };
        let _ = writeln!(text, "# TYPE {base} {kind}");
        if let Some(unit) = ["seconds", "bytes"].into_iter().find(|unit| ends_with(base, unit)) {
            let _ = writeln!(text, "# UNIT {base} {unit}");
        }
        text.push_str("# HELP ");
        text.push_str(base);
        text.push(' ');
        escape(&mut text, family.help());
        text.push('\n');
        for metric in family.get_metric() {
            if kind == "histogram" {
                let examples = examples(name, metric);
                let examples = examples.as_ref().map_or(&[][..], |all| all);
                histogram(&mut text, name, metric, examples);
                continue;
            }
            let value = if counter {
                metric.get_counter().get_value()
            } else {
                metric.get_gauge().get_value()
            };
            sample(&mut text, (name, ""), metric, None);
            number(&mut text, value);
            text.push('\n');
        }
    }
    text.push_str("# EOF\n");
    text
}

fn ends_with(base: &str, unit: &str) -> bool {
    base.strip_suffix(unit).is_some_and(|front| front.ends_with('_'))
}

fn histogram(text: &mut String, name: &str, metric: &Metric, examples: &[Option<Exemplar>]) {
    let histogram = metric.get_histogram();
    let example = |bucket: usize| examples.get(bucket).copied().flatten();
    let bounds = histogram.get_bucket().iter();
    let bounds = bounds.map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()));
    let last = (f64::INFINITY, histogram.get_sample_count());
    let bounds = bounds.filter(|(bound, _)| bound.is_finite()).chain([last]);
    for (bucket, (bound, count)) in bounds.enumerate() {
        sample(text, (name, "_bucket"), metric, Some(bound));
        let _ = write!(text, "{count}");
        if let Some(Exemplar { trace, value, at }) = example(bucket) {
            let _ = write!(text, " # {{trace_id=\"{trace}\"}} ");
            number(text, value);
            let micros = at.micros();
            let _ = write!(text, " {}.{:03}", micros / 1_000_000, micros / 1_000 % 1_000);
        }
        text.push('\n');
    }
    sample(text, (name, "_sum"), metric, None);
    number(text, histogram.get_sample_sum());
    text.push('\n');
    sample(text, (name, "_count"), metric, None);
    let _ = writeln!(text, "{}", histogram.get_sample_count());
}

/// A sample's name and labels, and the space behind them.
fn sample(text: &mut String, (name, suffix): (&str, &str), metric: &Metric, bound: Option<f64>) {
    text.push_str(name);
    text.push_str(suffix);
    let mut between = '{';
    for label in metric.get_label() {
        text.push(between);
        text.push_str(label.name());
        text.push_str("=\"");
        escape(text, label.value());
        text.push('"');
        between = ',';
    }
    if let Some(bound) = bound {
        text.push(between);
        text.push_str("le=\"");
        number(text, bound);
        text.push('"');
        between = ',';
    }
    if between == ',' {
        text.push('}');
    }
    text.push(' ');
}

fn escape(text: &mut String, raw: &str) {
    for c in raw.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            c => text.push(c),
        }
    }
}

fn number(text: &mut String, value: f64) {
    if value.is_finite() {
        let _ = write!(text, "{value}");
    } else if value.is_nan() {
        text.push_str("NaN");
    } else {
        text.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    }
}

#[cfg(test)]
mod tests {
    use prometheus::{Histogram, HistogramOpts, IntCounter, IntGaugeVec, Opts, Registry};

    use super::*;
    use crate::domain::time::Timestamp;
    use crate::domain::trace_context::TraceId;

    #[test]
    fn open_metrics_is_for_whoever_asks_for_it_by_name() {
        for (accept, open) in [
            ("", false),
            ("*/*", false),
            ("text/html, */*;q=0.1", false),
            ("text/plain;version=0.0.4", false),
            ("application/openmetrics-text", true),
            ("Application/OpenMetrics-Text; version=1.0.0; charset=utf-8", true),
            // Prometheus 2.42, and 3.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                true,
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                true,
            ),
            ("text/plain, application/openmetrics-text;q=0.5", false),
            ("application/openmetrics-text;q=0", false),
            ("application/openmetrics-text;version=2.0.0", false),
            ("application/openmetrics-text;q=9", false),
        ] {
            assert_eq!(Format::of_accept(accept) == Format::OpenMetrics, open, "{accept}");
        }
    }

    #[test]
    fn the_form_is_the_specifications() {
        let registry = Registry::new();
        let counter = IntCounter::new("a_total", "Says \"a\\b\".").unwrap();
        let odd = IntCounter::new("b", "No counter's name.").unwrap();
        let gauge = IntGaugeVec::new(Opts::new("c_seconds", "C."), &["x"]).unwrap();
        let buckets = HistogramOpts::new("d_seconds", "D.").buckets(vec![0.5, 1.0]);
        let histogram = Histogram::with_opts(buckets).unwrap();
        registry.register(Box::new(counter.clone())).unwrap();
        registry.register(Box::new(odd)).unwrap();
        registry.register(Box::new(gauge.clone())).unwrap();
        registry.register(Box::new(histogram.clone())).unwrap();
        counter.inc_by(3);
        gauge.with_label_values(&["say \"x\"\n"]).set(-2);
        histogram.observe(0.75);
        histogram.observe(7.0);
        let mut examples: OfSeries = Default::default();
        let example = |value| Exemplar {
            trace: TraceId::from_bits(0xa),
            value,
            at: Timestamp::from_micros(1_800_000_000_012_345),
        };
        (examples[1], examples[2]) = (Some(example(0.75)), Some(example(7.0)));
        let text = write(&registry.gather(), |_, _| Some(examples));
        let expected = r#"# TYPE a counter
# HELP a Says \"a\\b\".
a_total 3
# TYPE b unknown
# HELP b No counter's name.
b 0
# TYPE c_seconds gauge
# UNIT c_seconds seconds
# HELP c_seconds C.
c_seconds{x="say \"x\"\n"} -2
# TYPE d_seconds histogram
# UNIT d_seconds seconds
# HELP d_seconds D.
d_seconds_bucket{le="0.5"} 0
d_seconds_bucket{le="1"} 1 # {trace_id="0000000000000000000000000000000a"} 0.75 1800000000.012
d_seconds_bucket{le="+Inf"} 2 # {trace_id="0000000000000000000000000000000a"} 7 1800000000.012
d_seconds_sum 7.75
d_seconds_count 2
# EOF
"#;
        assert_eq!(text, expected);
    }
}
