//! The part of Markdown that runbooks use, drawn as markup.
//!
//! Owns headings, paragraphs, lists (one inside another too), code blocks, `code`, **strong** and
//! links to other pages of the site. Everything else is shown as it is written. Nothing is passed
//! through unescaped, so a runbook can hold no markup of its own.

use maud::{Markup, html};

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
enum Block<'t> {
    Heading(usize, &'t str),
    Paragraph(String),
    Code(String),
    List { ordered: bool, items: Vec<(String, Vec<Block<'t>>)> },
}

/// The first paragraph's first sentence, for lists.
pub(crate) fn summary(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let first = parse(&lines).into_iter().find_map(|block| match block {
        Block::Paragraph(text) => Some(text),
        _ => None,
    });
    let first = first.unwrap_or_default();
    match first.find(". ") {
        Some(end) => first[..=end].to_owned(),
        None => first,
    }
}

/// Draws a text. Names that `address` knows become links. The first-level heading is left out: the
/// page has its own.
pub(crate) fn render(text: &str, address: &dyn Fn(&str) -> Option<String>) -> Markup {
    let lines: Vec<&str> = text.lines().collect();
    html! { @for block in &parse(&lines) { (draw(block, address)) } }
}

fn draw(block: &Block<'_>, address: &dyn Fn(&str) -> Option<String>) -> Markup {
    html! {
        @match block {
            Block::Heading(1, _) => {}
            Block::Heading(2, text) => h2 { (text) }
            Block::Heading(_, text) => h3 { (text) }
            Block::Paragraph(text) => p { (inline(text, address)) }
            Block::Code(text) => pre tabindex="0" { code { (text) } }
            Block::List { ordered: true, items } => ol { (draw_items(items, address)) }
            Block::List { ordered: false, items } => ul { (draw_items(items, address)) }
        }
    }
}

fn draw_items(
    items: &[(String, Vec<Block<'_>>)],
    address: &dyn Fn(&str) -> Option<String>,
) -> Markup {
    html! {
        @for (text, inner) in items {
            li { (inline(text, address)) @for block in inner { (draw(block, address)) } }
        }
    }
}

fn inline(text: &str, address: &dyn Fn(&str) -> Option<String>) -> Markup {
    // Backticks first: what is code is neither strong nor a link.
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } }
            @else {
                @for (index, part) in part.split("**").enumerate() {
                    @if index % 2 == 1 { strong { (part) } } @else { (linked(part, address)) }
                }
            }
        }
    }
}

/// Words that name another runbook become links.
fn linked(text: &str, address: &dyn Fn(&str) -> Option<String>) -> Markup {
    html! {
        @for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
            @let name = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            @match address(name) {
                Some(href) => { a href=(href) { (name) } (&word[name.len()..]) }
                None => (word)
            }
        }
    }
}

fn parse<'t>(lines: &[&'t str]) -> Vec<Block<'t>> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            at += 1;
        } else if trimmed.starts_with("```") {
            let length =
                lines[at + 1..].iter().take_while(|l| !l.trim().starts_with("```")).count();
            blocks.push(Block::Code(lines[at + 1..at + 1 + length].join("\n")));
            at += length + 2;
        } else if let Some((level, text)) = heading(trimmed) {
            blocks.push(Block::Heading(level, text));
            at += 1;
        } else if let Some((ordered, _)) = marker(line) {
            let (items, next) = list(lines, at, ordered);
            blocks.push(Block::List { ordered, items });
            at = next;
        } else {
            let length = lines[at..]
                .iter()
                .take_while(|l| {
                    !l.trim().is_empty() && heading(l.trim()).is_none() && marker(l).is_none()
                })
                .count();
            let text: Vec<&str> = lines[at..at + length].iter().map(|l| l.trim()).collect();
            blocks.push(Block::Paragraph(text.join(" ")));
            at += length.max(1);
        }
    }
    blocks
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let text = line[level..].strip_prefix(' ')?;
    (1..=4).contains(&level).then(|| (level, text.trim()))
}

/// Whether a line begins a list item: numbered or not, and where its text begins.
fn marker(line: &str) -> Option<(bool, usize)> {
    let indent = line.len() - line.trim_start().len();
    let rest = &line[indent..];
    if rest.starts_with("- ") || rest.starts_with("* ") {
        return Some((false, indent + 2));
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    ((1..=2).contains(&digits) && rest[digits..].starts_with(". "))
        .then_some((true, indent + digits + 2))
}

type Items<'t> = Vec<(String, Vec<Block<'t>>)>;

/// The items of a list, and the line after it. What is indented below an item belongs to it.
fn list<'t>(lines: &[&'t str], from: usize, ordered: bool) -> (Items<'t>, usize) {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = indent(lines[from]);
    let mut items = Vec::new();
    let mut at = from;
    while let Some(line) = lines.get(at) {
        let Some((kind, text_at)) = marker(line).filter(|_| indent(line) == own) else { break };
        if kind != ordered {
            break;
        }
        let mut text = line[text_at..].trim().to_owned();
        at += 1;
        let length =
            lines[at..].iter().take_while(|l| l.trim().is_empty() || indent(l) > own).count();
        let below = &lines[at..at + length];
        let more = below.iter().take_while(|l| !l.trim().is_empty() && marker(l).is_none()).count();
        for line in &below[..more] {
            text.push(' ');
            text.push_str(line.trim());
        }
        items.push((text, parse(&below[more..])));
        at += length;
    }
    (items, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> String {
        let address =
            |name: &str| (name == "AccuroDown").then(|| "/runbooks/AccuroDown".to_owned());
        render(text, &address).into_string()
    }

    #[test]
    fn draws_what_runbooks_use() {
        let text = "# Name\n\n## Meaning\n\nTwo\nlines with `code`.\n\n1. First:\n   - inner `a`\n   - **b**\n2. See AccuroDown.\n";
        assert_eq!(
            drawn(text),
            "<h2>Meaning</h2><p>Two lines with <code>code</code>.</p>\
             <ol><li>First:<ul><li>inner <code>a</code></li><li><strong>b</strong></li></ul></li>\
             <li>See <a href=\"/runbooks/AccuroDown\">AccuroDown</a>.</li></ol>"
        );
    }

    #[test]
    fn holds_no_markup_of_its_own() {
        let text = "<script>x</script>\n\n```\n<b>\n```\n";
        let drawn = drawn(text);
        assert!(!drawn.contains("<script>") && !drawn.contains("<b>"), "{drawn}");
    }

    #[test]
    fn the_summary_is_one_sentence() {
        assert_eq!(
            summary("# A\n\n## Meaning\n\nOne clinic\nis silent. And more."),
            "One clinic is silent."
        );
        assert_eq!(summary(""), "");
    }

    #[test]
    fn any_text_ends() {
        for text in ["```", "1. ", "- \n\n- ", "#", "##### deep", "  - a\n- b"] {
            let _ = drawn(text);
        }
    }
}
