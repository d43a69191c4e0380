//! A socket: the native class that owns its descriptor.

use std::cell::{Cell, RefCell};
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::rc::{Rc, Weak};

use napi::bindgen_prelude::*;
use napi_derive::napi;
use nix::errno::Errno;

use super::environment::{Environment, Shared};
use super::registers;
use crate::error::IntoCode;
use crate::readiness::{Interest, Outcome, Watch};
use crate::sys::bytes::{with_bytes, with_words};
use crate::sys::{fd, message, socket};

/// `dispatch` answered that nobody was waiting.
const NOBODY: i32 = -1;
/// Added to what `dispatch` answers where a receive was served: the next one is likely.
const SERVED: i32 = 4;

/// A descriptor and its watch. Once it is closed, every call answers EBADF.
#[napi]
pub struct Socket {
    shared: Rc<Shared>,
    state: Rc<State>,
    token: u32,
}

struct State {
    // Declared, and so dropped, before the descriptor: stop, close the handle, then the number.
    watch: RefCell<Option<Box<dyn Watch>>>,
    descriptor: RefCell<Option<OwnedFd>>,
    armed: Cell<Interest>,
    wanted: Cell<Interest>,
    // JavaScript said what it awaits since the wake-up that is under way began.
    asked: Cell<bool>,
    keeps_alive: Cell<bool>,
}

#[napi]
impl Socket {
    /// Takes the held descriptor `number`; `token` is what `dispatch` is called with.
    #[napi(constructor, catch_unwind)]
    pub fn new(environment: &Environment, number: i32, token: u32) -> Result<Self> {
        let shared = Rc::clone(&environment.shared);
        let lent = shared.ledger.borrow_mut().lend(number);
        let descriptor = lent.map_err(|errno| Error::from_reason(errno.desc()))?;
        let state = Rc::new(State {
            watch: RefCell::default(),
            descriptor: RefCell::new(Some(descriptor)),
            armed: Cell::default(),
            wanted: Cell::default(),
            asked: Cell::default(),
            keeps_alive: Cell::new(true),
        });
        Ok(Self { shared, state, token })
    }

    /// Binds to an address: a path, NUL and an abstract name, or nothing.
    #[napi(catch_unwind, ts_args_type = "address: Uint8Array")]
    pub fn bind(&self, address: Unknown) -> i32 {
        self.with_address(&address, socket::bind)
    }

    /// Connects, at once or not at all.
    #[napi(catch_unwind, ts_args_type = "address: Uint8Array")]
    pub fn connect(&self, address: Unknown) -> i32 {
        self.with_address(&address, socket::connect)
    }

    /// Lets others connect.
    #[napi(catch_unwind)]
    pub fn listen(&self, backlog: i32) -> i32 {
        self.with(|descriptor| socket::listen(descriptor, backlog)).into_code()
    }

    /// Accepts one connection: its number, held; or a negative errno.
    #[napi(catch_unwind)]
    pub fn accept(&self) -> i32 {
        let accepted = self.with(socket::accept);
        accepted.map(|accepted| self.shared.ledger.borrow_mut().hold(accepted)).into_code()
    }

    /// Ends one direction (0 read, 1 write) or both (2).
    #[napi(catch_unwind)]
    pub fn shutdown(&self, how: i32) -> i32 {
        self.with(|descriptor| socket::shutdown(descriptor, how)).into_code()
    }

