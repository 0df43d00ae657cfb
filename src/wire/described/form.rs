//! Schemas of values whose Rust types do not describe them, for the published descriptions.
//!
//! JSON Schema counts characters where the server counts bytes, so bounds in bytes are given in the
//! description.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::customer::event::EVENT_ATTRIBUTES_MAX;
use crate::domain::Channel;
use crate::domain::attribute::{
    ATTRIBUTE_NAME_BYTES_MAX, ATTRIBUTE_NUMBER_MAX, ATTRIBUTE_TEXT_BYTES_MAX, ATTRIBUTES_MAX,
    MESSAGE_BYTES_MAX,
};
use crate::domain::identity::IDENTITY_BYTES_MAX;
use crate::domain::skill::{LEVEL_MAX, REQUIREMENTS_MAX};
use crate::engine::options::{CALLBACK_DIALLED, RESERVED_RULES, RESPONSE_LATE, Select};
use crate::engine::state::contact::ContactState;
use crate::wire::code::CODES;
use crate::wire::given::LINE_BYTES_MAX;

/// The pattern of a [`Name`](crate::domain::Name).
pub const NAME_PATTERN: &str = "^[A-Za-z0-9_.:-]{1,64}$";

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// The types of an attribute.
const SCALARS: [Type; 3] = [Type::Boolean, Type::Number, Type::String];

fn attributes(len_max: usize, kinds: &[Type]) -> ObjectBuilder {
    let value = ObjectBuilder::new()
        .schema_type(kinds.iter().cloned().collect::<SchemaType>())
        .minimum(Some(-ATTRIBUTE_NUMBER_MAX))
        .maximum(Some(ATTRIBUTE_NUMBER_MAX));
    ObjectBuilder::new()
        .description(Some(format!(
            "Names of 1 to {ATTRIBUTE_NAME_BYTES_MAX} bytes of UTF-8 without control characters, \
             texts of at most {ATTRIBUTE_TEXT_BYTES_MAX}.",
        )))
        .property_names(Some(text().min_length(Some(1))))
        .max_properties(Some(len_max))
        .additional_properties(Some(value))
}

/// One of `words`.
fn word(words: &[&'static str]) -> ObjectBuilder {
    text().enum_values(Some(words.iter().copied()))
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
        .maximum(Some(LEVEL_MAX));
    RequirementsForm as "Requirements": ObjectBuilder::new()
        .description(Some(format!("Up to {REQUIREMENTS_MAX} skills and their levels.")))
        .property_names(Some(text().pattern(Some(NAME_PATTERN))))
        .max_properties(Some(REQUIREMENTS_MAX))
        .additional_properties(Some(LevelForm::schema()));
    AttributesForm as "Attributes": attributes(ATTRIBUTES_MAX, &SCALARS);
    AttributeChangesForm as "AttributeChanges":
        attributes(ATTRIBUTES_MAX, &[&SCALARS[..], &[Type::Null]].concat());
    EventAttributesForm as "EventAttributes":
        attributes(EVENT_ATTRIBUTES_MAX, &[&SCALARS[..], &[Type::Null]].concat());
    ConsentForm as "Consent": ObjectBuilder::new()
        .property_names(Some(text().pattern(Some(NAME_PATTERN))))
        .additional_properties(Some(ObjectBuilder::new().schema_type(
            [Type::Boolean, Type::Null].into_iter().collect::<SchemaType>(),
        )));
    AttemptForm as "Attempt": ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(u32::MAX));
    SeqForm as "Seq": ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(u64::MAX));
    /// Read as a [`Line`](crate::wire::given::Line).
    LineForm as "Line": text()
        .description(Some(format!("1 to {LINE_BYTES_MAX} bytes of UTF-8, without control characters.")))
        .min_length(Some(1));
    /// Read as [`Prose`](crate::wire::given::Prose).
    ProseForm as "Prose": text()
        .description(Some(format!("1 to {MESSAGE_BYTES_MAX} bytes of UTF-8, without NUL.")))
        .min_length(Some(1));
    /// Read as an [`Identity`](crate::domain::Identity), except telephone numbers.
    IdentityForm as "Identity": text()
        .description(Some(format!("1 to {IDENTITY_BYTES_MAX} bytes of UTF-8: visible characters without spaces.")))
        .min_length(Some(1));
    IntentForm as "AgentIntent": word(&["ready", "not_ready", "draining"]);
    SessionForm as "AgentSession": word(&["connected", "grace", "gone"]);
    HealthForm as "ChannelHealth": word(&["ok", "cooling_down", "suspended"]);
    EstimateReasonForm as "EstimateReason": word(&["nobody_staffed", "not_offered", "closed"])
        .description(Some(
            "`nobody_staffed`: no agent who could serve it is signed in and ready, or about to be.",
        ));
    WokenByForm as "WokenBy": word(&["message", "time"])
        .description(Some("`message`: the customer wrote."));
    EndedByForm as "EndedBy": word(&["customer", "agent", "system"]);
    CallbackModeForm as "CallbackMode": word(&["agent_first", "customer_first"]);
    CallbackStageForm as "CallbackStage": word(&["waiting", "dialled", "answered"]);
    TierSourceForm as "TierSource": word(&["set", "default"]);
    SelectForm as "Select": text().enum_values(Some(Select::ALL.map(Select::name)));
    HowForm as "How": word(&["contact_sought_agent", "agent_sought_contact", "meant", "assigned"]);
    ChoiceUnknownForm as "ChoiceUnknown":
        word(&["restarted_since", "not_kept", "called", "handed_over"]);
    WaitsForForm as "WaitsForWhy":
        word(&["asked_for", "account_manager", "last_agent", "handed_on"]);
    LapseForm as "Lapse": word(&["expired", "undelivered"]);
    CooldownForm as "CooldownCause": word(&[
        "declined", "expired", "undelivered", "taken_back", "had_it", "unknown",
    ]);
    OfferGoneForm as "OfferGoneReason": word(&[
        "taken", "withdrawn", "expired", "undelivered", "customer_left", "superseded",
    ]);
    OfferKindForm as "OfferKind": word(&["contact", "consult"]);
    ContactUpdatedForm as "ContactUpdatedReason": word(&[
        "consult_offered", "consult_accepted", "consult_declined", "consult_expired",
        "consult_undelivered", "consult_withdrawn", "consult_ended", "consult_lost",
        "conference", "handed_over", "updated",
    ]);
    AgentNoticeForm as "AgentNotice": word(&["escalation", RESPONSE_LATE]);
    SupervisorNoticeForm as "SupervisorNotice": word(&RESERVED_RULES);
    WebhookKindForm as "WebhookKind": word(&["escalation", CALLBACK_DIALLED]);
    /// Every code that a problem or a refused command can have.
    CodeForm as "Code": word(&CODES).description(Some("Stable, in snake case."));
    PhoneForm as "Phone": text()
        .description(Some("A number in E.164 or a mainland mobile number."))
        .examples(["+8613800138000"]);
}
