//! Text in columns of a terminal, in which a Chinese character takes two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text`, padded with blanks to at least `width` columns.
pub fn left(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(blanks))
}

/// As much of `text` as fits into `width` columns.
pub fn cut(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (offset, letter) in text.char_indices() {
        used += letter.width().unwrap_or(0);
        if used > width {
            return &text[..offset];
        }
    }
    text
}

/// The rows as lines, each cell but the last of a row as wide as the widest of its column.
pub(super) fn table<R: AsRef<[String]>>(rows: &[R]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (index, cell) in row.as_ref().iter().enumerate() {
            match widths.get_mut(index) {
                Some(widest) => *widest = cell.width().max(*widest),
                None => widths.push(cell.width()),
            }
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.as_ref().iter().zip(&widths) {
            line.push_str("  ");
            line.push_str(&left(cell, *width));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_takes_two_columns() {
        assert_eq!(left("账单 a", 8), "账单 a  ");
        assert_eq!(left("abc", 2), "abc");
        assert_eq!(cut("账单咨询", 5), "账单");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn a_table_is_aligned_whatever_its_letters() {
        let rows = [["账单", "1"], ["abc", "22"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(&rows), "  账单  1\n  abc   22\n");
    }
}
