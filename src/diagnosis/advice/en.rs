//! The advice in English.

use super::super::symptom::Rule;
use super::Text;
use crate::domain::cause::Cause;
use crate::domain::refusal::Repeat;

/// The text where accuscope did not send a change, since one with its key came before.
pub(super) const fn held_back(repeat: Repeat) -> Text {
    match repeat {
        Repeat::Before => Text {
            steps: &[
                "Look in Accuro whether the change is there, before anything else is done.",
                "If it is there, all is done. If it is not, make it in Accuro itself.",
                "Ask the app's vendor why it sent the change a second time.",
            ],
            admin: "The same change had been sent before, so our service did not send it to Accuro a second time. It is saved or may be. Please look in Accuro before anybody makes it once more.",
            user: "This change was sent before and is saved or may be, so it was not sent a second time. Please look in Accuro before you do anything else.",
        },
        Repeat::Mixed => Text {
            steps: &[
                "Look in Accuro which of the two changes is there, before anything else is done.",
                "If one is missing, make it in Accuro itself.",
                "Tell the app's vendor that the app sent two changes with one key.",
            ],
            admin: "The app sent two changes with one key, so our service did not send the second one to Accuro. The first one may be saved. Please look in Accuro before anybody makes either once more.",
            user: "The app mixed up two changes, so this one was not sent. The other one may be saved. Please look in Accuro before you do anything else.",
        },
        Repeat::UnderWay => Text {
            steps: &[
                "Wait a moment, then look in Accuro whether the change is there.",
                "If it is there, all is done. If it is not, make it in Accuro itself.",
                "Ask the app's vendor why it sent the change twice at once.",
            ],
            admin: "The same change was being made at that moment, so our service did not send it a second time. It may be saved. Please look in Accuro before anybody makes it once more.",
            user: "The same change was being made, so it was not sent a second time. Wait a moment, then look in Accuro before you do anything else.",
        },
    }
}

/// The text where a rule of ours turned the call away.
pub(super) const fn by_rule(rule: Rule) -> Text {
    match rule {
        Rule::AppKey => Text {
            steps: &[
                "Have the app's vendor check which key the app sends: it is missing or not registered here.",
                "If the app is new, or its key was changed, register it in the settings under Apps.",
                "If nobody knows this app, tell on-call: somebody else may be calling.",
            ],
            admin: "Our own gateway does not know the app that called, so it asked Accuro nothing. Nothing needs to be changed in Accuro. We are checking the app's registration.",
            user: "Our service did not recognise the app. It is not your account. Please see that you have the newest version of the app; we are looking into it.",
        },
        Rule::Clinic => Text {
            steps: &[
                "Look in the settings, under Apps, which clinics the app is registered for.",
                "If the clinic belongs there, add it; if it does not, ask the app's vendor why the app was used there.",
            ],
            admin: "The app that was used is not registered with us for your clinic, so our gateway asked Accuro nothing. Nothing needs to be changed in Accuro. We are checking the registration.",
            user: "The app is not registered for your clinic yet. It is not your account. We are looking into it.",
        },
        Rule::Environment => Text {
            steps: &[
                "Tell the app's vendor at once: a sandbox identity met production, or the reverse.",
                "Ask that the app is not used until that is put right.",
                "Compare the environment of the app and of the clinic in the settings.",
            ],
            admin: "The app mixed up the test system and the real one, so our gateway asked Accuro nothing. Please have nobody use the app until we write to you.",
            user: "The app mixed up the test system and the real one, so nothing was asked or saved. Please do not use the app until we write to you.",
        },
        Rule::ReadOnly => Text {
            steps: &[
                "Ask on-call why changes are switched off, and until when.",
                "Have the person make the change in Accuro itself if it cannot wait.",
            ],
            admin: "We have switched off changes through our gateway for the moment; reading works. Nothing needs to be changed in Accuro. What cannot wait can be entered in Accuro itself.",
            user: "Changes from the app are switched off for the moment, so this one was not saved. If it cannot wait, please enter it in Accuro itself.",
        },
    }
}

