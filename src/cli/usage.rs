//! What is said of a command line that cannot be read.
//!
//! Owns that nothing typed comes back: it may be a name or a number of a person, pasted into the wrong
//! place, and terminals and job logs remember. Only our own names and words are printed.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Failure;

/// The failure to tell, or `None` where the library's text is what was asked for: help and version.
#[must_use]
pub(super) fn failure(error: &clap::Error) -> Option<Failure> {
    if !error.use_stderr() {
        return None;
    }
    let argument = ours(error, ContextKind::InvalidArg);
    let of = argument.map_or_else(|| "an argument".to_owned(), |name| format!("`{name}`"));
    let problem = match error.kind() {
        ErrorKind::UnknownArgument => "an argument is not known here".to_owned(),
        ErrorKind::InvalidSubcommand => "there is no such command".to_owned(),
        ErrorKind::InvalidValue => match ours(error, ContextKind::ValidValue) {
            Some(known) => format!("the value of {of} is none of: {known}"),
            None => format!("{of} needs a value"),
        },
        ErrorKind::ValueValidation => match std::error::Error::source(error) {
            Some(source) => format!("the value of {of} cannot be used: {source}"),
            None => format!("the value of {of} cannot be used"),
        },
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{of} has another number of values than it takes")
        }
        ErrorKind::InvalidUtf8 => "an argument is no UTF-8 text".to_owned(),
        // The library's texts for the others hold only our names.
        _ => return Some(Failure::usage(plain(&error.render().to_string()))),
    };
    let mut message = problem;
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand];
    for meant in suggested.into_iter().filter_map(|kind| ours(error, kind)) {
        message.push_str("; is this meant: ");
        message.push_str(&meant);
    }
    if let Some(usage) = ours(error, ContextKind::Usage) {
        message.push_str("\n\n");
        message.push_str(&usage);
    }
    message.push_str("\n\nFor more information, try `--help`.");
    Some(Failure::usage(message))
}

/// A context of the error as text. Asked only for kinds that hold our own names with this error.
fn ours(error: &clap::Error, kind: ContextKind) -> Option<String> {
    if kind == ContextKind::InvalidArg && error.kind() == ErrorKind::UnknownArgument {
        return None;
    }
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(texts) => {
            Some(texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

/// Without the word that the failure's own line begins with.
fn plain(text: &str) -> String {
    text.strip_prefix("error: ").unwrap_or(text).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Arguments;

    #[test]
    fn nothing_that_was_typed_comes_back() {
        for (line, said) in [
            ("Marchand", "there is no such command"),
            ("check Marchand", "an argument is not known here"),
            ("check --Marchand", "an argument is not known here"),
            ("check --Marchand=Marchand", "an argument is not known here"),
            ("audit Marchand", "there is no such command"),
            ("audit export --format Marchand", "is none of: "),
            ("import", "required arguments were not provided"),
            ("diagnose", "<--code <CODE>|--request-id <ID>|--clinic <ID>>"),
            ("diagnose --code Marchand --clinic Marchand", "cannot be used with"),
            ("serve Marchand", "an argument is not known here"),
            ("sim --listen Marchand", "the value of `--listen <ADDRESS>` cannot be used"),
            ("diagnose --from Marchand", "an argument is not known here"),
            ("diagnose --lang Marchand", "is none of: en, fr"),
            ("export --format=Marchand", "not known here"),
        ] {
            let words = std::iter::once("accuscope").chain(line.split(' '));
            let Err(error) = Arguments::try_parse_from(words) else {
                unreachable!("{line} is no command line")
            };
            let failure = failure(&error).map(|failure| (failure.status, failure.message));
            let Some((status, message)) = failure else { unreachable!("{line} asks for no help") };
            assert_eq!(status, 2, "{line}");
            assert!(message.contains(said), "{line}: {message}");
            assert!(!message.contains("Marchand"), "{line}: {message}");
        }
    }

    #[test]
    fn what_was_meant_is_offered_and_help_is_no_failure() {
        let words = ["accuscope", "chekc"];
        let offered = Arguments::try_parse_from(words).err().and_then(|error| failure(&error));
        assert!(offered.is_some_and(|offered| offered.message.contains("is this meant: check")));
        for words in [["accuscope", "--help"], ["accuscope", "--version"]] {
            assert!(Arguments::try_parse_from(words).is_err_and(|error| failure(&error).is_none()));
        }
    }
}
