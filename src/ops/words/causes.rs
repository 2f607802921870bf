//! What a cause is called on the pages: in a list, as the answer, and as the likely reason behind it.
//!
//! Owns the three texts of each cause. What to do about it and what to write is the diagnosis's own
//! advice.

use crate::domain::cause::Cause;

/// The texts of a cause.
pub(crate) struct CauseWords {
    /// In a list of causes.
    pub(crate) name: &'static str,
    /// The answer, one sentence.
    pub(crate) says: &'static str,
    /// What is most likely behind it.
    pub(crate) behind: &'static str,
}

macro_rules! causes {
    ($($cause:ident $name:literal, $says:literal, $behind:literal;)+) => {
        /// The texts of a cause.
        pub(crate) const fn words(cause: Cause) -> CauseWords {
            match cause {
                $(Cause::$cause => CauseWords { name: $name, says: $says, behind: $behind },)+
            }
        }
    };
}

causes! {
    NoCalls "No call was made", "No call reached us.", "The app was not open, not online or not signed in";
    Delivered "It worked", "It worked: Accuro sent the answer.", "What the app did with the answer";
    AccuroDown "Accuro is down", "Accuro isn’t answering.", "Trouble at Accuro, for all clinics";
    AccuroSlow "Accuro is slow", "Accuro is slow.", "Trouble at Accuro, for all clinics";
    AccuroUnreachable "No way to Accuro", "We can’t reach Accuro over the network.", "Name, network or certificate between us and Accuro";
    ClinicDown "Accuro is down for the clinic", "Accuro for this clinic isn’t answering.", "The clinic’s own Accuro, or the way to it";
    RateLimited "Too many calls", "The app was sending too fast.", "A limit on calls was reached";
    ClinicConnectionRejected "The clinic’s connection is rejected", "Accuro rejects this clinic’s connection.", "Access ended, or its credentials changed";
    ClinicSignInFailing "New sign-ins fail", "New sign-ins at this clinic are refused.", "A password that changed or expired; sign-ins still alive work";
    AppCredentialsRejected "The app’s credentials are rejected", "Accuro refuses the app’s own credentials.", "The app’s secret was changed, or has expired";
    SessionExpired "The sign-in had ended", "Their sign-in had ended.", "One sign-in is dead; colleagues work";
    WrongContext "The wrong kind of sign-in", "The app used the wrong kind of sign-in for this task.", "A token of one kind on paths of another";
    SectionRestricted "A section is closed to this person", "This person’s Accuro role doesn’t include this section.", "Role or feature access, for every patient";
    ChartRestricted "This chart is closed to this person", "Accuro won’t let this person open this one chart.", "The chart is masked, or this person lacks permission for it";
    ChartMaskedForAll "This chart is closed to everybody", "Accuro lets nobody open this chart.", "The chart is masked or locked";
    SilentlyFiltered "Things are held back", "Accuro answered, but held things back from this person.", "A provider or office that is not granted";
    WrongOffice "The wrong office", "It is in another office than the one that was selected.", "The office that was selected";
    NoMatch "A search without a match", "The search found nobody.", "How it was searched; other searches find";
    RecordGone "The record is gone", "This record was there before and isn’t any more.", "It was merged, archived, deleted or moved";
    NeverFound "No such record", "Accuro has no such record for this clinic.", "The number, or the clinic";
    RequestRejected "The app sends something wrong", "The app sends Accuro something that it doesn’t accept.", "A fault of the app, at several clinics";
    RecordRejected "This record is rejected", "Accuro doesn’t accept what was sent for this record.", "Something that is missing or unusual in this record";
    BeingEdited "Somebody else was editing", "Someone else was changing the same record.", "Two people at once";
    AnswerChanged "Accuro’s answers changed", "Accuro’s answers changed, and the app no longer understands them.", "A new version of Accuro";
    ScopeMissing "The app lacks a permission", "The app wasn’t granted permission for this task.", "A permission that was not asked for or not approved";
    RefusedByAccuscope "A rule of ours", "A rule of ours stopped the call.", "The app’s key, its clinics or the environment";
    AccuscopeFailing "Our service is failing", "Our service was failing.", "Capacity, disk or audit of our own";
    NotRecorded "We were not recording", "We weren’t recording then.", "A gap in our record, so silence proves nothing";
    Unknown "Not enough to go by", "We can’t tell yet.", "The calls fit several causes, or there are too few";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_sentence_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for cause in Cause::ALL {
            let texts = words(*cause);
            assert!(seen.insert(texts.says), "{cause}");
            assert!(texts.says.ends_with('.') && !texts.behind.ends_with('.'), "{cause}");
        }
    }
}
