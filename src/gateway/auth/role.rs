//! The roles of callers.

use std::fmt;

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Posts contacts, and reports on its own.
    Adapter,
    /// Works at a desktop.
    Agent,
    /// Reads everything and intervenes.
    Supervisor,
    /// Changes the configuration.
    Admin,
    /// Scrapes metrics.
    Metrics,
}

impl Role {
    pub const ALL: [Self; 5] = [
        Self::Adapter,
        Self::Agent,
        Self::Supervisor,
        Self::Admin,
        Self::Metrics,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Adapter => "adapter",
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
            Self::Metrics => "metrics",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A set of roles.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    pub const NONE: Self = Self(0);

    pub const fn of(roles: &[Role]) -> Self {
        let mut set = 0;
        let mut index = 0;
        while index < roles.len() {
            set |= 1 << roles[index] as u8;
            index += 1;
        }
        Self(set)
    }

    pub const fn has(self, role: Role) -> bool {
        self.0 & 1 << role as u8 != 0
    }

    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u8)
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles = Role::ALL.into_iter().filter(|role| self.has(*role));
        f.debug_set().entries(roles).finish()
    }
}
