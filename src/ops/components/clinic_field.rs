//! The field for one clinic: a list to choose from, or, of very many, a box for the name.
//!
//! Owns both, and the reading of what comes back. A list of a thousand names weighs more than the page around
//! it. What was typed into the box may be a person's name in the wrong field, so it is never given back, and
//! forms with this field post.

use maud::{Markup, html};

use super::shell::Frame;
use crate::domain::names::ClinicId;
use crate::domain::registry::{Clinic, Registry};
use crate::ops::words::language::Language;

/// The most clinics that are listed to choose from.
pub(crate) const MOST_LISTED: usize = 60;
/// The longest name that is taken.
const MAX_NAME: usize = 120;
/// A part of a name is at least so long.
const LEAST: usize = 2;

/// The clinics to choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Choice {
    /// There are none.
    #[default]
    None,
    /// These.
    Listed(Vec<(ClinicId, String)>),
    /// Too many to list: a name, or a part of it, is typed.
    Typed,
}

impl Choice {
    /// All of a registry.
    pub(crate) fn of(registry: &Registry) -> Self {
        match registry.clinics() {
            [] => Self::None,
            all if all.len() > MOST_LISTED => Self::Typed,
            all => Self::listed(all.iter()),
        }
    }

    fn listed<'c>(clinics: impl Iterator<Item = &'c Clinic>) -> Self {
        Self::Listed(clinics.map(|clinic| (clinic.id.clone(), clinic.name.clone())).collect())
    }

    /// Whether there is a clinic.
    pub(crate) const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// Which clinic a field means.
#[derive(Clone, Debug)]
pub(crate) enum Named<'r> {
    /// Nothing was typed or chosen.
    Nothing,
    /// This one.
    One(&'r Clinic),
    /// One of these, to be chosen from.
    Several(Vec<&'r Clinic>),
    /// More than can be listed.
    TooMany,
    /// None of that name.
    Unknown,
}

impl<'r> Named<'r> {
    /// Reads a field: an id as a list sends it; or a name, or the beginning of one of its words. A whole name
    /// counts before parts of others.
    pub(crate) fn read(text: &str, registry: &'r Registry) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Nothing;
        }
        if let Some(clinic) = ClinicId::parse(text).ok().and_then(|id| registry.clinic(&id)) {
            return Self::One(clinic);
        }
        let wanted = text.to_lowercase();
        let named = |clinic: &&Clinic| clinic.name.to_lowercase() == wanted;
        let whole: Vec<&Clinic> = registry.clinics().iter().filter(named).collect();
        let found = if whole.is_empty() && wanted.chars().count() >= LEAST {
            registry.clinics().iter().filter(|clinic| begins(clinic, &wanted)).collect()
        } else {
            whole
        };
        match found.as_slice() {
            [] => Self::Unknown,
            [only] => Self::One(only),
            some if some.len() > MOST_LISTED => Self::TooMany,
            _ => Self::Several(found),
        }
    }

    /// The list to choose from, and why one has to be chosen; `None` where it is clear.
    pub(crate) fn problem(&self, language: Language) -> Option<(Option<Choice>, &'static str)> {
        Some(match self {
            Self::Nothing | Self::One(_) => return None,
            Self::Several(some) => (
                Some(Choice::listed(some.iter().copied())),
                language.of(
                    "Several clinics are called so. Choose one",
                    "Plusieurs cliniques s’appellent ainsi. Choisissez-en une",
                ),
            ),
            Self::TooMany => (
                None,
                language.of(
                    "Very many clinics are called so. Type more of the name",
                    "De très nombreuses cliniques s’appellent ainsi. Tapez une plus grande partie du nom",
                ),
            ),
            Self::Unknown => (
                None,
                language.of(
                    "Choose one of the clinics. None is called so",
                    "Choisissez une des cliniques. Aucune ne s’appelle ainsi",
                ),
            ),
        })
    }
}

/// Whether a clinic's id or name begins so, or goes on so from the beginning of a word.
fn begins(clinic: &Clinic, wanted: &str) -> bool {
    let fits = |name: &str| {
        let name = name.to_lowercase();
        let words = name.match_indices([' ', '-']).map(|(at, between)| at + between.len());
        std::iter::once(0).chain(words).any(|at| name[at..].starts_with(wanted))
    };
    fits(&clinic.name) || fits(clinic.id.as_str())
}

/// What the field looks like.
#[derive(Clone, Copy, Default)]
pub(crate) struct Look<'l> {
    /// The id of the element.
    pub(crate) id: &'l str,
    /// The clinic that was chosen.
    pub(crate) chosen: Option<&'l Clinic>,
    /// What no choice is called; `None` where one has to be made.
    pub(crate) every: Option<&'static str>,
    /// The id of the element that says what is wrong.
    pub(crate) wrong: Option<&'l str>,
}

