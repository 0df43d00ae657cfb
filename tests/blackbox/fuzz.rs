//! Random WebSocket frames, valid and invalid: RFC 6455 sections 5 to 7 as a game. After every
//! frame the player knows what the server must do: continue, answer, or close with one of the
//! allowed codes.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::centre::Centre;
use crate::chance::{Chance, number_from};
use crate::desktop::Desktop;
use crate::http_client::HttpClient;
use crate::patience::eventually;
use crate::raw_socket::{BINARY, CLOSE, CONTINUATION, End, PING, PONG, RawFrame, RawSocket, TEXT};

const PLAYERS: u32 = 8;
/// Frames of all players together.
const FRAMES: u64 = if cfg!(debug_assertions) {
    6_000
} else {
    20_000
};
/// The longest message that is taken.
const MESSAGE_BYTES_MAX: usize = 64 * 1_024;
/// The memory that the server may gain over the whole game, to allow for its allocator.
const RSS_GROWTH_KIB_MAX: u64 = 48 * 1_024;
const FRAMES_OF_ONE_GAME_MAX: u64 = 24;

/// The state of the conversation after a move.
enum Due {
    GoOn,
    /// A close with one of these codes, or, if none is listed, one without a code.
    Close(&'static [u16]),
    /// The player hangs up.
    Nothing,
}

struct Player {
    chance: Chance,
    socket: RawSocket,
    frames: u64,
    /// The pings that must be answered.
    pings: Vec<Vec<u8>>,
    /// Commands that must be answered.
    asked: u64,
    answered: u64,
}

/// A command of exactly `len` bytes that changes nothing.
fn command(cmd: u64, len: usize) -> Vec<u8> {
    let mut text = json!({"type": "ack", "cmd": cmd, "seq": 0}).to_string();
    while text.len() < len {
        text.push(' ');
    }
    text.into_bytes()
}

impl Player {
    async fn send(&mut self, frame: &RawFrame) {
        self.frames += 1;
        let bytes = frame.to_bytes(&mut self.chance);
        self.socket.write(&bytes, &mut self.chance).await;
    }

    /// A whole command, in one frame or in many, with control frames in between.
    async fn say(&mut self, text: Vec<u8>) {
        self.asked += 1;
        let mut rest = &*text;
        let mut opcode = TEXT;
        while self.chance.percent(40) && !rest.is_empty() {
            let count = self.chance.below(rest.len() as u64);
            let (piece, after) = rest.split_at(usize::try_from(count).unwrap());
            self.send(&RawFrame::new(opcode, piece).unfinished()).await;
            self.interject().await;
            (opcode, rest) = (CONTINUATION, after);
        }
        self.send(&RawFrame::new(opcode, rest)).await;
    }

    async fn interject(&mut self) {
        let count = *self.chance.one_of(&[0, 1, 4, 124, 125]);
        let payload = self.chance.bytes(count);
        if self.chance.percent(30) {
            self.send(&RawFrame::new(PING, payload.clone())).await;
            self.pings.push(payload);
        } else if self.chance.percent(30) {
            self.send(&RawFrame::new(PONG, payload)).await;
        }
    }

    async fn take_turn(&mut self) -> Due {
        let lens = [0, 125, 126, 127, 1_000, 65_535, 65_536];
        match self.chance.below(10) {
            0..5 => {
                let len = *self.chance.one_of(&lens);
                let text = command(self.asked, len);
                self.say(text).await;
                Due::GoOn
            }
            5..7 => {
                self.interject().await;
                Due::GoOn
            }
            7 => self.break_a_frame().await,
            8 => self.break_a_message().await,
            _ => self.leave().await,
        }
    }

    /// One forbidden frame.
    async fn break_a_frame(&mut self) -> Due {
        let count = usize::try_from(self.chance.below(126)).unwrap();
        let payload = self.chance.bytes(count);
        let wrong = match self.chance.below(7) {
            0 => RawFrame {
                reserved: *self.chance.one_of(&[1, 2, 3, 4, 5, 6, 7]),
                ..RawFrame::new(TEXT, command(0, 0))
            },
            1 => RawFrame::new(
                *self.chance.one_of(&[3, 4, 5, 6, 7, 11, 12, 13, 14, 15]),
                payload,
            ),
            2 => RawFrame::new(*self.chance.one_of(&[PING, PONG, CLOSE]), payload).unfinished(),
            3 => RawFrame::new(*self.chance.one_of(&[PING, PONG, CLOSE]), vec![b'x'; 126]),
            4 => RawFrame::new(CONTINUATION, payload),
            5 => RawFrame {
                is_masked: false,
                ..RawFrame::new(TEXT, command(0, 0))
            },
            _ => RawFrame::new(CLOSE, self.bad_close()),
        };
        self.send(&wrong).await;
        Due::Close(&[1002])
    }

    fn bad_close(&mut self) -> Vec<u8> {
        if self.chance.percent(30) {
            return self.chance.bytes(1);
        }
        let code = *self
            .chance
            .one_of(&[0_u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000]);
        code.to_be_bytes().to_vec()
    }

