//! The mutants of redaction are up to date: each takes out a piece of the source that is still there.
//!
//! Whether the proof notices them is a matter of minutes: `scripts/mutate-redaction.py`.

use std::collections::BTreeSet;
use std::fs;

#[test]
fn every_mutant_still_finds_its_piece_of_the_source() {
    let text = fs::read_to_string("tests/redaction-mutants.toml").unwrap();
    let data: toml::Table = text.parse().unwrap();
    let mutants = data["mutants"].as_array().unwrap();
    assert!(mutants.len() >= 20, "{} mutants", mutants.len());
    let mut names = BTreeSet::new();
    for mutant in mutants {
        let name = mutant["name"].as_str().unwrap();
        assert!(names.insert(name), "{name} is there twice");
        let pieces = mutant["pieces"].as_array().unwrap();
        assert!(pieces.iter().any(|piece| piece["put"].as_str().unwrap().contains("ON")), "{name}");
        for piece in pieces {
            let of = |key: &str| piece[key].as_str().unwrap();
            let source = fs::read_to_string(of("file")).unwrap();
            let times = source.matches(of("find")).count();
            assert_eq!(times, 1, "{name}: its piece in {} is there {times} times", of("file"));
        }
    }
}
