//! What is shielded together, and who gives way to whom when there is too much.
//!
//! Owns two small vocabularies. A class is coarse on purpose: with twenty samples needed for a
//! judgement, finer ones would never be judged at a clinic's pace.

use crate::domain::labels::{Context, WorkflowDomain, label_enum};

label_enum! {
    /// Routes that stand or fall together: one circuit breaker each.
    RouteClass, "a route class" {
        /// Signing in and tokens.
        SignIn = "sign_in",
        /// Reading people and their charts.
        Chart = "chart",
        /// Reading schedules.
        Scheduling = "scheduling",
        /// Reading documents, which are large and slow.
        Documents = "documents",
        /// Reading what is about no patient.
        Reference = "reference",
        /// Changing anything.
        Write = "write",
        /// Reading what the catalogue does not know.
        Other = "other",
    }
}

impl RouteClass {
    /// The class of an operation.
    #[must_use]
    pub const fn of(domain: WorkflowDomain, mutation: bool) -> Self {
        if mutation {
            return Self::Write;
        }
        match domain {
            WorkflowDomain::Auth => Self::SignIn,
            WorkflowDomain::Patients
            | WorkflowDomain::Clinical
            | WorkflowDomain::Medications
            | WorkflowDomain::Labs
            | WorkflowDomain::Billing => Self::Chart,
            WorkflowDomain::Scheduling => Self::Scheduling,
            WorkflowDomain::Documents => Self::Documents,
            WorkflowDomain::Reference | WorkflowDomain::Admin => Self::Reference,
            WorkflowDomain::Unknown => Self::Other,
        }
    }

    /// Its place in [`RouteClass::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Who goes first when Accuro cannot take everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// A service works in its own name; nobody waits at a screen.
    Background,
    /// A person waits.
    Interactive,
}

impl Priority {
    /// The priority of a call. Sign-in comes first whatever its context, since without it nothing
    /// follows; so does what could be a person's.
    #[must_use]
    pub const fn of(context: Context, class: RouteClass) -> Self {
        match (context, class) {
            (Context::Client, RouteClass::SignIn) => Self::Interactive,
            (Context::Client, _) => Self::Background,
            _ => Self::Interactive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_domain_has_a_class_and_a_change_is_a_write_wherever_it_is() {
        for (index, class) in RouteClass::ALL.iter().enumerate() {
            assert_eq!(class.index(), index);
        }
        for domain in WorkflowDomain::ALL {
            assert_eq!(RouteClass::of(*domain, true), RouteClass::Write);
            assert_ne!(RouteClass::of(*domain, false), RouteClass::Write, "{domain}");
        }
    }

    #[test]
    fn only_services_in_their_own_name_give_way() {
        for (context, class, priority) in [
            (Context::Client, RouteClass::Chart, Priority::Background),
            (Context::Client, RouteClass::Write, Priority::Background),
            (Context::Client, RouteClass::SignIn, Priority::Interactive),
            (Context::Provider, RouteClass::Chart, Priority::Interactive),
            (Context::Patient, RouteClass::Other, Priority::Interactive),
            (Context::Unknown, RouteClass::Chart, Priority::Interactive),
            (Context::NoToken, RouteClass::SignIn, Priority::Interactive),
        ] {
            assert_eq!(Priority::of(context, class), priority, "{context} {class}");
        }
    }
}
