//! Which kinds of tasks few did in a month, as the database puts it together and as its counts say.

use std::collections::{BTreeMap, BTreeSet};

use accuscope::domain::adoption::{Bucket, Counts, Task};
use accuscope::store::Store;
use jiff::civil::{Date, date};

use crate::recount::Key;

type Kinds = BTreeMap<(String, Date), (BTreeSet<i64>, Option<(u64, i64)>)>;

/// Of each clinic's month the kinds that one or two did, and the one that the fewest of three or more did.
fn kinds(counts: &BTreeMap<Key, Counts>) -> Kinds {
    let mut found = Kinds::new();
    for ((bucket, clinic, first, task), counts) in counts {
        let Some(task) = task.as_ref().filter(|_| *bucket == Bucket::Month) else { continue };
        let number = Task::ALL.iter().find(|known| known.as_str() == task).unwrap().number();
        let month = found.entry((clinic.clone(), *first)).or_default();
        let tried = counts.deeds.done + counts.deeds.failed > 0;
        match counts.staff {
            0 if !tried => {}
            0..3 => drop(month.0.insert(number)),
            staff => month.1 = Some(month.1.unwrap_or((staff, number)).min((staff, number))),
        }
    }
    found
}

/// Compares both, with three as the limit.
pub(crate) async fn agree(store: &Store, counts: &BTreeMap<Key, Counts>) {
    let expected = kinds(counts);
    let stretch = (date(2026, 9, 1), date(2026, 12, 31));
    let mut found = Kinds::new();
    for month in store.kinds_of_months(stretch, 3).await.unwrap() {
        let few = month.few.iter().map(|task| task.number()).collect();
        let enough = month.enough.map(|(task, staff)| (staff, task.number()));
        found.insert((month.clinic.to_string(), month.first), (few, enough));
    }
    assert_eq!(found, expected);
}
