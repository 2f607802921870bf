//! Every log line of accuscope, one function each.
//!
//! Owns the wording. Arguments are numbers, settings and closed vocabulary: nothing from a request,
//! an answer or a library's error text can become part of a line.

use std::net::SocketAddr;
use std::time::Duration;

use tracing::{error, info, warn};

/// The target of every line; the logging filter lets only this one through.
pub const TARGET: &str = "accuscope";

/// The process serves.
pub fn started(version: &str, environment: &str, instance: &str, listeners: [SocketAddr; 3]) {
    let [proxy, ops, telemetry] = listeners;
    info!(target: TARGET, version, environment, instance, %proxy, %ops, %telemetry, "accuscope serves");
}

/// A stop was asked for.
pub fn draining(in_flight: i64, limit: Duration) {
    let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    info!(target: TARGET, in_flight, limit_ms, "stopping: new connections are refused, calls in flight go on");
}

/// The process ends.
pub fn stopped(cut_calls: i64, recorded: u64, dropped: u64) {
    info!(target: TARGET, cut_calls, recorded, dropped, "accuscope has stopped");
}

/// New settings are in force.
pub fn settings_taken(waiting: &str) {
    if waiting.is_empty() {
        info!(target: TARGET, "new settings are in force");
    } else {
        warn!(target: TARGET, waiting, "new settings are in force but for those that wait for a restart");
    }
}

/// New settings have a mistake, which is named as at start, without a value.
pub fn settings_refused(problem: &str) {
    error!(target: TARGET, problem, "new settings were refused; the old ones stay in force");
}

/// What the site keeps of the registry is in force, but for entries that do not fit to the file.
pub fn registry_taken(entries: usize, set_aside: usize) {
    if set_aside == 0 {
        info!(target: TARGET, entries, "the site's clinics, apps and keys are in force");
    } else {
        warn!(target: TARGET, entries, set_aside, "the site's clinics, apps and keys are in force but for those that contradict the settings file; the site says which");
    }
}

/// Entries that the site keeps do not count, each with why; no value is in it.
pub fn entries_set_aside(which: &str) {
    warn!(target: TARGET, which, "entries that the site keeps do not count, since they contradict the settings file or another entry");
}

/// What the site keeps of the registry would leave no key, and is not taken over.
pub fn registry_refused() {
    error!(target: TARGET, "the site's registry was refused: no app has a key any more, so that everybody could call");
}

/// The store had lost what the site keeps of the registry, and has it again.
pub fn registry_restored(entries: usize) {
    warn!(target: TARGET, entries, "the store knew less of the site's clinics, apps and keys than this process; it was given them back");
}

/// The copy of the site's registry in the journal's folder cannot be read.
pub fn registry_copy_unread(problem: &str) {
    error!(target: TARGET, problem, "registry.json in the journal's folder cannot be read; until the store is reached, only the settings file's clinics, apps and keys are known");
}

/// The copy of the site's registry cannot be written.
pub fn registry_copy_unkept(problem: &str) {
    error!(target: TARGET, problem, "registry.json in the journal's folder cannot be written; a start without the store would not know the last change");
}

/// The process says that it is not ready, and goes on for a while so that the balancer can notice.
pub fn unready(delay: Duration) {
    let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
    info!(target: TARGET, delay_ms, "stopping: not ready any more, connections are still taken");
}

/// The journal's last line was torn by a crash.
pub fn torn_line_cut(bytes: u64) {
    warn!(target: TARGET, bytes, "the journal ended in a torn line, which was cut off");
}

/// The newest segment of the journal holds something else.
pub fn foreign_segment(segment: u64) {
    warn!(target: TARGET, segment, "the journal's newest segment does not begin as one; it is left as it is, and the next one is begun");
}

/// Something else has the name of the audit's next segment.
pub fn foreign_audit_segment(segment: u64) {
    warn!(target: TARGET, segment, "a folder has the name of a segment of the audit; it is left as it is, and the segment after it is begun");
}

