//! Who says when a descriptor that would block can be tried again.
//!
//! A socket asks an [`Engine`] for a [`Watch`] at its first `EAGAIN`, and never before: what is
//! not a socket is thus named by its own system call.

use std::os::fd::{BorrowedFd, RawFd};
use std::rc::Rc;

use nix::errno::Errno;

pub mod poller;
mod poller_thread;
pub mod uv;

/// What to wait for, or what has come: a set of [`READABLE`](Interest::READABLE) and
/// [`WRITABLE`](Interest::WRITABLE).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest(i32);

impl Interest {
    /// Neither.
    pub const NONE: Self = Self(0);
    /// There is something to receive or accept, or the peer has gone.
    pub const READABLE: Self = Self(1);
    /// There is room to send.
    pub const WRITABLE: Self = Self(2);

    /// The set that JavaScript counts as `bits`.
    pub fn from_bits(bits: i32) -> Self {
        Self(bits & (Self::READABLE.0 | Self::WRITABLE.0))
    }

    /// As JavaScript counts.
    pub fn bits(self) -> i32 {
        self.0
    }

    /// What is in either.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    pub fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether it is the empty set.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// A source of wake-ups for one environment.
pub trait Engine {
    /// Makes what a watch needs. May run JavaScript (async hooks are told of what is made), so
    /// nothing may be borrowed meanwhile.
    fn prepare(&self) -> Result<(), Errno> {
        Ok(())
    }

    /// Watches `descriptor`, armed for nothing yet. `wake` is called on the JavaScript thread
    /// with what has come; after a failure, with everything, as the next system call names it.
    fn watch(
        &self,
        descriptor: BorrowedFd,
        wake: Rc<dyn Fn(Interest, Outcome)>,
    ) -> Result<Box<dyn Watch>, Errno>;

    /// Whether the runtime's own event loop watches this number already.
    fn watches(&self, number: RawFd) -> bool;

    /// Ends every watch: the environment is going.
    fn shutdown(&self);
}

/// Whether a wake-up leaves the watch as it was armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Armed as before.
    Armed,
    /// The engine gave up on the descriptor and is disarmed.
    Failed,
}

/// One watched descriptor. Dropped before the descriptor is closed.
pub trait Watch {
    /// Waits for `interest`; [`Interest::NONE`] disarms.
    fn arm(&self, interest: Interest) -> Result<(), Errno>;

    /// Whether the program stays alive for it while it is armed.
    fn hold(&self, hold: bool);
}
