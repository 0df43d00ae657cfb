//! Text on a chart: its width, truncation and escaping.
//!
//! The reader's font is unknown, so widths are those of a wide one (DejaVu
//! Sans): what fits here, fits elsewhere.

use std::collections::BTreeMap;

use svg::Node;
use svg::node::element::{Element, Text};
use unicode_width::UnicodeWidthChar;

use super::sheet::px;

pub(super) const INK: &str = "#1a1a1a";
pub(super) const GREY: &str = "#595959";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Font {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: &'static str,
}

pub(super) const HEADING: Font = bold(24.0);
pub(super) const TITLE: Font = bold(17.0);
pub(super) const STRONG: Font = bold(13.0);
pub(super) const NAME: Font = plain(13.0, INK);
pub(super) const NOTE: Font = plain(13.0, GREY);
pub(super) const TICK: Font = plain(12.0, GREY);

const fn bold(size: f64) -> Font {
    Font {
        size,
        bold: true,
        colour: INK,
    }
}

const fn plain(size: f64, colour: &'static str) -> Font {
    Font {
        size,
        bold: false,
        colour,
    }
}

impl Font {
    pub(super) fn width(self, text: &str) -> f64 {
        let em: f64 = text.chars().map(em).sum();
        em * self.size * if self.bold { 1.12 } else { 1.0 }
    }

    /// The text, or as much of its beginning as fits in `room`.
    pub(super) fn fit(self, text: &str, room: f64) -> String {
        let text = clean(text);
        if self.width(&text) <= room {
            return text;
        }
        let mut kept = String::new();
        for next in text.chars() {
            kept.push(next);
            if self.width(&kept) + self.width("…") > room {
                kept.pop();
                break;
            }
        }
        format!("{}…", kept.trim_end())
    }

    /// Each text as [`Self::fit`] shows it. Where this makes different texts look alike, their ends
    /// are shown instead of their beginnings, or they are numbered.
    pub(super) fn fit_apart<'t>(
        self,
        texts: impl IntoIterator<Item = &'t str>,
        room: f64,
    ) -> BTreeMap<&'t str, String> {
        let mut all: Vec<&str> = Vec::new();
        for text in texts {
            if !all.contains(&text) {
                all.push(text);
            }
        }
        let begun: Vec<String> = all.iter().map(|text| self.fit(text, room)).collect();
        let ended: Vec<String> = all.iter().map(|text| self.fit_end(text, room)).collect();
        let is_alone = |shown: &[String], at: usize| {
            let mut others = shown.iter().enumerate();
            others.all(|(other, text)| other == at || *text != shown[at])
        };
        let shown = (0..all.len()).map(|at| {
            if is_alone(&begun, at) {
                begun[at].clone()
            } else if is_alone(&ended, at) {
                ended[at].clone()
            } else {
                self.fit(&format!("{}. {}", at + 1, all[at]), room)
            }
        });
        all.iter().copied().zip(shown).collect()
    }

    /// The text, or as much of its end as fits in `room`.
    fn fit_end(self, text: &str, room: f64) -> String {
        let text = clean(text);
        if self.width(&text) <= room {
            return text;
        }
        let starts = text.char_indices().map(|(at, _)| at);
        let mut ends = starts.map(|at| text[at..].trim_start());
        let kept = ends.find(|end| self.width(end) + self.width("…") <= room);
        format!("…{}", kept.unwrap_or_default())
    }

    /// `text` with its baseline at `y`; it must have been fitted.
    pub(super) fn write(self, text: String, x: f64, y: f64, anchor: Anchor) -> Element {
        // As an element of no special kind, it is written without line breaks around its text.
        let mut label = Element::from(Text::new(text));
        label.assign("x", px(x));
        label.assign("y", px(y));
        label.assign("font-size", self.size);
        label.assign("fill", self.colour);
        match anchor {
            Anchor::Start => {}
            Anchor::Middle | Anchor::End => label.assign("text-anchor", anchor.name()),
        }
        if self.bold {
            label.assign("font-weight", "bold");
        }
        label
    }
}

/// Characters that XML cannot hold are replaced; a label is one line.
fn clean(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' | '\n' | '\r' => ' ',
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        other => other,
    };
    text.trim().chars().map(shown).collect()
}

fn em(c: char) -> f64 {
    match c {
        ' ' | 'f' | 'i' | 'j' | 'l' | 'r' | 't' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|'
        | '(' | ')' | '[' | ']' | '/' | '-' | '!' => 0.41,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' | '—' => 1.0,
        'A'..='Z' | '&' | '+' | '<' | '=' | '>' | '~' | '−' | '×' | '≤' | '≥' => 0.84,
        ascii if ascii.is_ascii() => 0.64,
        other => match other.width() {
            None | Some(0) => 0.0,
            Some(1) => 0.8,
            Some(_) => 1.05,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_stays_whole() {
        assert_eq!(NAME.fit("earliest due first", 200.0), "earliest due first");
    }

    #[test]
    fn a_text_that_does_not_fit_is_cut_with_a_sign() {
        let cut = NAME.fit("钻石客户 with a very long name", 100.0);
        assert_eq!(cut, "钻石客户 wit…");
        assert!(NAME.width(&cut) <= 100.0);
    }

    #[test]
    fn texts_that_differ_look_different() {
        let folder = "/etc/switchboard/candidates/of-this-quarter";
        let paths = ["a", "b"].map(|name| format!("{folder}/{name}.toml"));
        let inner = ["a", "b"].map(|name| format!("{folder}/{name}/{folder}"));
        let texts = paths.iter().chain(&inner).map(String::as_str);
        let shown = NAME.fit_apart(texts.chain(["due", "due"]), 260.0);
        assert_eq!(shown["due"], "due");
        assert!(shown[paths[0].as_str()].ends_with("of-this-quarter/a.toml"));
        assert!(shown[paths[1].as_str()].ends_with("of-this-quarter/b.toml"));
        assert!(shown[inner[0].as_str()].starts_with("3. /etc/"));
        assert!(shown[inner[1].as_str()].starts_with("4. /etc/"));
        assert!(shown.values().all(|text| NAME.width(text) <= 260.0));
        let apart: std::collections::BTreeSet<&String> = shown.values().collect();
        assert_eq!(apart.len(), 5, "{apart:?}");
    }

    #[test]
    fn a_label_is_one_line_without_control_characters() {
        assert_eq!(NAME.fit("a\nb\0c\u{ffff}", 200.0), "a b\u{fffd}c\u{fffd}");
    }
}
