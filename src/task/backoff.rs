//! How long to wait before trying again.

use std::time::Duration;

/// Pauses that double up to a maximum, each randomly shortened by up to half, so that many waiters
/// do not come back together.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    next: Duration,
    max: Duration,
}

impl Backoff {
    pub fn new(first: Duration, max: Duration) -> Self {
        Self {
            first,
            next: first,
            max,
        }
    }

    pub fn pause(&mut self) -> Duration {
        let whole = self.next;
        self.next = (whole * 2).min(self.max);
        whole / 2 + whole.mul_f64(f64::from(chance()) / 512.0)
    }

    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

fn chance() -> u8 {
    let mut byte = [0_u8];
    // Without entropy the pauses are shorter and equal, which still works.
    let _ = rustix::rand::getrandom(&mut byte, rustix::rand::GetRandomFlags::NONBLOCK);
    byte[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_maximum_and_start_again() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(100), ms(300));
        for whole in [100, 200, 300, 300] {
            let pause = backoff.pause();
            assert!((ms(whole / 2)..=ms(whole)).contains(&pause), "{pause:?}");
        }
        backoff.reset();
        assert!(backoff.pause() <= ms(100));
    }
}
