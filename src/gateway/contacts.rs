//! The calls about contacts.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::domain::{ContactId, Intake, Text};
use crate::engine::command::{Command, ContactCommand, ContactRequest, RequestKey};
use crate::engine::view::ContactView;
use crate::engine::{Done, Engine};
use crate::gateway::answer;
use crate::gateway::auth::role::Role;
use crate::gateway::page::Page;
use crate::gateway::steered::Act;
use crate::gateway::visit::{BODY_BYTES_MAX, Visit};
use crate::node::handle::{CallError, Handle};
use crate::node::recognise::Recognise;
use crate::store::profiles::Late;
use crate::task;
use crate::wire::json;
use crate::wire::problem::Problem;
use crate::wire::reply::{ContactReply, ExplanationReply, PageReply};
use crate::wire::request::{ContactPatch, NewAssignment, NewContact, NewMessage, Nothing};

type Answered = Result<Response, Problem>;

pub(super) struct Contacts {
    pub(super) node: Handle,
    pub(super) recognise: Recognise,
}

/// A contact after a command; none if it was forgotten immediately.
struct ActedOn {
    /// Boxed, because it is passed on several times.
    view: Option<Box<ContactView>>,
    is_fresh: bool,
}

/// The body of an adapter's request about a contact.
pub(super) trait Asks: DeserializeOwned + Into<ContactRequest> {}

impl<T: DeserializeOwned + Into<ContactRequest>> Asks for T {}

/// A request about the contact in the path, read and valid.
struct Asked<T> {
    contact: ContactId,
    body: T,
    key: Option<RequestKey>,
}

impl<T: DeserializeOwned> Asked<T> {
    async fn read(visit: &mut Visit) -> Result<Self, Problem> {
        let contact = contact_of(visit).await?;
        let body = visit.json(BODY_BYTES_MAX).await?;
        Self::new(contact, &body, visit)
    }

    /// The body can be omitted.
    async fn read_if_any(visit: &mut Visit) -> Result<Self, Problem> {
        let contact = contact_of(visit).await?;
        let body = visit.json_or_nothing().await?;
        Self::new(contact, &body, visit)
    }

    fn new(contact: ContactId, body: &[u8], visit: &Visit) -> Result<Self, Problem> {
        Ok(Self {
            contact,
            body: json::read(body)?,
            key: visit.request_key(body)?,
        })
    }

    fn into_command(self, request: impl FnOnce(T) -> ContactRequest) -> ContactCommand {
        ContactCommand::Request {
            contact: self.contact,
            request: request(self.body),
            key: self.key,
        }
    }
}

impl Contacts {
    pub(super) async fn submit(self: Arc<Self>, mut visit: Visit) -> Answered {
        let body = visit.json(BODY_BYTES_MAX).await?;
        let intake: Box<Intake> = Box::new(json::read::<NewContact>(&body)?.into());
        let key = visit.request_key(&body)?;
        let recognised = self.recognise.recognise(&intake.identities).await;
        let command = ContactCommand::Submit {
            id: self.node.new_contact_id(),
            intake,
            recognition: recognised.recognition,
            key,
        };
        let command = by_adapter(&visit, command);
        let acted_on = match recognised.late {
            None => self.act(command).await?,
            Some(late) => {
                // A separate task: if the client disconnects, the customer is still recognised.
                let submitting = Arc::clone(&self).submit_unrecognised(command, late);
                let submitted = task::spawn("submission", submitting).await;
                submitted.map_err(|_| answer::unfinished())??
            }
        };
        let view = acted_on.view.ok_or_else(forgotten)?;
        let reply = ContactReply::new(self.node.site(), &view);
        let response = answer::made(acted_on.is_fresh, &reply);
        Ok(answer::located(
            response,
            &format!("/v1/contacts/{}", view.id),
        ))
    }

    async fn submit_unrecognised(
        self: Arc<Self>,
        command: Command,
        late: Late,
    ) -> Result<ActedOn, CallError> {
        let acted_on = self.act(command).await?;
        if let Some(view) = acted_on.view.as_ref().filter(|_| acted_on.is_fresh) {
            self.recognise.follow_up(self.node.clone(), view.id, late);
        }
        Ok(acted_on)
    }

    pub(super) async fn show(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let sees_all = visit.caller.roles.has(Role::Supervisor);
        let adapter = (!sees_all).then(|| by(&visit));
        let now = self.node.clock().now();
        let view = self.node.read(move |engine| match &adapter {
            Some(adapter) => engine.contact_of_adapter(contact, adapter, now),
            None => engine.contact_as_of(contact, now),
        });
        let view = view.await?.ok_or_else(unknown)?;
        Ok(self.told(StatusCode::OK, &view))
    }

    pub(super) async fn list(self: Arc<Self>, visit: Visit) -> Answered {
        let page = Page::read(visit.request.uri().query().unwrap_or(""))?;
        let read = self.node.read(move |engine| engine.contacts(&page.filter));
        let page = read.await?.ok_or_else(|| {
            let detail = "no such contact, or forgotten: start again with the first page";
            Problem::new(422, "unknown_contact", detail).at_field("after")
        })?;
        let reply = PageReply::new(self.node.site(), &page);
        Ok(answer::json(StatusCode::OK, &reply))
    }

