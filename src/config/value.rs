//! The types of value that a key can have.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use toml::de::DeValue;

use crate::config::names::{Known, Unique, did_you_mean};
use crate::config::reader::{Field, NAME_FORM};
use crate::domain::skill::{LEVEL_MAX, REQUIREMENTS_MAX};
use crate::domain::text::has_hidden;
use crate::domain::{Level, Millis, Name, Requirements, Text};

/// The longest display name, in bytes.
pub(super) const LABEL_BYTES_MAX: usize = 128;
/// The longest file path, in bytes.
const PATH_BYTES_MAX: usize = 4_096;

impl<'d> Field<'_, 'd> {
    pub(super) fn whole<T>(self, range: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<i64> + PartialOrd + fmt::Debug,
    {
        let inside = |number: &T| range.contains(number);
        self.parse(&format!("{range:?}"), |value| {
            T::try_from(integer(value)?).ok().filter(inside)
        })
    }

    pub(super) fn seconds(self, range: RangeInclusive<i64>) -> Option<Millis> {
        self.whole(range).map(Millis::from_s)
    }

    pub(super) fn number(self, range: RangeInclusive<f64>) -> Option<f64> {
        self.parse(&format!("{range:?}"), |value| {
            number(value).filter(|number| range.contains(number))
        })
    }

    pub(super) fn flag(self) -> Option<bool> {
        self.parse("true or false", DeValue::as_bool)
    }

    /// A flag that is either true or absent.
    pub(super) fn set(self) -> Option<()> {
        self.parse("true", |value| value.as_bool()?.then_some(()))
    }

    pub(super) fn string(self, bytes_max: usize) -> Option<&'d str> {
        self.text(bytes_max, "visible text")
    }

    /// Text that is never repeated in a fault.
    pub(super) fn hidden<T>(self, form: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.parse_hidden(form, |value| read(value.as_str()?))
    }

    pub(super) fn label(self) -> Option<Text> {
        self.string(LABEL_BYTES_MAX).map(Text::from)
    }

    pub(super) fn path(self) -> Option<PathBuf> {
        self.text(PATH_BYTES_MAX, "a path").map(PathBuf::from)
    }

    fn text(self, bytes_max: usize, what: &str) -> Option<&'d str> {
        self.parse(&format!("{what} of 1..={bytes_max} bytes"), |value| {
            let text = value.as_str()?;
            (is_visible(text) && text.len() <= bytes_max).then_some(text)
        })
    }

    pub(super) fn name(self) -> Option<Name> {
        self.parse(NAME_FORM, |value| Name::new(value.as_str()?).ok())
    }

    /// A name that must be unique among its kind.
    pub(super) fn new_name(self, taken: &mut Unique) -> Option<Name> {
        self.parse_at(NAME_FORM, |value, path| {
            let name = value.as_str().and_then(|text| Name::new(text).ok());
            let name = name.ok_or(NAME_FORM)?;
            taken.claim(name.as_str(), path)?;
            Ok(name)
        })
    }

    /// A reference to a name that exists.
    pub(super) fn name_of(self, known: &Known<'_>) -> Option<Name> {
        self.parse_at(known.what(), |value, _| {
            known.check(value.as_str().unwrap_or_default())
        })
    }

    /// References to existing names, without duplicates.
    pub(super) fn names_of(self, len_max: usize, known: &Known<'_>) -> Vec<Name> {
        let mut listed = Unique::default();
        self.strings(len_max, |text, path| {
            let name = known.check(text)?;
            listed.claim(text, path)?;
            Ok(name)
        })
    }

    pub(super) fn choice<T: Clone>(self, choices: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let allowed = names.join(", ");
        self.parse_at(&allowed, |value, _| {
            let text = value.as_str().unwrap_or_default();
            let chosen = choices.iter().find(|(name, _)| *name == text);
            chosen
                .map(|(_, choice)| choice.clone())
                .ok_or_else(|| format!("{allowed}{}", did_you_mean(text, names.iter().copied())))
        })
    }

    /// Skills with the level of each.
    pub(super) fn levels(self) -> Option<Requirements> {
        let allowed = format!("1..={LEVEL_MAX}");
        let level = |value: &DeValue<'_>| Level::try_from(integer(value)?).ok();
        self.named(0..=REQUIREMENTS_MAX, |skill, field| {
            Some((skill, field.parse(&allowed, level)?))
        })
        .map(Requirements::new)
    }
}

pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

pub(super) fn number(value: &DeValue<'_>) -> Option<f64> {
    match value.as_float() {
        Some(number) => number.as_str().parse().ok(),
        None => i32::try_from(integer(value)?).ok().map(f64::from),
    }
}

fn is_visible(text: &str) -> bool {
    !text.trim().is_empty() && !has_hidden(text)
}
