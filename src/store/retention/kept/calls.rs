//! The tables of calls and of what is counted of them, with their columns, as data.
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
    merger_overlaps ("how many are counted at more than one of the clinics that became one in a week") under DayFigures {
        week: "the week",
        clinic_label: "the clinic that goes on",
        staff: "how many times too often",
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
}
