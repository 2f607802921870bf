//! Closed vocabularies: each value is an enum, and one text per value is at once the JSON value,
//! the metric label, the database label and the value of a page's filter.
//!
//! Owns the enums and their texts. Does not decide when a value applies; see [`super::classify`]
//! and [`super::attribution`].

/// Declares an enum whose variants each have exactly one text.
macro_rules! label_enum {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every value, in the order that pages list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// What a value of this type is called in an error message.
            pub const WHAT: &'static str = $what;

            /// The value's one text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The reverse of [`Self::as_str`]; `None` for any other text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use label_enum;

label_enum! {
    /// Which Accuro this process may talk to.
    Environment, "an environment" {
        /// Test data only.
        Sandbox = "sandbox",
        /// Real charts.
        Production = "production",
    }
}

label_enum! {
    /// The identity context of a call: whose authority it works under.
    Context, "a context" {
        /// A patient signed in.
        Patient = "patient",
        /// A clinician or staff member signed in.
        Provider = "provider",
        /// A background service under the client's own credentials.
        Client = "client",
        /// The call carried no token.
        NoToken = "none",
        /// A token whose kind could not be told.
        Unknown = "unknown",
    }
}

label_enum! {
    /// The workflow domain that an operation belongs to.
    WorkflowDomain, "a domain" {
        /// Sign-in, tokens, the current office.
        Auth = "auth",
        /// Finding and reading people.
        Patients = "patients",
        /// Schedules and appointments.
        Scheduling = "scheduling",
        /// Allergies, history and other chart content.
        Clinical = "clinical",
        /// Documents and letters.
        Documents = "documents",
        /// Medications and prescriptions.
        Medications = "medications",
        /// Laboratory results.
        Labs = "labs",
        /// Offices, providers, versions: data without patients.
        Reference = "reference",
        /// Billing.
        Billing = "billing",
        /// Users and authorised clients.
        Admin = "admin",
        /// No template fits.
        Unknown = "unknown",
    }
}

label_enum! {
    /// How one exchange ended, without its cause.
    Outcome, "an outcome" {
        /// Accuro did what was asked.
        Ok = "ok",
        /// Accuro answered that there is nothing.
        Empty = "empty",
        /// It did not work; the reason says why.
        Failed = "failed",
        /// The app hung up before the answer was complete.
        Aborted = "aborted",
    }
}

label_enum! {
    /// Whose move it is after a failure.
    Category, "a category" {
        /// Accuro did not accept who is asking.
        Auth = "auth",
        /// Accuro did not accept what was asked.
        Validation = "validation",
        /// What was asked for is not there.
        NotFound = "not_found",
        /// Accuro or the network did not manage; later may work.
        Transient = "transient",
        /// Refused by accuscope itself before anything was sent.
        Policy = "policy",
    }
}

label_enum! {
    /// Where the answer came from.
    Source, "a source" {
        /// Accuro.
        Upstream = "upstream",
        /// The reference-data cache.
        Cache = "cache",
        /// Another identical read in flight.
        Coalesced = "coalesced",
        /// The stored answer of an earlier write with the same idempotency key.
        Replay = "replay",
        /// accuscope itself: a refusal or an error of ours.
        Accuscope = "accuscope",
    }
}

label_enum! {
    /// A registered HTTP method (IANA "HTTP Method Registry"), else `OTHER`.
    Method, "a method" {
        /// RFC 9110.
        Get = "GET",
        /// RFC 9110.
        Head = "HEAD",
        /// RFC 9110.
        Post = "POST",
        /// RFC 9110.
        Put = "PUT",
        /// RFC 5789.
        Patch = "PATCH",
        /// RFC 9110.
        Delete = "DELETE",
        /// RFC 9110.
        Options = "OPTIONS",
        /// RFC 9110.
        Trace = "TRACE",
        /// RFC 9110.
        Connect = "CONNECT",
        /// RFC 3744.
        Acl = "ACL",
        /// RFC 3253.
        BaselineControl = "BASELINE-CONTROL",
        /// RFC 5842.
        Bind = "BIND",
        /// RFC 3253.
        Checkin = "CHECKIN",
        /// RFC 3253.
        Checkout = "CHECKOUT",
        /// RFC 4918.
        Copy = "COPY",
        /// RFC 3253.
        Label = "LABEL",
        /// RFC 2068.
        Link = "LINK",
        /// RFC 4918.
        Lock = "LOCK",
        /// RFC 3253.
        Merge = "MERGE",
        /// RFC 3253.
        Mkactivity = "MKACTIVITY",
        /// RFC 4791.
        Mkcalendar = "MKCALENDAR",
        /// RFC 4918.
        Mkcol = "MKCOL",
        /// RFC 4437.
        Mkredirectref = "MKREDIRECTREF",
        /// RFC 3253.
        Mkworkspace = "MKWORKSPACE",
        /// RFC 4918.
        Move = "MOVE",
        /// RFC 3648.
        Orderpatch = "ORDERPATCH",
        /// RFC 9113.
        Pri = "PRI",
        /// RFC 4918.
        Propfind = "PROPFIND",
        /// RFC 4918.
        Proppatch = "PROPPATCH",
        /// draft-ietf-httpbis-safe-method-w-body.
        Query = "QUERY",
        /// RFC 5842.
        Rebind = "REBIND",
        /// RFC 3253.
        Report = "REPORT",
        /// RFC 5323.
        Search = "SEARCH",
        /// RFC 5842.
        Unbind = "UNBIND",
        /// RFC 3253.
        Uncheckout = "UNCHECKOUT",
        /// RFC 2068.
        Unlink = "UNLINK",
        /// RFC 4918.
        Unlock = "UNLOCK",
        /// RFC 3253.
        Update = "UPDATE",
        /// RFC 4437.
        Updateredirectref = "UPDATEREDIRECTREF",
        /// RFC 3253.
        VersionControl = "VERSION-CONTROL",
        /// Any other method; its name is not kept.
        Other = "OTHER",
    }
}

impl Method {
    /// The method of a request line.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self::parse(name).unwrap_or(Self::Other)
    }

    /// Whether the method promises not to change anything (RFC 9110, 9.2.1).
    #[must_use]
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace | Self::Query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_can_be_read_back() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(*method));
        }
        for context in Context::ALL {
            assert_eq!(Context::parse(context.as_str()), Some(*context));
        }
        assert_eq!(Context::parse("Patient"), None, "a label has one spelling");
    }

    #[test]
    fn an_unregistered_method_keeps_no_name() {
        assert_eq!(Method::of("TREMBLAY"), Method::Other);
        assert_eq!(Method::of("get"), Method::Other, "methods are case-sensitive (RFC 9110, 9.1)");
        assert_eq!(Method::of("OTHER"), Method::Other);
    }
}
