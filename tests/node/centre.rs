//! A small contact centre in its own directory, and what happens in it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use switchboard::domain::{Channel, ContactId, Intake, Millis, Name, OfferId, Recognition, Text};
use switchboard::engine::command::{
    Act, AgentCommand, Command, ContactCommand, ContactRequest, DeskAct, Intention,
};
use switchboard::engine::options::{
    Action, AgentOptions, Audience, EscalationRule, Options, QueueOptions, TierOptions, Trigger,
};
use switchboard::engine::view::ContactView;
use switchboard::engine::{Done, Engine};
use switchboard::node::handle::{CallError, Desk, Handle};
use switchboard::node::log::Log;
use switchboard::node::notice::{SharedNotice, Tells};
use switchboard::node::recovery::{Report, SiteFiles, recover};
use switchboard::node::site::{Recovered, Site};
use switchboard::store::journal::Journal;
use switchboard::telemetry::Telemetry;
use tempfile::TempDir;

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// One queue `q`, two tiers, agents `a1` to `a{agents}` who each serve up to five texts at a time.
pub(crate) fn options(agents: usize) -> Options {
    let tier = |id: &str, head_start: i64| TierOptions {
        name: name(id),
        head_start: Millis::from_s(head_start),
    };
    let agent = |number: usize| AgentOptions {
        label: Text::from("an agent"),
        ..AgentOptions::ordinary(name(&format!("a{number}")), vec![name("q")])
    };
    Options {
        tiers: vec![tier("gold", 200), tier("basic", 0)],
        ..Options::ordinary(
            name("main"),
            vec![queue()],
            (1..=agents).map(agent).collect(),
        )
    }
}

fn queue() -> QueueOptions {
    QueueOptions {
        label: Text::from("the queue"),
        waiting_max: 100_000,
        escalations: vec![EscalationRule::new(
            name("early"),
            Trigger::After(Millis(200)),
            vec![Action::Notify(Audience::Supervisor)],
        )],
        ..QueueOptions::ordinary(name("q"))
    }
}

pub(crate) fn place(dir: &Path) -> SiteFiles {
    let mut place = SiteFiles::new(name("main"), dir.to_owned());
    place.segment_bytes = 1 << 20;
    place
}

pub(crate) fn recovered(place: &SiteFiles) -> (Recovered<Journal>, Report) {
    recover(place, &mut |_| {}).unwrap()
}

/// A site in a directory that is removed with it.
pub(crate) struct Centre<L = Journal> {
    pub(crate) dir: TempDir,
    pub(crate) site: Site<L>,
}

impl Centre {
    pub(crate) fn open(agents: usize) -> Self {
        Self::open_with(agents, |journal| journal)
    }
}

impl<L: Log> Centre<L> {
    pub(crate) fn open_with(agents: usize, wrap: impl FnOnce(Journal) -> L) -> Self {
        Self::open_small(agents, 1 << 20, wrap)
    }

    /// With segments of this size, which also limits the batches.
    pub(crate) fn open_small(agents: usize, bytes: usize, wrap: impl FnOnce(Journal) -> L) -> Self {
        Self::open_as(options(agents), bytes, wrap)
    }

    pub(crate) fn open_as(options: Options, bytes: usize, wrap: impl FnOnce(Journal) -> L) -> Self {
        let dir = TempDir::new().unwrap();
        let mut place = place(dir.path());
        place.segment_bytes = bytes;
        let (recovered, _) = recovered(&place);
        let recovered = Recovered {
            site: recovered.site,
            engine: recovered.engine,
            log: wrap(recovered.log),
            snapshots: recovered.snapshots,
        };
        let site = Site::start(recovered, Arc::new(options), &Telemetry::new());
        let site = site.unwrap();
        Self { dir, site }
    }

    pub(crate) fn handle(&self) -> Handle {
        self.site.handle()
    }
}

pub(crate) fn submission(id: ContactId, channel: Channel) -> Command {
    Command::Contact(ContactCommand::Submit {
        id,
        intake: Box::new(Intake::new(channel)),
        recognition: Recognition::default(),
        key: None,
    })
}

pub(crate) async fn submit(handle: &Handle) -> Result<ContactId, CallError> {
    let id = handle.new_contact_id();
    let command = submission(id, Channel::App);
    handle.decide(command, |_, _| ()).await.map(|()| id)
}

pub(crate) async fn contact(handle: &Handle, id: ContactId) -> Option<ContactView> {
    let look = handle.read(move |engine| engine.contact(id));
    look.await.unwrap()
}

pub(crate) async fn act(handle: &Handle, agent: &str, act: Act) -> Result<Done, CallError> {
    let agent = name(agent);
    let command = Command::Agent(AgentCommand { agent, act });
    handle.decide(command, |done, _| done).await
}

pub(crate) async fn connect(handle: &Handle, agent: &str) -> Result<Desk, CallError> {
    let login = handle.announce(&name(agent)).await?;
    let login = login.expect("the agent is configured");
    handle.connect(login).await
}

/// Connects and reports ready.
pub(crate) async fn sign_in(handle: &Handle, agent: &str) -> Desk {
    let desk = connect(handle, agent).await.unwrap();
    let ready = DeskAct::Intend {
        intent: Intention::Ready,
        by: agent.into(),
    }
    .of(desk.session);
    act(handle, agent, ready).await.unwrap();
    desk
}

pub(crate) async fn message(handle: &Handle, contact: ContactId, text: &str) {
    let command = Command::Contact(ContactCommand::Request {
        contact,
        request: ContactRequest::Message { text: text.into() },
        key: None,
    });
    handle.decide(command, |_, _| ()).await.unwrap();
}

/// The next notice; a test that waits too long has failed.
pub(crate) async fn next(desk: &mut Desk) -> SharedNotice {
    let next = tokio::time::timeout(Duration::from_secs(10), desk.notices.recv());
    next.await.unwrap().unwrap()
}

/// Skips to the next offer.
pub(crate) async fn next_offer(desk: &mut Desk) -> OfferId {
    loop {
        if let Tells::Offer { offer, .. } = &next(desk).await.tells {
            return *offer;
        }
    }
}

/// Takes an offer through all stages: delivered, accepted, completed.
pub(crate) async fn serve(handle: &Handle, desk: &Desk, offer: OfferId) {
    let (agent, session) = (desk.agent.as_str(), desk.session);
    let acts = [
        DeskAct::Deliver { offer }.of(session),
        DeskAct::Accept { offer }.of(session),
        DeskAct::Complete {
            contact: offer.contact,
            outcome: "resolved".into(),
            notes: None,
        }
        .of(session),
    ];
    for step in acts {
        act(handle, agent, step).await.unwrap();
    }
}

pub(crate) async fn state_hash(handle: &Handle) -> (u64, [u8; 32]) {
    let look = |engine: &Engine| (engine.seq(), engine.state_hash());
    handle.read(look).await.unwrap()
}
