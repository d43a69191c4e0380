//! The engine of every other runtime: a thread that waits with the system's own means, and does
//! nothing but wake the JavaScript thread.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use mio::unix::SourceFd;
use mio::{Poll, Registry, Token};
use nix::errno::Errno;

use super::poller_thread::{News, STOP, run};
use super::{Engine, Interest, Outcome, Watch};
use crate::sys::uv;
use crate::sys::wakeup::Wakeup;

type Wake = dyn Fn(Interest, Outcome);

/// Wake-ups from a thread.
pub struct Poller {
    shared: Rc<Shared>,
    /// The runtime's own loop, where it has one that can be asked what it watches.
    neighbour: Option<uv::Loop>,
}

struct Shared {
    env: napi::sys::napi_env,
    running: RefCell<Option<Running>>,
    watches: RefCell<HashMap<usize, Rc<State>>>,
    last_token: Cell<usize>,
    /// How many watches keep the program alive.
    holding: Cell<usize>,
    draining: Cell<bool>,
}

/// The thread, and what leads to it and back.
struct Running {
    registry: Registry,
    wakeup: Wakeup,
    news: Arc<News>,
    stop: mio::Waker,
    thread: Option<JoinHandle<()>>,
}

/// One watched number.
struct State {
    number: RawFd,
    token: Token,
    armed: Cell<Interest>,
    registered: Cell<bool>,
    hold: Cell<bool>,
    counted: Cell<bool>,
    wake: Rc<Wake>,
}

impl Poller {
    /// One for this environment; the thread starts with the first watch.
    pub fn new(env: napi::sys::napi_env, neighbour: Option<uv::Loop>) -> Self {
        let shared = Shared {
            env,
            running: RefCell::default(),
            watches: RefCell::default(),
            last_token: Cell::new(STOP.0),
            holding: Cell::default(),
            draining: Cell::default(),
        };
        Self { shared: Rc::new(shared), neighbour }
    }
}

impl Engine for Poller {
    fn prepare(&self) -> Result<(), Errno> {
        if self.shared.running.borrow().is_none() {
            let running = start(&self.shared)?;
            // The JavaScript that ran meanwhile may have started one, and watch with it.
            self.shared.running.borrow_mut().get_or_insert(running);
        }
        Ok(())
    }

    fn watch(&self, descriptor: BorrowedFd, wake: Rc<Wake>) -> Result<Box<dyn Watch>, Errno> {
        let token = self.shared.last_token.get() + 1;
        self.shared.last_token.set(token);
        let state = Rc::new(State {
            number: descriptor.as_raw_fd(),
            token: Token(token),
            armed: Cell::default(),
            registered: Cell::default(),
            hold: Cell::default(),
            counted: Cell::default(),
            wake,
        });
        self.shared.watches.borrow_mut().insert(token, Rc::clone(&state));
        Ok(Box::new(PollerWatch { shared: Rc::clone(&self.shared), state }))
    }

    fn watches(&self, number: RawFd) -> bool {
        self.neighbour.as_ref().is_some_and(|neighbour| neighbour.watches(number))
    }

    fn shutdown(&self) {
        self.shared.watches.take();
        self.shared.running.take();
    }
}

struct PollerWatch {
    shared: Rc<Shared>,
    state: Rc<State>,
}

impl Watch for PollerWatch {
    fn arm(&self, interest: Interest) -> Result<(), Errno> {
        self.shared.arm(&self.state, interest)
    }

    fn hold(&self, hold: bool) {
        self.state.hold.set(hold);
        self.shared.count(&self.state);
    }
}

impl Drop for PollerWatch {
    fn drop(&mut self) {
        self.hold(false);
        // On a number that was closed behind our back it fails, and there is nothing to undo.
        let _ = self.arm(Interest::NONE);
        self.shared.watches.borrow_mut().remove(&self.state.token.0);
        self.shared.stop_if_idle();
    }
}

