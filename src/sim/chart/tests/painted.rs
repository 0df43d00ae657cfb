//! Tests of the page laid out with a real font.

use resvg::tiny_skia::Pixmap;
use resvg::usvg::{Group, Node, NonZeroRect, Rect, Tree};

use crate::sim::chart::png::read;
use crate::sim::chart::tests::sample;
use crate::sim::chart::{Bars, Chart, Figure, Fonts, Page, PngError};

/// The boxes of all labels, and of all lines of data.
#[derive(Default)]
struct Layout {
    labels: Vec<(String, Rect)>,
    lines: Vec<Rect>,
}

impl Layout {
    fn of(tree: &Tree) -> Self {
        let mut layout = Self::default();
        layout.visit(tree.root());
        layout
    }

    fn visit(&mut self, group: &Group) {
        for node in group.children() {
            match node {
                Node::Group(group) => self.visit(group),
                Node::Text(text) => {
                    let chunks = text.chunks().iter().map(|chunk| chunk.text());
                    self.labels
                        .push((chunks.collect(), text.abs_bounding_box()));
                }
                Node::Path(path) => {
                    let width = path.stroke().map(|stroke| stroke.width().get());
                    if width == Some(2.2) {
                        self.lines.push(path.abs_bounding_box());
                    }
                }
                Node::Image(_) => {}
            }
        }
    }
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.left() < b.right() && b.left() < a.right() && a.top() < b.bottom() && b.top() < a.bottom()
}

/// Labels stay on the page, off each other and off the data.
pub(super) fn assert_legible(page: &Page) {
    let tree = read(&page.svg(), &Fonts::embedded()).unwrap();
    let size = tree.size();
    let paper = NonZeroRect::from_xywh(0.0, 0.0, size.width(), size.height())
        .unwrap()
        .to_rect();
    let layout = Layout::of(&tree);
    for (index, (name, label)) in layout.labels.iter().enumerate() {
        let on_paper = label.left() >= paper.left()
            && label.top() >= paper.top()
            && label.right() <= paper.right()
            && label.bottom() <= paper.bottom();
        assert!(on_paper, "{name:?} leaves the page: {label:?}");
        for (other_name, other) in &layout.labels[index + 1..] {
            assert!(!overlap(label, other), "{name:?} covers {other_name:?}");
        }
        let covered = layout.lines.iter().find(|line| overlap(label, line));
        assert!(covered.is_none(), "{name:?} covers data: {covered:?}");
    }
}

#[test]
fn a_real_report_is_legible() {
    assert_legible(&sample::page());
}

#[test]
fn the_same_page_is_the_same_bytes() {
    assert_eq!(sample::page().svg(), sample::page().svg());
}

#[test]
fn a_png_is_the_svg_at_twice_its_size() {
    let chart = sample::page().figures.remove(1);
    let page = Page {
        heading: "One chart".to_owned(),
        notes: Vec::new(),
        figures: vec![chart],
    };
    let size = read(&page.svg(), &Fonts::embedded()).unwrap().size();
    let png = page.png(&Fonts::embedded()).unwrap();
    assert_eq!(png, page.png(&Fonts::embedded()).unwrap());
    let image = Pixmap::decode_png(&png).unwrap();
    assert_eq!(image.width(), 2400);
    assert_eq!(f64::from(image.height()), f64::from(size.height()) * 2.0);

    let pixels = image.pixels();
    let ink = pixels
        .iter()
        .filter(|pixel| (pixel.red(), pixel.green(), pixel.blue()) != (255, 255, 255));
    let share = ink.count() as f64 / pixels.len() as f64;
    assert!(
        (0.01..0.5).contains(&share),
        "{share} of the paper is inked"
    );
}

#[test]
fn a_page_too_large_to_paint_is_refused() {
    let page = Page {
        figures: vec![Figure::Lines(Chart::default()); 60],
        ..Page::default()
    };
    assert!(matches!(
        page.png(&Fonts::embedded()),
        Err(PngError::TooLarge { width: 2400, .. })
    ));
}

#[test]
fn an_empty_page_can_be_painted() {
    let page = Page {
        figures: vec![Bars::default().into()],
        ..Page::default()
    };
    assert!(page.png(&Fonts::embedded()).is_ok());
    assert!(Page::default().png(&Fonts::embedded()).is_ok());
}

#[test]
fn a_page_names_the_characters_that_its_fonts_lack() {
    let page = Page {
        heading: "客服 in 2026: µ ± é — %".to_owned(),
        ..Page::default()
    };
    let lacking = page.lacks(&Fonts::embedded()).unwrap();
    assert_eq!(lacking.into_iter().collect::<String>(), "客服");
    let latin = Page::default().lacks(&Fonts::embedded()).unwrap();
    assert!(latin.is_empty(), "{latin:?}");
}
