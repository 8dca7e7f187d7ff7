//! A form that was refused comes back as it was sent, whichever page it stands on: every field holds what was typed or
//! chosen, and the field that was wrong says so itself.
//!
//! It works on the page as it goes out, so that no page has to carry what was sent through its view. What it reads are
//! our own templates: attributes stand in double quotes, and a `>` inside of one is escaped.

use std::collections::HashMap;

use super::view::fields::Fields;

/// The field that was wrong, by its name in the form, and why.
#[derive(Debug, Clone)]
pub(super) struct Wrong {
    pub(super) field: String,
    pub(super) why: String,
}

/// The page with the form that was sent to `action` filled in again.
pub(super) fn refill(page: &str, action: &str, sent: &Fields, wrong: Option<&Wrong>) -> String {
    let mut out = String::with_capacity(page.len() + 512);
    let mut rest = page;
    let mut done = false;
    while let Some(begin) = rest.find("<form ").filter(|_| !done) {
        let end = rest[begin..].find("</form>").map_or(rest.len(), |end| begin + end);
        let (before, form) = (&rest[..begin], &rest[begin..end]);
        out.push_str(before);
        if is_the_one(form, action, sent) {
            Filling { sent, wrong, taken: HashMap::new(), told: false }.fill(form, &mut out);
            done = true;
        } else {
            out.push_str(form);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Whether a form leads there and stands for the same thing: several forms of a page may differ in nothing but what
/// they hide.
fn is_the_one(form: &str, action: &str, sent: &Fields) -> bool {
    let leads = |name: &str| tags(form).any(|tag| attribute(tag, name).is_some_and(|to| unescaped(to) == action));
    let same = |tag: &str| {
        let name = attribute(tag, "name").unwrap_or_default();
        let value = unescaped(attribute(tag, "value").unwrap_or_default());
        name == "csrf" || sent.all(name).any(|one| one == value.trim())
    };
    let hidden = || tags(form).filter(|tag| attribute(tag, "type") == Some("hidden"));
    (leads("action") || leads("formaction")) && hidden().all(same)
}

struct Filling<'f> {
    sent: &'f Fields,
    wrong: Option<&'f Wrong>,
    /// How often a name has stood in the form so far.
    taken: HashMap<String, usize>,
    told: bool,
}

impl Filling<'_> {
    /// What was sent under a name that stands here once more.
    fn next(&mut self, name: &str) -> Option<String> {
        let before = self.taken.entry(name.to_owned()).or_default();
        *before += 1;
        self.sent.all(name).nth(*before - 1).map(str::to_owned)
    }

    fn fill(&mut self, form: &str, out: &mut String) {
        let mut rest = form;
        while let Some(begin) = rest.find('<') {
            out.push_str(&rest[..begin]);
            let end = rest[begin..].find('>').map_or(rest.len(), |end| begin + end + 1);
            let tag = &rest[begin..end];
            rest = &rest[end..];
            let name = attribute(tag, "name").unwrap_or_default();
            if tag.starts_with("<input ") {
                self.input(tag, name, out);
            } else if tag.starts_with("<select ") {
                let options = rest.find("</select>").unwrap_or(rest.len());
                let chosen = self.next(name);
                self.mark(tag, name, out);
                choose(&rest[..options], chosen.as_deref(), out);
                rest = &rest[options..];
                self.close(&mut rest, "</select>", name, out);
            } else if tag.starts_with("<textarea ") {
                let text = rest.find("</textarea>").unwrap_or(rest.len());
                let sent = self.next(name);
                self.mark(tag, name, out);
                out.push_str(&sent.map_or_else(|| rest[..text].to_owned(), |sent| escaped(&sent)));
                rest = &rest[text..];
                self.close(&mut rest, "</textarea>", name, out);
            } else {
                out.push_str(tag);
            }
        }
        out.push_str(rest);
    }

    fn input(&mut self, tag: &str, name: &str, out: &mut String) {
        match attribute(tag, "type").unwrap_or("text") {
            // A secret is typed again, a file chosen again, and what is hidden is the page's own.
            "hidden" | "password" | "file" | "submit" => out.push_str(tag),
            "checkbox" | "radio" => {
                let value = unescaped(attribute(tag, "value").unwrap_or("on"));
                let ticked = self.sent.all(name).any(|one| one == value.trim());
                out.push_str(&with_flag(tag, "checked", ticked));
            }
            _ if attribute(tag, "autocomplete") == Some("one-time-code") => out.push_str(tag),
            _ => {
                let filled = self.next(name).map(|sent| with_attribute(tag, "value", &sent));
                self.mark(filled.as_deref().unwrap_or(tag), name, out);
                self.tell(name, out);
            }
        }
    }

    fn is_wrong(&self, name: &str) -> bool {
        !self.told && !name.is_empty() && self.wrong.is_some_and(|wrong| wrong.field == name)
    }

    /// A tag, which says whether its field was wrong; the page opens there.
    fn mark(&self, tag: &str, name: &str, out: &mut String) {
        match tag.strip_suffix('>').filter(|_| self.is_wrong(name)) {
            Some(open) => {
                out.push_str(open);
                out.push_str(" aria-invalid=\"true\" aria-describedby=\"wrong\" autofocus>");
            }
            None => out.push_str(tag),
        }
    }

    /// The end of a field, and why it was wrong.
    fn close(&mut self, rest: &mut &str, end: &str, name: &str, out: &mut String) {
        if let Some(after) = rest.strip_prefix(end) {
            out.push_str(end);
            *rest = after;
        }
        self.tell(name, out);
    }

    fn tell(&mut self, name: &str, out: &mut String) {
        if let Some(wrong) = self.wrong.filter(|_| self.is_wrong(name)) {
            out.push_str("<p class=\"wrong\" id=\"wrong\">");
            out.push_str(&escaped(&wrong.why));
            out.push_str("</p>");
            self.told = true;
        }
    }
}

/// Options with the one chosen that was sent, if it is among them.
fn choose(options: &str, sent: Option<&str>, out: &mut String) {
    let is_sent =
        |tag: &str| sent.is_some_and(|sent| unescaped(attribute(tag, "value").unwrap_or_default()).trim() == sent);
    if !tags(options).any(|tag| tag.starts_with("<option") && is_sent(tag)) {
        out.push_str(options);
        return;
    }
    let mut rest = options;
    while let Some(begin) = rest.find("<option") {
        let end = rest[begin..].find('>').map_or(rest.len(), |end| begin + end + 1);
        out.push_str(&rest[..begin]);
        let tag = &rest[begin..end];
        out.push_str(&with_flag(tag, "selected", is_sent(tag)));
        rest = &rest[end..];
    }
    out.push_str(rest);
}

/// The tags of a text, each from `<` to `>`.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('<').filter_map(|(at, _)| {
        let tag = text.get(at..)?;
        tag.get(..=tag.find('>')?)
    })
}

