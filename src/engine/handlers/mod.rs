//! Handlers of commands, by their sender, and of deadlines: `submit` and `update` change contacts
//! (`admission` decides which queue takes a new one, `poster` who owns it, `requests` whether it is
//! a repeat), `desk` is for agents, `steer` for the site and its supervisors (`pausing`, `reload`
//! and `restart` are parts of it, and `shown_anew` shows desktops what a reload changes), and
//! `expire` carries out deadlines.

pub(super) mod admission;
pub(super) mod desk;
pub(super) mod expire;
pub(super) mod pausing;
pub(super) mod poster;
pub(super) mod reload;
pub(super) mod requests;
pub(super) mod restart;
pub(super) mod shown_anew;
pub(super) mod steer;
pub(super) mod submit;
pub(super) mod update;
