//! Colours and dashes: no two of the first 49 series look alike, and the first
//! seven differ by dash alone, for print and for the colour-blind.

/// Okabe and Ito's palette without its yellow, which a light background swallows.
const COLOURS: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#b0528c", "#333333", "#e69f00", "#56b4e9",
];

/// Solid comes first: a dashed line drawn over a solid one lets it show through.
const DASHES: [&str; 7] = [
    "none",
    "9 4",
    "2.5 3",
    "11 3 2.5 3",
    "5 2.5",
    "16 4",
    "11 3 2.5 3 2.5 3",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pen {
    pub(super) colour: &'static str,
    pub(super) dash: &'static str,
}

pub(super) fn pen(index: usize) -> Pen {
    let round = index / COLOURS.len();
    Pen {
        colour: COLOURS[index % COLOURS.len()],
        dash: DASHES[(index + round) % DASHES.len()],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn forty_nine_pens_all_differ() {
        let looks: BTreeSet<_> = (0..49).map(pen).map(|pen| (pen.colour, pen.dash)).collect();
        assert_eq!(looks.len(), 49);
    }

    #[test]
    fn the_first_seven_differ_without_colour() {
        let dashes: BTreeSet<_> = (0..7).map(|index| pen(index).dash).collect();
        assert_eq!(dashes.len(), 7);
    }
}