/// The text for what is over: who is told of it in the present looks for what is not there.
pub(super) const fn over(cause: Cause) -> Option<Text> {
    Some(match cause {
        Cause::AccuroDown | Cause::AccuroSlow | Cause::AccuroUnreachable | Cause::ClinicDown => {
            Text {
                steps: &[
                    "It is over: look at the incident for when it began and ended.",
                    "Ask whether anything was being saved at that time. If so, have somebody look in Accuro whether it is there.",
                    "If it comes and goes, report the times to Accuro's support.",
                ],
                admin: "Accuro did not answer as usual for a while, and does now. You need not change anything. If somebody was saving something at that time, please look in Accuro whether it is there.",
                user: "Accuro did not answer as usual for a while, and does now. If you were saving something, please look in Accuro whether it is there before you enter it once more.",
            }
        }
        Cause::AccuscopeFailing => Text {
            steps: &[
                "It is over: look at the incident and at the alerts for when it began and ended.",
                "Ask whether anything was being saved at that time. If so, have somebody look in Accuro whether it is there.",
            ],
            admin: "Our own service failed for a while, and works now. You need not change anything. If somebody was saving something at that time, please look in Accuro whether it is there.",
            user: "Our service failed for a while, and works now. If you were saving something, please look in Accuro whether it is there before you enter it once more.",
        },
        Cause::ClinicConnectionRejected
        | Cause::ClinicSignInFailing
        | Cause::AppCredentialsRejected
        | Cause::ScopeMissing => Text {
            steps: &[
                "It is over: ask who changed what, so that it does not come back.",
                "Ask people who still cannot work to sign in anew.",
            ],
            admin: "Accuro refused our requests for a while, and accepts them now. You need not change anything, unless you do not know what was changed; then please tell us.",
            user: "Accuro refused your requests for a while, and accepts them now. If it does not work for you yet, please sign out and sign in.",
        },
        Cause::SessionExpired => Text {
            steps: &[
                "It is over: the person has signed in anew.",
                "If it comes back within the hour, tell the app's vendor.",
            ],
            admin: "One person's sign-in had ended, and Accuro refused everything with it. With the new one it works. You need not change anything.",
            user: "Your sign-in had ended. With the new one it works; there is nothing that you need to do.",
        },
        Cause::SectionRestricted
        | Cause::ChartRestricted
        | Cause::ChartMaskedForAll
        | Cause::SilentlyFiltered => Text {
            steps: &[
                "It is over: the same was given later.",
                "Ask the clinic's administrator whether that change was intended.",
            ],
            admin: "For a while Accuro did not give something that one person asked for, and gives it now. Please check whether that change was intended. The person can tell you what it was.",
            user: "Accuro did not give you this for a while, and does now. There is nothing that you need to do.",
        },
        Cause::BeingEdited => Text {
            steps: &[
                "It is over: a change of the record was accepted later. Have the person look in Accuro whether it was theirs.",
                "If it happens often, ask the clinic who works on the same records.",
            ],
            admin: "Somebody changed or had open the same record at the same time. It can be changed by now. You need not change anything.",
            user: "Somebody was working on the same record at that time. It can be changed by now. Please look in Accuro whether your change is there.",
        },
        Cause::RateLimited => Text {
            steps: &[
                "It is over: look which app made the most calls at that time.",
                "Ask the app's vendor to slow down and to wait before trying again.",
            ],
            admin: "Our app asked for more at once than is allowed for a while, so some requests were turned away. It is over. You need not change anything.",
            user: "Too many requests were made at once for a while. It is over; please go on as usual.",
        },
        Cause::RequestRejected | Cause::AnswerChanged | Cause::WrongContext => Text {
            steps: &[
                "It is over: tell the app's vendor from when to when, and for which task.",
                "Ask what was released at that time, and what took it back.",
            ],
            admin: "Our app and Accuro did not understand each other for one task for a while, and do now. You need not change anything.",
            user: "The app and Accuro did not understand each other for a while, and do now. It was not your account.",
        },
        _ => return None,
    })
}

macro_rules! texts {
    ($($cause:ident [$($step:literal),+] $admin:literal, $user:literal;)+) => {
        /// The text for a cause.
        pub(super) const fn text(cause: Cause) -> Text {
            match cause {
                $(Cause::$cause => Text { steps: &[$($step),+], admin: $admin, user: $user },)+
            }
        }
    };
}

