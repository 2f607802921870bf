//! Names that nobody has.
//!
//! Owns the lists that simulated people are named from: surnames that say of themselves that they
//! are invented. Does not pair them with people; see [`super::world`].

const FIRST: &[&str] = &[
    "Abelina",
    "Bramwell",
    "Calyxa",
    "Dorrin",
    "Elvanna",
    "Fenwick",
    "Galadine",
    "Hollis",
    "Isaura",
    "Jorvik",
    "Kestrel",
    "Lumina",
    "Merrick",
    "Nyssa",
    "Ottoline",
    "Peregrine",
    "Quillon",
    "Rosalba",
    "Sorrel",
    "Thaddea",
    "Umber",
    "Vesper",
    "Wystan",
    "Xanthe",
    "Yarrow",
    "Zephyrine",
    "Alaric",
    "Briony",
    "Cosimo",
    "Delphine",
    "Zoë",
    "Éloïse",
    "Fjóra",
    "Guthrie",
    "Hesper",
    "Ivo",
];

const LAST: &[&str] = &[
    "Testwell",
    "Mockridge",
    "Fauxmont",
    "Sampleton",
    "Demoray",
    "Fictley",
    "Inventon",
    "Nonesuch",
    "Pretendra",
    "Shamrook",
    "Specimenko",
    "Trialdo",
    "Phantomley",
    "Makebelieve",
    "Exampleton",
    "Placeholt",
    "Notreal",
    "Dummond",
    "Synthwaite",
    "Fabricant",
    "Imagino",
    "Proxyman",
    "Stubbsworth",
    "Fakenham-Test",
    "Madeupski",
    "O’Sample",
    "Vantest",
    "Mockelby",
    "Unreale",
    "Feignes",
    "Supposy",
    "Hypothetis",
    "Simulaire",
    "Côté-Fictif",
    "Rehearsal",
    "Standinger",
    "Figment",
    "Draftwood",
];

const STREETS: &[&str] = &[
    "Imaginary Lane",
    "Sandbox Road",
    "Mockingbird Test Street",
    "Example Avenue",
    "Nowhere Crescent",
    "Placeholder Drive",
    "Fiction Close",
];

/// An invented first name.
pub(super) fn first(rng: &mut fastrand::Rng) -> &'static str {
    FIRST[rng.usize(..FIRST.len())]
}

/// An invented surname.
pub(super) fn last(rng: &mut fastrand::Rng) -> &'static str {
    LAST[rng.usize(..LAST.len())]
}

/// An invented street with a number.
pub(super) fn street(rng: &mut fastrand::Rng) -> String {
    format!("{} {}", rng.u32(1..999), STREETS[rng.usize(..STREETS.len())])
}
