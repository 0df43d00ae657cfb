//! Profiles from the rows of a table, whose header names the columns.
//!
//! Two headers are supported: the project's own, and that of the well-known telecom sample
//! (`customerID`, `tenure`, `MonthlyCharges`, …), whose other columns become tags. A row is checked
//! like a PUT of the same profile; for a customer who is known already, it is a PATCH.

use std::fmt;

use serde_json::{Map, Value};

use crate::customer::{CustomerId, Faults, Malformed, Profile, Tiers, document};
use crate::domain::Timestamp;
use crate::domain::attribute::ATTRIBUTE_NAME_BYTES_MAX;

/// The columns that are not tags: name, section of the document, member.
const COLUMNS: [(&str, &str, &str); 12] = [
    ("name", "", "name"),
    ("phone", "identities", "phone"),
    ("account", "identities", "account"),
    ("wechat_openid", "identities", "wechat_openid"),
    ("wechat_unionid", "identities", "wechat_unionid"),
    ("device", "identities", "device"),
    ("tier", "", "tier"),
    ("arpu", "value", "arpu"),
    ("tenure_months", "value", "tenure_months"),
    ("potential", "value", "potential"),
    ("churn_risk", "value", "churn_risk"),
    ("account_manager", "", "account_manager"),
];
const KNOWN: &str = "id, name, phone, account, wechat_openid, wechat_unionid, device, tier, arpu, \
    tenure_months, potential, churn_risk, account_manager, tag:<name>";

/// The first column of the telecom sample.
const TELECOM_ID: &str = "customerID";
const TELECOM_COLUMNS: [(&str, &str, &str); 4] = [
    ("tenure", "value", "tenure_months"),
    ("MonthlyCharges", "value", "arpu"),
    ("churn_risk", "value", "churn_risk"),
    ("tier", "", "tier"),
];

/// The longest number read as a number, in characters.
const NUMBER_CHARS_MAX: usize = 15;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    Id,
    Member {
        section: &'static str,
        member: &'static str,
    },
    Tag(String),
}

/// The meaning of each column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header(Vec<Column>);

/// The faults of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    pub line: u64,
    pub faults: Faults,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.faults.iter().enumerate() {
            let separator = if number == 0 { "" } else { "\n" };
            write!(f, "{separator}line {}: {fault}", self.line)?;
        }
        Ok(())
    }
}

impl std::error::Error for BadLine {}

impl Header {
    pub fn read<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, BadLine> {
        let names: Vec<&str> = names
            .into_iter()
            .map(|name| name.trim_start_matches('\u{feff}').trim())
            .collect();
        let telecom = names.contains(&TELECOM_ID);
        let mut columns = Vec::with_capacity(names.len());
        let mut faults = Vec::new();
        for (number, name) in (1..).zip(&names) {
            if name.is_empty() {
                let path = format!("column {number}");
                faults.push(Malformed::new(&path, "no name", "a name for each column"));
                continue;
            }
            let column = if telecom {
                Ok(telecom_column(name))
            } else {
                own_column(name)
            };
            match column {
                Ok(column) if columns.contains(&column) => {
                    faults.push(Malformed::new(name, "duplicate column", "each column once"));
                }
                Ok(column) => columns.push(column),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() && !columns.contains(&Column::Id) {
            faults.push(Malformed::new(
                "id",
                "no such column",
                "a header with this column",
            ));
        }
        Faults::none_or(Self(columns), faults).map_err(|faults| BadLine { line: 1, faults })
    }

    /// What the `fields` of a line say of a customer.
    pub fn row<'a>(
        &self,
        line: u64,
        fields: impl IntoIterator<Item = &'a str>,
        tiers: &Tiers,
        now: Timestamp,
    ) -> Result<Row, BadLine> {
        let fields: Vec<&str> = fields.into_iter().map(str::trim).collect();
        let row = self.document(&fields).and_then(|(id, document)| {
            let anew = document::put(id, document.clone(), tiers, now)?;
            Ok(Row {
                line,
                document,
                anew,
            })
        });
        row.map_err(|faults| BadLine { line, faults })
    }

    fn document(&self, fields: &[&str]) -> Result<(CustomerId, Value), Faults> {
        if fields.len() != self.0.len() {
            let found = format!("{} fields", fields.len());
            let allowed = self.0.len().to_string();
            // The reader has gone on to the next quote, wherever that is.
            let allowed = if fields.iter().any(|field| field.contains(['\n', '\r'])) {
                format!("{allowed}, and a closing quote for each that opens a field")
            } else {
                allowed
            };
            return Err(Malformed::new("row", found, allowed).into());
        }
        let mut id = "";
        let mut document = Map::new();
        for (column, field) in self.0.iter().zip(fields) {
            match column {
                Column::Id => id = field,
                Column::Member {
                    section: "",
                    member,
                } => {
                    document.insert((*member).to_owned(), text(field));
                }
                Column::Member { section, member } => {
                    let value = if *section == "value" {
                        figure(field)
                    } else {
                        text(field)
                    };
                    insert(&mut document, section, member, value);
                }
                Column::Tag(name) => insert(&mut document, "tags", name, scalar(field)),
            }
        }
        let id = CustomerId::new(id).map_err(|bad| Malformed::new("id", format!("{id:?}"), bad))?;
        Ok((id, Value::Object(document)))
    }
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub line: u64,
    /// A member for each column, null where the field is empty.
    document: Value,
    /// The customer, if there was none.
    anew: Profile,
}

impl Row {
    pub fn id(&self) -> &CustomerId {
        &self.anew.id
    }

