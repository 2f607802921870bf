//! What a simulated Accuro is made of: the seed, the clinics, the client applications, the limits.
//!
//! Owns the settings and their defaults. Does not grow the people; see [`super::world`].

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How one simulated Accuro is set up. Two with equal settings and days hold the same people and
/// answer the same calls in the same way.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Where the API listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where the control API listens; port 0 picks a free one.
    pub control_listen: SocketAddr,
    /// What every person, number and token grows from.
    pub seed: u64,
    /// The clinics.
    pub tenants: Vec<TenantSpec>,
    /// The client applications; each gets its own credentials at each clinic.
    pub clients: Vec<String>,
    /// How long an access token lives.
    pub token_life: Duration,
    /// The longest request body, in bytes; a longer one is answered with 413.
    pub max_body_bytes: usize,
}

impl Default for SimConfig {
    fn default() -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            listen: anywhere,
            control_listen: anywhere,
            seed: 1,
            tenants: default_tenants(),
            clients: ["intake-web", "chart-app", "sync-service"].map(str::to_owned).to_vec(),
            token_life: Duration::from_hours(1),
            max_body_bytes: 10 * 1024 * 1024,
        }
    }
}

/// One clinic to grow.
#[derive(Clone, Debug)]
pub struct TenantSpec {
    /// What people call it.
    pub name: String,
    /// The acronym of token calls.
    pub acronym: String,
    /// The UUID of resource calls.
    pub uuid: uuid::Uuid,
    /// Where it is, which decides the form of health numbers.
    pub province: Province,
    /// How many offices.
    pub offices: u32,
    /// How many providers.
    pub providers: u32,
    /// How many other people work there.
    pub support_staff: u32,
    /// How many patients.
    pub patients: u32,
    /// What its tokens look like.
    pub tokens: TokenStyle,
    /// The status for a missing permission; Accuro documents 401, and 403 is seen.
    pub denial: Denial,
    /// Whether a merged chart is answered with 410 rather than 404.
    pub merged_is_gone: bool,
}

/// Where a clinic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Province {
    /// British Columbia.
    Bc,
    /// Alberta.
    Ab,
    /// Saskatchewan.
    Sk,
    /// Manitoba.
    Mb,
    /// Ontario.
    On,
    /// Nova Scotia.
    Ns,
    /// Newfoundland and Labrador.
    Nl,
}

impl Province {
    /// The postal abbreviation.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bc => "BC",
            Self::Ab => "AB",
            Self::Sk => "SK",
            Self::Mb => "MB",
            Self::On => "ON",
            Self::Ns => "NS",
            Self::Nl => "NL",
        }
    }
}

/// What tokens look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStyle {
    /// A UUID that says nothing.
    Opaque,
    /// Three base64url parts with a readable payload (RFC 7519).
    Jwt,
}

/// How a missing permission is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// 403.
    Forbidden,
    /// 401, as Accuro documents it.
    Unauthorized,
}

impl Denial {
    /// The status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::Unauthorized => 401,
        }
    }
}

/// Nine invented clinics from Victoria to St. John's.
#[must_use]
pub fn default_tenants() -> Vec<TenantSpec> {
    use Denial::{Forbidden, Unauthorized};
    use Province::{Ab, Bc, Mb, Nl, Ns, On, Sk};
    use TokenStyle::{Jwt, Opaque};
    #[rustfmt::skip]
    let rows = [
        ("Maple Ridge Family Practice", "MRFP", 0xe1a4_7a6d_f563_4f0f_a7f3_b653_9ba2_1330, Bc, [2, 7, 11, 420], Opaque, Forbidden),
        ("Harbour View Medical", "HVM", 0x5b0c_93e2_1d47_4a86_9f21_c0de_7a15_4410, Bc, [2, 5, 9, 300], Opaque, Forbidden),
        ("Lakeshore Family Practice", "LSFP", 0x2f7d_10b8_6c39_4e52_8b64_19aa_0cd3_7721, Bc, [3, 9, 13, 520], Jwt, Forbidden),
        ("Foothills Walk-in", "FWI", 0x90c4_e6f1_52ab_4d08_a31e_8d27_5f60_b832, Ab, [2, 8, 12, 460], Opaque, Unauthorized),
        ("Prairie Rose Clinic", "PRC", 0x7a63_2d95_e810_4c7b_9042_6ef1_33b9_d843, Sk, [1, 4, 6, 220], Jwt, Forbidden),
        ("Riverbend Pediatrics", "RBP", 0x13e8_b5c7_094f_4fa2_8dd6_a291_c86e_0954, Mb, [1, 4, 7, 240], Opaque, Forbidden),
        ("North Shore Women’s Health", "NSWH", 0xc65a_0f3e_87d2_4619_b5e0_72c8_1a9d_4365, On, [2, 6, 10, 380], Jwt, Unauthorized),
        ("Cedar Street Clinic", "CSC", 0x48d1_76a9_3be5_4830_96fc_e05b_d724_1a76, Ns, [1, 4, 6, 200], Opaque, Forbidden),
        ("Old Mill Medical", "OMM", 0xb92e_5d04_c17f_4b63_8ea8_3f46_90d5_2c87, Nl, [1, 4, 5, 160], Opaque, Unauthorized),
    ];
    let rows = rows.into_iter().enumerate();
    rows.map(|(index, (name, acronym, uuid, province, size, tokens, denial))| TenantSpec {
        name: name.to_owned(),
        acronym: acronym.to_owned(),
        uuid: uuid::Uuid::from_u128(uuid),
        province,
        offices: size[0],
        providers: size[1],
        support_staff: size[2],
        patients: size[3],
        tokens,
        denial,
        merged_is_gone: index % 3 == 2,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_default_clinics_share_a_name_an_acronym_or_a_uuid() {
        let tenants = default_tenants();
        let distinct =
            |of: fn(&TenantSpec) -> String| tenants.iter().map(of).collect::<BTreeSet<_>>().len();
        assert_eq!(distinct(|t| t.name.clone()), 9);
        assert_eq!(distinct(|t| t.acronym.clone()), 9);
        assert_eq!(distinct(|t| t.uuid.to_string()), 9);
    }
}
