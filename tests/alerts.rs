//! Holds alerts, runbooks, alert tests, dashboards and metrics together: a name that exists in one
//! place exists in all, and promtool accepts what Prometheus will load.
//!
//! Does not decide when an alert should fire; `alerts/tests` does, and promtool runs it.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use accuscope::domain::cause::Cause;
use accuscope::domain::labels::{Category, Context, Outcome, WorkflowDomain};
use accuscope::domain::reason::Reason;
use accuscope::telemetry::metrics::EXPORTED;
use serde_json::Value;

/// What every process tells of itself, beside accuscope's own metrics.
const OF_THE_PROCESS: (&str, &[&str]) = ("process_start_time_seconds", &[]);

/// Labels that Prometheus adds at the scrape.
const SCRAPE_LABELS: &[&str] = &["job", "instance", "le"];

/// Who acts, in the words of a diagnosis.
const OWNERS: &[&str] = &["accuro", "clinic_admin", "user", "app_vendor", "operator", "nobody"];

const HEADINGS: &[&str] =
    &["Meaning", "Impact", "Diagnosis", "Mitigation", "Who to call", "What to tell clinics"];

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no .{extension} file");
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// The rule files as one text, without comments.
fn rules() -> String {
    let text: Vec<String> =
        files("alerts", "yml").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let rules = text.concat();
    let lines = rules.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Each alert with the text of its rule. A name may have several rules.
fn alerts() -> Vec<(String, String)> {
    rules()
        .split("      - ")
        .filter_map(|rule| rule.strip_prefix("alert: "))
        .map(|rule| (rule.lines().next().unwrap().to_owned(), rule.to_owned()))
        .collect()
}

fn alert_names() -> BTreeSet<String> {
    alerts().into_iter().map(|(name, _)| name).collect()
}

/// The value of `key: value` in a rule, without quotes.
fn field<'a>(rule: &'a str, key: &str) -> Option<&'a str> {
    let line = rule.lines().find_map(|line| line.trim().strip_prefix(&format!("{key}: ")))?;
    Some(line.trim_matches('"'))
}

fn dashboards() -> Vec<(String, Value)> {
    files("dashboards", "json")
        .iter()
        .map(|path| (stem(path), serde_json::from_slice(&fs::read(path).unwrap()).unwrap()))
        .collect()
}

/// Every `expr` anywhere in a dashboard, with Grafana's variables filled in.
fn exprs(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, inner)| match inner.as_str() {
                Some(text) if key == "expr" => {
                    vec![text.replace("$__rate_interval", "5m").replace("$clinic", ".*")]
                }
                _ => exprs(inner),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(exprs).collect(),
        _ => Vec::new(),
    }
}

fn panels(dashboard: &Value) -> Vec<&Value> {
    let all = dashboard["panels"].as_array().unwrap();
    all.iter().filter(|panel| panel["type"] != "row").collect()
}

/// Every PromQL text that ships: of the rules (queries inside annotations too) and the dashboards.
fn shipped_queries() -> String {
    let boards: Vec<String> = dashboards().iter().flat_map(|(_, board)| exprs(board)).collect();
    format!("{}\n{}", rules(), boards.join("\n"))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// Every metric of ours in `text`, each with what its `{…}` selects by: label and value.
fn metrics(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_name) {
        rest = &rest[at..];
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after;
        let ours = name.starts_with("accuscope_") || name.starts_with("process_");
        if !ours || name == "accuscope_site" {
            continue;
        }
        let inside = after.strip_prefix('{').and_then(|text| text.split_once('}'));
        let selected = inside.map_or("", |(selector, _)| selector);
        let pairs = selected.split(',').filter_map(|pair| pair.split_once('='));
        let clean = |text: &str| text.trim_matches(['~', '"', '\'', '!', ' ', '\\']).to_owned();
        found.push((name.to_owned(), pairs.map(|(l, v)| (clean(l), clean(v))).collect()));
    }
    found
}

/// The exported name behind a series name: a histogram has three series.
fn base(name: &str) -> &str {
    ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let runbooks: BTreeSet<String> =
        files("alerts/runbooks", "md").iter().map(|path| stem(path)).collect();
    assert_eq!(alert_names(), runbooks, "alerts on the left, runbooks on the right");
}

#[test]
fn every_alert_has_a_test_of_its_labels_and_words_and_every_test_an_alert() {
    let mut tested = BTreeSet::new();
    for path in files("alerts/tests", "yml") {
        let text = fs::read_to_string(&path).unwrap();
        let names = text.lines().filter_map(|line| line.trim().strip_prefix("alertname: "));
        tested.extend(names.map(str::to_owned));
    }
    assert_eq!(alert_names(), tested, "alerts on the left, tests on the right");
}