    pub(super) async fn explain(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let now = self.node.clock().now();
        let read = self.node.read(move |engine| engine.explain(contact, now));
        let explanation = read.await?.ok_or_else(unknown)?;
        let reply = ExplanationReply::new(self.node.site(), &explanation);
        Ok(answer::json(StatusCode::OK, &reply))
    }

    pub(super) async fn patch(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let body = visit.merge_patch(BODY_BYTES_MAX).await?;
        let patch = json::read::<ContactPatch>(&body)?.into();
        let command = ContactCommand::Update { contact, patch };
        let acted_on = self.act(by_adapter(&visit, command)).await?;
        self.done(&acted_on)
    }

    /// An adapter's request about a contact of its own.
    pub(super) async fn ask<T: Asks>(self: Arc<Self>, mut visit: Visit) -> Answered {
        let asked = Asked::<T>::read(&mut visit).await?;
        self.carry_out(asked, by(&visit)).await
    }

    /// The same, if the body can be omitted.
    pub(super) async fn ask_briefly<T: Asks>(self: Arc<Self>, mut visit: Visit) -> Answered {
        let asked = Asked::<T>::read_if_any(&mut visit).await?;
        self.carry_out(asked, by(&visit)).await
    }

    pub(super) async fn message(self: Arc<Self>, mut visit: Visit) -> Answered {
        let asked = Asked::<NewMessage>::read(&mut visit).await?;
        let command = by_adapter(&visit, asked.into_command(NewMessage::into));
        let acted_on = self.act(command).await?;
        let view = acted_on.view.as_ref().ok_or_else(forgotten)?;
        let reply = ContactReply::new(self.node.site(), view);
        Ok(answer::made(acted_on.is_fresh, &reply))
    }

    pub(super) async fn assign(self: Arc<Self>, mut visit: Visit) -> Answered {
        let Asked { contact, body, key } = Asked::<NewAssignment>::read(&mut visit).await?;
        let agent = body.into_agent();
        let act = Act::new(&visit, format!("assign to {agent}"), contact);
        let by = by(&visit);
        let request = ContactRequest::Assign { agent, by };
        let command = ContactCommand::Request {
            contact,
            request,
            key,
        };
        self.steer(act, command).await
    }

    pub(super) async fn requeue(self: Arc<Self>, mut visit: Visit) -> Answered {
        let asked = Asked::<Nothing>::read_if_any(&mut visit).await?;
        let act = Act::new(&visit, "requeue", asked.contact);
        let command = asked.into_command(|Nothing {}| ContactRequest::Requeue { by: by(&visit) });
        self.steer(act, command).await
    }

    async fn steer(&self, act: Act, command: ContactCommand) -> Answered {
        let command = Command::Contact(command);
        let acted_on = act.decide(&self.node, command, acted_on).await??;
        self.done(&acted_on)
    }

    async fn carry_out<T: Asks>(&self, asked: Asked<T>, adapter: Text) -> Answered {
        let command = asked.into_command(T::into);
        let acted_on = self.act(Command::ByAdapter { adapter, command }).await?;
        self.done(&acted_on)
    }

    async fn act(&self, command: Command) -> Result<ActedOn, CallError> {
        self.node.decide(command, acted_on).await
    }

    fn done(&self, acted_on: &ActedOn) -> Answered {
        let view = acted_on.view.as_ref().ok_or_else(forgotten)?;
        let reply = ContactReply::new(self.node.site(), view);
        Ok(answer::done(acted_on.is_fresh, &reply))
    }

    fn told(&self, status: StatusCode, view: &ContactView) -> Response {
        answer::json(status, &ContactReply::new(self.node.site(), view))
    }
}

/// Runs on the engine's task, right after the decision.
fn acted_on(done: Done, engine: &Engine) -> ActedOn {
    match done {
        Done::Contact { contact, fresh } => ActedOn {
            view: engine.contact(contact).map(Box::new),
            is_fresh: fresh,
        },
        Done::Session { .. } | Done::Again | Done::Nothing => ActedOn {
            view: None,
            is_fresh: true,
        },
    }
}

/// For adapters only, and only about contacts of their own.
fn by_adapter(visit: &Visit, command: ContactCommand) -> Command {
    let adapter = by(visit);
    Command::ByAdapter { adapter, command }
}

pub(super) fn by(visit: &Visit) -> Text {
    visit.caller.name.clone()
}

async fn contact_of(visit: &mut Visit) -> Result<ContactId, Problem> {
    visit.id().await?.parse().map_err(|_| unknown())
}

fn unknown() -> Problem {
    answer::nothing_there("unknown_contact", "no such contact")
}

fn forgotten() -> Problem {
    let detail = "the request was carried out before, and its contact has been forgotten since";
    Problem::new(410, "contact_forgotten", detail)
}
