//! Files: certificates, the journal's folder, and files that others can read.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Access, access};

use super::findings::Finding;
use crate::app::tls;
use crate::config::TlsConfig;
use crate::domain::time::Timestamp;
use crate::journal::is_in_use;

/// How long before a certificate's end it is told.
const SOON: Duration = Duration::from_hours(14 * 24);
/// The permission of everybody to read.
const OTHERS_READ: u32 = 0o004;

/// Certificate and key of the proxy's listener.
pub(super) fn certificate(settings: &TlsConfig, now: Timestamp) -> Finding {
    let loaded = match tls::load(settings) {
        Ok(loaded) => loaded,
        Err(error) => return Finding::fatal(&error),
    };
    let file = settings.certificate.display();
    let key = ("proxy.tls.key", settings.key.as_path());
    if loaded.not_after <= now {
        return Finding::Problem(format!(
            "proxy.tls.certificate: the certificate in {file} has ended on {}",
            loaded.not_after
        ));
    }
    if let Some(open) = open_to_others([key].into_iter()) {
        return open;
    }
    let days = loaded.not_after.since(now).as_secs() / 86_400;
    let text = format!("{file} fits its key and is good for {days} days");
    if loaded.not_after <= now.plus(SOON) { Finding::Note(text) } else { Finding::Fine(text) }
}

/// The first of the files that every account of the machine can read.
pub(super) fn open_to_others<'f>(
    mut files: impl Iterator<Item = (&'static str, &'f Path)>,
) -> Option<Finding> {
    files.find_map(|(key, file)| {
        let mode = std::fs::metadata(file).ok()?.permissions().mode();
        let display = file.display();
        (mode & OTHERS_READ != 0).then(|| {
            Finding::Problem(format!(
                "{key}: every account of this machine can read {display}; run: chmod 600 {display}"
            ))
        })
    })
}

/// The journal's folder, or where it would be made.
pub(super) fn journal(dir: &Path) -> Finding {
    let display = dir.display();
    if is_in_use(dir) {
        return Finding::Fine(format!("{display} is in use, as it is while accuscope runs"));
    }
    // An empty parent is the working directory.
    let in_words = |path: &Path| {
        if path.as_os_str().is_empty() { Path::new(".").to_owned() } else { path.to_owned() }
    };
    let Some(there) = dir.ancestors().map(in_words).find(|path| path.exists()) else {
        return Finding::Fatal(format!("journal.dir: {display} cannot be made"));
    };
    let writable = there.is_dir() && access(&there, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    match (writable, there == dir) {
        (true, true) => Finding::Fine(format!("{display} is writable")),
        (true, false) => Finding::Fine(format!("{display} will be made")),
        (false, true) => Finding::Fatal(format!("journal.dir: {display} is no writable folder")),
        (false, false) => Finding::Fatal(format!(
            "journal.dir: {display} cannot be made, since {} is no writable folder",
            there.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_not_made() {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("a/b");
        assert!(matches!(journal(&dir), Finding::Fine(text) if text.ends_with("will be made")));
        assert!(!place.path().join("a").exists());
        assert!(matches!(journal(place.path()), Finding::Fine(text) if text.ends_with("writable")));
        std::fs::write(place.path().join("file"), "x").unwrap();
        assert!(matches!(journal(&place.path().join("file")), Finding::Fatal(_)));
        assert!(matches!(journal(&place.path().join("file/x")), Finding::Fatal(_)));
    }

    #[test]
    fn a_file_that_everybody_can_read_is_named() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("k1");
        std::fs::write(&file, "x").unwrap();
        for (mode, told) in [(0o600, false), (0o640, false), (0o644, true)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let found = open_to_others([("privacy.keys", file.as_path())].into_iter());
            assert_eq!(found.is_some(), told, "{mode:o}");
        }
    }
}