#[test]
fn every_rule_file_has_a_test_file() {
    let rules: BTreeSet<String> = files("alerts", "yml").iter().map(|path| stem(path)).collect();
    let tests: BTreeSet<String> = files("alerts/tests", "yml")
        .iter()
        .map(|path| stem(path).trim_end_matches("_test").to_owned())
        .collect();
    assert_eq!(rules, tests, "rules on the left, tests on the right");
}

#[test]
fn a_runbook_fits_on_a_page_and_answers_six_questions_in_order() {
    for path in files("alerts/runbooks", "md") {
        let text = fs::read_to_string(&path).unwrap();
        let shown = path.display();
        assert!(text.lines().count() <= 60, "{shown} has {} lines", text.lines().count());
        assert!(text.starts_with(&format!("# {}\n", stem(&path))), "{shown}: title");
        let headings: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, HEADINGS, "{shown}");
    }
}

#[test]
fn an_alert_says_how_bad_whose_move_what_to_read_and_where_to_look() {
    for (name, rule) in alerts() {
        let severity = field(&rule, "severity").unwrap_or_default();
        assert!(["critical", "warning", "none"].contains(&severity), "{name}: severity");
        let scope = field(&rule, "scope").unwrap_or_default();
        assert!(["fleet", "upstream", "clinic", "service"].contains(&scope), "{name}: scope");
        assert!(OWNERS.contains(&field(&rule, "owner").unwrap_or_default()), "{name}: owner");
        if let Some(category) = field(&rule, "category") {
            assert!(Category::parse(category).is_some(), "{name}: category {category}");
        }
        if rule.contains("annotations: *") {
            continue; // The words of the rule above, by reference.
        }
        for needed in ["summary", "description", "impact"] {
            assert!(field(&rule, needed).is_some(), "{name} lacks {needed}");
        }
        let site = "{{ $externalLabels.accuscope_site }}/";
        let runbook = field(&rule, "runbook_url").unwrap_or_default();
        assert_eq!(runbook, format!("{site}runbooks/{name}"), "{name}");
        assert!(field(&rule, "ui_url").unwrap_or_default().starts_with(site), "{name}: ui_url");
    }
}

#[test]
fn every_metric_and_label_in_a_rule_or_dashboard_is_exported() {
    let exported: BTreeMap<&str, &[&str]> =
        EXPORTED.iter().chain([&OF_THE_PROCESS]).copied().collect();
    let queries = shipped_queries();
    let recorded: BTreeSet<&str> =
        queries.lines().filter_map(|line| line.trim().strip_prefix("- record: ")).collect();
    let used = metrics(&queries);
    assert!(used.len() > 50, "the reader of metric names found only {}", used.len());
    for (name, selectors) in used {
        let Some(labels) = exported.get(base(&name)) else {
            panic!("{name} does not exist");
        };
        for (label, _) in &selectors {
            let known = labels.contains(&label.as_str()) || SCRAPE_LABELS.contains(&label.as_str());
            assert!(known, "{name} has no label {label:?}");
        }
    }
    for word in queries.split(|c| !is_name(c)).filter(|word| word.contains(":accuscope_")) {
        assert!(recorded.contains(word), "{word} is not recorded");
    }
}

#[test]
fn a_rule_or_dashboard_selects_only_by_values_that_exist() {
    let results = "ok client_error auth server_error timeout connect_error tls_error throttled";
    for (name, selectors) in metrics(&shipped_queries()) {
        for (label, values) in selectors {
            for value in values.split('|').filter(|value| !value.contains(['%', '*', '.'])) {
                let exists = match label.as_str() {
                    "category" => Category::parse(value).is_some(),
                    "context" => Context::parse(value).is_some(),
                    "domain" => WorkflowDomain::parse(value).is_some(),
                    "outcome" => Outcome::parse(value).is_some(),
                    "result" => results.split(' ').any(|result| result == value),
                    "job" => value == "accuscope",
                    // Calls of no clinic.
                    "clinic" => value == "none",
                    "cause" => Cause::parse(value).is_some_and(Cause::is_trouble),
                    "reason" => Reason::parse(value).is_some(),
                    "le" => value == "2.5",
                    other => panic!("{name}: nothing known about the values of {other}"),
                };
                assert!(exists, "{name}: {label} is never {value:?}");
            }
        }
    }
}

