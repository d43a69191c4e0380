//! A descriptor with its watch: what is awaited, what it is armed for, and its end.

use std::cell::{Cell, RefCell};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::{Rc, Weak};

use nix::errno::Errno;

use super::environment::Shared;
use crate::readiness::{Interest, Outcome, Watch};

/// `dispatch` answered that nobody was waiting.
const NOBODY: i32 = -1;
/// Added to what `dispatch` answers where a receive was served: the next one is likely.
const SERVED: i32 = 4;

/// Owns a descriptor, and watches it from the first wait on.
pub struct Watched {
    // Declared, and so dropped, before the descriptor: stop, close the handle, then the number.
    watch: RefCell<Option<Box<dyn Watch>>>,
    descriptor: RefCell<Option<OwnedFd>>,
    armed: Cell<Interest>,
    wanted: Cell<Interest>,
    // JavaScript said what it awaits since the wake-up that is under way began.
    asked: Cell<bool>,
    keeps_alive: Cell<bool>,
}

impl Watched {
    /// Takes over a descriptor.
    pub fn new(descriptor: OwnedFd) -> Self {
        Self {
            watch: RefCell::default(),
            descriptor: RefCell::new(Some(descriptor)),
            armed: Cell::default(),
            wanted: Cell::default(),
            asked: Cell::default(),
            keeps_alive: Cell::new(true),
        }
    }

    /// Lends the descriptor, if it is still here.
    pub fn with<T>(&self, work: impl FnOnce(BorrowedFd) -> Result<T, Errno>) -> Result<T, Errno> {
        let descriptor = self.descriptor.borrow();
        work(descriptor.as_ref().ok_or(Errno::EBADF)?.as_fd())
    }

    /// Waits for `interest` from now on. Stays armed for receiving, so that a series of messages
    /// costs no `epoll_ctl` each; a wake-up that serves no receive ends that.
    pub fn want(
        self: &Rc<Self>,
        interest: Interest,
        shared: &Rc<Shared>,
        slot: u32,
    ) -> Result<(), Errno> {
        let needs_watch = || !interest.is_none() && self.watch.borrow().is_none();
        if needs_watch() {
            shared.engine.prepare()?;
        }
        // Asked again, as preparing may have run JavaScript.
        if needs_watch() {
            let (this, state) = (Rc::downgrade(self), Rc::clone(shared));
            let wake = move |came, outcome| wake(&this, &state, slot, came, outcome);
            let watch = self.with(|descriptor| shared.engine.watch(descriptor, Rc::new(wake)))?;
            self.watch.replace(Some(watch));
        }
        self.asked.set(true);
        self.rearm(interest, Interest::READABLE)
    }

    /// Whether the program stays alive while something is awaited.
    pub fn keep_alive(&self, keep: bool) {
        self.keeps_alive.set(keep);
        self.hold();
    }

    /// Ends the watch, then takes the descriptor out.
    pub fn take(&self) -> Option<OwnedFd> {
        self.forget_watch();
        self.wanted.set(Interest::NONE);
        self.descriptor.replace(None)
    }

    /// Arms for `interest`, and leaves armed what is of `stay`.
    fn rearm(&self, interest: Interest, stay: Interest) -> Result<(), Errno> {
        self.wanted.set(interest);
        let target = interest.with(self.armed.get().within(stay));
        if let Some(watch) = self.watch.borrow().as_ref()
            && target != self.armed.get()
        {
            watch.arm(target)?;
            self.armed.set(target);
        }
        self.hold();
        Ok(())
    }

    fn hold(&self) {
        if let Some(watch) = self.watch.borrow().as_ref() {
            watch.hold(self.keeps_alive.get() && !self.wanted.get().is_none());
        }
    }

    fn forget_watch(&self) {
        self.watch.replace(None);
        self.armed.set(Interest::NONE);
    }
}

fn wake(watched: &Weak<Watched>, shared: &Shared, slot: u32, came: Interest, outcome: Outcome) {
    if let Some(watched) = watched.upgrade() {
        watched.asked.set(false);
        if outcome == Outcome::Failed {
            watched.armed.set(Interest::NONE);
        }
    }
    let answer = shared.callback.call(slot, came.bits()).unwrap_or(NOBODY);
    // JavaScript may have closed the socket meanwhile, or be gone itself.
    if let Some(watched) = watched.upgrade() {
        let settled = if watched.asked.get() {
            // Promises went on between the answer and here, and made calls it does not know of.
            Ok(())
        } else if answer == NOBODY {
            watched.rearm(Interest::NONE, Interest::NONE)
        } else {
            let stay = if answer & SERVED == 0 { Interest::NONE } else { Interest::READABLE };
            watched.rearm(Interest::from_bits(answer), stay)
        };
        // A watch that cannot be armed again is dropped; the next call makes a new one and names
        // what is wrong.
        if settled.is_err() {
            watched.forget_watch();
        }
    }
}