/// Somebody settled a write that is still under way.
pub fn settled_too_early() {
    warn!(target: TARGET, "a write was settled by hand while it is still under way; its own end tells what became of it, and its Idempotency-Key stays taken");
}

/// Records of keyed writes cannot be read back after a restart.
pub fn keyed_writes_unreadable(records: u64) {
    error!(target: TARGET, records, "records of the audit about Idempotency-Keys are damaged, so their keys may be taken for new ones; run audit verify");
}

/// The store does not answer; calls go on and are journalled.
pub fn store_unreachable(problem: &'static str) {
    warn!(target: TARGET, problem, "the store cannot be reached; calls flow and are journalled, pages are not fresh");
}

/// The store answers.
pub fn store_reached() {
    info!(target: TARGET, "the store is reached");
}

/// Another instance works on the same SQLite file.
pub fn store_not_for_several(others: usize) {
    warn!(target: TARGET, others, "another accuscope has written to this SQLite file within three minutes: several instances need PostgreSQL, since on SQLite they share no Idempotency-Keys and a write could be sent by both");
}

/// The database is another one than before.
pub fn store_replaced() {
    warn!(target: TARGET, "the database is another one than before: made anew, or put back to an earlier time; what it lacks of the journal is indexed again");
}

/// The journal's disk does not take lines.
pub fn journal_unwritable(dropped: u64) {
    error!(target: TARGET, dropped, "the journal cannot be written; calls flow, events are lost and counted");
}

/// The journal's disk takes lines again.
pub fn journal_writable(dropped: u64) {
    warn!(target: TARGET, dropped, "the journal can be written again");
}

/// The audit is open; its end, to be kept elsewhere so that a cut tail can be shown.
pub fn audit_opened(seq: u64, hash: &str, unresolved: u64) {
    info!(target: TARGET, seq, hash, unresolved, "the audit is open");
}

/// The audit is closed; its end, to be kept elsewhere so that a cut tail can be shown.
pub fn audit_closed(seq: u64, hash: &str, lost: u64) {
    info!(target: TARGET, seq, hash, lost, "the audit is closed");
}

/// The audit's end at this moment, signed if there is a key: the copy of `checkpoints.ndjson` that is
/// kept where the log is kept. `checkpoint` is digests, numbers and names of accuscope's own.
pub fn audit_checkpoint(checkpoint: &str) {
    info!(target: TARGET, checkpoint, "the audit's head");
}

/// The audit is shorter than a checkpoint says it was.
pub fn audit_tail_missing(records: u64) {
    error!(target: TARGET, records, "the audit is shorter than its checkpoints say: records are missing at its end");
}

/// The audit ended in lines that are no records; they stay where they are.
pub fn audit_damaged(bytes: u64) {
    error!(target: TARGET, bytes, "the audit ends in lines that are no records; it goes on in a new segment");
}

/// Lines of the audit are no records.
pub fn audit_lines_skipped(segment: u64, lines: u64) {
    error!(target: TARGET, segment, lines, "lines of the audit are no records and were not copied into the store");
}

/// The audit is not copied into the store.
pub fn audit_not_copied(problem: &'static str) {
    error!(target: TARGET, problem, "the audit is not copied into the store; it is kept all the same");
}

/// A file that a command should have left for the audit holds something else; it is set aside.
pub fn spool_rejected() {
    error!(target: TARGET, "a file in the audit's spool is no record that a command leaves; it is set aside");
}

/// The audit cannot be kept.
pub fn audit_unavailable() {
    error!(target: TARGET, "the audit cannot be kept; writes to Accuro are refused, reads flow");
}

/// The audit can be kept again.
pub fn audit_available(refused: u64) {
    warn!(target: TARGET, refused, "the audit can be kept again");
}

/// Lines of the journal that are no events.
pub fn lines_skipped(segment: u64, lines: u64) {
    error!(target: TARGET, segment, lines, "lines of the journal are no events and were skipped");
}

