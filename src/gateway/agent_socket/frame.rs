//! Serialises notices and answers.

use std::time::Duration;

use crate::customer::CustomerEvent;
use crate::customer::event::EVENTS_OFFERED_BYTES_MAX;
use crate::customer::history::{HISTORY_OFFERED, newest};
use crate::domain::{Millis, OfferId, Timestamp};
use crate::engine::options::{RESPONSE_LATE, Select};
use crate::engine::view::ContactView;
use crate::gateway::agent_socket::{Answer, Desktop};
use crate::gateway::socket::silence::HEARTBEAT_S;
use crate::node::notice::{Gone, Notice, NoticeKind, Tells, Why};
use crate::store::profiles::{Found, LookupOutcome};
use crate::wire::frame::agent::{AskedBody, WhyBody};
use crate::wire::frame::{AgentFrame, CommandId, FRAME_BYTES_MAX, OfferBody};
use crate::wire::reply::choice::CostReply;
use crate::wire::reply::{AgentReply, ContactReply, CustomerReply, Known};
use crate::wire::written::Written;

/// How long an offer waits for its customer's profile. It is usually cached, because the customer
/// has just been recognised.
const VIEW_WITHIN: Duration = Duration::from_millis(20);

impl Answer {
    pub(super) fn frame<'a>(&'a self, cmd: Option<&'a CommandId>) -> AgentFrame<'a> {
        match (self, cmd) {
            (Self::Ok, Some(cmd)) => AgentFrame::Ok { cmd },
            (Self::Ok, None) => unreachable!("a frame that could not be read is not carried out"),
            (Self::Refused(refused), cmd) => AgentFrame::Refused {
                cmd,
                code: refused.code,
                detail: &refused.detail,
            },
        }
    }
}

/// An offer to be serialised.
#[derive(Clone, Copy)]
struct Offered<'a> {
    offer: OfferId,
    answer_within: Millis,
    contact: &'a ContactView,
    why: &'a Why,
}

impl Desktop {
    /// The frame for `notice`.
    pub(super) async fn word(&self, notice: &Notice, resume_token: &str) -> String {
        match &notice.tells {
            Tells::Offer {
                offer,
                answer_within,
                contact,
                unfiled,
                open_contacts,
                why,
            } => {
                let found = self.customer_of(contact).await;
                let told = Offered {
                    offer: *offer,
                    answer_within: *answer_within,
                    contact,
                    why,
                };
                let filed = found.as_ref().map(|found| &*found.history);
                let history = filed.map(|filed| newest(unfiled, filed, HISTORY_OFFERED));
                let known = found.as_ref().zip(history.as_deref());
                let known = known.map(|(found, history)| Known {
                    profile: &found.profile,
                    history,
                    events: latest(&found.events),
                    open_contacts,
                    default_tier: Some(&contact.tier),
                });
                let word = |known| self.offer(notice.seq, notice.at, told, known);
                let mut offer = word(known);
                // The rest of the customer can be fetched; a frame that is too large cannot be read.
                if offer.len() > FRAME_BYTES_MAX
                    && let Some(known) = known
                {
                    offer = word(Some(Known {
                        events: &[],
                        ..known
                    }));
                }
                if offer.len() > FRAME_BYTES_MAX && known.is_some() {
                    offer = word(None);
                }
                offer
            }
            Tells::Welcome { .. }
            | Tells::Resync { .. }
            | Tells::Presence(_)
            | Tells::OfferGone { .. }
            | Tells::Assigned(_)
            | Tells::ContactUpdated(_)
            | Tells::ContactShown { .. }
            | Tells::ContactEnded { .. }
            | Tells::Notice { .. }
            | Tells::Message { .. } => self.plain(notice, resume_token),
        }
    }

    async fn customer_of(&self, contact: &ContactView) -> Option<Found> {
        let id = contact.recognition.customer.as_ref()?;
        let profiles = self.desktops.recognise.profiles()?;
        if let Some(found) = profiles.cached(id) {
            return Some(found);
        }
        // Boxed, because every open socket reserves room for it.
        let lookup = Box::pin(profiles.lookup(&contact.intake.identities, VIEW_WITHIN));
        match lookup.await.outcome {
            LookupOutcome::Found { found, .. } => {
                (*found.profile.id.as_str() == **id).then_some(found)
            }
            LookupOutcome::Stranger | LookupOutcome::TimedOut(_) | LookupOutcome::Failed(..) => {
                None
            }
        }
    }

