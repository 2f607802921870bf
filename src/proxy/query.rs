//! The few query values that are looked at; the rest of a query is never read.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::domain::names::Office;

/// The `uuid` value of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tenant {
    /// Not there.
    #[default]
    Absent,
    /// There, and no UUID.
    NoUuid,
    /// A UUID.
    Uuid(uuid::Uuid),
}

/// What a query tells. Borrowed or owned texts here are identifiers and end with the call.
#[derive(Default)]
pub(super) struct QueryValues<'q> {
    /// `uuid`.
    pub(super) tenant: Tenant,
    /// `officeId`.
    pub(super) office: Option<Office>,
    /// `patientId`, decoded.
    pub(super) patient: Option<Cow<'q, [u8]>>,
}

impl<'q> QueryValues<'q> {
    /// Reads a raw query; of a name given twice the first counts, but for `uuid`.
    pub(super) fn read(query: Option<&'q str>) -> Self {
        let mut values = Self::default();
        let Some(query) = query else { return values };
        // To some servers a semicolon separates pairs too (HTML 4.01, B.2.2).
        for pair in query.split(['&', ';']) {
            let Some((name, value)) = pair.split_once('=') else { continue };
            // A server decodes names, so an encoded one must not hide a value from us.
            let name = percent_decode_str(name).decode_utf8_lossy();
            // Case is no difference to some servers, so it is none to what keeps clinics apart.
            match name.as_ref() {
                name if bare(name).eq_ignore_ascii_case("uuid") => {
                    let text = percent_decode_str(value).decode_utf8().ok();
                    let tenant = text.and_then(|text| uuid::Uuid::try_parse(&text).ok());
                    let tenant = tenant.map_or(Tenant::NoUuid, Tenant::Uuid);
                    // Two that differ name no clinic: nobody knows which one a server takes.
                    let clear = values.tenant == Tenant::Absent || values.tenant == tenant;
                    values.tenant = if clear { tenant } else { Tenant::NoUuid };
                }
                "officeId" if values.office.is_none() => values.office = Office::parse(value),
                "patientId" if values.patient.is_none() && !value.is_empty() => {
                    values.patient = Some(percent_decode_str(value).into());
                }
                _ => {}
            }
        }
        values
    }
}

/// A name without what some servers leave out of it: brackets and all after them (`uuid[]`, `uuid[0]`),
/// all after a NUL, and space around it.
fn bare(name: &str) -> &str {
    let end = name.find(['[', '\0']).unwrap_or(name.len());
    // A `+` is a space in a query.
    name[..end].trim_matches(|c: char| c.is_whitespace() || c == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_four_names_and_nothing_else() {
        let query =
            "uuid=e1a47a6d-f563-4f0f-a7f3-b6539ba21330&phn=9123456780&officeId=3&patientId=88%2D12";
        let values = QueryValues::read(Some(query));
        assert!(matches!(values.tenant, Tenant::Uuid(_)));
        assert_eq!(values.office, Office::parse("3"));
        assert_eq!(values.patient.as_deref(), Some(&b"88-12"[..]));
        for query in [
            "uuid=e1a47a6d-f563-4f0f-a7f3-b6539ba21330&uuid=x",
            "a=b;uuid=x&uuid=e1a47a6d-f563-4f0f-a7f3-b6539ba21330",
            "a=b&%75uid=Tremblay",
            "UUID=Tremblay",
            "uuid[]=Tremblay",
            "uuid%5B0%5D=Tremblay",
            "+uuid%20=Tremblay",
            "uuid%00x=Tremblay",
            "uuid=e1a47a6d-f563-4f0f-a7f3-b6539ba21330&uuid[]=00000000-0000-0000-0000-000000000001",
            "Uuid=e1a47a6d-f563-4f0f-a7f3-b6539ba21330&uuid=00000000-0000-0000-0000-000000000001",
        ] {
            assert_eq!(QueryValues::read(Some(query)).tenant, Tenant::NoUuid, "{query}");
        }
        let strange = QueryValues::read(Some("uuid=Tremblay&officeId=9123456780&patientId="));
        assert_eq!(strange.tenant, Tenant::NoUuid);
        assert!(strange.office.is_none() && strange.patient.is_none());
    }
}
