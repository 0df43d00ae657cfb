//! Paints an SVG.
//!
//! A bare machine has no font, so one for Latin letters and digits is embedded. Other characters,
//! Chinese above all, come from the fonts that the caller adds; a character in no font is painted
//! as an empty box.

use std::collections::BTreeSet;
use std::sync::Arc;

use resvg::render;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Group, Node, Options, Tree};

const REGULAR: &[u8] = include_bytes!("fonts/Roboto-Regular.ttf");
const BOLD: &[u8] = include_bytes!("fonts/Roboto-Bold.ttf");
/// Image pixels per SVG pixel.
const ZOOM: f32 = 2.0;
/// The glyph of a font for a character that it lacks.
const NO_GLYPH: u32 = 0;
/// A quarter of a gigabyte while painting: about 36 charts.
const PIXELS_MAX: u64 = 64_000_000;

#[derive(Debug, thiserror::Error)]
pub enum PngError {
    #[error("{width} × {height} pixels are more than {PIXELS_MAX}; draw fewer charts on a page")]
    TooLarge { width: u32, height: u32 },
    #[error("the chart cannot be painted: {0}")]
    Unreadable(#[from] resvg::usvg::Error),
    #[error("the picture cannot be encoded: {0}")]
    Unencoded(String),
}

/// The fonts for painting text.
#[derive(Clone, Debug)]
pub struct Fonts(Arc<Database>);

impl Fonts {
    /// Only the embedded fonts, so that the same page gives the same image everywhere.
    pub fn embedded() -> Self {
        let mut database = Database::new();
        database.load_font_data(REGULAR.to_vec());
        database.load_font_data(BOLD.to_vec());
        Self(Arc::new(database))
    }

    /// Adds fonts for characters that the others lack. To add the system's:
    /// `Fonts::embedded().and(|fonts| fonts.load_system_fonts())`.
    #[must_use]
    pub fn and(mut self, add: impl FnOnce(&mut Database)) -> Self {
        add(Arc::make_mut(&mut self.0));
        self
    }
}

/// Characters that no font has, which are painted as empty boxes.
pub(super) fn lacking(svg: &str, fonts: &Fonts) -> Result<BTreeSet<char>, PngError> {
    let tree = read(svg, fonts)?;
    let mut lacking = BTreeSet::new();
    look(tree.root(), &mut lacking);
    Ok(lacking)
}

fn look(group: &Group, lacking: &mut BTreeSet<char>) {
    for node in group.children() {
        match node {
            Node::Group(group) => look(group, lacking),
            Node::Text(text) => {
                let spans = text.layouted().iter();
                let glyphs = spans.flat_map(|span| &span.positioned_glyphs);
                let missing = glyphs.filter(|glyph| glyph.id.0 == NO_GLYPH);
                lacking.extend(missing.flat_map(|glyph| glyph.text.chars()));
            }
            Node::Path(_) | Node::Image(_) => {}
        }
    }
}

pub(super) fn paint(svg: &str, fonts: &Fonts) -> Result<Vec<u8>, PngError> {
    let tree = read(svg, fonts)?;
    let size = tree.size().to_int_size().scale_by(ZOOM);
    let (width, height) = size.map_or((0, 0), |size| (size.width(), size.height()));
    let pixels = u64::from(width) * u64::from(height);
    let pixmap = (pixels <= PIXELS_MAX)
        .then(|| Pixmap::new(width, height))
        .flatten();
    let mut pixmap = pixmap.ok_or(PngError::TooLarge { width, height })?;
    render(
        &tree,
        Transform::from_scale(ZOOM, ZOOM),
        &mut pixmap.as_mut(),
    );
    pixmap
        .encode_png()
        .map_err(|error| PngError::Unencoded(error.to_string()))
}

pub(super) fn read(svg: &str, fonts: &Fonts) -> Result<Tree, resvg::usvg::Error> {
    let options = Options {
        fontdb: Arc::clone(&fonts.0),
        ..Options::default()
    };
    Tree::from_str(svg, &options)
}
