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
        ("[proxy]\nmax_head_bytes = -1", "accuscope.toml: key proxy.max_head_bytes: must be a whole number above 0; example: max_head_bytes = 32768"),
        ("[ops]\nlisten = \"0.0.0.0:1\"\nauth = \"off\"", "accuscope.toml: key ops.auth: must be \"off\" only where ops.listen is loopback; example: auth = \"local\""),
        ("[privacy]\nactive_key = \"k9\"", "accuscope.toml: key privacy.active_key: must be one of the names in privacy.keys; example: active_key = \"k1\""),
        ("[[clinics]]\nid = \"Tremblay\"\nname = \"x\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"", "accuscope.toml: key clinics[1].id: must be a clinic id has only a-z, 0-9 and '-'; the character at position 0 is not one; example: id = \"maple-ridge\""),
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
