//! What is learned from finished work, as visible in an agent's expected cost.

use switchboard::domain::{Channel, Millis};
use switchboard::engine::options::{Interrupt, Interrupts, Options};

use crate::explaining::explain;
use crate::tell::{Story, plain};

/// The expected effort of one more contact, after a story.
fn learned(options: &Options, told: &str, channel: &str) -> Millis {
    let mut story = Story::new(options.clone());
    story.tell(told);
    story.tell(&format!("1000s c9 arrives {channel} q"));
    let explained = explain(&story, "c9");
    let choice = explained.choice.unwrap().unwrap();
    choice.cost.unwrap().work
}

#[test]
fn a_call_that_nobody_answers_teaches_nothing() {
    let mut options = plain("a1");
    options.queues[0].callback.attempts_max = 1;
    for wrap_up in [None, Some(Millis::from_s(5))] {
        options.queues[0].wrap_up = wrap_up;
        let before = "
            0s a1 on duty
        ";
        let called = format!(
            "{before}
            1s c1 arrives hotline q phone 13800138000
            1s c1 wants a call
            2s a1 accepts c1
        "
        );
        let in_vain = format!("{called} 12s a1 reaches nobody c1");
        let reached = format!("{called} 12s a1 completes c1");
        let untaught = learned(&options, before, "hotline");
        assert_eq!(learned(&options, &in_vain, "hotline"), untaught);
        assert!(learned(&options, &reached, "hotline") < untaught);
    }
}

fn with_calls_that_break_in() -> Options {
    let mut options = plain("a1");
    let mut interrupts = Interrupts::default();
    *interrupts.0.get_mut(Channel::Hotline).get_mut(Channel::App) = Interrupt::Hold;
    options.capacity.interrupts = Some(interrupts);
    options
}

#[test]
fn a_call_that_interrupts_chats_takes_the_whole_agent_and_the_chats_nothing_meanwhile() {
    let options = with_calls_that_break_in();
    let alone = "
        0s a1 on duty
        1s   c1 arrives hotline q
        1s   a1 accepts c1
        101s a1 completes c1
        200s c2 arrives app q
        200s a1 accepts c2
        230s a1 completes c2
    ";
    let breaks_in = "
        0s a1 on duty
        1s   c2 arrives app q
        1s   a1 accepts c2
        11s  c1 arrives hotline q
        11s  a1 accepts c1
        111s a1 completes c1
        131s a1 completes c2
    ";
    for channel in ["hotline", "app"] {
        let once = learned(&options, breaks_in, channel);
        assert_eq!(once, learned(&options, alone, channel), "{channel}");
    }
}

#[test]
fn a_chat_that_ends_or_is_parked_during_an_interrupting_call_keeps_its_earlier_effort() {
    let mut options = with_calls_that_break_in();
    let alone = "
        0s a1 on duty
        1s   c2 arrives app q
        1s   a1 accepts c2
        11s  a1 completes c2
        20s  c1 arrives hotline q
        20s  a1 accepts c1
        120s a1 completes c1
    ";
    let cut_short = |how: &str| {
        format!(
            "
            0s a1 on duty
            1s   c2 arrives app q
            1s   a1 accepts c2
            11s  c1 arrives hotline q
            11s  a1 accepts c1
            {how}
            111s a1 completes c1
        "
        )
    };
    let ended = cut_short("50s a1 completes c2");
    let parked = cut_short("50s a1 parks c2\n 60s c2 ends");
    for channel in ["hotline", "app"] {
        let expected = learned(&options, alone, channel);
        assert_eq!(learned(&options, &ended, channel), expected, "{channel}");
        assert_eq!(learned(&options, &parked, channel), expected, "{channel}");
    }
    // Wrap-up counts as work.
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let apart = "
        0s a1 on duty
        1s       c2 arrives app q
        1s       a1 accepts c2
        11s      a1 completes c2
        19500ms  a1 done c2
        30s      c1 arrives hotline q
        30s      a1 accepts c1
        100s     a1 completes c1
        128500ms a1 done c1
    ";
    let beside = cut_short("50s a1 completes c2\n 60s a1 done c2") + "111s a1 done c1";
    for channel in ["hotline", "app"] {
        let expected = learned(&options, apart, channel);
        assert_eq!(learned(&options, &beside, channel), expected, "{channel}");
    }
}
