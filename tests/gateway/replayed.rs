//! What is sent again on resuming after connections that were lost unused or unread.

use crate::centre::Centre;
use crate::resume::{hung, interrupted, missed, resume, texts, token_of, wait_until_lost, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_to_a_connection_that_nobody_used_is_not_sent_twice() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    desktop.take().await;
    desktop.next("assigned").await;
    write(&centre, &contact, "one").await;
    desktop.next("message").await;
    let (token, last_seq) = (token_of(&desktop), desktop.seq);
    drop(desktop);
    wait_until_lost(&centre).await;
    write(&centre, &contact, "two").await;
    let mut unused = centre.desktop("a1").await;
    write(&centre, &contact, "three").await;
    for text in ["one", "two", "three"] {
        assert_eq!(unused.next("message").await["text"], text);
    }
    drop(unused);
    wait_until_lost(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, last_seq)).await;
    assert_eq!(
        texts(&missed(&mut desktop, last_seq).await),
        ["two", "three"]
    );
    desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
    assert_eq!(desktop.frame().await["type"], "presence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_earlier_desktop_was_sent_is_sent_again_to_one_that_began_without_it() {
    let centre = Centre::open().await;
    let (_hung, _) = hung(&centre).await;
    // The page is reloaded, and that connection is lost before the message arrives.
    let mut reloaded = centre.desktop("a1").await;
    let (token, last_seq) = (token_of(&reloaded), reloaded.seq);
    reloaded.ok(r#""type":"ready""#).await;
    drop(reloaded);
    wait_until_lost(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, last_seq)).await;
    assert_eq!(texts(&missed(&mut desktop, last_seq).await), ["one"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_before_a_snapshot_that_was_not_read_is_resumed_as_well() {
    let centre = Centre::open().await;
    let (_, last_seq, _) = interrupted(&centre).await;
    let mut unread = centre.desktop("a1").await;
    let token = token_of(&unread);
    unread.ok(&resume("unknown", last_seq)).await;
    drop(unread);
    wait_until_lost(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, last_seq)).await;
    let missed = missed(&mut desktop, last_seq).await;
    assert_eq!(texts(&missed)[..2], ["one", "two"]);
}
