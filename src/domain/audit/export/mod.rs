//! The audit in other forms: a spreadsheet's rows and FHIR resources.
//!
//! Pure: from one record to one row or one resource. The line itself is already newline-delimited JSON.

pub mod csv;
pub mod fhir;

#[cfg(test)]
mod tests;
