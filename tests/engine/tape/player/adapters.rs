//! Adapters: what they report about contacts, mostly their own.

use switchboard::domain::Text;
use switchboard::engine::command::{Command, ContactCommand, ContactRequest};

use super::Player;

const ADAPTERS: [&str; 2] = ["crm", "pbx"];

impl Player {
    /// Including nobody: a command that comes from no adapter.
    pub(super) fn any_adapter(&mut self) -> Option<Text> {
        let adapter = self.dice.pick(&ADAPTERS).copied();
        adapter.filter(|_| !self.dice.once_in(4)).map(Text::from)
    }

    /// Mostly the contact's owner, unless it is not an adapter's to report.
    pub(super) fn say(&mut self, command: ContactCommand) {
        let of_others = matches!(
            command,
            ContactCommand::Recognise { .. }
                | ContactCommand::Request {
                    request: ContactRequest::Requeue { .. },
                    ..
                }
        );
        if of_others {
            return self.say_as(None, command);
        }
        let own = command.contact().and_then(|id| self.oracle.posted_by(id));
        let adapter = if self.dice.once_in(8) {
            self.any_adapter()
        } else {
            own
        };
        self.say_as(adapter, command);
    }

    pub(super) fn say_as(&mut self, adapter: Option<Text>, command: ContactCommand) {
        self.command(match adapter {
            Some(adapter) => Command::ByAdapter { adapter, command },
            None => Command::Contact(command),
        });
    }
}
