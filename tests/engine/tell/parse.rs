//! A line of a story as a command.
//!
//! An unknown phrase fails the story.

use switchboard::domain::{
    AttributeChanges, AttributeValue, Attributes, Channel, ContactId, Identities, Identity,
    IdentityKind, Intake, Millis, OfferId, Phone, Recognition, Text, Timestamp,
};
use switchboard::engine::command::{
    Act, AgentCommand, CallbackMode, Command, CommandKey, ContactCommand, ContactRequest, DeskAct,
    Destination, Intention, Manner, Patch, RequestKey, SiteCommand,
};

use super::centre::{name, skills};

#[expect(clippy::too_many_lines, reason = "one arm for each phrase")]
pub(crate) fn parse(what: &str) -> Command {
    let words: Vec<&str> = what.split_whitespace().collect();
    match words.as_slice() {
        ["stop"] => Command::Site(SiteCommand::Stop),
        ["restart"] => Command::Site(SiteCommand::Restart),
        ["pause", queue] => Command::Site(SiteCommand::Pause {
            queue: name(queue),
            by: "s1".into(),
            key: None,
        }),
        ["resume", queue] => Command::Site(SiteCommand::Resume {
            queue: name(queue),
            by: "s1".into(),
            key: None,
        }),
        ["assign", id, to] => request(
            id,
            ContactRequest::Assign {
                agent: name(to),
                by: "s1".into(),
            },
        ),
        ["requeue", id] => request(id, ContactRequest::Requeue { by: "s1".into() }),
        [adapter, ..] if adapter.ends_with(':') => by_adapter(what),
        [id, "arrives", channel, rest @ ..] => on_contact(arrival(id, channel, rest)),
        [id, "leaves"] => request(
            id,
            ContactRequest::Cancel {
                reason: "customer_left".into(),
            },
        ),
        [id, "cancelled"] => request(
            id,
            ContactRequest::Cancel {
                reason: "mistake".into(),
            },
        ),
        [id, "ends"] => request(
            id,
            ContactRequest::End {
                outcome: "hung_up".into(),
            },
        ),
        [id, "writes"] => request(
            id,
            ContactRequest::Message {
                text: "hello".into(),
            },
        ),
        [id, "says", text] => request(
            id,
            ContactRequest::Message {
                text: (*text).into(),
            },
        ),
        [id, "wants", "a", "call", "first"] => request(
            id,
            ContactRequest::Callback {
                phone: None,
                mode: CallbackMode::CustomerFirst,
            },
        ),
        [id, "picks", "up", rest @ ..] => request(
            id,
            ContactRequest::CallbackAnswered {
                attempt: rest.first().map(|attempt| attempt.parse().unwrap()),
            },
        ),
        [id, "rings", "out", rest @ ..] => request(
            id,
            ContactRequest::CallbackFailed {
                attempt: rest.first().map(|attempt| attempt.parse().unwrap()),
                outcome: Some("no_answer".into()),
            },
        ),
        [id, "wants", "a", "call", rest @ ..] => request(
            id,
            ContactRequest::Callback {
                phone: rest.first().map(|phone| Phone::new(phone).unwrap()),
                mode: CallbackMode::AgentFirst,
            },
        ),
        [id, "recognised", tier, rest @ ..] => on_contact(ContactCommand::Recognise {
            contact: contact(id),
            recognition: Recognition {
                customer: Some("k1".into()),
                tier: Some(name(tier)),
                account_manager: rest.first().map(|manager| name(manager)),
                ..Recognition::default()
            },
        }),
        [id, "attribute", attribute, value] => on_contact(ContactCommand::Update {
            contact: contact(id),
            patch: Patch {
                attributes: Some(attributes(attribute, value).into()),
                ..Patch::default()
            },
        }),
        [id, "attribute", attribute] => on_contact(ContactCommand::Update {
            contact: contact(id),
            patch: Patch {
                attributes: Some(AttributeChanges([((*attribute).to_owned(), None)].into())),
                ..Patch::default()
            },
        }),
        [id, "topic", topic] => on_contact(ContactCommand::Update {
            contact: contact(id),
            patch: Patch {
                topic: Some(name(topic)),
                ..Patch::default()
            },
        }),
        [id, "sentiment", value] => on_contact(ContactCommand::Update {
            contact: contact(id),
            patch: Patch {
                sentiment: Some(value.parse().unwrap()),
                ..Patch::default()
            },
        }),
        [id, rest @ ..] => by_agent(id, rest),
        [] => panic!("an empty line"),
    }
}

