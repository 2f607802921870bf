//! What an index holds of a value that is too long for it: enough to leave few rows.
//!
//! Owns the expressions, which are those of the migrations, and the same of a value that is asked for.
//! SQLite's indices hold four bytes. PostgreSQL's hold fourteen bits: rows of one table, a day, that
//! agree in them share one entry of the index, so that each costs it a third.

use super::sql::{Arg, Sql};

/// Fourteen bits.
pub(super) const BUCKETS: i64 = 0x3fff;

/// The part of one column that an index holds.
#[derive(Clone, Copy)]
pub(super) struct Head {
    /// The index's expression, up to the parameter.
    expression: &'static str,
    of: fn(&[u8]) -> Arg,
}

impl Head {
    /// The index finds a value, and `whole` makes sure of it.
    pub(super) fn is(self, whole: &'static str, value: &[u8]) -> Sql {
        let mut sql = Sql::new(self.expression);
        sql.bind((self.of)(value)).push(whole).bind(value);
        sql
    }
}

/// How one database's indices are asked.
#[derive(Clone, Copy)]
pub(super) struct Short {
    /// Of the support code, its lowest bits, where the index does not hold all of it.
    pub(super) code: Option<&'static str>,
    pub(super) trace: Head,
    pub(super) request: Head,
    pub(super) patient: Head,
    pub(super) actor: Head,
}

impl Short {
    pub(super) const SQLITE: Self = Self {
        code: None,
        trace: Head { expression: "substr(e.trace_id, -4) = ", of: last },
        request: Head { expression: "substr(e.request_id, -4) = ", of: last },
        patient: Head { expression: "substr(e.patient_ref, 1, 4) = ", of: first },
        actor: Head { expression: "substr(e.actor_ref, 1, 4) = ", of: first },
    };
    pub(super) const POSTGRES: Self = Self {
        code: Some("(e.support_code & 16383) = "),
        trace: Head {
            expression: "((get_byte(e.trace_id, 14) & 63) << 8 | get_byte(e.trace_id, 15)) = ",
            of: |id| bits(id.get(14..)),
        },
        request: Head {
            expression: "((get_byte(sha256(e.request_id), 0) & 63) << 8 \
                         | get_byte(sha256(e.request_id), 1)) = ",
            of: |id| {
                use sha2::Digest as _;
                bits(Some(&sha2::Sha256::digest(id)[..]))
            },
        },
        patient: Head {
            expression: "((get_byte(e.patient_ref, 0) & 63) << 8 | get_byte(e.patient_ref, 1)) = ",
            of: |digest| bits(Some(digest)),
        },
        actor: Head {
            expression: "((get_byte(e.actor_ref, 0) & 63) << 8 | get_byte(e.actor_ref, 1)) = ",
            of: |digest| bits(Some(digest)),
        },
    };
}

fn first(value: &[u8]) -> Arg {
    Arg::from(&value[..value.len().min(4)])
}

fn last(value: &[u8]) -> Arg {
    Arg::from(&value[value.len().saturating_sub(4)..])
}

/// The lowest fourteen bits of two bytes.
fn bits(bytes: Option<&[u8]>) -> Arg {
    Arg::Int(match bytes {
        Some([high, low, ..]) => Some(i64::from(*high) << 8 & BUCKETS | i64::from(*low)),
        // No column holds so short a value.
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourteen_bits_are_those_that_the_index_holds() {
        // get_byte(x, 0) & 63 << 8 | get_byte(x, 1)
        assert_eq!(bits(Some(&[0xff, 0x01, 9])), Arg::Int(Some(0x3f01)));
        assert_eq!(bits(Some(&[0x40, 0xff])), Arg::Int(Some(0xff)));
        assert_eq!(bits(Some(&[1])), Arg::Int(None));
    }
}
