//! The faults, and who has to be told of each.
//!
//! Owns the list. How a fault is brought about is `accuro`'s and `stack`'s.

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every call is answered 503.
    Down,
    /// Nobody listens any more.
    Unreachable,
    /// One call in three is answered 500.
    Third,
    /// Two of three calls take 3 s longer.
    Slow,
    /// One call in five is answered 429.
    Throttled,
    /// Every call of the first clinic is answered 401.
    OneRefused,
    /// Every call of every clinic is answered 401.
    AllRefused,
    /// The program is killed.
    Killed,
    /// Nothing but what is ordinary: 1 % errors, and one caller of whose calls all are refused.
    Noise,
    /// The program is stopped and started again.
    Deploy,
}

/// One fault and what has to come of it.
pub(crate) struct Fault {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What goes wrong.
    pub(crate) kind: Kind,
    /// The alert that the pager is told of.
    pub(crate) page: Option<&'static str>,
    /// Alerts that may come as tickets.
    pub(crate) tickets: &'static [&'static str],
    /// The longest that the page (or the first ticket) may take, in seconds at a 15 s scrape.
    pub(crate) within: u64,
    /// How long is watched, in seconds.
    pub(crate) watched: u64,
}

/// Every fault.
pub(crate) const ALL: &[Fault] = &[
    Fault {
        name: "Accuro answers 503 to everybody",
        kind: Kind::Down,
        page: Some("AccuscopeUpstreamOutage"),
        tickets: &[],
        within: 75,
        watched: 240,
    },
    Fault {
        name: "no connection to Accuro",
        kind: Kind::Unreachable,
        page: Some("AccuscopeUpstreamOutage"),
        tickets: &[],
        within: 75,
        watched: 240,
    },
    Fault {
        name: "one clinic's credentials are rejected",
        kind: Kind::OneRefused,
        page: Some("AccuscopeClinicAuthFailing"),
        tickets: &[],
        within: 180,
        watched: 270,
    },
    Fault {
        name: "every clinic's credentials are rejected",
        kind: Kind::AllRefused,
        page: Some("AccuscopeFleetAuthFailing"),
        tickets: &[],
        within: 180,
        watched: 270,
    },
    Fault {
        name: "one call in three gets a 500",
        kind: Kind::Third,
        page: Some("AccuscopeUpstreamDegraded"),
        tickets: &[],
        within: 240,
        watched: 330,
    },
    Fault {
        name: "brown-out: two calls in three take 3 s more",
        kind: Kind::Slow,
        page: None,
        tickets: &["AccuscopeUpstreamBrownout"],
        within: 240,
        watched: 300,
    },
    Fault {
        name: "Accuro turns one call in five away (429)",
        kind: Kind::Throttled,
        page: None,
        tickets: &["AccuscopeRateLimited"],
        within: 300,
        watched: 330,
    },
    Fault {
        name: "accuscope is killed",
        kind: Kind::Killed,
        page: Some("AccuscopeDown"),
        tickets: &[],
        within: 90,
        watched: 180,
    },
    Fault {
        name: "ordinary noise: 1 % errors, one bad caller",
        kind: Kind::Noise,
        page: None,
        tickets: &[],
        within: 0,
        watched: 330,
    },
    Fault {
        name: "a deploy: stopped and started again",
        kind: Kind::Deploy,
        page: None,
        tickets: &[],
        within: 0,
        watched: 180,
    },
];
