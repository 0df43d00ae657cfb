//! The requests for contacts: written once for each kind, then only numbers are filled in.

use super::book::ContactNo;
use super::name::{DIGITS, RunName};
use crate::clock::put_digits;
use crate::dice::Dice;

const PHONE_DIGITS: usize = 8;
/// Known customers have phones from 138 0000 0000, strangers from 139 0000 0000.
const KNOWN_PREFIX: &str = "+86138";
const STRANGER_PREFIX: &str = "+86139";

/// The phone of a known customer.
pub(crate) fn phone(no: u64) -> String {
    format!("{KNOWN_PREFIX}{no:0width$}", width = PHONE_DIGITS)
}

/// The mix of contacts in a run.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    /// Channels with their weights.
    pub(crate) channels: Vec<(String, u32)>,
    /// Assigned to contacts in turn; if empty, contacts name none.
    pub(crate) topics: Vec<String>,
    pub(crate) queues: Vec<String>,
    /// The number of customers; 0 makes contacts anonymous.
    pub(crate) customers: u64,
    /// Share of contacts from one of them. The others have a phone never seen before.
    pub(crate) known_share: f64,
}

/// A request with gaps for numbers.
struct Template {
    bytes: Vec<u8>,
    number_at: usize,
    phone_at: Option<usize>,
}

/// Writes the request for any contact of a run.
pub(crate) struct Requests {
    mix: Mix,
    seed: u64,
    known: Vec<Template>,
    strangers: Vec<Template>,
}

/// Where requests go, and the sender's token.
pub(crate) struct Recipient<'a> {
    pub(crate) host: &'a str,
    pub(crate) token: &'a str,
}

impl Requests {
    pub(crate) fn new(mix: Mix, seed: u64, run: &RunName, to: &Recipient<'_>) -> Self {
        let of = |phone: Option<&str>| -> Vec<Template> {
            kinds(&mix)
                .iter()
                .map(|kind| Template::new(kind, phone, run, to))
                .collect()
        };
        let (known, strangers) = if mix.customers == 0 {
            (of(None), Vec::new())
        } else {
            (of(Some(KNOWN_PREFIX)), of(Some(STRANGER_PREFIX)))
        };
        Self {
            mix,
            seed,
            known,
            strangers,
        }
    }

    /// For a run that sends no contacts.
    pub(crate) fn none() -> Self {
        let mix = Mix {
            channels: Vec::new(),
            topics: Vec::new(),
            queues: Vec::new(),
            customers: 0,
            known_share: 1.0,
        };
        Self {
            mix,
            seed: 0,
            known: Vec::new(),
            strangers: Vec::new(),
        }
    }

    /// Writes the request for `no` into `buffer`. The same number always gives the same request.
    pub(crate) fn write(&self, no: ContactNo, buffer: &mut Vec<u8>) {
        let mut dice = Dice::new(self.seed, u64::from(no.0));
        let channel = self.channel(&mut dice);
        let stranger = self.mix.customers > 0 && dice.share() >= self.mix.known_share;
        let (templates, phone) = if stranger {
            (
                &self.strangers,
                dice.throw() % 10_u64.pow(PHONE_DIGITS as u32),
            )
        } else {
            (&self.known, dice.below(self.mix.customers))
        };
        let per_channel = templates.len() / self.mix.channels.len();
        let template = &templates[channel * per_channel + no.0 as usize % per_channel];
        buffer.clear();
        buffer.extend_from_slice(&template.bytes);
        let number = template.number_at..template.number_at + DIGITS;
        put_digits(&mut buffer[number], u64::from(no.0));
        if let Some(at) = template.phone_at {
            put_digits(&mut buffer[at..at + PHONE_DIGITS], phone);
        }
    }

    fn channel(&self, dice: &mut Dice) -> usize {
        let weights = self
            .mix
            .channels
            .iter()
            .map(|(_, weight)| u64::from(*weight));
        let mut left = dice.below(weights.clone().sum());
        for (index, weight) in weights.enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
        }
        0
    }
}

struct Kind {
    channel: String,
    topic: Option<String>,
    queue: Option<String>,
}