    /// The profile after this line. Of a customer who is `known`, the members of the columns change
    /// and everything else stays: no column can say what a customer has consented to.
    pub fn profile(
        &self,
        known: Option<&Profile>,
        tiers: &Tiers,
        now: Timestamp,
    ) -> Result<Profile, BadLine> {
        let Some(known) = known else {
            return Ok(self.anew.clone());
        };
        let patched = document::patch(known, &self.document, tiers, now);
        patched.map_err(|faults| BadLine {
            line: self.line,
            faults,
        })
    }
}

fn own_column(name: &str) -> Result<Column, Malformed> {
    if name == "id" {
        return Ok(Column::Id);
    }
    if let Some(tag) = name.strip_prefix("tag:") {
        return if (1..=ATTRIBUTE_NAME_BYTES_MAX).contains(&tag.len()) {
            Ok(Column::Tag(tag.to_owned()))
        } else {
            let allowed = format!("tags of 1 to {ATTRIBUTE_NAME_BYTES_MAX} bytes");
            Err(Malformed::new("header", format!("{name:?}"), allowed))
        };
    }
    member(&COLUMNS, name).ok_or_else(|| Malformed::new(name, "unknown column", KNOWN))
}

fn telecom_column(name: &str) -> Column {
    if name == TELECOM_ID {
        return Column::Id;
    }
    member(&TELECOM_COLUMNS, name).unwrap_or_else(|| Column::Tag(name.to_owned()))
}

fn member(columns: &[(&'static str, &'static str, &'static str)], name: &str) -> Option<Column> {
    columns
        .iter()
        .find(|(column, ..)| *column == name)
        .map(|(_, section, member)| Column::Member { section, member })
}

fn insert(document: &mut Map<String, Value>, section: &str, member: &str, value: Value) {
    let section = document
        .entry(section)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(members) = section {
        members.insert(member.to_owned(), value);
    }
}

/// Null if the field is empty.
fn text(field: &str) -> Value {
    if field.is_empty() {
        Value::Null
    } else {
        field.into()
    }
}

/// A number if it is one; otherwise the member's check reports the fault.
fn figure(field: &str) -> Value {
    serde_json::from_str(field)
        .ok()
        .filter(Value::is_number)
        .unwrap_or_else(|| text(field))
}

/// The value of a tag. Digits that a number would change, such as an article number with leading
/// zeros, stay text.
fn scalar(field: &str) -> Value {
    let plain = field
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    match field {
        "true" => true.into(),
        "false" => false.into(),
        _ if plain && field.len() <= NUMBER_CHARS_MAX => figure(field),
        _ => text(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Name;

    const NOW: Timestamp = Timestamp(1_795_255_200_000);

    fn row(header: &str, fields: &str) -> Result<Value, String> {
        let named = |name| Name::new(name).unwrap();
        let tiers = Tiers::Of {
            known: ["gold", "basic"].map(named).into(),
            default: named("basic"),
        };
        let header = Header::read(header.split(',')).map_err(|bad| bad.to_string())?;
        let row = header.row(7, fields.split(','), &tiers, NOW);
        let profile = row.and_then(|row| row.profile(None, &tiers, NOW));
        let profile = profile.map_err(|bad| bad.to_string())?;
        Ok(Value::Object(document::write(&profile)))
    }

    #[test]
    fn a_row_is_a_profile() {
        let header =
            "\u{feff}id, phone,tier,arpu,tenure_months,tag:plan,tag:code,tag:vip,tag:lines";
        let profile = row(header, "c-1,13800138000,gold,99.5,12,5G 199,007,true,3").unwrap();
        assert_eq!(profile["id"], "c-1");
        assert_eq!(profile["identities"]["phone"], "+8613800138000");
        assert_eq!(profile["value"]["arpu"], 99.5);
        assert_eq!(profile["value"]["tenure_months"], 12);
        let tags =
            serde_json::json!({ "plan": "5G 199", "code": "007", "vip": true, "lines": 3.0 });
        assert_eq!(profile["tags"], tags);
    }

    #[test]
    fn an_empty_field_says_nothing() {
        let profile = row("id,name,arpu,tag:plan", "c-1,, ,").unwrap();
        assert!(profile["name"].is_null() && profile["value"]["arpu"].is_null());
        assert_eq!(profile["tags"], serde_json::json!({}));
    }

    #[test]
    fn the_telecom_sample_is_known_by_its_header() {
        let header = "customerID,gender,tenure,Contract,MonthlyCharges,churn_risk,value24,tier";
        let profile = row(
            header,
            "7590-VHVEG,Female,1,Month-to-month,29.85,0.63,298.31,basic",
        );
        let profile = profile.unwrap();
        assert_eq!(profile["id"], "7590-VHVEG");
        assert_eq!(profile["value"]["arpu"], 29.85);
        assert_eq!(profile["value"]["churn_risk"], 0.63);
        assert_eq!(profile["tier"], "basic");
        let tags = serde_json::json!({
            "gender": "Female", "Contract": "Month-to-month", "value24": 298.31
        });
        assert_eq!(profile["tags"], tags);
    }

    #[test]
    fn a_header_is_refused_by_the_names_of_its_columns() {
        for (header, complaint) in [
            (
                "name,phone",
                "line 1: id: no such column, allowed: a header with this column",
            ),
            (
                "id,id",
                "line 1: id: duplicate column, allowed: each column once",
            ),
            (
                "id,telephone,tag:",
                "line 1: telephone: unknown column, allowed: id, name, phone, account, \
                wechat_openid, wechat_unionid, device, tier, arpu, tenure_months, potential, \
                churn_risk, account_manager, tag:<name>\n\
                line 1: header: \"tag:\", allowed: tags of 1 to 64 bytes",
            ),
        ] {
            assert_eq!(row(header, ""), Err(complaint.to_owned()), "{header}");
        }
    }

    #[test]
    fn a_row_with_a_tier_that_nobody_has_configured_is_refused() {
        assert!(row("id,tier", "c-1,gold").is_ok());
        assert_eq!(
            row("id,tier", "c-1,platinum"),
            Err(r#"line 7: tier: "platinum", allowed: gold, basic"#.to_owned())
        );
    }

    #[test]
    fn a_row_is_refused_by_its_line() {
        for (fields, complaint) in [
            ("c-1", "line 7: row: 1 fields, allowed: 3"),
            (
                " ,13800138000,1",
                r#"line 7: id: "", allowed: 1 to 128 bytes of visible characters without spaces"#,
            ),
            (
                "c-1,,high",
                r#"line 7: value.churn_risk: "high", allowed: 0..=1"#,
            ),
            (
                "c-1,12,2",
                "line 7: identities.phone: \"12\", allowed: a number in E.164 \
                (+8613800138000) or a mainland mobile number\n\
                line 7: value.churn_risk: 2, allowed: 0..=1",
            ),
        ] {
            assert_eq!(
                row("id,phone,churn_risk", fields),
                Err(complaint.to_owned())
            );
        }
    }
}
