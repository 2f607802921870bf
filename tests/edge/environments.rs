//! "The staging app wrote into real charts."

use crate::launch::{CEDAR, MAPLE, Place, digest};
use crate::support::RawUpstream;
use crate::support::upstream::OK;

/// Both environments' lists, the same text in each file.
fn tables(sandbox_host: &str, production_host: &str) -> String {
    format!(
        r#"
[environments.sandbox]
allowed_hosts = ["{sandbox_host}"]
[environments.production]
allowed_hosts = ["{production_host}"]
[[clinics]]
id = "maple-ridge"
name = "Maple Ridge Family Practice"
tenants = {{ sandbox = "{MAPLE}", production = "{CEDAR}" }}
[[apps]]
id = "intake-web"
name = "Intake tablet"
keys = [
  {{ id = "test", sha256 = "{}", environment = "sandbox" }},
  {{ id = "real", sha256 = "{}", environment = "production" }},
]
"#,
        digest("test-key"),
        digest("real-key")
    )
}

/// Twelve cells: two environments, by host, tenant and key, by own and other.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_other_environment_gets_through() {
    let upstream = RawUpstream::always(OK).await;
    let (here, elsewhere) = (upstream.address.to_string(), "elsewhere.example");
    for environment in ["sandbox", "production"] {
        let is_sandbox = environment == "sandbox";
        let (own, other) = if is_sandbox { ("test", "real") } else { ("real", "test") };
        let (own_tenant, other_tenant) = if is_sandbox { (MAPLE, CEDAR) } else { (CEDAR, MAPLE) };
        let line = format!("environment = \"{environment}\"");
        let place = Place::new(&upstream.url());

        // The host of the other environment: no start.
        let crossed = if is_sandbox { tables(elsewhere, &here) } else { tables(&here, elsewhere) };
        place.write(&line, &crossed);
        let (status, _, error) = place.run("serve");
        assert_eq!(status, 2, "{environment}: {error}");
        let other_name = if is_sandbox { "production" } else { "sandbox" };
        let named = format!("environments.{other_name}.allowed_hosts lists this one");
        assert!(error.contains("key upstream.base_url") && error.contains(&named), "{error}");

        // Its own host: it starts. Then tenants and keys, by call.
        let straight = if is_sandbox { tables(&here, elsewhere) } else { tables(elsewhere, &here) };
        place.write(&line, &straight);
        let serving = place.serve().await;
        let before = upstream.seen_text().matches("GET ").count();
        for (tenant, key, expected) in [
            (own_tenant, own, 200),
            (other_tenant, own, 421),
            (own_tenant, other, 421),
            (other_tenant, other, 421),
        ] {
            let target = format!("/rest/v1/provider-portal/patients/8812?uuid={tenant}");
            let header = format!("accuscope-app-key: {key}-key\r\n");
            let (status, body) = serving.call(&target, &header).await;
            assert_eq!(status, expected, "{environment} {tenant} {key}: {body}");
            if expected == 421 {
                assert_eq!(body["reason"], "environment_mismatch");
                assert_eq!(
                    (&body["category"], &body["retryable"]),
                    (&"policy".into(), &false.into())
                );
            }
        }
        let after = upstream.seen_text().matches("GET ").count();
        assert_eq!(after - before, 1, "only the call of this environment was sent");
    }
}

#[test]
fn a_host_whose_name_says_the_other_environment_stops_the_start() {
    for (environment, host) in
        [("sandbox", "prod.accuro.example"), ("production", "sandbox.accuro.example")]
    {
        let place = Place::new(&format!("https://{host}/rest"));
        place.write(&format!("environment = \"{environment}\""), "");
        let (status, _, error) = place.run("serve");
        assert_eq!(status, 2, "{error}");
        assert!(error.contains("its name says"), "{error}");
        // Where the operator says so, it is believed.
        place.write(
            &format!("environment = \"{environment}\"\nupstream.allowed_hosts = [\"{host}\"]"),
            "",
        );
        let (_, text, error) = place.run("check");
        assert!(text.contains("on its list of hosts"), "{text}{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_listed_for_the_other_environment_is_refused_without_a_clinic() {
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    place.write(&format!("environments.production.tenants = [\"{CEDAR}\"]"), "");
    let serving = place.serve().await;
    let target = |tenant: &str| format!("/rest/v1/api-version?uuid={tenant}");
    assert_eq!(serving.call(&target(CEDAR), "").await.0, 421);
    assert_eq!(serving.call(&target(MAPLE), "").await.0, 200);
}
