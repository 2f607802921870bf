//! Counts of staff, as far as a reader may know them.
//!
//! Owns the words; the limit is `domain::adoption::small`'s.

use super::shell::Frame;
use crate::domain::adoption::small;
use crate::ops::access::policy::Permission;
use crate::ops::words::language::said;

impl Frame {
    /// How many staff, as far as the reader may know: see [`small::today`].
    pub(crate) fn staff(&self, staff: u64) -> String {
        match small::today(staff, self.may(Permission::Calls)) {
            Some(staff) => self.number(staff),
            None => self.t("fewer than 5", "moins de 5").to_owned(),
        }
    }

    /// The same of several clinics together. What is not told of one of them is not to be had by subtraction.
    pub(crate) fn staff_of(&self, clinics: impl Iterator<Item = u64>) -> String {
        let (mut told, mut untold) = (0, 0);
        for staff in clinics {
            match small::today(staff, self.may(Permission::Calls)) {
                Some(staff) => told += staff,
                None => untold += 1,
            }
        }
        let least = self.number(told + untold);
        if untold == 0 {
            least
        } else {
            said!(self.language(), "at least {least}", "au moins {least}")
        }
    }
}
