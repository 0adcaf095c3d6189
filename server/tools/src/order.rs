//! Questions come up in the order of the calls that ask them: a call waits with its question until the calls before it have
//! been looked at. It never waits long: a call that takes its time is overtaken.

use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long a question waits for the calls before it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The calls of a session that are being looked at.
#[derive(Default)]
pub(crate) struct Order {
    state: Mutex<State>,
    /// Tells that one has been looked at.
    passed: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    last: u64,
    open: BTreeSet<u64>,
}

/// The place of one call, until it is dropped.
pub(crate) struct Ticket {
    order: Arc<Order>,
    number: u64,
}

impl Order {
    /// The place behind all calls that have begun.
    pub fn take(self: &Arc<Self>) -> Ticket {
        let mut state = self.state.lock();
        state.last += 1;
        let number = state.last;
        state.open.insert(number);
        Ticket { order: self.clone(), number }
    }
}

impl Ticket {
    /// Waits until no call before this one is being looked at any more.
    pub async fn come(&self) {
        let is_first = || self.order.state.lock().open.first() == Some(&self.number);
        let mut passed = self.order.passed.subscribe();
        let waiting = async {
            while !is_first() {
                if passed.changed().await.is_err() {
                    return;
                }
            }
        };
        // One that takes long is overtaken.
        let _ = timeout(PATIENCE, waiting).await;
    }

    /// Asks: the question is open once it was polled, and then the next call may ask.
    pub async fn open<T>(self, mut asking: BoxFuture<'_, T>) -> T {
        let at_once = futures::poll!(&mut asking);
        drop(self);
        match at_once {
            Poll::Ready(answer) => answer,
            Poll::Pending => asking.await,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.order.state.lock().open.remove(&self.number);
        self.order.passed.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn each_comes_behind_those_before_it() {
        let order = Arc::new(Order::default());
        let tickets: Vec<Ticket> = (0..4).map(|_| order.take()).collect();
        let came: Arc<Mutex<Vec<u64>>> = Arc::default();
        let mut waiting = Vec::new();
        // The last looked at first.
        for (at, ticket) in tickets.into_iter().enumerate().rev() {
            let came = came.clone();
            waiting.push(tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(100 - 20 * at as u64)).await;
                ticket.come().await;
                came.lock().push(ticket.number);
            }));
        }
        for one in waiting {
            one.await.unwrap();
        }
        assert_eq!(*came.lock(), [1, 2, 3, 4]);
        assert!(order.state.lock().open.is_empty());
    }

    #[tokio::test]
    async fn one_that_takes_long_is_overtaken() {
        let order = Arc::new(Order::default());
        let (_slow, fast) = (order.take(), order.take());
        let began = Instant::now();
        fast.come().await;
        assert!(began.elapsed() >= PATIENCE);
    }
}
