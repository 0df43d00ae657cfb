//! The gateway stops in order, and within a bound.

use std::time::Duration;

use tokio::time::timeout;

use crate::centre::Centre;
use crate::client::Wire;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_are_told_to_come_back_and_connections_end() {
    let mut centre = Centre::open().await;
    let mut desktops = Vec::new();
    for agent in ["a1", "a2", "a3"] {
        desktops.push(centre.desktop(agent).await);
    }
    let mut idle = Wire::open(centre.address).await;
    idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(idle.reply().await.unwrap().status, 200);
    let mut busy = Wire::open(centre.address).await;
    let request = centre
        .adapter()
        .request("POST", "/v1/contacts", r#"{"channel":"app"}"#);
    let (head, rest) = request.split_at(request.len() - 5);
    busy.send(head).await;
    tokio::time::sleep(Duration::from_millis(200)).await;

    centre.stop.take().unwrap().send(()).unwrap();
    assert!(idle.is_over().await);
    let mut late = Wire::open(centre.address).await;
    late.send("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let reply = late.reply().await.unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (503, "stopping"));
    busy.send(rest).await;
    let reply = busy.reply().await.unwrap();
    assert_eq!(reply.status, 201, "what was under way is finished");
    for desktop in &mut desktops {
        assert_eq!(desktop.close_code().await, 1012);
    }
    drop((desktops, busy));
    timeout(Duration::from_secs(5), &mut centre.served)
        .await
        .unwrap()
        .unwrap();
    assert!(
        tokio::net::TcpStream::connect(centre.address)
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_finish_is_not_waited_for_for_ever() {
    let mut centre = Centre::open().await;
    let mut stuck = Wire::open(centre.address).await;
    stuck.send("POST /v1/contacts HTTP/1.1\r\nHost:").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    centre.stop.take().unwrap().send(()).unwrap();
    timeout(Duration::from_secs(5), &mut centre.served)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn desktops_that_are_about_to_be_closed_are_offered_nothing_more() {
    let mut centre = Centre::open().await;
    let mut desktops = Vec::new();
    for agent in ["a1", "a2", "a3"] {
        desktops.push(centre.ready(agent).await);
    }
    let contact = centre.submit().await;
    let is_offered = async {
        while centre.state(&contact).await != "offered" {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), is_offered).await.unwrap();
    centre.stop.take().unwrap().send(()).unwrap();
    for desktop in &mut desktops {
        assert_eq!(desktop.close_code().await, 1012);
    }
    drop(desktops);
    timeout(Duration::from_secs(5), &mut centre.served)
        .await
        .unwrap()
        .unwrap();
    let id = contact.parse().unwrap();
    let look = centre.node.read(move |engine| engine.contact(id));
    let view = look.await.unwrap().unwrap();
    assert_eq!((view.state.name(), view.offers), ("queued", 1));
}
