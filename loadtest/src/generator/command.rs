//! The commands that an agent sends, and how their answers are matched to them.

use std::fmt::Write;
use std::sync::Arc;

use super::book::ContactNo;

/// A contact as an agent holds it: the server's id, and its number if it belongs to this run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) id: Arc<str>,
    pub(super) no: Option<ContactNo>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    Accept { offer: Arc<str>, contact: Held },
    Ack { seq: u64 },
    Complete { contact: Held },
    Delivered { offer: Arc<str> },
    Ready,
    Resume { token: Arc<str>, last_seq: u64 },
    WrapUpDone { contact: Held },
}

impl Command {
    /// The frame with the client's own id of the command.
    pub(super) fn to_text(&self, cmd: u64) -> String {
        let mut text = String::with_capacity(128);
        // Ids and tokens appear unescaped in the server's JSON, so they need no escaping here.
        match self {
            Self::Accept { offer, .. } => {
                write!(
                    text,
                    r#"{{"type":"accept","cmd":"{cmd}","offer":"{offer}"}}"#
                )
            }
            Self::Ack { seq } => write!(text, r#"{{"type":"ack","cmd":"{cmd}","seq":{seq}}}"#),
            Self::Complete { contact } => write!(
                text,
                r#"{{"type":"complete","cmd":"{cmd}","contact":"{}","outcome":"resolved"}}"#,
                contact.id
            ),
            Self::Delivered { offer } => {
                write!(
                    text,
                    r#"{{"type":"delivered","cmd":"{cmd}","offer":"{offer}"}}"#
                )
            }
            Self::Ready => write!(text, r#"{{"type":"ready","cmd":"{cmd}"}}"#),
            Self::Resume { token, last_seq } => write!(
                text,
                r#"{{"type":"resume","cmd":"{cmd}","token":"{token}","last_seq":{last_seq}}}"#
            ),
            Self::WrapUpDone { contact } => write!(
                text,
                r#"{{"type":"wrap_up_done","cmd":"{cmd}","contact":"{}"}}"#,
                contact.id
            ),
        }
        .expect("writing to a string cannot fail");
        text
    }
}