/// What is over its limit could not be removed; it is tried again.
pub fn retention_failed(problem: &'static str) {
    error!(target: TARGET, problem, "what is over its limit could not be removed; it is tried again");
}

/// The database file cannot shrink, since the disk has no room for a second copy of it.
pub fn no_room_to_rewrite(needed_bytes: u64) {
    warn!(target: TARGET, needed_bytes, "the database file cannot give space back: it has to be written anew once, and the disk has no room for that");
}

/// A circuit breaker has opened.
pub fn circuit_opened(route_class: &'static str) {
    warn!(target: TARGET, route_class, "Accuro fails; calls of this class are refused for a while, then one tries");
}

/// A circuit breaker has closed.
pub fn circuit_closed(route_class: &'static str) {
    info!(target: TARGET, route_class, "Accuro answers again");
}

/// Accuro went down again and again.
pub fn accuro_flaps() {
    warn!(target: TARGET, "Accuro goes down again and again; writes are refused for a while, reads flow");
}

/// Writes were switched off or on by a person.
pub fn read_only_switched(is_on: bool) {
    warn!(target: TARGET, read_only = is_on, "a person has switched writes off or on");
}

/// Somebody could not sign in because of the provider. `what` is one of our own words.
pub fn sign_in_elsewhere_failed(what: &'static str) {
    warn!(target: TARGET, what, "the sign-in provider (ops.oidc) let somebody down");
}

/// The shared ledger of keyed writes does not answer.
pub fn ledger_unreachable() {
    warn!(target: TARGET, "the store does not answer, so writes with an Idempotency-Key are refused; others flow");
}

/// The end of a keyed write could not be told to the other instances.
pub fn claim_unsettled() {
    error!(target: TARGET, "the end of a write with an Idempotency-Key could not be told to the store; its key stays taken");
}

/// The watch has opened an incident. `clinic` is its id; empty where it is not one clinic's.
pub fn incident_opened(number: i64, cause: &'static str, clinic: &str) {
    warn!(target: TARGET, number, cause, clinic, "an incident is open");
}

/// An incident that was closed is back.
pub fn incident_reopened(number: i64, cause: &'static str) {
    warn!(target: TARGET, number, cause, "an incident is open again");
}

/// The watch has closed an incident.
pub fn incident_closed(number: i64, cause: &'static str, end: &'static str) {
    info!(target: TARGET, number, cause, end, "an incident is closed");
}

/// A step of an incident could not be posted. It is tried again.
pub fn incident_not_posted(number: i64, step: &'static str) {
    warn!(target: TARGET, number, step, "a step of an incident could not be posted");
}

/// That something works again could not be posted. It is tried again.
pub fn works_again_not_posted() {
    warn!(target: TARGET, "that something works again could not be posted");
}

/// The weekly letter about adoption was handed to the mail server.
pub fn letter_sent() {
    info!(target: TARGET, "the weekly letter about adoption was sent");
}

/// The weekly letter could not be sent. It is tried again for three days.
pub fn letter_not_sent(why: &'static str, tries: u32) {
    warn!(target: TARGET, why, tries, "the weekly letter about adoption could not be sent");
}

/// A request was no HTTP.
pub fn malformed_request(problem: &'static str) {
    info!(target: TARGET, problem, "a request was no valid HTTP and was refused");
}

/// A connection could not be accepted.
pub fn accept_failed(problem: &'static str) {
    warn!(target: TARGET, problem, "a connection could not be accepted");
}

/// A page or an API answer failed.
pub fn page_failed(page: &'static str, problem: &'static str) {
    error!(target: TARGET, page, problem, "a page could not be made");
}

/// A part of the program ended in a way that should not happen.
pub fn panicked(file: &str, line: u32) {
    error!(target: TARGET, file, line, "accuscope has a bug: a task panicked");
}
