//! Text in terminal columns, of which a Chinese character takes two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text`, padded with blanks to at least `width` columns.
pub(super) fn left(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(blanks))
}

/// As much of `text` as fits into `width` columns.
pub(super) fn cut(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (offset, letter) in text.char_indices() {
        used += letter.width().unwrap_or(0);
        if used > width {
            return &text[..offset];
        }
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
}