/// Every channel, with every combination of topic and queue that taking turns produces.
fn kinds(mix: &Mix) -> Vec<Kind> {
    let turns = mix.topics.len().max(mix.queues.len()).max(1);
    let nth =
        |list: &[String], turn: usize| (!list.is_empty()).then(|| list[turn % list.len()].clone());
    mix.channels
        .iter()
        .flat_map(|(channel, _)| {
            (0..turns).map(move |turn| Kind {
                channel: channel.clone(),
                topic: nth(&mix.topics, turn),
                queue: nth(&mix.queues, turn),
            })
        })
        .collect()
}

impl Template {
    fn new(kind: &Kind, phone: Option<&str>, run: &RunName, to: &Recipient<'_>) -> Self {
        let external_id = run.external_id(ContactNo(0));
        let zeroes = "0".repeat(PHONE_DIGITS);
        let mut body = serde_json::json!({
            "channel": kind.channel,
            "external_id": external_id,
            "text": "家里宽带断了，光猫亮红灯，重启过两次也没有用",
            "language": "zh",
            "attributes": { "city": "广州", "app_version": "8.14.2" },
        });
        if let Some(prefix) = phone {
            body["customer"] = serde_json::json!({ "phone": format!("{prefix}{zeroes}") });
        }
        if let Some(topic) = &kind.topic {
            body["topic"] = topic.as_str().into();
        }
        if let Some(queue) = &kind.queue {
            body["queue"] = queue.as_str().into();
        }
        let body = body.to_string();
        let text = format!(
            "POST /v1/contacts HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            to.host,
            to.token,
            body.len(),
        );
        let end_of = |needle: &str| text.find(needle).map(|at| at + needle.len());
        Self {
            number_at: end_of(&external_id).unwrap_or_default() - DIGITS,
            phone_at: phone
                .and_then(|prefix| Some(end_of(&format!("{prefix}{zeroes}"))? - PHONE_DIGITS)),
            bytes: text.into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn requests(mix: Mix) -> Requests {
        let to = Recipient {
            host: "h:1",
            token: "dev-adapter",
        };
        Requests::new(mix, 1, &RunName::new(7), &to)
    }

    fn body(requests: &Requests, no: u32) -> Value {
        let mut buffer = Vec::new();
        requests.write(ContactNo(no), &mut buffer);
        let text = String::from_utf8(buffer).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
        serde_json::from_str(body).unwrap()
    }

    fn mix() -> Mix {
        Mix {
            channels: vec![("app".into(), 3), ("wechat".into(), 1)],
            topics: vec!["t1".into(), "t2".into()],
            queues: vec![],
            customers: 0,
            known_share: 1.0,
        }
    }

    #[test]
    fn every_contact_carries_its_own_number() {
        let requests = requests(mix());
        let external_id = body(&requests, 4_711)["external_id"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(RunName::new(7).number(&external_id), Some(ContactNo(4_711)));
        assert_eq!(body(&requests, 0).get("customer"), None);
    }

    #[test]
    fn topics_take_turns_and_channels_keep_their_weights() {
        let requests = requests(mix());
        let contacts: Vec<Value> = (0..1_000).map(|no| body(&requests, no)).collect();
        assert_eq!(contacts[4]["topic"], "t1");
        assert_eq!(contacts[5]["topic"], "t2");
        let app = contacts
            .iter()
            .filter(|contact| contact["channel"] == "app")
            .count();
        assert!((700..800).contains(&app), "{app}");
    }

    #[test]
    fn the_known_share_names_one_of_the_customers() {
        let requests = requests(Mix {
            customers: 5,
            known_share: 0.8,
            ..mix()
        });
        let phones: Vec<String> = (0..1_000)
            .map(|no| {
                body(&requests, no)["customer"]["phone"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let known = phones
            .iter()
            .filter(|phone| phone.starts_with(KNOWN_PREFIX));
        assert!(known.clone().all(|phone| phone.as_str() < "+8613800000005"));
        assert!((750..850).contains(&known.count()));
    }
}
