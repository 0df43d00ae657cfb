//! The bodies of calls about customers as a client writes them, for the published description. The
//! server reads them member by member, with `customer::document` and `customer::event`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::wire::described::form::{
    AttributeChangesForm, ConsentForm, EventAttributesForm, IdentityForm, NameForm, PhoneForm,
};

/// What is known of a customer. In a PUT, null and absent both mean unknown, and the further
/// members of a view are accepted and ignored; a PATCH keeps what is absent and removes what is
/// null.
#[derive(Clone, Debug, Default, PartialEq, ToSchema)]
pub struct CustomerProfile {
    /// The id in the path.
    pub id: Option<String>,
    /// 1 to 256 bytes of UTF-8, without control characters.
    #[schema(min_length = 1)]
    pub name: Option<String>,
    pub identities: Option<CustomerIdentities>,
    /// A configured tier.
    #[schema(value_type = Option<NameForm>)]
    pub tier: Option<String>,
    pub value: Option<CustomerFigures>,
    #[schema(value_type = Option<AttributeChangesForm>)]
    pub tags: Option<Map<String, Value>>,
    /// An agent id.
    #[schema(value_type = Option<NameForm>)]
    pub account_manager: Option<String>,
    /// What the customer agreed to (true) or refused (false), by purpose; up to 16.
    #[schema(value_type = Option<ConsentForm>)]
    pub consent: Option<BTreeMap<String, Option<bool>>>,
}

/// Identities by which a customer is recognised; each belongs to one customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToSchema)]
pub struct CustomerIdentities {
    #[schema(value_type = Option<IdentityForm>)]
    pub account: Option<String>,
    #[schema(value_type = Option<PhoneForm>)]
    pub phone: Option<String>,
    #[schema(value_type = Option<IdentityForm>)]
    pub wechat_unionid: Option<String>,
    #[schema(value_type = Option<IdentityForm>)]
    pub wechat_openid: Option<String>,
    #[schema(value_type = Option<IdentityForm>)]
    pub device: Option<String>,
}

/// Identities by which the customer of a contact is recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToSchema)]
pub struct ContactIdentities {
    #[schema(value_type = Option<IdentityForm>)]
    pub id: Option<String>,
    #[schema(value_type = Option<IdentityForm>)]
    pub account: Option<String>,
    #[schema(value_type = Option<PhoneForm>)]
    pub phone: Option<String>,
    #[schema(value_type = Option<IdentityForm>)]
    pub wechat_unionid: Option<String>,
    #[schema(value_type = Option<IdentityForm>)]
    pub wechat_openid: Option<String>,
    #[schema(value_type = Option<IdentityForm>)]
    pub device: Option<String>,
}

/// What a customer is worth.
#[derive(Clone, Debug, Default, PartialEq, ToSchema)]
pub struct CustomerFigures {
    /// Average revenue per user and month.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub arpu: Option<f64>,
    #[schema(minimum = 0, maximum = 1_200)]
    pub tenure_months: Option<u16>,
    #[schema(minimum = 0, maximum = 1)]
    pub potential: Option<f64>,
    #[schema(minimum = 0, maximum = 1)]
    pub churn_risk: Option<f64>,
}

/// What happened to a customer elsewhere.
#[derive(Clone, Debug, Default, PartialEq, ToSchema)]
pub struct NewCustomerEvent {
    #[schema(rename = "type", value_type = NameForm)]
    pub kind: String,
    /// At most an hour in the future. Default: now.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<String>,
    #[schema(value_type = Option<EventAttributesForm>)]
    pub attributes: Option<Map<String, Value>>,
}
