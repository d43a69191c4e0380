//! The thread of the poller: it waits, and tells what it has seen.

use std::io;
use std::sync::{Mutex, PoisonError};

use mio::event::Event;
use mio::{Events, Poll, Token};

use super::Interest;
use crate::sys::wakeup::Waker;

/// The token of the thread's own wake-ups; the watches count from 1.
pub const STOP: Token = Token(0);
/// How many events the thread takes at a time.
const MOST_EVENTS: usize = 256;

/// What the thread has seen and this one has not: a token and what came each, or its failure.
#[derive(Default)]
pub struct News(Mutex<Vec<Seen>>);

/// What came for a token; or the thread cannot wait any more, and has ended.
pub type Seen = Result<(Token, Interest), ()>;

/// What the thread does.
pub fn run(mut poll: Poll, news: &News, waker: &Waker) {
    let mut events = Events::with_capacity(MOST_EVENTS);
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => {
                news.add([Err(())], waker);
                return;
            }
            Ok(()) => {}
        }
        if events.iter().any(|event| event.token() == STOP) {
            return;
        }
        news.add(events.iter().map(|event| Ok((event.token(), seen(event)))), waker);
    }
}

impl News {
    fn add(&self, more: impl IntoIterator<Item = Seen>, waker: &Waker) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Where there was something already, a wake-up for it is under way.
        let is_first = list.is_empty();
        list.extend(more);
        drop(list);
        if is_first {
            waker.wake();
        }
    }

    /// Empties it.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn seen(event: &Event) -> Interest {
    let mut interest = Interest::NONE;
    if event.is_readable() || event.is_read_closed() || event.is_error() {
        interest = interest.with(Interest::READABLE);
    }
    if event.is_writable() || event.is_write_closed() || event.is_error() {
        interest = interest.with(Interest::WRITABLE);
    }
    interest
}