#[test]
fn a_dashboard_explains_every_panel_and_takes_its_data_source_from_the_reader() {
    for (name, board) in dashboards() {
        assert_eq!(board["uid"], format!("accuscope-{name}"));
        let variables: Vec<&str> = board["templating"]["list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|variable| variable["name"].as_str().unwrap())
            .collect();
        assert_eq!(variables, ["datasource", "clinic", "site"], "{name}");
        let mut ids = BTreeSet::new();
        for panel in panels(&board) {
            let title = panel["title"].as_str().unwrap();
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{name}: {title}: id used twice");
            assert!(!panel["description"].as_str().unwrap().is_empty(), "{name}: {title}");
            assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{name}: {title}: unit");
        }
        let text = board.to_string();
        let chosen = r#""datasource":{"type":"prometheus","uid":"${datasource}"}"#;
        let sources = text.matches(r#""datasource":"#).count();
        assert_eq!(text.matches(chosen).count(), sources, "{name}: a fixed data source");
        for link in ["${site}/calls?", "${site}/clinics/", "${site}/runbooks/"] {
            assert!(text.contains(link), "{name} has no link to {link}");
        }
    }
}

#[test]
fn panels_do_not_cover_each_other() {
    for (name, board) in dashboards() {
        let mut taken = BTreeSet::new();
        for panel in board["panels"].as_array().unwrap() {
            let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(at("x") + at("w") <= 24, "{name}: {} is too wide", panel["title"]);
            for x in at("x")..at("x") + at("w") {
                for y in at("y")..at("y") + at("h") {
                    assert!(taken.insert((x, y)), "{name}: {} covers another", panel["title"]);
                }
            }
        }
    }
}

#[test]
fn a_dashboard_uses_the_words_and_colours_of_the_site() {
    let kinds = [
        ("ok", "#4FA186", "Worked"),
        ("auth", "#4A16A0", "Access refused"),
        ("validation", "#C4771D", "Request rejected"),
        ("empty", "#5F6C80", "Nothing found"),
        ("transient", "#9E0F33", "No answer"),
    ];
    let boards: Vec<Value> = dashboards().into_iter().map(|(_, board)| board).collect();
    let overrides: Vec<&Value> = boards
        .iter()
        .flat_map(panels)
        .filter_map(|panel| panel["fieldConfig"]["overrides"].as_array())
        .flatten()
        .collect();
    for (value, colour, words) in kinds {
        let shown = overrides.iter().filter(|found| found["matcher"]["options"] == value);
        let shown: Vec<String> = shown.map(|found| found["properties"].to_string()).collect();
        assert!(!shown.is_empty(), "{value} has no fixed colour");
        for properties in shown {
            assert!(properties.contains(colour), "{value} is not {colour}: {properties}");
            assert!(properties.contains(words), "{value} is not {words:?}: {properties}");
        }
    }
}

/// Starts promtool. `None` where it is not installed and nobody insists.
fn promtool(arguments: &[&str], file: &Path) -> Option<Child> {
    let started = Command::new("promtool")
        .args(arguments)
        .arg(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let insist = std::env::var("CI").is_ok_and(|value| value == "true");
    match started {
        Ok(child) => Some(child),
        Err(_) if !insist => None,
        Err(error) => panic!(
            "promtool does not start ({error}). Install it: apt-get install prometheus (Debian), \
             or unpack it from a release of Prometheus into a folder of PATH"
        ),
    }
}

fn assert_accepted(runs: Vec<(String, Child)>) {
    for (what, run) in runs {
        let output = run.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{what}:\n{}", String::from_utf8_lossy(&said));
    }
}

#[test]
fn prometheus_loads_every_rule_file() {
    let run = |path: PathBuf| Some((stem(&path), promtool(&["check", "rules"], &path)?));
    assert_accepted(files("alerts", "yml").into_iter().filter_map(run).collect());
}

#[test]
fn every_alert_fires_when_it_should_and_only_then() {
    let run = |path: PathBuf| Some((stem(&path), promtool(&["test", "rules"], &path)?));
    assert_accepted(files("alerts/tests", "yml").into_iter().filter_map(run).collect());
}

#[test]
fn prometheus_understands_every_query_of_a_dashboard() {
    let folder = tempfile::tempdir().unwrap();
    let mut runs = Vec::new();
    for (name, board) in dashboards() {
        let queries = exprs(&board);
        assert!(queries.len() >= panels(&board).len(), "{name}: a panel without a query");
        let rules: String = queries.iter().enumerate().fold(String::new(), |all, (at, query)| {
            format!("{all}  - record: panel:{at}\n    expr: {query:?}\n")
        });
        let file = folder.path().join(format!("{name}.yml"));
        fs::write(&file, format!("groups:\n- name: {name}\n  rules:\n{rules}")).unwrap();
        runs.extend(promtool(&["check", "rules"], &file).map(|child| (name, child)));
    }
    assert_accepted(runs);
}
