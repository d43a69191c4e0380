//! The engine of Node and Electron: `uv_poll_t` on the environment's own loop.

use std::ffi::c_void;
use std::os::fd::{BorrowedFd, RawFd};
use std::rc::Rc;

use nix::errno::Errno;

use super::{Engine, Interest, Outcome, Watch};
use crate::sys::uv;

/// Wake-ups from libuv.
pub struct UvEngine(uv::Loop);

impl UvEngine {
    /// `None` where the runtime has no libuv of its own.
    pub fn new(raw_loop: *mut c_void) -> Option<Self> {
        uv::Loop::new(raw_loop).map(Self)
    }
}

impl Engine for UvEngine {
    fn watch(
        &self,
        descriptor: BorrowedFd,
        wake: Rc<dyn Fn(Interest, Outcome)>,
    ) -> Result<Box<dyn Watch>, Errno> {
        let on_event = move |status: i32, events: i32| {
            if status < 0 {
                wake(Interest::READABLE.with(Interest::WRITABLE), Outcome::Failed);
            } else {
                wake(from_uv(events), Outcome::Armed);
            }
        };
        let poll = self.0.poll(descriptor, Box::new(on_event))?;
        Ok(Box::new(poll))
    }

    fn watches(&self, number: RawFd) -> bool {
        self.0.watches(number)
    }

    fn shutdown(&self) {
        self.0.shutdown();
    }
}

impl Watch for uv::Poll {
    fn arm(&self, interest: Interest) -> Result<(), Errno> {
        let mut events = 0;
        if !interest.within(Interest::READABLE).is_none() {
            events |= uv::READABLE;
        }
        if !interest.within(Interest::WRITABLE).is_none() {
            events |= uv::WRITABLE;
        }
        uv::Poll::arm(self, events)
    }

    fn hold(&self, hold: bool) {
        uv::Poll::hold(self, hold);
    }
}

fn from_uv(events: i32) -> Interest {
    let mut interest = Interest::NONE;
    if events & uv::READABLE != 0 {
        interest = interest.with(Interest::READABLE);
    }
    if events & uv::WRITABLE != 0 {
        interest = interest.with(Interest::WRITABLE);
    }
    interest
}