/// The value of an attribute as it stands in a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    Some(after.split_once('"')?.0)
}

fn with_attribute(tag: &str, name: &str, value: &str) -> String {
    let value = escaped(value);
    match tag.split_once(&format!(" {name}=\"")).and_then(|(before, after)| Some((before, after.split_once('"')?.1))) {
        Some((before, after)) => format!("{before} {name}=\"{value}\"{after}"),
        None => format!("{} {name}=\"{value}\">", tag.trim_end_matches('>')),
    }
}

/// A tag with an attribute that has no value, or without it.
fn with_flag(tag: &str, flag: &str, set: bool) -> String {
    let bare = tag.replace(&format!(" {flag}"), "");
    if set { format!("{} {flag}>", bare.trim_end_matches('>')) } else { bare }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;")
}

/// The five signs that templates escape, as they were.
fn unescaped(text: &str) -> String {
    let text = text.replace("&#60;", "<").replace("&lt;", "<").replace("&#62;", ">").replace("&gt;", ">");
    let text = text.replace("&#34;", "\"").replace("&quot;", "\"").replace("&#39;", "'").replace("&#x27;", "'");
    text.replace("&#38;", "&").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<h1>A</h1><form class="s" method="post" action="/x/invoices">
<input type="hidden" name="csrf" value="t"><input id="n" name="number" maxlength="9" value="" required>
<input type="password" name="secret"><select name="contract"><option value="1" selected>a</option><option value="2">b</option></select>
<label><input name="delivery" value="d1" type="checkbox"></label><label><input name="delivery" value="d2" type="checkbox" checked></label>
<textarea name="note">old</textarea></form><form action="/x/agree"><input type="hidden" name="entry" value="e1"><input name="why" value=""></form>
<form action="/x/agree"><input type="hidden" name="entry" value="e2"><input name="why" value=""></form>"#;

    fn sent<const N: usize>(fields: [(&str, &str); N]) -> Fields {
        Fields::with(fields.map(|(name, value)| (name, value.to_owned())))
    }

    #[test]
    fn what_was_typed_chosen_and_ticked_stands_there_again() {
        let typed = sent([
            ("csrf", "evil"),
            ("number", "INV \"07\" <b>"),
            ("secret", "s3cret"),
            ("contract", "2"),
            ("delivery", "d1"),
            ("note", "</textarea><script>"),
        ]);
        let page = refill(PAGE, "/x/invoices", &typed, None);
        assert!(
            page.contains(r#"name="number" maxlength="9" value="INV &#34;07&#34; &#60;b&#62;" required>"#),
            "{page}"
        );
        assert!(page.contains(r#"<option value="1">a</option><option value="2" selected>b"#), "{page}");
        assert!(
            page.contains(r#"value="d1" type="checkbox" checked>"#)
                && !page.contains(r#"value="d2" type="checkbox" checked"#)
        );
        assert!(page.contains(r#"<textarea name="note">&#60;/textarea&#62;&#60;script&#62;</textarea>"#), "{page}");
        assert!(page.contains(r#"name="csrf" value="t""#) && !page.contains("s3cret") && !page.contains("<script>"));
    }

    #[test]
    fn the_field_that_was_wrong_says_so_itself() {
        let wrong = Wrong { field: "number".into(), why: "Isian <nomor>".into() };
        let page = refill(PAGE, "/x/invoices", &sent([("number", "7")]), Some(&wrong));
        assert!(page.contains(r#"value="7" required aria-invalid="true" aria-describedby="wrong" autofocus><p class="wrong" id="wrong">Isian &#60;nomor&#62;</p>"#), "{page}");
        let wrong = Wrong { field: "contract".into(), why: "x".into() };
        let page = refill(PAGE, "/x/invoices", &sent([("number", "7")]), Some(&wrong));
        assert!(page.contains(r#"</select><p class="wrong" id="wrong">x</p>"#), "{page}");
        assert_eq!(page.matches("aria-invalid").count(), 1);
    }

    #[test]
    fn only_the_form_that_was_sent_is_filled() {
        let page = refill(PAGE, "/x/agree", &sent([("entry", "e2"), ("why", "karena")]), None);
        assert!(page.ends_with(r#"value="e2"><input name="why" value="karena"></form>"#), "{page}");
        assert_eq!(page.matches("karena").count(), 1);
        for elsewhere in [("/x/agree", "e3"), ("/y", "e1")] {
            assert_eq!(refill(PAGE, elsewhere.0, &sent([("entry", elsewhere.1), ("why", "karena")]), None), PAGE);
        }
    }
}
