//! Lists the runbooks, so that each one is a page of the ops site, and the files of rules, so that the site
//! can say which metrics an alert looks at.
//!
//! Owns nothing else: no code is generated but tables of names and `include_str!`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// A table of the files of a folder that end so: their names and texts.
fn table(folder: &Path, end: &str) -> String {
    let mut names: Vec<String> = match fs::read_dir(folder) {
        Ok(files) => files
            .filter_map(|file| file.ok()?.file_name().into_string().ok())
            .filter_map(|file| file.strip_suffix(end).map(str::to_owned))
            .collect(),
        Err(_) => Vec::new(),
    };
    names.sort();
    let mut table = String::from("&[\n");
    for name in &names {
        let path = folder.join(format!("{name}{end}"));
        let _ = writeln!(table, "    ({name:?}, include_str!({:?})),", path.to_string_lossy());
    }
    table.push_str("]\n");
    table
}

fn main() -> std::io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(std::io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(std::io::Error::other)?;
    let (alerts, out) = (Path::new(&root).join("alerts"), Path::new(&out));
    fs::write(out.join("runbooks.rs"), table(&alerts.join("runbooks"), ".md"))?;
    fs::write(out.join("rules.rs"), table(&alerts, ".yml"))?;
    let changes = b"cargo::rerun-if-changed=alerts/runbooks\ncargo::rerun-if-changed=alerts\n";
    std::io::Write::write_all(&mut std::io::stdout(), changes)
}
