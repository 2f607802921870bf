//! The other tables and their columns: people, diagnoses, incidents, the audit, what the process itself needs.
//!
//! Owns the words; their form is [`super`]'s.

use super::{ColumnKept, TableKept};
use crate::domain::retention::Class;

tables! {
    api_tokens ("one token for a program") under Access {
        id: "to revoke it by",
        digest: "SHA-256 of the token; the token is not kept",
        role: "what it may see",
        name: "what the operator calls it",
        created_at: "when it was made",
        expires_at: "when it stops working",
        revoked_at: "when it was revoked",
        clinics: "the clinics that it sees, unless it sees all",
    }
    sign_in_links ("one link that signs a person in, once") under Access {
        digest: "SHA-256 of the link's code",
        role: "what the account may see",
        account: "name of the account",
        expires_at: "when it stops working",
        purpose: "what it does: sign in, set a passphrase, make the first administrator",
        instance: "the process that printed the first administrator's",
    }
    sessions ("one signed-in person") under Access {
        digest: "SHA-256 of the cookie",
        role: "what the account may see",
        account: "name of the account",
        created_at: "when the person signed in",
        seen_at: "when the session was last used",
        expires_at: "when it ends",
        of_account: "whether it ends with the account",
        clinics: "the clinics that it sees, unless it sees all or an account or token says so",
        token: "the API token that it ends with",
    }
    accounts ("one person who works with accuscope; the row stays when the person goes") {
        number: "what the audit calls the account",
        name: "what the person types to sign in",
        role: "what the person may see",
        passphrase_hash: "argon2id of the passphrase; the passphrase is not kept",
        version: "how often an administrator changed it",
        created_at: "when it was added",
        changed_at: "when an administrator changed it last",
        signed_in_at: "when the person signed in last",
        failed: "sign-ins that failed since then",
        disabled_at: "since when the person may not sign in",
        removed_at: "when it was removed; the hash goes then",
        clinics: "the clinics that the person sees, unless it is all",
        second_factor: "the secret of the app that makes codes, sealed; goes with the account",
        second_factor_step: "the time of the last code that was used, so that none is used twice",
    }
    recovery_codes ("one code in place of the app's, until it is used") under Access {
        digest: "SHA-256 of the code; the code is not kept",
        account: "name of the account",
    }
    known_browsers ("one browser from which a person has signed in") under Access {
        digest: "SHA-256 of the cookie",
        account: "name of the account",
        expires_at: "when it is forgotten",
    }
    shares ("one link that shows the adoption page to whoever has it, until its time is over") under Access {
        number: "what the audit calls the link",
        digest: "SHA-256 of the link's secret; the secret is not kept",
        account: "name of the account that made it",
        of_account: "whether it ends with the account",
        token: "the API token that it ends with",
        clinics: "the clinics that its maker saw, unless it was all",
        week: "the week that it shows, unless it is the last one",
        created_at: "when it was made",
        expires_at: "when it stops working",
        revoked_at: "when it was ended before that",
        opened_at: "when it was last opened, kept once an hour",
    }
    digests ("one weekly letter about adoption, to the addresses in the settings") {
        week: "which week it reports",
        tries: "how often it was tried",
        claimed_until: "until when one process has it in hand",
        sent_at: "when it was sent",
        failed_at: "when a try failed last",
        failure: "why, of a fixed list",
    }
    diagnoses ("one answer to why somebody could not see something") under Diagnoses {
        id: "random, for its address",
        asked_at: "when it was asked",
        asked_by: "name of the account that asked",
        clinic: "which clinic",
        cause: "which cause was named",
        question: "what was asked, with keyed references for people and patients",
        answer: "cause, confidence, counts, advice, ids of calls",
        picture: "whom it is about in keyed references, and when what worked",
        recorded_until: "how far calls were recorded then",
    }
    diagnosis_feedback ("what one person said about one diagnosis") under Diagnoses {
        diagnosis: "which diagnosis",
        account: "name of the account",
        said_at: "when",
        cause: "what the diagnosis had named",
        is_right: "whether it was right",
        was: "what it was instead, of a fixed list",
    }
    diagnosis_watches ("one person who wants to know when it works") under Diagnoses {
        diagnosis: "which diagnosis",
        account: "name of the account",
        since: "since when",
        works_at: "when it worked",
        told_at: "when that was posted to the operator's address",
    }
    incidents ("one trouble of a clinic or of everybody") under Incidents {
        number: "number",
        cause: "what was the matter",
        scope: "how far it reached",
        clinic: "which clinic, where it was one clinic's",
        state: "how bad it was when it was last seen",
        category: "the kind of its failures",
        operation: "the one task that it concerned",
        confidence: "how sure the watch was, in hundredths",
        since: "its first failed call",
        opened_at: "when it was opened",
        last_seen: "when it held last",
        closed_at: "when it was closed",
        ending: "why it was closed",
        peak_clinics: "the most clinics that it touched",
        peak_actors: "the most people that it touched",
        peak_calls: "the most calls that were looked at and failed",
    }
    incident_updates ("one step in the course of an incident") under Incidents {
        number: "which incident",
        at: "when",
        kind: "what happened",
        clinics: "how many clinics it touched",
    }
    alerts ("one alert that Alertmanager told of") under Incidents {
        fingerprint: "digest of the alert's labels",
        starts_at: "since when it fired",
        ends_at: "until when",
        name: "name of the rule",
        clinic: "which clinic",
        severity: "page, ticket or neither",
        category: "the kind of failures",
        first_told_at: "when it was first told of",
        told_at: "when it was last told of",
    }
    incident_notes ("one thing that somebody did about an incident, of a fixed list") under Incidents {
        number: "which incident",
        at: "when",
        note: "what",
        account: "name of the account",
    }
    incident_posts ("one step of an incident that was posted to the webhook") under Incidents {
        number: "which incident",
        at: "when the step was",
        kind: "what happened",
        posted_at: "when it was posted",
    }
    purge_marks ("how far one class is purged") {
        class: "which class",
        begun: "nothing older is taken in",
        done: "nothing older is left",
    }
    purge_ledger ("one run that removed something") under Audit {
        id: "number",
        class: "which class",
        instance: "which accuscope process",
        cutoff: "what was older went",
        rows_removed: "how many rows",
        bytes_returned: "how many bytes, where that is known",
        started_at: "when the run began",
        ended_at: "when it ended",
    }
    to_rewrite ("one table whose file still holds what was removed from it") { table_name: "which table", }
    audit ("one record of the audit, copied from its chain") under Audit {
        instance: "which accuscope process",
        seq: "number in its chain",
        ts: "when",
        kind: "what kind of record",
        clinic: "which clinic",
        user: "whose account",
        patient_ref: "keyed reference of the patient",
        event_id: "which call",
        record: "the record, with its hash",
    }
    audit_copied ("how far one process's chain is copied") {
        instance: "which accuscope process",
        segment: "which file of the chain",
        offset: "how far in it",
        seq: "the last record",
        copied_at: "when that was",
    }
    recording ("one stretch of time in which one process recorded") under Events {
        instance: "which accuscope process",
        began: "when it began",
        until: "when it ended, or the last sign of life",
        stopped: "whether it ended in order",
    }
    recording_gaps ("events that are known to be missing") under Events {
        instance: "which accuscope process",
        began: "the time of the first",
        until: "the time of the last",
        lost: "how many",
    }
    write_claims ("one write with an Idempotency-Key, for as long as its key is remembered") {
        key: "digest of a keyed reference of the key",
        coarse: "digest of method, operation and the patient's reference",
        fine: "keyed digest of target and body",
        event: "which call",
        owner: "which accuscope process sends it",
        fate: "under way, applied, unknown",
        status: "what Accuro said",
        claimed_at: "when it was claimed",
        fated_at: "when its fate was known",
        expires_at: "when the key is forgotten",
    }
    switches ("what people switched on the site") {
        name: "which switch",
        is_on: "whether it is on",
        since: "since when",
    }
    registry_entries ("one clinic, app or key that was entered on the site") {
        kind: "clinic, app or key",
        id: "its id",
        number: "its number in the audit",
        version: "when it was last changed",
        body: "name, tenant, time zone and plans of a clinic; name and clinics of an app; digest of a key",
    }
    registry_state ("how far those entries are") {
        id: "always 1",
        stamp: "when anything of them was last changed",
        last_number: "the last number that was given",
    }
    app_key_uses ("one key of an app") { digest: "digest of the key", used_at: "when a call last showed it", }
    _sqlx_migrations ("one step of the schema") {
        version: "number",
        description: "name",
        installed_on: "when it was applied",
        success: "whether it went through",
        checksum: "digest of its text",
        execution_time: "how long it took",
    }
}
