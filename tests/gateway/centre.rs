//! A small contact centre with a running gateway.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use switchboard::domain::{Channel, Millis, Name, Text};
use switchboard::engine::options::{
    Action, AgentOptions, Audience, EscalationRule, Options, QueueOptions, TierOptions, Trigger,
};
use switchboard::gateway::admin::Reload;
use switchboard::gateway::auth::{Credentials, Guard};
use switchboard::gateway::options::DoorOptions;
use switchboard::gateway::{Behind, Gateway};
use switchboard::node::handle::Handle;
use switchboard::node::recognise::Recognise;
use switchboard::node::recovery::{SiteFiles, recover};
use switchboard::node::site::Site;
use switchboard::store::journal::Journal;
use switchboard::store::profiles::{Kind, ProfileOptions, Profiles};
use switchboard::task;
use switchboard::telemetry::Telemetry;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::desktop::Desktop;

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Queues `q` and, with pulling, `counter`; agents `a1` to `a4`, each serving up to five texts at a
/// time.
fn routing() -> Options {
    let tier = |id: &str, head_start: i64| TierOptions {
        name: name(id),
        head_start: Millis::from_s(head_start),
    };
    let agent = |number: usize| AgentOptions {
        label: Text::from("李雷"),
        ..AgentOptions::ordinary(
            name(&format!("a{number}")),
            vec![name("q"), name("counter")],
        )
    };
    let queues = vec![queue("q", false), queue("counter", true)];
    Options {
        tiers: vec![tier("gold", 200), tier("basic", 0)],
        ..Options::ordinary(name("main"), queues, (1..=4).map(agent).collect())
    }
}

fn queue(id: &str, pull: bool) -> QueueOptions {
    QueueOptions {
        label: Text::from("宽带"),
        escalations: vec![EscalationRule::new(
            name("early"),
            Trigger::After(Millis(200)),
            vec![Action::Notify(Audience::Supervisor)],
        )],
        pull,
        ..QueueOptions::ordinary(name(id))
    }
}

/// How a centre differs from the usual one.
pub(crate) struct Plan {
    pub(crate) doors: DoorOptions,
    pub(crate) credentials: Credentials,
    pub(crate) reload: Reload,
    pub(crate) routing: Options,
}

impl Plan {
    pub(crate) fn ordinary() -> Self {
        let mut doors = DoorOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)));
        doors.drain_for = Duration::from_millis(200);
        doors.finish_within = Duration::from_secs(2);
        Self {
            doors,
            credentials: Credentials::Dev,
            reload: Arc::new(|_| Box::pin(async { panic!("by design") })),
            routing: routing(),
        }
    }
}

/// A contact centre with a running gateway.
pub(crate) struct Centre {
    pub(crate) address: SocketAddr,
    pub(crate) guard: Arc<Guard>,
    pub(crate) node: Handle,
    pub(crate) profiles: Profiles,
    pub(crate) served: JoinHandle<()>,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    site: Site<Journal>,
    dir: TempDir,
    _customers: TempDir,
}

impl Centre {
    pub(crate) async fn open() -> Self {
        Self::open_as(Plan::ordinary()).await
    }

    pub(crate) async fn open_as(plan: Plan) -> Self {
        Self::open_in(TempDir::new().unwrap(), plan).await
    }

    /// Continues from the data in this directory, without customers.
    pub(crate) async fn open_in(dir: TempDir, plan: Plan) -> Self {
        let mut place = SiteFiles::new(name("main"), dir.path().to_owned());
        place.segment_bytes = 1 << 20;
        let (recovered, _) = recover(&place, &mut |_| {}).unwrap();
        let telemetry = Telemetry::new();
        let customers = TempDir::new().unwrap();
        let kind = Kind::Embedded {
            path: customers.path().to_owned(),
        };
        let options = ProfileOptions::new(kind);
        let profiles = Profiles::open(&name("main"), &options).await.unwrap();
        let site = Site::start(recovered, Arc::new(plan.routing), &telemetry).unwrap();
        let recognise = Recognise::new(Some(profiles.clone()), &telemetry);
        let guard = Arc::new(Guard::new(plan.credentials));
        let behind = Behind {
            node: site.handle(),
            recognise,
            guard: Arc::clone(&guard),
            reload: plan.reload,
        };
        let gateway = Gateway::open(plan.doors, behind).unwrap();
        let (stop, stopped) = oneshot::channel();
        let centre = Self {
            address: gateway.local_addr().unwrap(),
            guard,
            node: site.handle(),
            profiles,
            served: task::spawn(
                "gateway",
                gateway.run(async {
                    // A failed test does not send a stop.
                    if stopped.await.is_err() {
                        std::future::pending().await
                    }
                }),
            ),
            stop: Some(stop),
            site,
            dir,
            _customers: customers,
        };
        crate::described::learn(centre.address).await;
        centre
    }

    /// Stops in order and returns the directory.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.stop.take().unwrap().send(()).unwrap();
        self.served.await.unwrap();
        drop(self.site.stop().await);
        self.dir
    }

    /// A client that authenticates as `token`.
    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(self.address, token)
    }

    pub(crate) fn adapter(&self) -> Client {
        self.client("dev-adapter")
    }

    pub(crate) fn supervisor(&self) -> Client {
        self.client("dev-supervisor")
    }

    /// A desktop that has received its welcome.
    pub(crate) async fn desktop(&self, agent: &str) -> Desktop {
        Desktop::open(self.address, &format!("dev-agent:{agent}")).await
    }

    /// A desktop whose agent is ready.
    pub(crate) async fn ready(&self, agent: &str) -> Desktop {
        let mut desktop = self.desktop(agent).await;
        desktop.ok(r#""type":"ready""#).await;
        desktop
    }

    /// Submits a contact of the app; returns its id.
    pub(crate) async fn submit(&self) -> String {
        let body = r#"{"channel":"app"}"#;
        let reply = self.adapter().post("/v1/contacts", body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn state(&self, contact: &str) -> String {
        let path = format!("/v1/contacts/{contact}");
        let contact = self.supervisor().get(&path).await.json();
        contact["state"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn contacts_of_channel(&self, channel: Channel) -> usize {
        let look = self.node.read(move |engine| {
            let filter = switchboard::engine::ContactFilter {
                limit: 10_000,
                ..Default::default()
            };
            let views = engine.contacts(&filter).unwrap().views;
            views
                .iter()
                .filter(|view| view.intake.channel == channel)
                .count()
        });
        look.await.unwrap()
    }
}
