//! The product's rules: what an event is, which operation a path is, how an ending is judged.
//!
//! Everything here is a pure function or a value. No async, clock, environment, file or socket: a
//! test holds that. Read in this order:
//!
//! | file | rule |
//! | --- | --- |
//! | [`labels`], [`reason`] | the closed vocabularies |
//! | [`names`], [`ids`], [`mod@reference`], [`time`], [`digest`] | values with an invariant |
//! | [`catalogue`], [`conformance`] | method and path to operation; whether a sandbox answers as the catalogue says |
//! | [`registry`], [`app_key`], [`attribution`] | who is calling, for which clinic, and who is refused |
//! | [`mergers`] | which clinic has the figures of one that became part of it |
//! | [`environment`] | which hosts are sandbox and which production |
//! | [`refusal`], [`refusal_words`] | what accuscope says when it answers itself |
//! | [`trace_context`] | `traceparent` and `tracestate` |
//! | [`event`], [`mark`], [`same_person`] | the exchange, its JSON line; when exchanges were recorded; one person under several keys |
//! | [`latency`] | durations as mergeable histograms |
//! | [`probe`], [`error_body`] | what is learnt of an answer while it passes |
//! | [`classify`] | from what was seen to how it ended |
//! | [`admission`] | which calls may go to Accuro now, which twice, and which not again |
//! | [`audit`] | the audit record, its chain, and what became of each write |
//! | [`health`] | whose trouble this moment is |
//! | [`adoption`] | whether clinics really use it |
//! | [`letter`] | when the weekly letter about adoption is due |
//! | [`incident`] | what the watch finds, and when an incident opens and closes |
//! | [`retention`] | how long what is kept |
//! | [`role`], [`clinic_scope`], [`group_rights`] | what a person may see, and of which clinics |
//! | [`passphrase`], [`second_factor`], [`guesses`] | what may protect an account, and how slowly it may be tried |
//! | [`share`] | links to the adoption page for people without an account |
//! | [`cause`] | what a diagnosis can say |
//! | [`unusual_access`] | who looks up unusually many patients |

pub mod admission;
pub mod adoption;
pub mod alert;
pub mod app_key;
pub mod attribution;
pub mod audit;
pub mod auth_watch;
pub mod catalogue;
pub mod cause;
pub mod classify;
pub mod clinic_scope;
pub mod conformance;
pub mod digest;
pub mod environment;
pub mod error_body;
pub mod event;
pub mod group_rights;
pub mod guesses;
pub mod health;
pub mod ids;
pub mod incident;
pub mod kept_registry;
pub mod labels;
pub mod latency;
pub mod letter;
pub mod malformed;
pub mod mark;
pub mod mergers;
pub mod names;
pub mod otlp;
pub mod passphrase;
pub mod probe;
pub mod reason;
pub mod reference;
pub mod refusal;
pub mod refusal_words;
pub mod registry;
pub mod retention;
pub mod role;
pub mod same_person;
pub mod second_factor;
pub mod share;
pub mod time;
pub mod trace_context;
pub mod unusual_access;
