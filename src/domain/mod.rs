//! The vocabulary: ids, time, channels, skills, identities, intake.
//!
//! A value that exists is valid: everything is checked when it is constructed.
//!
//! **Invariant:** nothing here imports another module of the project.

pub mod attribute;
pub mod channel;
pub mod counted;
pub mod hours;
pub mod id;
pub mod identity;
pub mod instant;
pub mod intake;
pub mod need;
pub mod period;
pub mod phone;
pub mod skill;
pub mod text;
pub mod time;

pub use attribute::{AttributeChanges, AttributeValue, Attributes};
pub use channel::{Channel, PerChannel};
pub use counted::counted;
pub use hours::Hours;
pub use id::{ContactId, Name, OfferId};
pub use identity::{Identities, Identity, IdentityKind};
pub use intake::Intake;
pub use need::Recognition;
pub use phone::Phone;
pub use skill::{Level, Requirements};
pub use text::Text;
pub use time::{Millis, Timestamp};
