//! What the settings promise: every mistake is named, with an example, without its value.

use std::path::Path;

use super::*;

const MINIMAL: &str =
    "environment = \"sandbox\"\n[upstream]\nbase_url = \"http://127.0.0.1:9000\"\n";

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Config::parse(text, Path::new("accuscope.toml"), variables).map_err(|error| error.to_string())
}

#[test]
fn the_contract_s_example_is_read() {
    let config = parse(include_str!("example.toml"), &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.registry.clinics()[0].id.as_str(), "maple-ridge");
    assert_eq!(
        config.registry.clinics()[0].went_live.map(|d| d.to_string()),
        Some("2026-09-14".into())
    );
    assert_eq!(config.retention.audit, Duration::from_hours(3_650 * 24));
    assert_eq!(config.privacy.key_files.len(), 1);
}

#[test]
fn the_example_lists_every_key() {
    let example = include_str!("example.toml");
    for known in known::KEYS.iter().chain(known::CLINIC_KEYS).chain(known::APP_KEYS) {
        let last = known.key.rsplit('.').next().unwrap();
        let named =
            example.contains(&format!("\n{last} = ")) || example.contains(&format!(".{last}]"));
        assert!(named || example.starts_with(&format!("{last} = ")), "{}", known.key);
    }
}

#[test]
fn an_environment_variable_overrides_a_key() {
    let config = parse(
        MINIMAL,
        &[
            ("ACCUSCOPE__PROXY__LISTEN", "127.0.0.1:1"),
            ("ACCUSCOPE__PROXY__MAX_CONNECTIONS", "7"),
            ("ACCUSCOPE__PRIVACY__KEYS__K1__FILE", "/run/k1"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.proxy.listen.port(), 1);
    assert_eq!(config.proxy.max_connections, 7);
    assert_eq!(config.privacy.key_files[0].1, Path::new("/run/k1"));
}

#[test]
fn a_mistake_is_named_with_an_example_and_without_the_value() {
    #[rustfmt::skip]
    let table: [(&str, &str); 14] = [
        ("", "accuscope.toml: key environment is missing; example: environment = \"sandbox\""),
        ("environment = \"sandbox\"", "accuscope.toml: key upstream.base_url is missing; example: base_url = \"http://127.0.0.1:9000\""),
        ("environment = \"Tremblay\"", "accuscope.toml: key environment: must be \"sandbox\" or \"production\"; example: environment = \"sandbox\""),
        ("[proxy]\nlistn = \"x\"", "accuscope.toml: unknown key proxy.listn; did you mean proxy.listen?"),
        ("[prox]\nlisten = \"x\"", "accuscope.toml: unknown key prox.listen; did you mean proxy.listen?"),
        ("[proxy]\nlisten = \"Tremblay\"", "accuscope.toml: key proxy.listen: must be an IP address with a port; example: listen = \"127.0.0.1:8080\""),
        ("[upstream]\nconnect_timeout = 2", "accuscope.toml: key upstream.connect_timeout: must be a text in quotes; example: connect_timeout = \"2s\""),
        ("[upstream]\nresponse_timeout = \"2 weeks\"", "accuscope.toml: key upstream.response_timeout: must be a whole number with ms, s, m, h, d or y; example: response_timeout = \"30s\""),
        ("[proxy]\nmax_head_bytes = -1", "accuscope.toml: key proxy.max_head_bytes: must be a whole number from 4096 to 1048576; example: max_head_bytes = 32768"),
        ("[ops]\nlisten = \"0.0.0.0:1\"\nauth = \"off\"", "accuscope.toml: key ops.auth: must be \"off\" only where ops.listen is loopback; example: auth = \"local\""),
        ("[privacy]\nactive_key = \"k9\"", "accuscope.toml: key privacy.active_key: must be one of the names in privacy.keys; example: active_key = \"k1\""),
        ("[[clinics]]\nid = \"Tremblay\"\nname = \"x\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"", "accuscope.toml: key clinics[1].id: must be a clinic id of only a-z, 0-9 and '-'; the character at position 0 is not one; example: id = \"maple-ridge\""),
        ("[[clinics]]\nid = \"a\"\nname = \"x\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"\ntimezone = \"Vancouver\"", "accuscope.toml: key clinics[1].timezone: must be a name of the IANA time zone database; example: timezone = \"America/Vancouver\""),
        ("[[apps]]\nid = \"x\"\nname = \"x\"\nclinics = [\"nowhere\"]", "accuscope.toml: the app x lists the clinic nowhere, which is not registered"),
    ];
    for (text, expected) in table {
        let whole = if text.is_empty() || text.starts_with("environment") {
            text.to_owned()
        } else if text.contains("[upstream]") {
            format!("environment = \"sandbox\"\n{text}\nbase_url = \"http://127.0.0.1:9000\"")
        } else {
            format!("{MINIMAL}{text}")
        };
        assert_eq!(parse(&whole, &[]).err().as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_is_not_toml_is_named_by_line() {
    let error = parse("environment = \"sandbox\"\n[upstream\n", &[]).err().unwrap();
    assert!(error.starts_with("accuscope.toml: line 2: not TOML"), "{error}");
}

#[test]
fn a_host_outside_the_allowed_list_stops_the_start() {
    let with = |hosts: &str| parse(&format!("{MINIMAL}allowed_hosts = [{hosts}]\n"), &[]).err();
    assert_eq!(with("\"127.0.0.1\""), None);
    assert_eq!(with("\"127.0.0.1:9000\""), None);
    assert!(with("\"api.example\"").unwrap().contains("upstream.allowed_hosts"));
}

#[test]
fn what_would_refuse_everything_or_nothing_is_no_setting() {
    #[rustfmt::skip]
    let table = [
        ("proxy.head_timeout = \"0s\"", "key proxy.head_timeout: must be longer than 0"),
        ("proxy.body_idle_timeout = \"0ms\"", "key proxy.body_idle_timeout: must be longer than 0"),
        ("upstream.connect_timeout = \"0s\"", "key upstream.connect_timeout: must be longer than 0"),
        ("upstream.response_timeout = \"0s\"", "key upstream.response_timeout: must be longer than 0"),
        ("retention.events = \"0d\"", "key retention.events: must be a day or more"),
        ("proxy.max_head_bytes = 4095", "key proxy.max_head_bytes: must be a whole number from 4096 to 1048576"),
        ("proxy.max_head_bytes = 1048577", "key proxy.max_head_bytes: must be a whole number from 4096 to 1048576"),
        ("proxy.max_connections = 0", "key proxy.max_connections: must be a whole number from 1 to 1000000"),
        ("telemetry.otlp_endpoint = \"garbage\"", "key telemetry.otlp_endpoint: must be http(s)://host:port"),
        ("ops.listen = \"127.0.0.1:8080\"", "key ops.listen: must be another address than proxy.listen"),
        ("telemetry.listen = \"0.0.0.0:8081\"", "key telemetry.listen: must be another address than ops.listen"),
        ("proxy.tls = { certificate = \"x\" }", "key proxy.tls: must be the files certificate and key"),
        ("proxy.tls = { cert = \"x\" }", "unknown key cert; did you mean certificate?"),
        ("environments.staging.tenants = []", "key environments: must be sections [environments.sandbox]"),
        ("environments.production.hosts = []", "unknown key environments.production.hosts"),
    ];
    for (line, expected) in table {
        let text = format!(
            "{line}\nenvironment = \"sandbox\"\nupstream.base_url = \"http://127.0.0.1:9000\""
        );
        let error = parse(&text, &[]).err().unwrap();
        assert!(error.starts_with(&format!("accuscope.toml: {expected}")), "{line}: {error}");
    }
}

#[test]
fn a_door_that_is_open_to_everybody_is_refused_whoever_keeps_the_keys() {
    use crate::domain::kept_registry::{EntryChange, EntryKind, KeptRegistry};
    let put = |kind, id: &str, body: String| EntryChange::Put { kind, id: id.to_owned(), body };
    let listens = |address: &str| {
        let text = format!("{MINIMAL}[proxy]\nlisten = \"{address}\"");
        parse(&text, &[]).unwrap_or_else(|error| panic!("{error}"))
    };
    let beyond = listens("0.0.0.0:8080");
    let error = beyond.refuse_open_door(&beyond.registry).err().unwrap().to_string();
    let expected = "accuscope.toml: key proxy.listen: must be a loopback address as long as no app";
    assert!(error.starts_with(expected), "{error}");
    assert!(listens("127.0.0.1:8080").refuse_open_door(&beyond.registry).is_ok());
    let key = format!("id = \"k\"\nsha256 = \"{DIGEST}\"");
    let kept = KeptRegistry::default().after(
        &[
            put(EntryKind::App, "web", "id = \"web\"\nname = \"Web\"".to_owned()),
            put(EntryKind::Key, "web/k", key),
        ],
        crate::domain::time::Timestamp::from_seconds(1),
    );
    let merged = beyond.lists.with(&kept);
    assert_eq!(merged.set_aside, []);
    assert!(beyond.refuse_open_door(&merged.registry).is_ok(), "the site's key shuts it");
}

const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[test]
fn an_app_has_several_keys_of_different_life() {
    let other = DIGEST.replace('9', "8");
    let text = format!(
        "{MINIMAL}[[apps]]\nid = \"a\"\nname = \"A\"\nkey_sha256 = \"{DIGEST}\"\nkeys = [{{ sha256 = \"{other}\", environment = \"production\", not_after = 2026-11-30, revoked = true }}]"
    );
    let config = parse(&text, &[]).unwrap_or_else(|error| panic!("{error}"));
    let [first, second] = config.registry.apps()[0].keys.as_slice() else { panic!("two keys") };
    assert_eq!((first.id.as_str(), first.environment, first.revoked), ("key", None, false));
    assert_eq!(second.id.as_str(), &other[..8]);
    assert_eq!(second.environment, Some(Environment::Production));
    assert_eq!(second.not_after.unwrap().to_string(), "2026-12-01T00:00:00.000000Z");
    assert!(second.revoked);
    for (keys, expected) in [
        ("[{ sha256 = \"x\" }]", "entries with sha256 = the SHA-256 of the key"),
        ("[{ sha256 = \"DIGEST\", environment = \"test\" }]", "entries whose environment is"),
        ("[{ sha256 = \"DIGEST\", not_after = 7 }]", "entries whose not_after is a date"),
        ("[{ sha256 = \"DIGEST\", id = \"A B\" }]", "entries whose id is one"),
        ("[{ sha256 = \"DIGEST\", expires = 2026-11-30 }]", "unknown key expires"),
        (
            "[{ id = \"a\", sha256 = \"DIGEST\" }, { id = \"a\", sha256 = \"OTHER\" }]",
            "two keys with the id a",
        ),
    ] {
        let keys = keys.replace("DIGEST", DIGEST).replace("OTHER", &other);
        let text = format!("{MINIMAL}[[apps]]\nid = \"a\"\nname = \"A\"\nkeys = {keys}");
        let error = parse(&text, &[]).err().unwrap();
        assert!(error.contains(expected), "{keys}: {error}");
    }
}

#[test]
fn a_clinic_has_a_tenant_in_each_environment() {
    let text = |environment: &str, tenants: &str| {
        format!(
            "environment = \"{environment}\"\nupstream.base_url = \"http://127.0.0.1:9000\"\n[[clinics]]\nid = \"a\"\nname = \"A\"\n{tenants}"
        )
    };
    let one = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330";
    let two = "0b5b6a3e-1d5e-4b43-9a56-0c1d6f4b7a11";
    let both = format!("tenants = {{ sandbox = \"{one}\", production = \"{two}\" }}");
    for (environment, own) in [("sandbox", one), ("production", two)] {
        let config =
            parse(&text(environment, &both), &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.registry.clinics()[0].tenant.to_string(), own);
    }
    for (tenants, expected) in [
        (format!("tenants = {{ production = \"{two}\" }}"), "clinics[1].tenant: must be there"),
        (
            format!("tenants = {{ test = \"{two}\" }}"),
            "clinics[1].tenants: must be sandbox and production",
        ),
        (format!("tenant = \"{one}\"\n{both}"), "clinics[1].tenant: must be left out"),
        (
            format!("tenant = \"{one}\"\ntenants = {{ production = \"{one}\" }}"),
            "listed for both environments",
        ),
    ] {
        let error = parse(&text("sandbox", &tenants), &[]).err().unwrap();
        assert!(error.contains(expected), "{tenants}: {error}");
    }
}

#[test]
fn alertmanager_is_asked_over_tls_or_on_this_machine_and_a_name_needs_a_password() {
    let with = |lines: &str| parse(&format!("{MINIMAL}\n[alerts]\n{lines}"), &[]);
    let read = |lines: &str| with(lines).map(|config| config.alertmanager);
    assert_eq!(read(""), Ok(None));
    let plain = read("alertmanager_url = \"http://127.0.0.1:9093/\"").unwrap().unwrap();
    assert_eq!(
        (plain.url.as_str(), plain.user, plain.secret_file),
        ("http://127.0.0.1:9093", None, None)
    );
    let basic = "alertmanager_url = \"https://am.example/alerts\"\nalertmanager_user = \"accuscope\"\nalertmanager_secret_file = \"keys/am\"";
    let basic = read(basic).unwrap().unwrap();
    assert_eq!(basic.url, "https://am.example/alerts");
    assert_eq!(
        (basic.user.as_deref(), basic.secret_file),
        (Some("accuscope"), Some("keys/am".into()))
    );
    for (lines, key) in [
        ("alertmanager_url = \"http://am.example\"", "alerts.alertmanager_url"),
        ("alertmanager_url = \"https://u:secret@am.example\"", "alerts.alertmanager_url"),
        ("alertmanager_user = \"accuscope\"", "alerts.alertmanager_secret_file"),
        (
            "alertmanager_user = \"a:b\"\nalertmanager_secret_file = \"f\"",
            "alerts.alertmanager_user",
        ),
    ] {
        let error = read(lines).err().unwrap();
        assert!(error.contains(key) && !error.contains("u:secret"), "{error}");
    }
}
