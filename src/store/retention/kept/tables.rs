//! The tables and columns, as data.
//!
//! Owns the words; their form is [`super`]'s.

use super::{ColumnKept, TableKept};
use crate::domain::retention::Class;

tables! {
    exchanges ("one call") under Events {
        key: "when it began, in microseconds",
        late_us: "how far the key lies behind that",
        kind: "which row of kinds: operation, app, how it ended",
        clinic_label: "which clinic",
        operation_label: "which operation",
        ending_label: "why it failed",
        id: "the event's random id",
        office: "the number of the office in Accuro",
        result_count: "how many items a list had",
        duration_us: "how long the app waited",
        upstream_us: "how long Accuro took to begin its answer",
        actor_ref under ActorReferences: "keyed reference of the staff member or service",
        patient_ref under PatientReferences: "keyed reference of the patient",
        token_ref under ActorReferences: "keyed reference of the token",
        shape: "digest of the answer's structure, no values",
        error_signature: "digest of an error's fixed words",
        request_id: "the app's id of the request, or a keyed reference of it",
        trace_id: "id of the distributed trace",
        span_id: "id of this call in the trace",
        support_code: "the eight characters that people read aloud",
        bytes_in: "size of the request's body",
        bytes_out: "size of the answer's body",
    }
    kinds ("what many calls have in common") {
        id: "number",
        digest: "digest of the other columns",
        env: "sandbox or production",
        app: "which application",
        context: "whose authority: patient, provider, client",
        operation: "name in the endpoint catalogue",
        domain: "workflow domain",
        method: "HTTP method",
        route: "the path's template, never the path",
        api_version: "version of Accuro's API",
        mutation: "whether it could change a chart",
        status: "what the app got",
        upstream_status: "what Accuro said",
        outcome: "ok, empty, failed, aborted",
        category: "whose move it is",
        reason: "why it failed",
        attempts: "times sent to Accuro",
        source: "who answered",
        actor_key: "name of the key of the actor's reference",
        patient_key: "name of the key of the patient's reference",
        token_key: "name of the key of the token's reference",
        scopes: "scopes granted to the app",
        instance: "which accuscope process",
    }
    labels ("a name: of a clinic, an app, an operation, a reason, a key") { id: "number", text: "the name", }
    figure_kinds ("what sums are told apart by") {
        id: "number",
        operation_label: "which operation",
        app_label: "which application",
        domain_label: "workflow domain",
        context_label: "whose authority",
        ending_label: "how the calls ended",
        latency: "which bucket of durations",
    }
    rollup_minute ("sums over one minute") under MinuteFigures {
        clinic_label: "which clinic",
        bucket: "which minute",
        kind: "which row of figure_kinds",
        calls: "how many",
        duration_us: "their durations, summed",
    }
    rollup_hour ("sums over one hour") under HourFigures {
        clinic_label: "which clinic",
        bucket: "which hour",
        kind: "which row of figure_kinds",
        calls: "how many",
        duration_us: "their durations, summed",
    }
    rollup_day ("sums over one day of the clinic's calendar") under DayFigures {
        clinic_label: "which clinic",
        bucket: "which day",
        kind: "which row of figure_kinds",
        calls: "how many",
        duration_us: "their durations, summed",
    }
    daily_actors ("one staff member who used one workflow on one day") under ActorReferences {
        clinic_label: "which clinic",
        day: "which day",
        domain_label: "workflow domain",
        actor_key_label: "name of the reference's key",
        actor_ref: "keyed reference of the staff member or service",
    }
    task_days_due ("one day of a clinic that is to be counted") {
        clinic_label: "which clinic",
        day: "which day",
        events: "whether from its events or from what was counted",
    }
    daily_tasks ("what one staff member did of one task on one day") under ActorReferences {
        clinic_label: "which clinic",
        day: "which day",
        task: "which task",
        actor_ref: "keyed reference of the staff member; empty where the app did not say",
        calls: "how many calls",
        done: "tasks done",
        empty: "tasks in which there was nothing",
        first_time: "tasks done without a failed call",
        failed: "tasks that failed",
        given_up: "tasks that were given up",
        changed: "tasks that changed something",
    }
    first_uses ("one staff member who got something done") under ActorReferences {
        clinic_label: "which clinic",
        actor_ref: "keyed reference of the staff member",
        first_day: "the first day; kept as long as the last one",
        last_day: "the last day",
    }
    same_actors ("two references, under two keys, of one staff member") under ActorReferences {
        clinic_label: "which clinic",
        actor_ref: "one keyed reference",
        same_ref: "the other one",
        noted_day: "when both were seen to be one",
    }
    task_counts ("counts of one clinic over a day, a week or a month, without references") under DayFigures {
        span: "day, week or month",
        task: "which task, or all",
        bucket: "its first day",
        clinic_label: "which clinic",
        staff: "how many people",
        calls: "how many calls",
        done: "tasks done",
        empty: "tasks in which there was nothing",
        first_time: "tasks done without a failed call",
        failed: "tasks that failed",
        given_up: "tasks that were given up",
        changed: "tasks that changed something",
        unknown_calls: "calls of which the app did not say who made them",
    }
    cohort_counts ("how many who started in one week were there in another") under DayFigures {
        started: "the week in which they started",
        week: "the other week",
        clinic_label: "which clinic",
        staff: "how many people",
    }
    clinic_firsts ("the days on which one clinic did something first") {
        clinic_label: "which clinic",
        counted_from: "since when anything is counted",
        signed_in: "somebody signed in",
        found: "a patient was found",
        done: "a task was done",
        changed: "something was changed",
        last_done: "a task was done last",
    }
    clinic_mergers ("one clinic that became part of another") {
        clinic_label: "which clinic",
        into_label: "the one that goes on",
        on_day: "since when",
    }
    clinics_seen ("one clinic") {
        clinic_label: "which clinic",
        first_ts: "its first call",
        last_ts: "its last call",
    }
    checkpoints ("how far one process's journal is indexed") {
        instance: "which accuscope process",
        segment: "which file of the journal",
        offset: "how far in it",
        indexed_at: "when that was",
    }
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