/// A number, or text.
fn attributes(name: &str, value: &str) -> Attributes {
    let value = match value.parse() {
        Ok(number) => AttributeValue::Number(number),
        Err(_) => AttributeValue::Text(value.to_owned()),
    };
    Attributes::new([(name.to_owned(), value)].into()).unwrap()
}

fn request(id: &str, request: ContactRequest) -> Command {
    on_contact(ContactCommand::Request {
        contact: contact(id),
        request,
        key: None,
    })
}

fn on_contact(command: ContactCommand) -> Command {
    Command::Contact(command)
}

/// `crm: c1 leaves`
fn by_adapter(what: &str) -> Command {
    let (adapter, what) = what.split_once(": ").unwrap();
    let Command::Contact(command) = parse(what) else {
        panic!("adapters speak of contacts: {what}");
    };
    Command::ByAdapter {
        adapter: adapter.into(),
        command,
    }
}

/// `c1 arrives app q tier gold requires english=2 external x key k at 60s`
fn arrival(id: &str, channel: &str, rest: &[&str]) -> ContactCommand {
    let mut intake = Intake::new(channel.parse::<Channel>().unwrap());
    let mut recognition = Recognition::default();
    let mut key = None;
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        let mut value = || *rest.next().unwrap();
        match *word {
            "tier" => {
                recognition = Recognition {
                    customer: Some("k1".into()),
                    tier: Some(name(value())),
                    ..recognition
                };
            }
            "phone" => {
                let phone = Identity::new(IdentityKind::Phone, value()).unwrap();
                intake.identities = Identities::new(vec![phone]);
            }
            "asks" => intake.agent = Some(name(value())),
            "alone" => intake.or_queue = false,
            "manager" => recognition.account_manager = Some(name(value())),
            "last" => recognition.last_agent = Some(name(value())),
            "requires" => intake.requires = skills(&value().replace('=', " ")),
            "external" => intake.external_id = Some(value().into()),
            "topic" => intake.topic = Some(name(value())),
            "at" => intake.not_before = Some(instant(value())),
            "key" => {
                let (number, print) = value().split_once('/').unwrap();
                key = Some(RequestKey {
                    key: number.parse().unwrap(),
                    fingerprint: print.parse().unwrap(),
                });
            }
            queue => intake.queue = Some(name(queue)),
        }
    }
    ContactCommand::Submit {
        id: contact(id),
        intake: Box::new(intake),
        recognition,
        key,
    }
}

fn manner(words: &[&str]) -> Manner {
    Manner {
        keep_age: !words.contains(&"anew"),
        or_queue: words.contains(&"or_queue"),
    }
}