    fn offer(
        &self,
        seq: u64,
        at: Timestamp,
        offered: Offered<'_>,
        known: Option<Known<'_>>,
    ) -> String {
        let Offered {
            offer: id,
            answer_within,
            contact,
            why,
        } = offered;
        let choice = why.choice.as_deref();
        let offer = OfferBody {
            id: Written(id),
            kind: why.consult.as_ref().map_or("contact", |_| "consult"),
            contact: self.contact(contact),
            customer: known.map(CustomerReply::from),
            why: WhyBody {
                select: why.select.map(Select::name),
                queue: Written(&why.queue),
                waited_ms: why.waited.0,
                step: why.step,
                due_terms_s: Written(&why.due_terms),
                how: choice.map(|choice| choice.how),
                cost_s: choice.and_then(|choice| choice.cost).map(CostReply::from),
                fit_s: choice.and_then(|choice| choice.fit).map(Millis::as_s_f64),
                consult: why.consult.as_ref().map(|asked| AskedBody {
                    by: Written(&asked.by),
                    note: asked.note.as_ref().map(Written),
                }),
            },
            playbook: &[],
            answer_within_ms: answer_within.0,
        };
        let at = Written(at);
        AgentFrame::Offer { seq, at, offer }.to_json()
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each notice")]
    fn plain(&self, notice: &Notice, resume_token: &str) -> String {
        let (seq, at) = (notice.seq, Written(notice.at));
        let frame = match &notice.tells {
            Tells::Welcome {
                session,
                agent,
                contacts,
            } => AgentFrame::Welcome {
                seq,
                at,
                session: *session,
                resume_token,
                agent: AgentReply::from(&**agent),
                contacts: self.contacts(contacts),
                heartbeat_s: HEARTBEAT_S,
                reconnect_jitter_ms: self.desktops.reconnect_jitter_ms,
            },
            Tells::Resync { agent, contacts } => AgentFrame::Resync {
                seq,
                at,
                agent: AgentReply::from(&**agent),
                contacts: self.contacts(contacts),
            },
            Tells::Presence(agent) => AgentFrame::Presence {
                seq,
                at,
                agent: AgentReply::from(&**agent),
            },
            Tells::OfferGone { offer, reason } => AgentFrame::OfferGone {
                seq,
                at,
                offer: Written(*offer),
                reason: gone(*reason),
            },
            Tells::Assigned(contact) => AgentFrame::Assigned {
                seq,
                at,
                contact: self.contact(contact),
            },
            Tells::ContactUpdated(contact) => AgentFrame::ContactUpdated {
                seq,
                at,
                contact: self.contact(contact),
                reason: None,
            },
            Tells::ContactShown { contact, because } => AgentFrame::ContactUpdated {
                seq,
                at,
                contact: self.contact(contact),
                reason: Some(because.name()),
            },
            Tells::ContactEnded { contact, ended_by } => AgentFrame::ContactEnded {
                seq,
                at,
                contact: self.contact(contact),
                ended_by: ended_by.name(),
            },
            Tells::Notice {
                kind,
                rule,
                queue,
                contact,
            } => AgentFrame::Notice {
                seq,
                at,
                kind: kind_name(*kind),
                rule: Written(rule),
                queue: Written(queue),
                contact: self.contact(contact),
            },
            Tells::Message {
                contact,
                from,
                text,
                is_owed: _,
            } => AgentFrame::Message {
                seq,
                at,
                from: from.as_ref().map(Written),
                contact: Written(*contact),
                text,
            },
            Tells::Offer { .. } => unreachable!("an offer is written with its customer"),
        };
        frame.to_json()
    }

    fn contact<'a>(&'a self, view: &'a ContactView) -> ContactReply<'a> {
        ContactReply::new(self.desktops.node.site(), view)
    }

    fn contacts<'a>(&'a self, views: &'a [ContactView]) -> Vec<ContactReply<'a>> {
        views.iter().map(|view| self.contact(view)).collect()
    }
}

/// A customer's latest events, as shown by an offer.
fn latest(events: &[CustomerEvent]) -> &[CustomerEvent] {
    let mut bytes = 0;
    let fits = events.iter().take_while(|event| {
        bytes += event.attributes.bytes();
        bytes <= EVENTS_OFFERED_BYTES_MAX
    });
    &events[..fits.count()]
}

fn kind_name(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Escalation => "escalation",
        NoticeKind::ResponseLate => RESPONSE_LATE,
    }
}

fn gone(reason: Gone) -> &'static str {
    match reason {
        Gone::Taken => "taken",
        Gone::Withdrawn => "withdrawn",
        Gone::Expired => "expired",
        Gone::Undelivered => "undelivered",
        Gone::CustomerLeft => "customer_left",
        Gone::Superseded => "superseded",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::attribute::ATTRIBUTE_TEXT_BYTES_MAX;
    use crate::domain::{AttributeValue, Attributes, Name};

    #[test]
    fn of_events_that_tell_much_an_offer_shows_the_latest() {
        let text = AttributeValue::Text("x".repeat(ATTRIBUTE_TEXT_BYTES_MAX));
        let event = |texts: usize| CustomerEvent {
            kind: Name::new("complaint").unwrap(),
            at: Timestamp(0),
            attributes: {
                let each = (0..texts).map(|number| (number.to_string(), text.clone()));
                Attributes::new(each.collect::<BTreeMap<_, _>>()).unwrap()
            },
            key: None,
        };
        assert_eq!(latest(&vec![event(0); 20]).len(), 20);
        assert_eq!(latest(&vec![event(4); 20]).len(), 3);
        assert!(latest(&[event(16)]).is_empty());
    }
}
