//! Feeds frames to an agent of the generator, one by one.

use super::*;
use crate::generator::book::ContactNo;

const MS: u64 = 1_000_000;

fn desk(think_ms: u64, handle_ms: u64) -> Desk {
    let habits = Habits {
        think_ns: think_ms * MS,
        handle_ns: handle_ms * MS,
        ack_every: None,
    };
    Desk::new(AgentNo(0), Arc::new(Room::new(habits)))
}

fn said(desk: &mut Desk) -> Vec<String> {
    std::iter::from_fn(|| desk.poll_command()).collect()
}

fn welcome(desk: &mut Desk, seq: u64) -> Vec<String> {
    desk.handle(
        &format!(r#"{{"type":"welcome","seq":{seq},"resume_token":"rt","contacts":[]}}"#),
        0,
    );
    said(desk)
}

fn begin_life(desk: &Desk) -> String {
    let no = desk.room.book.open(0).unwrap();
    desk.room.book.created(no, "c1", 0);
    desk.room.run.external_id(no)
}

fn offer(desk: &mut Desk, seq: u64, external_id: &str) -> Vec<String> {
    desk.handle(
        &format!(
            r#"{{"type":"offer","seq":{seq},"at":"2026-11-21T10:00:00.000Z",
                "offer":{{"id":"o1","contact":{{"id":"c1","external_id":"{external_id}"}}}}}}"#
        ),
        0,
    );
    said(desk)
}

#[test]
fn an_offer_is_delivered_accepted_completed_and_ended() {
    let mut desk = desk(0, 0);
    assert_eq!(welcome(&mut desk, 0), [r#"{"type":"ready","cmd":"1"}"#]);
    let external_id = begin_life(&desk);
    assert_eq!(
        offer(&mut desk, 1, &external_id),
        [
            r#"{"type":"delivered","cmd":"2","offer":"o1"}"#,
            r#"{"type":"accept","cmd":"3","offer":"o1"}"#
        ]
    );
    desk.handle(r#"{"type":"ok","cmd":"3"}"#, 0);
    assert_eq!(
        said(&mut desk),
        [r#"{"type":"complete","cmd":"4","contact":"c1","outcome":"resolved"}"#]
    );
    desk.handle(
        r#"{"type":"contact_ended","seq":2,"contact":{"id":"c1"}}"#,
        7,
    );
    assert_eq!(desk.take_over_count(), 1);
    assert!(desk.room.book.is_settled());
}

#[test]
fn thinking_and_handling_take_their_time() {
    let mut desk = desk(5, 20);
    welcome(&mut desk, 0);
    let external_id = begin_life(&desk);
    assert_eq!(offer(&mut desk, 1, &external_id).len(), 1);
    assert_eq!(desk.next_deadline_ns(), Some(5 * MS));
    desk.expire(5 * MS);
    assert_eq!(
        said(&mut desk),
        [r#"{"type":"accept","cmd":"3","offer":"o1"}"#]
    );
    desk.handle(r#"{"type":"ok","cmd":"3"}"#, 6 * MS);
    assert_eq!(desk.next_deadline_ns(), Some(26 * MS));
}

#[test]
fn a_contact_that_goes_to_wrap_up_is_wrapped_up() {
    let mut desk = desk(0, 0);
    welcome(&mut desk, 0);
    let external_id = begin_life(&desk);
    offer(&mut desk, 1, &external_id);
    desk.handle(r#"{"type":"ok","cmd":"3"}"#, 0);
    said(&mut desk);
    desk.handle(
        r#"{"type":"contact_updated","seq":2,"contact":{"id":"c1","state":"wrap_up"}}"#,
        0,
    );
    assert_eq!(
        said(&mut desk),
        [r#"{"type":"wrap_up_done","cmd":"5","contact":"c1"}"#]
    );
}

#[test]
fn a_returning_agent_resumes_and_asks_again_what_was_not_answered() {
    let mut desk = desk(0, 0);
    welcome(&mut desk, 0);
    desk.handle(r#"{"type":"ok","cmd":"1"}"#, 0);
    let external_id = begin_life(&desk);
    offer(&mut desk, 1, &external_id);
    desk.lose_socket();
    assert_eq!(
        welcome(&mut desk, 3),
        [
            r#"{"type":"resume","cmd":"4","token":"rt","last_seq":1}"#,
            r#"{"type":"delivered","cmd":"2","offer":"o1"}"#,
            r#"{"type":"accept","cmd":"3","offer":"o1"}"#
        ]
    );
    desk.handle(r#"{"type":"assigned","seq":2,"contact":{"id":"c1"}}"#, 0);
    desk.handle(r#"{"type":"ok","cmd":"3"}"#, 0);
    assert_eq!(said(&mut desk).len(), 1);
    assert_eq!(desk.room.tally.seq_gaps.get(), 0);
}

#[test]
fn nothing_is_sent_between_a_lost_socket_and_the_next_welcome() {
    let mut desk = desk(5, 0);
    welcome(&mut desk, 0);
    let external_id = begin_life(&desk);
    offer(&mut desk, 1, &external_id);
    desk.lose_socket();
    assert_eq!(desk.next_deadline_ns(), None);
    desk.expire(9 * MS);
    assert!(said(&mut desk).is_empty());
}

#[test]
fn a_snapshot_lists_what_to_continue_with() {
    let mut desk = desk(0, 0);
    welcome(&mut desk, 0);
    let external_id = begin_life(&desk);
    desk.handle(
        &format!(
            r#"{{"type":"resync","seq":40,"contacts":[
                {{"id":"c1","external_id":"{external_id}","state":"active"}}]}}"#
        ),
        0,
    );
    assert_eq!(
        said(&mut desk),
        [r#"{"type":"complete","cmd":"2","contact":"c1","outcome":"resolved"}"#]
    );
    desk.handle(r#"{"type":"presence","seq":42}"#, 0);
    assert_eq!(desk.room.tally.seq_gaps.get(), 1);
}

#[test]
fn an_offer_of_another_run_is_served_all_the_same() {
    let mut desk = desk(0, 0);
    welcome(&mut desk, 0);
    assert_eq!(offer(&mut desk, 1, "wx-1").len(), 2);
    assert_eq!(desk.room.tally.foreign_offers.get(), 1);
    desk.room
        .book
        .for_each(|ContactNo(no), _| unreachable!("{no} was never begun"));
}