/// Sessions are numbered from 1: `a1#2 accepts c1` speaks for the second.
#[expect(clippy::too_many_lines, reason = "one arm for each phrase")]
fn by_agent(id: &str, rest: &[&str]) -> Command {
    let (id, session) = id
        .split_once('#')
        .map_or((id, 1), |(id, session)| (id, session.parse().unwrap()));
    let offer = |id: &str| {
        let (id, number) = id.split_once('.').unwrap_or((id, "1"));
        OfferId {
            contact: contact(id),
            number: number.parse().unwrap(),
        }
    };
    let by = Text::from(id);
    let to = |act| {
        let agent = name(id);
        Command::Agent(AgentCommand { agent, act })
    };
    if rest == ["connects"] {
        return to(Act::Connect);
    }
    if rest == ["drains"] {
        let reason = "end_of_shift".into();
        return to(Act::Intend {
            intent: Intention::Draining { reason },
            by,
            key: None,
        });
    }
    // `a1 holds c1 as 7`: under the key 7.
    let (rest, key) = match rest {
        [rest @ .., "as", key] => (rest, Some(CommandKey(key.parse().unwrap()))),
        _ => (rest, None),
    };
    let act = match rest {
        ["lost"] => DeskAct::Lose,
        ["has", "frames", upto] => DeskAct::Hear {
            upto: upto.parse().unwrap(),
        },
        ["resumes", "with", "frames", upto] => DeskAct::Resume {
            upto: upto.parse().unwrap(),
        },
        ["resyncs"] => DeskAct::Resync { upto: 0 },
        ["resyncs", "with", "frames", upto] => DeskAct::Resync {
            upto: upto.parse().unwrap(),
        },
        ["catches", "up"] => DeskAct::CatchUp,
        ["is", "silent"] => DeskAct::Release,
        ["ready"] => DeskAct::Intend {
            intent: Intention::Ready,
            by,
        },
        ["not_ready", reason] => DeskAct::Intend {
            intent: Intention::NotReady {
                reason: (*reason).into(),
            },
            by,
        },
        ["delivers", id] => DeskAct::Deliver { offer: offer(id) },
        ["accepts", id] => DeskAct::Accept { offer: offer(id) },
        ["declines", id] => DeskAct::Decline {
            offer: offer(id),
            reason: None,
            retry_after: None,
        },
        ["declines", id, "for", span] => DeskAct::Decline {
            offer: offer(id),
            reason: None,
            retry_after: Some(Millis(instant(span).0)),
        },
        ["completes", id] => DeskAct::Complete {
            contact: contact(id),
            outcome: "resolved".into(),
            notes: None,
        },
        ["completes", id, "otherwise"] => DeskAct::Complete {
            contact: contact(id),
            outcome: "otherwise".into(),
            notes: None,
        },
        ["done", id] => DeskAct::FinishWrapUp {
            contact: contact(id),
        },
        ["extends", id] => DeskAct::ExtendWrapUp {
            contact: contact(id),
        },
        ["transfers", id, "queue", to, rest @ ..] => DeskAct::Transfer {
            contact: contact(id),
            to: Destination::Queue(name(to)),
            note: None,
            manner: manner(rest),
        },
        ["transfers", id, "agent", to, rest @ ..] => DeskAct::Transfer {
            contact: contact(id),
            to: Destination::Agent(name(to)),
            note: None,
            manner: manner(rest),
        },
        ["holds", id] => DeskAct::Hold {
            contact: contact(id),
        },
        ["unholds", id] => DeskAct::Unhold {
            contact: contact(id),
        },
        ["parks", id] => DeskAct::Park {
            contact: contact(id),
        },
        ["unparks", id] => DeskAct::Unpark {
            contact: contact(id),
        },
        ["consults", id, "queue", to] => DeskAct::Consult {
            contact: contact(id),
            to: Destination::Queue(name(to)),
            note: None,
        },
        ["consults", id, "agent", to] => DeskAct::Consult {
            contact: contact(id),
            to: Destination::Agent(name(to)),
            note: None,
        },
        ["confers", id] => DeskAct::Conference {
            contact: contact(id),
        },
        ["ends", "consult", id] => DeskAct::EndConsult {
            contact: contact(id),
        },
        ["writes", id] => DeskAct::Message {
            contact: contact(id),
            text: "hello".into(),
        },
        ["pulls", queue] => DeskAct::Pull {
            queue: name(queue),
            contact: None,
        },
        ["pulls", queue, id] => DeskAct::Pull {
            queue: name(queue),
            contact: Some(contact(id)),
        },
        ["recalls", id] => DeskAct::Recall {
            contact: contact(id),
        },
        ["misses", id] => DeskAct::NoShow {
            contact: contact(id),
        },
        ["reaches", "nobody", id] => DeskAct::FailCallback {
            contact: contact(id),
            outcome: None,
        },
        other => panic!("no such act: {other:?}"),
    };
    to(Act::Desk { session, act, key })
}

/// `c7` is the contact with the id 7.
pub(crate) fn contact(text: &str) -> ContactId {
    ContactId(text.strip_prefix('c').unwrap().parse().unwrap())
}

pub(super) fn instant(text: &str) -> Timestamp {
    let ms = match text.strip_suffix("ms") {
        Some(ms) => ms.parse().unwrap(),
        None => 1_000 * text.strip_suffix('s').unwrap().parse::<i64>().unwrap(),
    };
    Timestamp(ms)
}
