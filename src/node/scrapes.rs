//! The metrics as text, which can be tens of megabytes.
//!
//! **Invariant:** one rendering at a time. All callers that arrive during one share the next, which
//! includes everything counted before they asked.

use std::fmt;
use std::mem;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

type Render = Box<dyn Fn() -> String + Send + Sync>;

/// Metrics in Prometheus' text format; cheap to clone.
#[derive(Clone, Debug)]
pub struct Rendered(Arc<String>);

/// The one place that renders them; cheap to clone.
#[derive(Clone)]
pub(super) struct Scrapes(Arc<Shared>);

struct Shared {
    render: Render,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_rendering: bool,
    waiting: Vec<oneshot::Sender<Rendered>>,
}

/// The right to render; releases waiting callers when dropped.
struct Turn(Option<Scrapes>);

impl Scrapes {
    pub(super) fn new(render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared {
            render: Box::new(render),
            state: Mutex::default(),
        }))
    }

    pub(super) async fn ask(&self) -> Rendered {
        let (answer, rendered) = oneshot::channel();
        // A large centre has thousands of lines: not on the workers that serve agents.
        if let Some(turn) = self.wait(answer) {
            drop(spawn_blocking(move || turn.take()));
        }
        match rendered.await {
            Ok(rendered) => rendered,
            // The process is about to end and starts nothing more.
            Err(_) => self.render(),
        }
    }

    /// Returns the right to render if nothing is being rendered.
    fn wait(&self, answer: oneshot::Sender<Rendered>) -> Option<Turn> {
        let mut state = self.lock();
        state.waiting.push(answer);
        let is_first = !mem::replace(&mut state.is_rendering, true);
        is_first.then(|| Turn(Some(self.clone())))
    }

    fn render(&self) -> Rendered {
        Rendered(Arc::new((self.0.render)()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Renders until no caller is waiting.
    fn take(mut self) {
        while let Some(scrapes) = &self.0 {
            let mut state = scrapes.lock();
            let mut waiting = mem::take(&mut state.waiting);
            // Some callers may have gone meanwhile.
            waiting.retain(|answer| !answer.is_closed());
            if waiting.is_empty() {
                state.is_rendering = false;
                drop(state);
                self.0 = None;
                return;
            }
            drop(state);
            let rendered = scrapes.render();
            for answer in waiting {
                let _ = answer.send(rendered.clone());
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(scrapes) = &self.0 {
            let mut state = scrapes.lock();
            state.is_rendering = false;
            state.waiting.clear();
        }
    }
}

impl Deref for Rendered {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<[u8]> for Rendered {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Scrapes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrapes").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::task::JoinSet;
    use tokio::time::{sleep, timeout};

    use super::*;

    /// Each rendering announces itself and waits to be released; its text is its number.
    fn held() -> (Scrapes, mpsc::Receiver<usize>, mpsc::SyncSender<()>) {
        let (begun, begins) = mpsc::sync_channel(8);
        let (go_on, goes_on) = mpsc::sync_channel(8);
        let progress = Mutex::new((0, goes_on));
        let scrapes = Scrapes::new(move || {
            let mut progress = progress.try_lock().expect("one rendering at a time");
            progress.0 += 1;
            begun.send(progress.0).unwrap();
            progress.1.recv().unwrap();
            progress.0.to_string()
        });
        (scrapes, begins, go_on)
    }

    async fn all_wait(scrapes: &Scrapes, count: usize) {
        let waiting = async {
            while scrapes.lock().waiting.len() < count {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(10), waiting).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn all_who_ask_while_one_is_rendered_share_the_next() {
        let (scrapes, begins, go_on) = held();
        let ask = |scrapes: Scrapes| async move { scrapes.ask().await };
        let mut first = JoinSet::new();
        first.spawn(ask(scrapes.clone()));
        assert_eq!(begins.recv(), Ok(1));
        let mut later = JoinSet::new();
        for _ in 0..20 {
            later.spawn(ask(scrapes.clone()));
        }
        all_wait(&scrapes, 20).await;
        go_on.send(()).unwrap();
        assert_eq!(&*first.join_all().await[0], "1");
        go_on.send(()).unwrap();
        let texts = later.join_all().await;
        assert!(texts.iter().all(|text| &**text == "2"));
        assert!(texts.iter().all(|text| Arc::ptr_eq(&text.0, &texts[0].0)));

        go_on.send(()).unwrap();
        assert_eq!(
            &*scrapes.ask().await,
            "3",
            "a later caller starts a new rendering"
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_is_rendered_for_those_who_have_gone() {
        let (scrapes, begins, go_on) = held();
        let mut first = JoinSet::new();
        let mut gone = JoinSet::new();
        let ask = |scrapes: Scrapes| async move { scrapes.ask().await };
        first.spawn(ask(scrapes.clone()));
        assert_eq!(begins.recv(), Ok(1));
        gone.spawn(ask(scrapes.clone()));
        all_wait(&scrapes, 1).await;
        gone.shutdown().await;
        go_on.send(()).unwrap();
        first.join_all().await;
        let idle = async {
            while scrapes.lock().is_rendering {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(10), idle).await.unwrap();
        assert!(begins.try_recv().is_err());
    }
}
