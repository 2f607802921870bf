//! The contract's words for answers (section 6): causes with their owners, scopes, persistences.

/// Every cause with whose move it is.
pub(crate) const CAUSES: [(&str, &str); 29] = [
    ("no_calls", "app_vendor"),
    ("delivered", "app_vendor"),
    ("accuro_down", "accuro"),
    ("accuro_slow", "accuro"),
    ("accuro_unreachable", "operator"),
    ("clinic_down", "accuro"),
    ("rate_limited", "app_vendor"),
    ("clinic_connection_rejected", "clinic_admin"),
    ("clinic_sign_in_failing", "clinic_admin"),
    ("app_credentials_rejected", "app_vendor"),
    ("session_expired", "user"),
    ("wrong_context", "app_vendor"),
    ("section_restricted", "clinic_admin"),
    ("chart_restricted", "clinic_admin"),
    ("chart_masked_for_all", "clinic_admin"),
    ("silently_filtered", "clinic_admin"),
    ("wrong_office", "user"),
    ("no_match", "user"),
    ("record_gone", "clinic_admin"),
    ("never_found", "user"),
    ("request_rejected", "app_vendor"),
    ("record_rejected", "app_vendor"),
    ("being_edited", "user"),
    ("answer_changed", "app_vendor"),
    ("scope_missing", "app_vendor"),
    ("refused_by_accuscope", "operator"),
    ("accuscope_failing", "operator"),
    ("not_recorded", "operator"),
    ("unknown", "nobody"),
];

/// How far a trouble reaches.
pub(crate) const SCOPES: [&str; 9] = [
    "platform",
    "clinic",
    "app",
    "actor",
    "patient",
    "actor_patient",
    "office",
    "operation",
    "none",
];

/// Whether it goes on.
pub(crate) const PERSISTENCES: [&str; 4] = ["persistent", "intermittent", "recovered", "none"];

/// Whose move it is after a cause.
pub(crate) fn owner(cause: &str) -> &'static str {
    let row = CAUSES.iter().find(|(name, _)| *name == cause);
    row.unwrap_or_else(|| panic!("no such cause: {cause}")).1
}