    /// Sends `payload` from `offset` on, with the first `count` registers as descriptors.
    /// Answers the bytes that left.
    #[napi(
        catch_unwind,
        ts_args_type = "payload: Uint8Array, offset: number, registers: Int32Array, count: number"
    )]
    pub fn send(&self, payload: Unknown, offset: u32, registers: Unknown, count: u32) -> i32 {
        let sent = with_words(&registers, |words| {
            with_bytes(&payload, |bytes| {
                let rest = bytes.get(offset as usize..).ok_or(Errno::EINVAL)?;
                let numbers = words.get(..count as usize).ok_or(Errno::EINVAL)?;
                self.send_borrowed(rest, numbers)
            })
        });
        sent.flatten().unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    /// Receives one message into `buffer`. Answers the bytes that came; the registers tell of
    /// its descriptors, which are held: all, or none where more than `max` came or some are lost.
    #[napi(catch_unwind, ts_args_type = "buffer: Uint8Array, max: number, registers: Int32Array")]
    pub fn receive(&self, buffer: Unknown, max: u32, registers: Unknown) -> i32 {
        let received = with_bytes(&buffer, |bytes| {
            let mut control = self.shared.control.borrow_mut();
            let mut buffers = [IoSliceMut::new(bytes)];
            self.with(|descriptor| message::receive(descriptor, &mut buffers, &mut control))
        });
        let Some(received) = received else {
            return Err::<i32, _>(Errno::EINVAL).into_code();
        };
        let stored = received.and_then(|received| {
            let bytes = received.bytes;
            let mut ledger = self.shared.ledger.borrow_mut();
            with_words(&registers, |words| {
                registers::store(received, max as usize, &mut ledger, words);
                bytes
            })
            .ok_or(Errno::EINVAL)
        });
        stored.into_code()
    }

    /// Says what is awaited from now on (1 to receive, 2 to send, 3 both, 0 neither).
    #[napi(catch_unwind)]
    pub fn want(&self, interest: i32) -> i32 {
        let interest = Interest::from_bits(interest);
        let watched = self.with(|descriptor| self.watch(descriptor, interest));
        watched.and_then(|()| self.state.want(interest)).into_code()
    }

    /// Whether the program stays alive while something is awaited.
    #[napi(catch_unwind)]
    pub fn keep_alive(&self, keep: bool) {
        self.state.keeps_alive.set(keep);
        self.state.hold();
    }

    /// Closes the descriptor. Twice is fine.
    #[napi(catch_unwind)]
    pub fn close(&self) -> i32 {
        let Some(descriptor) = self.state.take() else {
            return 0;
        };
        self.shared.ledger.borrow_mut().forget(descriptor.as_raw_fd());
        fd::close(descriptor).into_code()
    }

    /// Gives the descriptor away as a bare number.
    #[napi(catch_unwind)]
    pub fn release(&self) -> i32 {
        let Some(descriptor) = self.state.take() else {
            return Err::<i32, _>(Errno::EBADF).into_code();
        };
        let number = descriptor.into_raw_fd();
        self.shared.ledger.borrow_mut().note_given(number);
        number
    }

    fn with<T>(
        &self,
        work: impl FnOnce(BorrowedFd) -> std::result::Result<T, Errno>,
    ) -> std::result::Result<T, Errno> {
        let descriptor = self.state.descriptor.borrow();
        work(descriptor.as_ref().ok_or(Errno::EBADF)?.as_fd())
    }

    fn with_address(
        &self,
        address: &Unknown,
        work: fn(BorrowedFd, &[u8]) -> std::result::Result<(), Errno>,
    ) -> i32 {
        let done = with_bytes(address, |bytes| self.with(|descriptor| work(descriptor, bytes)));
        done.unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    fn send_borrowed(&self, payload: &[u8], numbers: &[i32]) -> std::result::Result<usize, Errno> {
        self.with(|descriptor| message::send(descriptor, &[IoSlice::new(payload)], numbers))
    }

    fn watch(&self, descriptor: BorrowedFd, interest: Interest) -> std::result::Result<(), Errno> {
        if interest.is_none() || self.state.watch.borrow().is_some() {
            return Ok(());
        }
        let (state, shared, token) = (Rc::downgrade(&self.state), self.shared.clone(), self.token);
        let wake = move |came: Interest, outcome| wake(&state, &shared, token, came, outcome);
        let watch = self.shared.engine.watch(descriptor, Rc::new(wake))?;
        self.state.watch.replace(Some(watch));
        Ok(())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.close();
    }
}

fn wake(state: &Weak<State>, shared: &Shared, token: u32, came: Interest, outcome: Outcome) {
    if let Some(state) = state.upgrade() {
        state.asked.set(false);
        if outcome == Outcome::Failed {
            state.armed.set(Interest::NONE);
        }
    }
    let answer = shared.callback.call(token, came.bits());
    // JavaScript may have closed the socket meanwhile, or be gone itself.
    if let Some(state) = state.upgrade() {
        let settled = match answer {
            // Promises went on between the answer and here, and made calls that the answer does
            // not know of.
            _ if state.asked.get() => Ok(()),
            Some(NOBODY) | None => state.rest(),
            Some(bits) => state.woken(Interest::from_bits(bits), bits & SERVED != 0),
        };
        // A watch that cannot be armed again is dropped; the next call makes a new one and
        // names what is wrong.
        if settled.is_err() {
            state.watch.replace(None);
            state.armed.set(Interest::NONE);
        }
    }
}

impl State {
    /// Stays armed for receiving, so that a series of messages costs no `epoll_ctl` each; a
    /// wake-up that serves no receive ends that.
    fn want(&self, interest: Interest) -> std::result::Result<(), Errno> {
        self.asked.set(true);
        self.woken(interest, true)
    }

    fn woken(&self, interest: Interest, served: bool) -> std::result::Result<(), Errno> {
        let stay = if served { Interest::READABLE } else { Interest::NONE };
        self.wanted.set(interest);
        self.arm(interest.with(self.armed.get().within(stay)))
    }

    fn rest(&self) -> std::result::Result<(), Errno> {
        self.wanted.set(Interest::NONE);
        self.arm(Interest::NONE)
    }

    fn arm(&self, target: Interest) -> std::result::Result<(), Errno> {
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

    /// Empties the socket: the watch goes first.
    fn take(&self) -> Option<OwnedFd> {
        self.watch.replace(None);
        self.armed.set(Interest::NONE);
        self.wanted.set(Interest::NONE);
        self.descriptor.replace(None)
    }
}
