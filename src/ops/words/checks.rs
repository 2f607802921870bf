//! What a comparison is called on the pages, and what would make one possible.
//!
//! Owns the names of the diagnosis's checks. What a check tells is said by the diagnosis.

/// The title of a check, and what it compares.
pub(crate) fn check(name: &str) -> (String, &'static str) {
    let (title, sub) = match name {
        "ticket" => ("The calls in question", "What was asked about"),
        "same_patient_other_actors" => ("Same patient, other people", "Can anybody open it?"),
        "same_actor_other_patients" => ("Same person, other patients", "The same task"),
        "same_patient_other_operations" => ("Same person and patient", "Other parts of the chart"),
        "same_actor_other_operations" => ("Same person, other tasks", "Is the sign-in alive?"),
        "same_actor_other_token" => {
            ("Same person, another sign-in", "Before and after signing in again")
        }
        "same_operation_other_actors" => ("Same task, other people", "At the same clinic"),
        "same_clinic_other_operations" => ("Same clinic, other tasks", "Does its connection work?"),
        "other_apps" => ("Same clinic, other apps", "Is it the app?"),
        "other_offices" => ("Other offices", "Is it there instead?"),
        "sign_in" => ("Sign-ins", "At the same clinic"),
        "sign_in_other_apps" => ("Sign-ins of other apps", "At the same clinic"),
        "refused_by_accuscope" => ("Our own rules", "Did we refuse any of it?"),
        "sign_in_other_clinics" => ("Sign-ins elsewhere", "The same app at other clinics"),
        "other_clinics_same_operation" => ("Other clinics, same task", "At the same time"),
        "other_clinics" => ("Other clinics, other tasks", "Is Accuro up?"),
        "other_clinics_other_apps" => ("Other clinics, other apps", "Is Accuro up?"),
        "same_kind_of_token" => ("Same kind of sign-in", "On the same paths"),
        "other_kind_of_token" => ("Other kinds of sign-in", "On the same paths"),
        "before_the_trouble" => ("Before", "Was it ever there?"),
        "latency" => ("How fast answers came", "Against what is usual"),
        "answer_shape" => ("Structure of the answers", "Against what is usual"),
        other => return (other.replace('_', " "), ""),
    };
    (title.to_owned(), sub)
}

/// What somebody could do so that the check has calls to look at; `None` where nobody can.
pub(crate) fn would_decide(name: &str) -> Option<&'static str> {
    Some(match name {
        "same_patient_other_actors" => "A colleague opens the same chart.",
        "same_actor_other_patients" => "The same person opens another chart.",
        "same_patient_other_operations" => "The same person opens another part of this chart.",
        "same_actor_other_operations" => "The same person does something else in the app.",
        "same_actor_other_token" => "The person signs out, signs in and tries again.",
        "same_operation_other_actors" => "A colleague tries the same task.",
        "other_offices" => "The person tries in another office.",
        _ => return None,
    })
}