/// Draws the field, which is called `clinic`; its label is the form's.
pub(crate) fn clinic_field(choice: &Choice, look: Look<'_>, frame: &Frame) -> Markup {
    let invalid = look.wrong.map(|_| "true");
    html! {
        @match choice {
            Choice::Typed => {
                input id=(look.id) name="clinic" autocomplete="off" autocapitalize="off" spellcheck="false"
                    maxlength=(MAX_NAME) required[look.every.is_none()]
                    value=[look.chosen.map(|clinic| clinic.name.as_str())]
                    placeholder=(look.every.unwrap_or(frame.t("Its name, or a part", "Son nom, ou une partie")))
                    aria-invalid=[invalid] aria-describedby=[look.wrong];
            }
            Choice::Listed(clinics) => {
                select id=(look.id) name="clinic" aria-invalid=[invalid] aria-describedby=[look.wrong] {
                    @if let Some(every) = look.every { option value="" { (every) } }
                    @for (id, name) in clinics {
                        option value=(id) selected[look.chosen.is_some_and(|clinic| clinic.id == *id)] { (name) }
                    }
                }
            }
            Choice::None => {
                select id=(look.id) name="clinic" { option value="" { (look.every.unwrap_or_default()) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::registry::{Phase, Rollout};
    use crate::ops::pages::gallery::frame;

    fn registry(names: &[String]) -> Registry {
        let clinic = |(index, name): (usize, &String)| Clinic {
            id: ClinicId::parse(&format!("clinic-{index}")).unwrap(),
            name: name.clone(),
            tenant: uuid::Uuid::from_u128(index as u128 + 1),
            time_zone: jiff::tz::TimeZone::UTC,
            phase: Phase::Live,
            went_live: None,
            rollout: Rollout::default(),
        };
        Registry::new(names.iter().enumerate().map(clinic).collect(), vec![]).unwrap()
    }

    fn many(count: usize) -> Registry {
        let name = |n| match n {
            0 => "Harbour View Medical".to_owned(),
            1 => "Harbour Lights".to_owned(),
            n => format!("Family Practice No. {n}"),
        };
        registry(&(0..count).map(name).collect::<Vec<_>>())
    }

    #[test]
    fn a_name_a_part_of_it_or_an_id_means_a_clinic_or_several_to_choose_from() {
        let registry = many(100);
        let said = |text| match Named::read(text, &registry) {
            Named::Nothing => "nothing".to_owned(),
            Named::One(clinic) => clinic.id.to_string(),
            Named::Several(some) => format!("{} of them", some.len()),
            Named::TooMany => "too many".to_owned(),
            Named::Unknown => "unknown".to_owned(),
        };
        for (text, expected) in [
            ("", "nothing"),
            ("  ", "nothing"),
            ("clinic-7", "clinic-7"),
            ("harbour view", "clinic-0"),
            ("HARBOUR", "2 of them"),
            ("lights", "clinic-1"),
            // The whole name, though others begin so.
            ("family practice no. 9", "clinic-9"),
            ("Family Practice No. 8", "clinic-8"),
            ("9", "unknown"),
            ("97", "clinic-97"),
            ("no. 97", "clinic-97"),
            ("practice no. 1", "10 of them"),
            ("practice", "too many"),
            ("Tremblay", "unknown"),
            ("9123456780", "unknown"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn few_clinics_are_listed_and_of_many_a_name_is_typed() {
        let english = frame("/", Language::English);
        for (count, listed) in [(2, true), (MOST_LISTED, true), (MOST_LISTED + 1, false)] {
            let registry = many(count);
            let look = Look { id: "f", every: Some("Every clinic"), ..Look::default() };
            let drawn = clinic_field(&Choice::of(&registry), look, &english).into_string();
            assert_eq!(drawn.contains("<select"), listed, "{count}: {drawn}");
            assert_eq!(drawn.contains("Harbour View"), listed, "{count}: {drawn}");
            assert!(drawn.len() < 6_000, "{count}: {}", drawn.len());
        }
        let wrong = Look { id: "f", wrong: Some("f-wrong"), ..Look::default() };
        let drawn = clinic_field(&Choice::Typed, wrong, &english).into_string();
        assert!(drawn.contains("aria-invalid=\"true\" aria-describedby=\"f-wrong\""), "{drawn}");
    }

    #[test]
    fn a_problem_repeats_nothing_and_several_come_with_a_list() {
        let registry = many(100);
        for (text, lists) in [("harbour", true), ("practice", false), ("Tremblay", false)] {
            for language in Language::ALL {
                let named = Named::read(text, &registry);
                let (choice, why) = named.problem(language).unwrap();
                assert_eq!(choice.is_some(), lists, "{text}");
                assert!(!why.to_lowercase().contains(&text.to_lowercase()), "{why}");
            }
        }
        assert_eq!(Named::read("clinic-1", &registry).problem(Language::English), None);
    }
}
