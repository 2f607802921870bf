//! One day of one clinic: its events become rows of what each person did.
//!
//! Owns the reading of a day and the rows of `daily_tasks`. A day is one of the clinic's own calendar, 23
//! to 25 hours where clocks change.

use std::time::Duration;

use jiff::civil::Date;

use super::super::Store;
use super::super::cells::Kind;
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::insert::bulk::{self, Conflict, Table};
use super::super::place;
use super::super::retention::marks::Marks;
use super::super::rollup::day_number;
use super::super::sql::{Arg, Int, Sql};
use super::read::Earliest as _;
use super::{delete, values};
use crate::domain::adoption::run::is_staff;
use crate::domain::adoption::{CallEnd, Firsts, Person, StaffCall, Task, count_day};
use crate::domain::catalogue::TOKEN_OPERATION;
use crate::domain::reason::Ending;
use crate::domain::registry::Clinic;
use crate::domain::time::Timestamp;

/// How far from midnight a zone's clocks may jump, with room.
const AROUND: Duration = Duration::from_hours(3);

const DAILY_TASKS: Table = Table {
    name: "daily_tasks",
    columns: &[
        ("clinic_label", Kind::Int),
        ("day", Kind::Int),
        ("task", Kind::Int),
        ("actor_ref", Kind::Blob),
        ("calls", Kind::Int),
        ("done", Kind::Int),
        ("empty", Kind::Int),
        ("first_time", Kind::Int),
        ("failed", Kind::Int),
        ("given_up", Kind::Int),
        ("changed", Kind::Int),
    ],
    key: "(clinic_label, day, task, actor_ref)",
    conflict: Conflict::Fail,
};

/// Key, lateness, kind, actor, patient.
type Row = (Int, Option<Int>, Int, Option<Vec<u8>>, Option<Vec<u8>>);

/// The calls of a day, and whether somebody signed in.
#[derive(Default)]
struct Day {
    calls: Vec<StaffCall>,
    signed_in: bool,
}

impl Store {
    /// Counts a day from its events. `false` if they are no longer whole: then what was counted stays.
    pub(super) async fn count_day(
        &self,
        tx: &mut Tx,
        label: i64,
        clinic: &Clinic,
        date: Date,
        firsts: &mut Firsts,
    ) -> Result<bool, StoreError> {
        let Some((start, end)) = around(clinic, date) else { return Ok(false) };
        let day = self.read_day(tx, label, clinic, date, (start, end)).await?;
        // Asked after reading: whoever purges sets the mark before the first row goes.
        if Marks::read(tx).await?.whole_from() > start.plus(AROUND) {
            return Ok(false);
        }
        let counted = count_day(day.calls);
        let number = day_number(date);
        delete(
            tx,
            "delete from daily_tasks where clinic_label = ",
            &[("", label), (" and day = ", number)],
        )
        .await?;
        let row = |((task, person), deeds): (&(Task, Option<Person>), _)| {
            let person = Arg::Blob(Some(person.map_or(Vec::new(), |person| person.0.to_vec())));
            let key = [label.into(), number.into(), task.number().into(), person];
            key.into_iter().chain(values(deeds)).collect()
        };
        bulk::insert(tx, &DAILY_TASKS, counted.iter().map(row).collect()).await?;
        firsts.counted_from.note(date);
        if day.signed_in {
            firsts.signed_in.note(date);
        }
        for ((task, person), deeds) in &counted {
            if person.is_none() || deeds.done == 0 {
                continue;
            }
            firsts.done.note(date);
            firsts.last_done = firsts.last_done.max(Some(date));
            if *task == Task::FindPatient && deeds.done > deeds.empty {
                firsts.found.note(date);
            }
            if deeds.changed > 0 {
                firsts.changed.note(date);
            }
        }
        Ok(true)
    }

    async fn read_day(
        &self,
        tx: &mut Tx,
        label: i64,
        clinic: &Clinic,
        date: Date,
        (start, end): (Timestamp, Timestamp),
    ) -> Result<Day, StoreError> {
        let mut sql = Sql::new(
            "select e.key, e.late_us, e.kind, e.actor_ref, e.patient_ref from exchanges e \
             where e.clinic_label = ",
        );
        sql.bind(label).push(" and e.key >= ").bind(place::first_key(start));
        sql.push(" and e.key < ").bind(place::first_key(end));
        let rows: Vec<Row> = tx.all(sql).await?;
        let kinds = self.kinds.get_in(tx, rows.iter().map(|row| row.2.0).collect()).await?;
        let unknown = |column| StoreError::UnknownValue { table: "exchanges", column };
        let mut day = Day::default();
        for (key, late, kind, actor, patient) in rows {
            let at = place::time_of(key.0, late.map_or(0, |late| late.0));
            let kind = kinds.get(&kind.0).ok_or_else(|| unknown("kind"))?;
            let is_of_day = clinic.time_zone.to_datetime(at.to_jiff()).date() == date;
            if !is_of_day || !is_staff(kind.context) {
                continue;
            }
            let operation = kind.operation.as_str();
            day.signed_in |= operation == TOKEN_OPERATION && kind.ending == Ending::Ok;
            let Some(task) = Task::of(kind.domain, operation, kind.mutation) else { continue };
            let digest = |bytes: Option<Vec<u8>>, column| match bytes {
                None => Ok(None),
                Some(bytes) => Person::of(&bytes).map(Some).ok_or_else(|| unknown(column)),
            };
            day.calls.push(StaffCall {
                at,
                task,
                person: digest(actor, "actor_ref")?,
                patient: digest(patient, "patient_ref")?,
                end: CallEnd::of(kind.ending),
                mutation: kind.mutation,
            });
        }
        Ok(day)
    }
}

/// A stretch of time that a day lies in, whatever its clocks do.
fn around(clinic: &Clinic, date: Date) -> Option<(Timestamp, Timestamp)> {
    let midnight = |date: Date| {
        let at = clinic.time_zone.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        Some(Timestamp::from_micros(at.as_microsecond()))
    };
    Some((midnight(date)?.minus(AROUND), midnight(date.tomorrow().ok()?)?.plus(AROUND)))
}
