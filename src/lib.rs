//! Switchboard routes customers to people.