    /// Valid frames of an invalid message.
    async fn break_a_message(&mut self) -> Due {
        match self.chance.below(5) {
            0 => {
                let text = command(0, MESSAGE_BYTES_MAX + 1);
                self.send(&RawFrame::new(TEXT, text)).await;
                Due::Close(&[1009])
            }
            1 => {
                let half = vec![b' '; MESSAGE_BYTES_MAX / 2 + 1];
                let first = RawFrame::new(TEXT, half.clone());
                self.send(&first.unfinished()).await;
                self.send(&RawFrame::new(CONTINUATION, half)).await;
                Due::Close(&[1009])
            }
            2 => {
                let bytes = self.chance.bytes(16);
                self.send(&RawFrame::new(BINARY, bytes)).await;
                Due::Close(&[1003])
            }
            3 => {
                let mut text = "\"家里宽带断了".as_bytes().to_vec();
                text.push(*self.chance.one_of(&[0x80, 0xc0, 0xe5, 0xf8, 0xff]));
                text.push(b'"');
                self.send(&RawFrame::new(TEXT, text)).await;
                Due::Close(&[1007])
            }
            _ => {
                self.send(&RawFrame::new(TEXT, "{\"type\"").unfinished())
                    .await;
                self.interject().await;
                self.send(&RawFrame::new(TEXT, ":1}")).await;
                Due::Close(&[1002])
            }
        }
    }

    async fn leave(&mut self) -> Due {
        match self.chance.below(4) {
            0 => {
                let code = *self.chance.one_of(&[1000_u16, 1001, 3000, 4999]);
                self.send(&RawFrame::new(CLOSE, code.to_be_bytes())).await;
                Due::Close(&[1000, 1001, 3000, 4999])
            }
            1 => {
                self.send(&RawFrame::new(CLOSE, [])).await;
                Due::Close(&[])
            }
            2 => {
                let lie = RawFrame {
                    claimed_len: Some(*self.chance.one_of(&[1 << 31, 1 << 62, u64::MAX])),
                    ..RawFrame::new(TEXT, "{")
                };
                self.send(&lie).await;
                Due::Close(&[1002, 1009])
            }
            _ => {
                let len = *self.chance.one_of(&[2, 200, 70_000]);
                let mut bytes = RawFrame::new(TEXT, vec![b' '; len]).to_bytes(&mut self.chance);
                bytes.truncate(bytes.len() / 2);
                self.frames += 1;
                self.socket.write(&bytes, &mut self.chance).await;
                Due::Nothing
            }
        }
    }

    /// Reads until every ping and every command is answered.
    async fn collect(&mut self) -> Result<(), End> {
        while self.answered < self.asked || !self.pings.is_empty() {
            let (opcode, payload) = self.socket.read().await?;
            match opcode {
                PONG => {
                    let index = self.pings.iter().position(|ping| *ping == payload);
                    // A pong for the latest of several pings answers all of them.
                    self.pings.drain(..=index.expect("a pong repeats a ping"));
                }
                TEXT => {
                    let frame: Value = serde_json::from_slice(&payload).unwrap();
                    self.answered += u64::from(frame["type"] == "ok");
                    assert_ne!(frame["type"], "refused", "{frame}");
                }
                PING => {}
                _ => panic!("the server sends opcode {opcode}"),
            }
        }
        Ok(())
    }
}

/// One connection, from its handshake to its end; returns the number of frames.
async fn play(address: SocketAddr, agent: &str, seed: u64) -> u64 {
    let mut player = Player {
        chance: Chance::new(seed),
        socket: RawSocket::open(address, agent).await,
        frames: 0,
        pings: Vec::new(),
        asked: 0,
        answered: 0,
    };
    while player.frames < FRAMES_OF_ONE_GAME_MAX {
        match player.take_turn().await {
            Due::GoOn => {
                let went_on = player.collect().await;
                assert!(went_on.is_ok(), "game {seed}: {went_on:?} for nothing");
            }
            Due::Nothing => break,
            Due::Close(codes) => {
                let junk = player.chance.bytes(64);
                player.socket.write(&junk, &mut player.chance).await;
                let end = player.socket.await_end().await;
                let fits = match end {
                    End::Closed(Some(code)) => codes.contains(&code),
                    End::Closed(None) => codes.is_empty(),
                    End::HungUp => false,
                };
                assert!(fits, "game {seed}: {end:?}, and not one of {codes:?}");
                break;
            }
        }
    }
    player.frames
}

async fn play_all(address: SocketAddr, frames: u64, seed: u64) {
    let mut players = tokio::task::JoinSet::new();
    for number in 1..=PLAYERS {
        players.spawn(async move {
            let mut sent = 0;
            for game in 0_u64.. {
                let seed = seed + game * u64::from(PLAYERS) + u64::from(number);
                sent += play(address, &format!("a{number}"), seed).await;
                if sent >= frames / u64::from(PLAYERS) {
                    return;
                }
            }
        });
    }
    players.join_all().await;
}

#[tokio::test]
async fn no_frame_harms_the_server() {
    let frames = number_from("SWITCHBOARD_FUZZ_FRAMES", FRAMES);
    let centre = Centre::new(PLAYERS + 1);
    let mut server = centre.start();
    let files = server.files_open();
    play_all(server.address(), frames / 4, 1 << 20).await;
    let rss = server.rss_kib();
    play_all(server.address(), frames / 4 * 3, 1 << 24).await;
    assert!(server.is_running());
    eventually("all sockets are closed", async || {
        (server.files_open() <= files + 2).then_some(())
    })
    .await;
    let growth = server.rss_kib().saturating_sub(rss);
    assert!(growth < RSS_GROWTH_KIB_MAX, "{growth} KiB more than before");

    let mut http = HttpClient::new(server.address());
    let mut agent = Desktop::ready(server.address(), "a9").await;
    let contact = http
        .submit(&json!({"channel": "app", "queue": "first"}))
        .await;
    assert_eq!(agent.take_one().await, contact);
    agent.complete(&contact).await;
    http.assert_conserved().await;
    assert!(!server.logged().contains("panicked"));
}
