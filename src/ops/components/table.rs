//! Tables that drop columns, then turn into labelled cards, as their container narrows.
//!
//! Owns the markup. Which rows there are is the page's business.

use maud::{Markup, html};

use super::shell::Frame;

/// A column.
#[derive(Clone, Copy)]
pub(crate) struct Col {
    /// The head.
    pub(crate) head: &'static str,
    /// The label in front of the value on a phone; empty for none.
    pub(crate) label: &'static str,
    /// Classes: `num` for numbers, `opt` to be dropped first.
    pub(crate) class: &'static str,
    /// A longer explanation of the head.
    pub(crate) title: Option<&'static str>,
}

/// A column with its head, the label on a phone, and classes.
pub(crate) const fn col(head: &'static str, label: &'static str, class: &'static str) -> Col {
    Col { head, label, class, title: None }
}

/// A row; its first cell is its head.
pub(crate) struct Row {
    /// Whether it is the one to look at.
    pub(crate) selected: bool,
    /// One cell for each column.
    pub(crate) cells: Vec<Markup>,
}

/// A table.
pub(crate) struct Table {
    /// What it shows, for those who cannot see it.
    pub(crate) caption: String,
    /// Classes besides `cards`: `wide` for many columns.
    pub(crate) class: &'static str,
    /// The columns.
    pub(crate) cols: Vec<Col>,
    /// The rows.
    pub(crate) rows: Vec<Row>,
}

/// Draws a table.
pub(crate) fn table(table: &Table) -> Markup {
    let label = |col: &Col| (!col.label.is_empty()).then_some(col.label);
    let class = |col: &Col| (!col.class.is_empty()).then_some(col.class);
    html! {
        div.tablewrap {
            table class={ "cards " (table.class) } {
                caption.vh { (table.caption) }
                thead {
                    tr {
                        @for col in &table.cols {
                            th scope="col" class=[class(col)] {
                                @if let Some(title) = col.title {
                                    abbr title=(title) { (col.head) }
                                } @else { (col.head) }
                            }
                        }
                    }
                }
                tbody {
                    @for row in &table.rows {
                        tr class=[row.selected.then_some("sel")] {
                            @for (index, (col, cell)) in table.cols.iter().zip(&row.cells).enumerate() {
                                @if index == 0 {
                                    th scope="row" class=[class(col)] { (cell) }
                                } @else {
                                    td class=[class(col)] data-l=[label(col)] { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// "There is none", which is not zero.
pub(crate) fn dash(frame: &Frame) -> Markup {
    html! { span.muted aria-hidden="true" { "–" } span.vh { (frame.t("none", "aucun")) } }
}

/// The numbers of a chart, folded away below it.
pub(crate) fn data_table(
    caption: &str,
    heads: &[&str],
    rows: &[Vec<String>],
    frame: &Frame,
) -> Markup {
    html! {
        details.data {
            summary { (frame.t("Show as a table", "Voir en tableau")) }
            div.tablewrap tabindex="0" role="group" aria-label={ (caption) (frame.t(", scrolls sideways", ", défile de côté")) } {
                table {
                    caption.vh { (caption) }
                    thead {
                        tr {
                            @for (index, head) in heads.iter().enumerate() {
                                th.num[index > 0] scope="col" { (head) }
                            }
                        }
                    }
                    tbody {
                        @for row in rows {
                            tr {
                                @for (index, cell) in row.iter().enumerate() {
                                    @if index == 0 { th scope="row" { (cell) } }
                                    @else { td.num { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::pages::gallery::frame;
    use crate::ops::words::language::Language;

    #[test]
    fn a_table_has_a_caption_scopes_and_labels() {
        let drawn = table(&Table {
            caption: "Calls".into(),
            class: "wide",
            cols: vec![col("Task", "", ""), col("Took", "Took", "num opt")],
            rows: vec![Row {
                selected: true,
                cells: vec![html! { "Sign in" }, dash(&frame("/", Language::English))],
            }],
        })
        .into_string();
        for part in [
            "<caption class=\"vh\">Calls</caption>",
            "<th scope=\"row\">Sign in</th>",
            "<td class=\"num opt\" data-l=\"Took\">",
            "<tr class=\"sel\">",
            "none",
        ] {
            assert!(drawn.contains(part), "{part} in {drawn}");
        }
    }
}
