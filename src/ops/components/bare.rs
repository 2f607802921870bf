//! A page for somebody who is nobody here: no navigation, no forms, no way into the site.
//!
//! Owns that frame. It still says which environment it is of and how old what it shows is.

use maud::{DOCTYPE, Markup, html};

use super::shell::{Frame, Page, banner, environment};
use super::sprite::{logo, sprite};
use crate::ops::assets;

/// Draws a whole page.
pub(crate) fn bare(frame: &Frame, page: &Page) -> Markup {
    let sandbox = frame.environment == crate::domain::labels::Environment::Sandbox;
    html! {
        (DOCTYPE)
        html lang=(frame.language().tag()) data-theme=[frame.preferences.theme.attribute()] {
            head {
                meta charset="utf-8";
                title { @if frame.freshness.is_stale() { (frame.t("Stale. ", "Périmé. ")) } (page.title) ", accuscope (" (frame.environment) ")" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex, nofollow";
                link rel="stylesheet" href=(assets::css().url());
                link rel="icon" href=(assets::icon().url());
                script src=(assets::js().url()) type="module" {}
            }
            body.sandbox[sandbox] {
                (sprite())
                div.bare {
                    header.noprint { span.brand { (logo()) "accuscope" } (environment(frame)) }
                    main #main tabindex="-1" {
                        div.wrap {
                            div.banner { (banner(frame)) }
                            (page.body)
                        }
                    }
                }
                div.vh role="status" data-say {}
            }
        }
    }
}
