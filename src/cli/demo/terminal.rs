//! Draws on a terminal, or prints lines if standard output is not one.

use std::io;
use std::io::{IsTerminal, Write};

use rustix::termios::tcgetwinsize;

use crate::cli::say;
use crate::config::columns;

/// Assumed of a terminal that does not report its size.
const COLUMNS: usize = 80;
const ROWS: usize = 24;

/// Standard output.
pub(super) enum Terminal {
    /// `drawn` lines above the cursor are drawn over.
    Screen {
        drawn: usize,
    },
    Lines,
}

impl Terminal {
    pub(super) fn new() -> Self {
        if io::stdout().is_terminal() {
            Self::Screen { drawn: 0 }
        } else {
            Self::Lines
        }
    }

    /// Without a terminal, prints the lines that every screen would repeat.
    pub(super) fn open(&self, lines: &[String]) {
        if let Self::Lines = self {
            for line in lines {
                say::line(line);
            }
        }
    }

    /// Draws `screen` over the previous one; without a terminal, prints `line`.
    pub(super) fn show(&mut self, screen: &[String], line: &str) {
        match self {
            Self::Lines => say::line(&line),
            Self::Screen { drawn } => {
                let (columns, rows) = size();
                let text = redrawn(screen, *drawn, columns, rows);
                *drawn = screen.len().min(rows - 1);
                let mut out = io::stdout();
                // The terminal might be gone.
                let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            }
        }
    }
}

fn size() -> (usize, usize) {
    let told = tcgetwinsize(io::stdout()).ok();
    let told = told.filter(|size| size.ws_col > 0 && size.ws_row > 1);
    told.map_or((COLUMNS, ROWS), |size| {
        (usize::from(size.ws_col), usize::from(size.ws_row))
    })
}

/// The text that draws `screen` over `drawn` lines; no line wraps, and none scrolls away.
fn redrawn(screen: &[String], drawn: usize, columns: usize, rows: usize) -> String {
    let mut text = match drawn {
        0 => String::new(),
        drawn => format!("\x1b[{drawn}F"),
    };
    // Cut at the top, because the figures are at the bottom.
    let first = screen.len().saturating_sub(rows - 1);
    for line in &screen[first..] {
        text.push_str(columns::cut(line, columns));
        text.push_str("\x1b[K\n");
    }
    text.push_str("\x1b[J");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_drawn_over_the_one_before_and_never_wraps() {
        let screen = ["账单咨询".to_owned(), "b".to_owned(), "c".to_owned()];
        assert_eq!(
            redrawn(&screen, 2, 5, 10),
            "\x1b[2F账单\x1b[K\nb\x1b[K\nc\x1b[K\n\x1b[J"
        );
        assert_eq!(redrawn(&screen, 0, 80, 3), "b\x1b[K\nc\x1b[K\n\x1b[J");
    }
}
