//! Which metrics an alert looks at: read from the rules that ship, compiled in.
//!
//! Owns the reading of their texts, as far as names go: rules, what they record, and metrics. Whether an
//! expression is right is held by promtool's tests.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::telemetry::metrics::listed;

/// Every file of rules: its name and text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// An alert, and the metrics that it looks at in the order of their table.
type Looks = (&'static str, Vec<&'static str>);

static LOOKS: LazyLock<Vec<Looks>> = LazyLock::new(|| {
    let rules: Vec<Rule> = FILES.iter().flat_map(|(_, text)| rules(text)).collect();
    let alerts = rules.iter().filter(|rule| rule.is_alert);
    alerts.map(|alert| (alert.name, metrics(alert, &rules))).collect()
});

/// The metrics that an alert looks at.
pub(super) fn looks_at(alert: &str) -> impl Iterator<Item = &'static str> {
    let of = LOOKS.iter().filter(move |(name, _)| *name == alert);
    let names: BTreeSet<&str> = of.flat_map(|(_, metrics)| metrics.iter().copied()).collect();
    listed().map(|metric| metric.name).filter(move |name| names.contains(name))
}

/// The alerts that look at a metric.
pub(super) fn looked_at_by(metric: &str) -> BTreeSet<&'static str> {
    let of = LOOKS.iter().filter(|(_, metrics)| metrics.contains(&metric));
    of.map(|(alert, _)| *alert).collect()
}

/// One rule: what it is called, and its text.
struct Rule {
    is_alert: bool,
    name: &'static str,
    text: String,
}

fn rules(file: &'static str) -> Vec<Rule> {
    let mut found: Vec<Rule> = Vec::new();
    for line in file.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("- alert: ") {
            found.push(Rule { is_alert: true, name, text: String::new() });
        } else if let Some(name) = line.strip_prefix("- record: ") {
            found.push(Rule { is_alert: false, name, text: String::new() });
        } else if let Some(rule) = found.last_mut() {
            rule.text.push_str(line);
            rule.text.push('\n');
        }
    }
    found
}

/// The metrics of a rule and of what it takes from records, however far.
fn metrics(rule: &Rule, all: &[Rule]) -> Vec<&'static str> {
    let (mut waiting, mut seen) = (vec![rule], BTreeSet::new());
    let mut found = BTreeSet::new();
    while let Some(rule) = waiting.pop() {
        let named = listed().map(|metric| metric.name).filter(|name| mentions(&rule.text, name));
        found.extend(named);
        let records =
            all.iter().filter(|other| !other.is_alert && mentions(&rule.text, other.name));
        waiting.extend(records.filter(|other| seen.insert(other.name)));
    }
    found.into_iter().collect()
}

/// Whether a name stands in a text, and not as a part of another one.
fn mentions(text: &str, name: &str) -> bool {
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    text.match_indices(name).any(|(at, _)| {
        let rest = &text[at + name.len()..];
        let part = ["_bucket", "_count", "_sum"].into_iter().find_map(|end| rest.strip_prefix(end));
        !text[..at].ends_with(of_a_name) && !part.unwrap_or(rest).starts_with(of_a_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_a_part_of_another() {
        for (text, expected) in [
            ("rate(accuscope_calls_total[5m])", true),
            ("accuscope_calls_total", true),
            ("accuscope_calls_total_more", false),
            ("accuscope_calls", false),
            ("clinic:accuscope_calls_total:rate", false),
        ] {
            assert_eq!(mentions(text, "accuscope_calls_total"), expected, "{text}");
        }
        assert!(mentions("accuscope_overhead_seconds_bucket{}", "accuscope_overhead_seconds"));
    }

    #[test]
    fn an_alert_looks_at_metrics_directly_and_by_what_is_recorded_and_every_one_at_some() {
        let of = |alert| looks_at(alert).collect::<Vec<_>>();
        assert!(of("AccuscopeClinicAuthFailing").contains(&"accuscope_clinic_auth_state"));
        assert_eq!(of("AccuscopeAuditUnavailable"), ["accuscope_audit_available"]);
        assert!(looked_at_by("accuscope_clinic_missed_calls").contains("AccuscopeClinicSilent"));
        for (alert, metrics) in LOOKS.iter() {
            // These two look whether Prometheus reaches accuscope at all.
            let of_prometheus = ["AccuscopeDown", "AccuscopeWatchdog"].contains(alert);
            assert_eq!(metrics.is_empty(), of_prometheus, "{alert}");
        }
    }
}
