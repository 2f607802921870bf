//! The form of one entry of the registry and the way to remove it: the same for a clinic and for an app.
//!
//! Owns what a form sends and how it looks, also to the second of two who changed one entry at once. Which
//! fields there are, and their words, is up to the entry.

use maud::{Markup, html};
use serde::Deserialize;

use super::Tab;
use super::fields::{Field, Input, field, summary};
use crate::config::Mistake;
use crate::ops::components::parts::notice;
use crate::ops::components::shell::Frame;

/// Said where others were faster again and again.
pub(super) const BUSY: &str = "others are changing the registry at this moment; try again";

/// What a form does.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Doing {
    Add,
    Save,
    Remove,
}

/// What a form sends.
#[derive(Deserialize)]
pub(crate) struct Sent<D> {
    pub(super) act: Doing,
    /// The version that the admin saw.
    #[serde(default)]
    version: String,
    #[serde(flatten)]
    pub(super) draft: D,
}

impl<D> Sent<D> {
    /// The version that the admin saw; `None` where the entry is to be new.
    pub(super) fn seen(&self) -> Option<i64> {
        (self.act != Doing::Add).then(|| self.version.parse().unwrap_or(0))
    }
}

/// Name, label, hint, how it is typed, whether it is needed.
pub(super) type Spec = (&'static str, &'static str, &'static str, Input, bool);

/// The form of an entry.
pub(super) struct EntryForm<'p> {
    pub(super) tab: Tab,
    pub(super) id: &'p str,
    /// The version of the entry; `None` where there is none.
    pub(super) version: Option<i64>,
    /// The heading and the button of a new one.
    pub(super) words_of_new: (&'static str, &'static str),
    pub(super) specs: Vec<Spec>,
    pub(super) values: &'p [(&'static str, &'p str)],
    pub(super) mistake: Option<&'p Mistake>,
    /// Somebody else changed or removed it since the form was shown.
    pub(super) changed_meanwhile: bool,
    /// What is there now, in that case.
    pub(super) theirs: Option<&'p [(&'static str, &'p str)]>,
}

impl EntryForm<'_> {
    /// Draws it.
    pub(super) fn draw(&self, frame: &Frame) -> Markup {
        let of = |all: &[(&'static str, &'_ str)], name: &str| {
            all.iter().position(|(own, _)| *own == name)
        };
        let value = |name: &str| of(self.values, name).map_or("", |at| self.values[at].1);
        let their = |name: &str| {
            let theirs = self.theirs.and_then(|all| Some(all[of(all, name)?].1))?;
            (theirs != value(name)).then_some(theirs)
        };
        let wrong = self.mistake.and_then(|mistake| mistake.field.as_deref());
        let label = self.specs.iter().find(|(name, ..)| Some(*name) == wrong);
        let (is_new, (heading, add)) = (self.version.is_none(), self.words_of_new);
        let (act, save) =
            if is_new { ("add", add) } else { ("save", frame.t("Save", "Enregistrer")) };
        html! {
            (summary(self.mistake, label.map(|(_, label, ..)| *label), frame))
            @if self.changed_meanwhile { (meanwhile(self.theirs.is_some(), frame)) }
            section.card.pad.stack aria-labelledby="h-form" {
                h2 #h-form { @if is_new { (heading) } @else { code { (self.id) } } }
                form.stack action=(self.tab.address()) method="post" {
                    input type="hidden" name="version" value=(self.version.unwrap_or(0));
                    @if !is_new { input type="hidden" name="id" value=(self.id); }
                    div.fields {
                        @for (name, label, hint, input, required) in self.specs.iter().copied() {
                            (field(&Field { name, label, hint, input, required, value: value(name), theirs: their(name) }, self.mistake, frame))
                        }
                    }
                    div.actions {
                        button.btn.primary type="submit" name="act" value=(act) { (save) }
                        a.btn href=(self.tab.address()) { (frame.t("Cancel", "Annuler")) }
                    }
                }
            }
        }
    }

    /// The way to remove it: what that means, and what the button's cover says.
    pub(super) fn removal(&self, means: &str, cover: &str, frame: &Frame) -> Markup {
        html! {
            section.card.pad.stack aria-labelledby="h-remove" {
                h2 #h-remove { (frame.t("Remove", "Retirer")) }
                p.soft { (means) }
                details.more {
                    summary { (cover) }
                    form action=(self.tab.address()) method="post" {
                        input type="hidden" name="id" value=(self.id);
                        input type="hidden" name="version" value=(self.version.unwrap_or(0));
                        div.actions { button.btn type="submit" name="act" value="remove" { (frame.t("Remove for good", "Retirer pour de bon")) } }
                    }
                }
            }
        }
    }
}

/// What is said to the second of two who changed one entry at once.
fn meanwhile(is_there: bool, frame: &Frame) -> Markup {
    notice(
        "warn",
        "warn",
        Some("alert"),
        &html! {
            strong { (frame.t("Somebody else was faster, so nothing of yours is saved yet. ", "Quelqu’un d’autre a été plus rapide; rien de ce que vous avez fait n’est encore enregistré. ")) }
            @if is_there {
                (frame.t("What you typed is still here, and below each field that differs stands what is there now. Save again to put yours in its place.", "Ce que vous avez saisi est encore là, et sous chaque champ qui diffère figure ce qui y est maintenant. Enregistrez de nouveau pour mettre le vôtre à la place."))
            } @else {
                (frame.t("It was removed. What you typed is still here; add it anew if it is to come back.", "L’entrée a été retirée. Ce que vous avez saisi est encore là; ajoutez-la de nouveau si elle doit revenir."))
            }
        },
    )
}
