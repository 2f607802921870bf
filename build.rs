//! Lists the runbooks, so that each one is a page of the ops site.
//!
//! Owns nothing else: no code is generated but a table of names and `include_str!`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(std::io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(std::io::Error::other)?;
    let folder = Path::new(&root).join("alerts/runbooks");
    let mut names: Vec<String> = match fs::read_dir(&folder) {
        Ok(files) => files
            .filter_map(|file| file.ok()?.file_name().into_string().ok())
            .filter_map(|file| file.strip_suffix(".md").map(str::to_owned))
            .collect(),
        Err(_) => Vec::new(),
    };
    names.sort();
    let mut table = String::from("&[\n");
    for name in &names {
        let path = folder.join(format!("{name}.md"));
        let _ = writeln!(table, "    ({name:?}, include_str!({:?})),", path.to_string_lossy());
    }
    table.push_str("]\n");
    fs::write(Path::new(&out).join("runbooks.rs"), table)?;
    std::io::Write::write_all(&mut std::io::stdout(), b"cargo::rerun-if-changed=alerts/runbooks\n")
}