impl Shared {
    /// Arms anew, also for what it was armed for already: the system tells of a change once, and
    /// arming makes it tell again what is so still.
    fn arm(&self, state: &State, interest: Interest) -> Result<(), Errno> {
        let running = self.running.borrow();
        let registry = &running.as_ref().ok_or(Errno::EBADF)?.registry;
        let mut source = SourceFd(&state.number);
        let wanted = to_mio(interest);
        let done = match wanted {
            None if state.registered.get() => registry.deregister(&mut source),
            None => Ok(()),
            Some(wanted) if state.registered.get() => {
                registry.reregister(&mut source, state.token, wanted)
            }
            Some(wanted) => registry.register(&mut source, state.token, wanted),
        };
        done.map_err(|error| errno_of(&error))?;
        state.registered.set(wanted.is_some());
        state.armed.set(interest);
        drop(running);
        self.count(state);
        Ok(())
    }

    /// Counts a watch while it is armed and held; the program lives while there is one.
    fn count(&self, state: &State) {
        let counts = state.hold.get() && !state.armed.get().is_none();
        if state.counted.replace(counts) == counts {
            return;
        }
        let before = self.holding.get();
        let now = if counts { before + 1 } else { before - 1 };
        self.holding.set(now);
        if let Some(running) = self.running.borrow().as_ref()
            && (before == 0) != (now == 0)
        {
            running.wakeup.hold(now > 0);
        }
    }

    /// Tells the watches what the thread has seen.
    fn drain(&self) {
        let Some(news) = self.running.borrow().as_ref().map(|running| Arc::clone(&running.news))
        else {
            return;
        };
        self.draining.set(true);
        for seen in news.take() {
            match seen {
                Ok((token, came)) => self.tell(token, came),
                Err(()) => self.fail(),
            }
        }
        self.draining.set(false);
        self.stop_if_idle();
    }

    /// Without a watch there is no thread, and none of its descriptors.
    fn stop_if_idle(&self) {
        if !self.draining.get() && self.watches.borrow().is_empty() {
            self.running.take();
        }
    }

    fn tell(&self, token: Token, came: Interest) {
        let Some(state) = self.watches.borrow().get(&token.0).cloned() else {
            return;
        };
        let came = came.within(state.armed.get());
        if came.is_none() {
            return;
        }
        (state.wake)(came, Outcome::Armed);
        let armed = state.armed.get();
        if !armed.is_none() && self.arm(&state, armed).is_err() {
            state.armed.set(Interest::NONE);
            (state.wake)(Interest::READABLE.with(Interest::WRITABLE), Outcome::Failed);
        }
    }

    /// The thread is gone: whatever waits tries again, and asks for a new one.
    fn fail(&self) {
        let watches: Vec<_> = self.watches.take().into_values().collect();
        self.running.take();
        self.holding.set(0);
        for state in watches {
            state.armed.set(Interest::NONE);
            state.counted.set(false);
            (state.wake)(Interest::READABLE.with(Interest::WRITABLE), Outcome::Failed);
        }
    }
}

fn start(shared: &Rc<Shared>) -> Result<Running, Errno> {
    let poll = Poll::new().map_err(|error| errno_of(&error))?;
    let registry = poll.registry().try_clone().map_err(|error| errno_of(&error))?;
    let stop = mio::Waker::new(&registry, STOP).map_err(|error| errno_of(&error))?;
    let this: Weak<Shared> = Rc::downgrade(shared);
    let on_wake = move || {
        if let Some(shared) = this.upgrade() {
            shared.drain();
        }
    };
    let wakeup = Wakeup::new(shared.env, Box::new(on_wake))?;
    let news = Arc::new(News::default());
    let (told, waker) = (Arc::clone(&news), wakeup.waker());
    let thread = thread::Builder::new()
        .name("fd-conduit".to_owned())
        .stack_size(256 * 1024)
        .spawn(move || run(poll, &told, &waker))
        .map_err(|error| errno_of(&error))?;
    Ok(Running { registry, wakeup, news, stop, thread: Some(thread) })
}

impl Drop for Running {
    fn drop(&mut self) {
        // Where the waker fails, the thread is gone already or cannot be reached: not waited for.
        if self.stop.wake().is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

fn to_mio(interest: Interest) -> Option<mio::Interest> {
    let readable = !interest.within(Interest::READABLE).is_none();
    let writable = !interest.within(Interest::WRITABLE).is_none();
    match (readable, writable) {
        (false, false) => None,
        (true, false) => Some(mio::Interest::READABLE),
        (false, true) => Some(mio::Interest::WRITABLE),
        (true, true) => Some(mio::Interest::READABLE | mio::Interest::WRITABLE),
    }
}

fn errno_of(error: &io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::EIO, Errno::from_raw)
}