texts! {
    NoCalls
        ["Ask whether the app was open, online and signed in.", "Ask the app's vendor for its own log of that time.",
         "Check clinic, person and time of the question."]
        "Our app did not send any request for this at the time you named. Accuro was not asked, so nothing needs to be changed there. We are looking at the app.",
        "The app did not send your request. Please check that you are online and signed in, and try once more. If it happens again, send us the code that the app shows.";
    Delivered
        ["Ask on which screen and what was missing.", "Ask the app's vendor what the app does with the answer."]
        "Accuro returned what was asked for, so nothing needs to be changed there. We are looking at what the app shows.",
        "Accuro answered your request, so the fault is likely in what the app shows. Please tell us on which screen you were and what you expected to see.";
    AccuroDown
        ["Look at the state of Accuro on the start page.", "Report it to Accuro's support if they have not announced it.",
         "Tell the clinics that it is not their doing, and when you will write again."]
        "Accuro does not answer us at the moment, for all clinics. You need not change anything. We are reporting it to Accuro's support and will write when it works again.",
        "Accuro is not answering at the moment. It is not your account. Please use Accuro directly where you can, and try again later.";
    AccuroSlow
        ["Look at the latency on the start page.", "Report it to Accuro's support with times.", "Ask clinics to try once and wait."]
        "Accuro answers much more slowly than usual, for all clinics. You need not change anything. We are reporting it to Accuro's support.",
        "Accuro is slow at the moment, and some requests give up. Please wait a little before you try again.";
    AccuroUnreachable
        ["Check name resolution, network and certificates between accuscope and Accuro.", "Run accuscope check.",
         "Ask whether the network or a firewall was changed."]
        "We cannot reach Accuro over the network at the moment. You need not change anything. We are working on it.",
        "We cannot reach Accuro at the moment. It is not your account. We are working on it; please try again later.";
    ClinicDown
        ["Check that other clinics work.", "Report it to Accuro's support for this clinic's instance.",
         "Ask the clinic whether Accuro itself works for them."]
        "Accuro does not answer for your clinic at the moment, while other clinics work. Please check whether Accuro itself works for you, and tell us. We are reporting it to Accuro's support.",
        "Accuro is not answering for your clinic at the moment. It is not your account. Please try again later.";
    RateLimited
        ["Look which app makes the most calls.", "Ask the app's vendor to slow down and to wait before trying again."]
        "Our app asked for more at once than is allowed, so some requests were turned away. You need not change anything. We are slowing it down.",
        "Too many requests were made at once. Please wait a minute and try again.";
    ClinicConnectionRejected
        ["Ask the clinic's administrator whether the access was ended or changed.", "Check the clinic's tenant in the settings.",
         "Have the credentials renewed, through a secure form."]
        "Accuro refuses every request of your clinic through our app. Please check in Accuro that the API user is active, that its access has not ended, and that its password was not changed. We may need new credentials from you.",
        "Accuro does not accept your clinic's connection at the moment. We are writing to your clinic's administrator. There is nothing that you need to do.";
    ClinicSignInFailing
        ["Ask whether the API user's password was changed or has expired.", "Have the credentials renewed, through a secure form.",
         "People who are still signed in can go on working until their sign-in ends."]
        "Accuro refuses new sign-ins of your clinic through our app; those who are still signed in can work. Please check the API user's password and whether it is locked, and give us the new credentials through the secure form.",
        "New sign-ins do not work for your clinic at the moment. We are writing to your clinic's administrator. If you are still signed in, stay so.";
    AppCredentialsRejected
        ["Check whether the app's client secret was rotated or has expired.", "Put the new secret into the app.",
         "Ask Accuro's support whether the app is still enabled."]
        "Accuro refuses our app's own credentials, at all clinics. You need not change anything. We are renewing them.",
        "Accuro does not accept our app at the moment. It is not your account. We are working on it.";
    SessionExpired
        ["Ask the person to sign out, sign in and try again.", "If it comes back within the hour, tell the app's vendor."]
        "One person's sign-in had ended, and Accuro refused everything with it. After signing in again it should work. You need not change anything.",
        "Your sign-in had ended. Please sign out, sign in again and try once more.";
    WrongContext
        ["Tell the app's vendor which task is asked for with the wrong kind of token.", "Compare with the tasks that work."]
        "Our app used the wrong kind of sign-in for this task, so Accuro refused it. You need not change anything. We are correcting the app.",
        "The app asked Accuro in the wrong way for this. It is not your account. We are correcting it.";
    SectionRestricted
        ["Ask the clinic's administrator to check the person's role for this section.", "After the change, ask the person to sign in again and try."]
        "Accuro refuses this part of the chart to one person, for every patient, while the rest works. Please check the person's role and feature access for this section, and whether that is intended. The person can tell you which section it is.",
        "Accuro did not give you access to this part of the chart. Your clinic's administrator can check your role; please ask them.";
    ChartRestricted
        ["Ask the clinic's administrator to check masks and permissions on this chart for the person.", "We cannot see masks inside Accuro.",
         "After the change, ask the person to try again."]
        "Accuro refuses one chart to one person, while other charts work for them. Please check whether a mask or a provider permission on that chart keeps them out, and whether that is intended. The person can tell you which chart it is.",
        "Accuro did not open this chart for you. Your clinic's administrator can look into it; please tell them which chart you need.";
    ChartMaskedForAll
        ["Ask the clinic's administrator to look for a mask on this chart.", "We cannot see masks inside Accuro."]
        "Accuro refuses one chart to everybody who asks through our app, while other charts work. Please check whether that chart is masked or locked, and whether that is intended. The person who asked can tell you which chart it is.",
        "Accuro did not open this chart. Your clinic's administrator can look into it; please tell them which chart you need.";
    SilentlyFiltered
        ["Ask the clinic's administrator which providers and offices the person was granted.", "Accuro leaves out what is not granted without an error.",
         "After the change, ask the person to try the same list again."]
        "Accuro answers one person's lists with nothing, without an error, while the same lists hold entries otherwise. Please check which providers and offices are enabled for this person and for the API user.",
        "Accuro returned an empty list. Your clinic's administrator can check which providers and offices are enabled for you; please ask them.";
    WrongOffice
        ["Ask the person to change to the right office and try again.", "If two people share a sign-in, each changes the other's office."]
        "What was asked for exists, but in another office than the one that was selected. You need not change anything, unless it should be visible in both.",
        "What you looked for was not found in the office that is selected. Please choose the right office and try again.";
    NoMatch
        ["Ask the person to search by other details, and to look for stray spaces.", "Other searches of the same person find, so access is fine."]
        "A search found nobody, while other searches of the same person work. You need not change anything.",
        "Accuro found nobody who fits your search. Please check the spelling, or search by another detail.";
    RecordGone
        ["Ask the clinic's administrator whether it was merged, deleted or moved.", "Ask the app's vendor to forget the old number."]
        "Something that our app could open before is not found any more, for anybody. Please check whether the chart was merged, archived or deleted. The person who asked can tell you which one it is.",
        "This record was there before and is not found any more. It may have been merged or moved; please search for the patient again.";
    NeverFound
        ["Ask the person to check the number, and the clinic.", "Ask where the app got the number from."]
        "Our app asked for a record that Accuro does not have for your clinic. You need not change anything, unless you know it to be there.",
        "Accuro has no such record at your clinic. Please check the number, or search for the patient instead.";
    RequestRejected
        ["Tell the app's vendor which task is rejected, since when, and at which clinics.", "Ask what was released at that time."]
        "Accuro rejects what our app sends for one task, at several clinics. You need not change anything. We are correcting the app.",
        "Accuro did not accept what the app sent. It is not your mistake. We are correcting it.";
    RecordRejected
        ["Ask what was entered, and whether a required field is empty in this chart.", "Tell the app's vendor the code of the call."]
        "Accuro rejects what our app sends for one record, while others work. Something in that record may be missing or unusual. We are looking into it.",
        "Accuro did not accept the entry for this record. Please check that everything required is filled in. If it is, send us the code that the app shows.";
    BeingEdited
        ["Ask the person to reload and try again in a few minutes.", "If it stays, ask the clinic who has the record open."]
        "Somebody changed or had open the same record at the same time. You need not change anything.",
        "Somebody was working on the same record. Please reload it and try again in a few minutes.";
    AnswerChanged
        ["Tell the app's vendor which task's answers changed, and when.", "Ask Accuro's support whether a new version was installed.",
         "Run accuscope conformance against the sandbox."]
        "Accuro's answers for one task look different than before, at several clinics, so our app does not understand them. You need not change anything. We are adapting the app.",
        "The app does not understand Accuro's answer at the moment. It is not your account. We are working on it.";
    ScopeMissing
        ["Ask the app's vendor to request the missing permission.", "Have it approved for the clinic.", "Sign in again after that."]
        "Our app lacks a permission that this task needs. We are requesting it; you may be asked to approve it.",
        "The app lacks a permission for this. It is not your account. We are requesting it.";
    RefusedByAccuscope
        ["Look at the reason on the call.", "Check the app's key, its clinics and the environment in the settings."]
        "Our own gateway turned the request away, by a rule. Accuro was not asked, so nothing needs to be changed there. We are checking the rule.",
        "Our service turned the request away. It is not your account. We are looking into it.";
    AccuscopeFailing
        ["Look at the alerts of accuscope: capacity, disk, audit.", "Follow the runbook of the alert."]
        "Our own service failed. Accuro was not asked, so nothing needs to be changed there. We are working on it.",
        "Our service failed. It is not your account. Please try again in a few minutes.";
    NotRecorded
        ["Ask for a new try, and for the code that the app shows.", "Find out why accuscope did not record at that time."]
        "We have no record of that time, so we cannot say what happened. Please ask the person to try again.",
        "We have no record of that time. Please try again, and send us the code that the app shows.";
    Unknown
        ["Ask for one more try, and for the code that the app shows.", "Ask a colleague to try the same.", "Ask the person to try the same with another patient."]
        "We cannot tell yet what happened. One more try, by the same person and by a colleague, would decide it.",
        "We cannot tell yet what happened. Please try once more, and send us the code that the app shows.";
}
