//! What values look like where their Rust types do not say it: for the published descriptions.
//!
//! JSON Schema counts characters where the server counts bytes, so a bound in bytes is said
//! in words.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::Channel;
use crate::engine::contact::ContactState;

/// What a [`Name`](crate::domain::Name) is made of.
pub const NAME_PATTERN: &str = "^[A-Za-z0-9_.:-]{1,64}$";

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

macro_rules! forms {
    ($($(#[$doc:meta])* $form:ident as $name:literal: $schema:expr;)*) => { $(
        $(#[$doc])*
        pub struct $form;

        impl PartialSchema for $form {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $form {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    )* };
}

forms! {
    NameForm as "Name": text().pattern(Some(NAME_PATTERN));
    ChannelForm as "Channel": text().enum_values(Some(Channel::ALL.map(Channel::name)));
    StateForm as "ContactState": text()
        .description(Some("The last four are final."))
        .enum_values(Some(ContactState::ALL.map(ContactState::name)));
    LevelForm as "SkillLevel": ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(10));
    /// As [`Line`](crate::wire::given::Line) is read.
    LineForm as "Line": text()
        .description(Some("1 to 256 bytes of UTF-8, without control characters."))
        .min_length(Some(1));
    /// As [`Prose`](crate::wire::given::Prose) is read.
    ProseForm as "Prose": text()
        .description(Some("1 to 16384 bytes of UTF-8, without NUL."))
        .min_length(Some(1));
    /// As [`Identity`](crate::domain::Identity) is read, but for telephone numbers.
    IdentityForm as "Identity": text()
        .description(Some("1 to 128 bytes of UTF-8: visible characters without spaces."))
        .min_length(Some(1));
    PhoneForm as "Phone": text()
        .description(Some("A number in E.164 or a mainland mobile number."))
        .examples(["+8613800138000"]);
}
