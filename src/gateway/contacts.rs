//! The calls about contacts.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;

use crate::domain::{ContactId, Intake, Text};
use crate::engine::command::{Command, ContactCommand};
use crate::engine::view::ContactView;
use crate::engine::{Done, Engine};
use crate::gateway::answer;
use crate::gateway::auth::role::Role;
use crate::gateway::page::Page;
use crate::gateway::visit::{BODY_BYTES_MAX, Visit};
use crate::node::handle::{CallError, Handle};
use crate::node::recognise::Recognise;
use crate::store::profiles::Late;
use crate::task;
use crate::wire::json;
use crate::wire::problem::Problem;
use crate::wire::reply::{ContactReply, ExplanationReply, PageReply};
use crate::wire::request::{
    CallbackAnswered, CallbackFailed, CancelContact, ContactPatch, EndContact, NewAssignment,
    NewCallback, NewContact, NewMessage, Nothing,
};

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
            Recognise::follow_up(self.node.clone(), view.id, late);
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

    pub(super) async fn cancel(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let body = visit.json(BODY_BYTES_MAX).await?;
        let command = ContactCommand::Cancel {
            contact,
            reason: json::read::<CancelContact>(&body)?.into_reason(),
            key: visit.request_key(&body)?,
        };
        let acted_on = self.act(by_adapter(&visit, command)).await?;
        self.done(&acted_on)
    }

    pub(super) async fn end(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let body = visit.json(BODY_BYTES_MAX).await?;
        let command = ContactCommand::End {
            contact,
            outcome: json::read::<EndContact>(&body)?.into_outcome(),
            key: visit.request_key(&body)?,
        };
        let acted_on = self.act(by_adapter(&visit, command)).await?;
        self.done(&acted_on)
    }

    pub(super) async fn call_back(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let body = visit.json_or_nothing().await?;
        let (phone, mode) = json::read::<NewCallback>(&body)?.into_wish();
        let command = ContactCommand::Callback {
            contact,
            phone,
            mode,
            key: visit.request_key(&body)?,
        };
        let acted_on = self.act(by_adapter(&visit, command)).await?;
        self.done(&acted_on)
    }

    pub(super) async fn callback_answered(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let body = visit.json_or_nothing().await?;
        let command = ContactCommand::CallbackAnswered {
            contact,
            attempt: json::read::<CallbackAnswered>(&body)?.into_attempt(),
            key: visit.request_key(&body)?,
        };
        let acted_on = self.act(by_adapter(&visit, command)).await?;
        self.done(&acted_on)
    }

    pub(super) async fn callback_failed(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let body = visit.json_or_nothing().await?;
        let (attempt, outcome) = json::read::<CallbackFailed>(&body)?.into_parts();
        let command = ContactCommand::CallbackFailed {
            contact,
            attempt,
            outcome,
            key: visit.request_key(&body)?,
        };
        let acted_on = self.act(by_adapter(&visit, command)).await?;
        self.done(&acted_on)
    }

    pub(super) async fn message(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let body = visit.json(BODY_BYTES_MAX).await?;
        let command = ContactCommand::Message {
            contact,
            text: json::read::<NewMessage>(&body)?.into_text(),
            key: visit.request_key(&body)?,
        };
        let acted_on = self.act(by_adapter(&visit, command)).await?;
        let view = acted_on.view.as_ref().ok_or_else(forgotten)?;
        let reply = ContactReply::new(self.node.site(), view);
        Ok(answer::made(acted_on.is_fresh, &reply))
    }

    pub(super) async fn assign(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let body = visit.json(BODY_BYTES_MAX).await?;
        let command = ContactCommand::Assign {
            contact,
            agent: json::read::<NewAssignment>(&body)?.into_agent(),
            by: by(&visit),
            key: visit.request_key(&body)?,
        };
        let acted_on = self.act(Command::Contact(command)).await?;
        self.done(&acted_on)
    }

    pub(super) async fn requeue(self: Arc<Self>, mut visit: Visit) -> Answered {
        let contact = contact_of(&mut visit).await?;
        let body = visit.json_or_nothing().await?;
        let Nothing {} = json::read(&body)?;
        let command = ContactCommand::Requeue {
            contact,
            by: by(&visit),
            key: visit.request_key(&body)?,
        };
        let acted_on = self.act(Command::Contact(command)).await?;
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
