//! A robot's way to the server: connects, loses the connection, comes back.

use std::time::Duration;

use futures_util::SinkExt;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use super::Door;
use super::robot::Robot;
use crate::desktop::{Heard, Socket, hear, open};

const NEVER: Duration = Duration::from_secs(3_600);
const RECONNECT_MS: u64 = 50;

/// As long as the test lasts.
pub(super) async fn go_on(mut robot: Robot) {
    let room = std::sync::Arc::clone(&robot.room);
    loop {
        let (door, inside) = room.go_in().await;
        robot.enter(door);
        if let Ok(mut socket) = open(door.address, &robot.name).await {
            converse(&mut robot, &mut socket, door).await;
        }
        robot.lose_socket();
        drop(inside);
        let pause = robot.chance.below(RECONNECT_MS);
        sleep(Duration::from_millis(pause)).await;
    }
}

async fn converse(robot: &mut Robot, socket: &mut Socket, door: Door) {
    let mut doors = robot.room.door.subscribe();
    loop {
        robot.say_later();
        for text in std::mem::take(&mut robot.outbox) {
            if socket.feed(Message::text(text)).await.is_err() {
                return;
            }
        }
        if socket.flush().await.is_err() {
            return;
        }
        let next = robot.later.first_key_value();
        let wake_at = next.map_or_else(|| Instant::now() + NEVER, |((at, _), _)| *at);
        tokio::select! {
            heard = hear(socket) => match heard {
                Heard::Frame(frame) => robot.hear(&frame),
                Heard::Closed(_) => return,
            },
            () = sleep_until(wake_at) => {}
            _ = doors.changed() => {
                if !robot.room.is_open(door) {
                    // The server is dead: frames that it had already sent count.
                    while let Heard::Frame(frame) = hear(socket).await {
                        robot.hear(&frame);
                    }
                    return;
                }
            }
        }
        let drops = robot.room.habits.drops_in_100_000;
        if robot.chance.below(100_000) < drops && !robot.room.is_settling() {
            robot.room.ledger.count("sockets dropped");
            return;
        }
    }
}
