//! Arriving contacts, and what becomes known about them later.

use switchboard::domain::{
    AttributeValue, Attributes, Channel, ContactId, Identities, Identity, IdentityKind, Intake,
    Millis, Phone, Recognition, Requirements,
};
use switchboard::engine::command::{
    CallbackMode, ContactCommand, ContactRequest, Patch, RequestKey,
};

use super::Player;
use crate::tape::dice::Dice;
use crate::tape::draw::{TIERS, draw_agent_name, draw_skill};
use crate::tell::name;

impl Player {
    pub(super) fn arrive(&mut self) {
        let dice = &mut self.dice;
        self.contacts += 1;
        let mut intake = Intake::new(*dice.pick(&Channel::ALL).unwrap());
        if self.is_calling && !dice.once_in(4) {
            intake.channel = *dice.pick(&[Channel::App, Channel::Hotline]).unwrap();
        }
        if !dice.once_in(3) {
            intake.queue = dice
                .pick(&self.options.queues)
                .map(|queue| queue.id.clone());
        }
        if dice.once_in(3) {
            let phone = format!("+861380000000{}", dice.roll(6));
            let phone = Identity::new(IdentityKind::Phone, &phone).unwrap();
            intake.identities = Identities::new(vec![phone]);
        }
        if dice.once_in(6) {
            intake.requires = Requirements::new(vec![draw_skill(dice, 4)]);
        }
        if dice.once_in(8) {
            intake.agent = Some(draw_agent_name(dice));
            intake.or_queue = !dice.once_in(3);
        }
        if dice.once_in(3) {
            intake.topic = Some(name(dice.pick(&["t0", "t1", "t2"]).unwrap()));
        }
        if dice.once_in(8) {
            intake.external_id = Some(format!("x{}", dice.roll(40)).as_str().into());
        }
        if dice.once_in(12) {
            intake.not_before = Some(self.now + Millis::from_s(dice.roll(90).cast_signed()));
        }
        let tier = dice.once_in(2).then(|| name(dice.pick(&TIERS).unwrap()));
        let recognition = Recognition {
            customer: tier.as_ref().map(|_| "k1".into()),
            tier,
            account_manager: dice.once_in(4).then(|| draw_agent_name(dice)),
            last_agent: dice.once_in(4).then(|| draw_agent_name(dice)),
        };
        let key = dice.once_in(10).then(|| (dice.roll(30), dice.roll(2)));
        let adapter = self.any_adapter();
        // Every caller has its own keys.
        let caller = adapter.as_ref().map_or(0, |name| name.as_bytes()[0]);
        let key = key.map(|(number, print)| RequestKey {
            key: u128::from(number) << 8 | u128::from(caller),
            fingerprint: u128::from(print),
        });
        let command = ContactCommand::Submit {
            id: ContactId(self.contacts),
            intake: Box::new(intake),
            recognition,
            key,
        };
        self.say_as(adapter, command);
    }

    pub(super) fn change_a_contact(&mut self) {
        let contact = self.any_contact();
        let asks = |request| ContactCommand::Request {
            contact,
            request,
            key: None,
        };
        let command = match self.dice.roll(13) {
            0..=2 => asks(ContactRequest::Cancel {
                reason: (*self.dice.pick(&["customer_left", "mistake"]).unwrap()).into(),
            }),
            3 => asks(ContactRequest::End {
                outcome: "hung_up".into(),
            }),
            4..=5 => ContactCommand::Recognise {
                contact,
                recognition: Recognition {
                    customer: Some("k2".into()),
                    tier: Some(name(self.dice.pick(&TIERS).unwrap())),
                    account_manager: Some(draw_agent_name(&mut self.dice)),
                    last_agent: None,
                },
            },
            6 => ContactCommand::Update {
                contact,
                patch: Patch {
                    topic: Some(name(self.dice.pick(&["t0", "t1", "t2"]).unwrap())),
                    ..Patch::default()
                },
            },
            7 => ContactCommand::Update {
                contact,
                patch: Patch {
                    sentiment: Some(*self.dice.pick(&[-0.9, 0.5]).unwrap()),
                    attributes: self.dice.once_in(2).then(|| mood(&mut self.dice).into()),
                    ..Patch::default()
                },
            },
            10..=12 => asks(ContactRequest::Callback {
                phone: self.dice.once_in(2).then(|| {
                    let number = format!("+861380000000{}", self.dice.roll(6));
                    Phone::new(&number).unwrap()
                }),
                mode: draw_mode(&mut self.dice),
            }),
            8 => ContactCommand::Request {
                contact: self.parked_or_any(contact),
                request: ContactRequest::Message {
                    text: format!("hello {}", self.dice.roll(1_000)).as_str().into(),
                },
                key: None,
            },
            _ => asks(ContactRequest::Requeue { by: "s1".into() }),
        };
        self.say(command);
    }
}

fn draw_mode(dice: &mut Dice) -> CallbackMode {
    if dice.once_in(3) {
        CallbackMode::AgentFirst
    } else {
        CallbackMode::CustomerFirst
    }
}

fn mood(dice: &mut Dice) -> Attributes {
    let values = [
        AttributeValue::Text("bad".to_owned()),
        AttributeValue::Number(5.0),
        AttributeValue::Flag(true),
    ];
    let value = dice.pick(&values).unwrap().clone();
    Attributes::new([("mood".to_owned(), value)].into()).unwrap()
}
