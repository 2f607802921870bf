//! The provider's process: started for one test, ended with it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(crate) const CLIENT: &str = "accuscope";
pub(crate) const SECRET: &str = "a-secret-for-tests-only-0123456789";
pub(crate) const SITE: &str = "https://ops.test";

pub(crate) struct Provider {
    child: Child,
    pub(crate) issuer: String,
}

impl Provider {
    /// Starts it; `None`, with words, where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
        if !here.join("node_modules/oidc-provider").is_dir() {
            let skipped = b"skipped: signing in with a provider needs npm --prefix tests/oidc ci\n";
            std::io::stderr().write_all(skipped).unwrap();
            assert!(std::env::var_os("ACCUSCOPE_TEST_OIDC").is_none(), "the provider is missing");
            return None;
        }
        let mut child = Command::new("node")
            .arg(here.join("provider.mjs"))
            .args([CLIENT, SECRET, &format!("{SITE}/sign-in/back")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = lines.find(|line| line.as_ref().unwrap().starts_with("http")).unwrap();
        Some(Self { child, issuer: issuer.unwrap() })
    }

    /// Says who comes next.
    pub(crate) async fn person(&self, person: &serde_json::Value) {
        let address = format!("{}/person", self.issuer);
        let said = crate::browser::client().post(address).json(person).send().await.unwrap();
        assert!(said.status().is_success());
    }

    /// How often the userinfo endpoint was asked since then.
    pub(crate) async fn info_asked(&self) -> u64 {
        let address = format!("{}/person", self.issuer);
        let said = crate::browser::client().get(address).send().await.unwrap();
        let said: serde_json::Value = serde_json::from_str(&said.text().await.unwrap()).unwrap();
        said["infoAsked"].as_u64().unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
