//! A socket: the native class that owns its descriptor.

use std::os::fd::BorrowedFd;
use std::rc::Rc;

use napi::bindgen_prelude::*;
use napi_derive::napi;
use nix::errno::Errno;

use super::endpoint::Endpoint;
use super::environment::{Ending, Environment};
use super::registers::credential_words;
use super::slots::Slot;
use crate::error::IntoCode;
use crate::sys::bytes::{with_bytes, with_words};
use crate::sys::{option, peer, socket};

type Outcome<T> = std::result::Result<T, Errno>;

/// How JavaScript says that only writing is shut down.
const WRITE: i32 = 1;

/// A descriptor and its watch. Once it is closed, every call answers EBADF.
#[napi]
pub struct Socket(Slot<Endpoint>);

#[napi]
impl Socket {
    /// Takes the held descriptor `number`; `framing` is what `Environment.framing` told of it.
    #[napi(constructor, catch_unwind)]
    pub fn new(environment: &Environment, number: i32, framing: i32) -> Result<Self> {
        let opened = Endpoint::new(environment.shared(), number, framing);
        let endpoint = Rc::new(opened.map_err(|errno| Error::from_reason(errno.desc()))?);
        let ending: Rc<dyn Ending> = endpoint.clone();
        environment.shared().note(Rc::downgrade(&ending));
        Ok(Self(Slot::new(endpoint)))
    }

    /// What the functions that are called for each message name this socket by, and `dispatch`
    /// is called with.
    #[napi(getter, catch_unwind)]
    pub fn slot(&self) -> u32 {
        self.0.number
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

    /// Ends one direction (0 read, 1 write) or both (2).
    #[napi(catch_unwind)]
    pub fn shutdown(&self, how: i32) -> i32 {
        let done = self.with(|descriptor| socket::shutdown(descriptor, how));
        if done.is_ok() && how != WRITE {
            self.endpoint().inbox.shut();
        }
        done.into_code()
    }

    /// Where the last datagram came from, into `buffer`; answers its length.
    #[napi(catch_unwind, ts_args_type = "buffer: Uint8Array")]
    pub fn last_from(&self, buffer: Unknown) -> i32 {
        fill(&buffer, Ok(self.endpoint().inbox.last_from())).into_code()
    }

    /// How many messages were received together with others and wait here for the next calls.
    #[napi(catch_unwind)]
    pub fn kept(&self) -> u32 {
        self.endpoint().inbox.kept() as u32
    }

    /// Whether a pidfd that comes with a message is handed over; otherwise it is closed.
    #[napi(catch_unwind)]
    pub fn keep_pidfds(&self, keep: bool) {
        self.endpoint().inbox.keep_pidfds(keep);
    }

    /// Waits, on this thread, until it can be read (or written) again. 0 where the time is over.
    #[napi(catch_unwind)]
    pub fn wait(&self, readable: bool, timeout_ms: i32) -> i32 {
        let waited = self.with(|descriptor| socket::wait(descriptor, readable, timeout_ms));
        waited.map(i32::from).into_code()
    }

    /// Reads a socket option into `value`; answers its length.
    #[napi(catch_unwind, ts_args_type = "level: number, name: number, value: Uint8Array")]
    pub fn get_option(&self, level: i32, name: i32, value: Unknown) -> i32 {
        let read = with_bytes(&value, |bytes| {
            self.with(|descriptor| option::get(descriptor, level, name, bytes))
        });
        read.unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    /// Sets a socket option.
    #[napi(catch_unwind, ts_args_type = "level: number, name: number, value: Uint8Array")]
    pub fn set_option(&self, level: i32, name: i32, value: Unknown) -> i32 {
        let set = with_bytes(&value, |bytes| {
            self.with(|descriptor| option::set(descriptor, level, name, bytes))
        });
        set.unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    /// The peer's process, user and group, into the first three registers.
    #[napi(catch_unwind, ts_args_type = "registers: Int32Array")]
    pub fn peer_credentials(&self, registers: Unknown) -> i32 {
        let asked = with_words(&registers, |words| {
            let words = words.first_chunk_mut().ok_or(Errno::EINVAL)?;
            *words = credential_words(self.with(peer::credentials)?);
            Ok(())
        });
        asked.unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    /// A pidfd of the peer, held; or a negative errno.
    #[napi(catch_unwind)]
    pub fn peer_pidfd(&self) -> i32 {
        let asked = self.with(peer::pidfd);
        asked.map(|pidfd| self.endpoint().shared.ledger.borrow_mut().hold(pidfd)).into_code()
    }

    /// The peer's name, into `buffer`; answers its length.
    #[napi(catch_unwind, ts_args_type = "buffer: Uint8Array")]
    pub fn peer_name(&self, buffer: Unknown) -> i32 {
        fill(&buffer, self.with(peer::name)).into_code()
    }

    /// The socket's own name, into `buffer`; answers its length.
    #[napi(catch_unwind, ts_args_type = "buffer: Uint8Array")]
    pub fn own_name(&self, buffer: Unknown) -> i32 {
        fill(&buffer, self.with(peer::own_name)).into_code()
    }

    /// Whether the program stays alive while something is awaited.
    #[napi(catch_unwind)]
    pub fn keep_alive(&self, keep: bool) {
        self.endpoint().watched.keep_alive(keep);
    }

    /// Closes the descriptor. Twice is fine.
    #[napi(catch_unwind)]
    pub fn close(&self) -> i32 {
        self.endpoint().close().into_code()
    }

    /// Gives the descriptor away as a bare number.
    #[napi(catch_unwind)]
    pub fn release(&self) -> i32 {
        self.endpoint().release().into_code()
    }

    fn endpoint(&self) -> &Endpoint {
        &self.0.object
    }

    fn with<T>(&self, work: impl FnOnce(BorrowedFd) -> Outcome<T>) -> Outcome<T> {
        self.endpoint().watched.with(work)
    }

    fn with_address(&self, address: &Unknown, work: fn(BorrowedFd, &[u8]) -> Outcome<()>) -> i32 {
        let done = with_bytes(address, |bytes| self.with(|descriptor| work(descriptor, bytes)));
        done.unwrap_or(Err(Errno::EINVAL)).into_code()
    }
}

fn fill(buffer: &Unknown, bytes: Outcome<Vec<u8>>) -> Outcome<usize> {
    let bytes = bytes?;
    let filled = with_bytes(buffer, |buffer| {
        let room = buffer.get_mut(..bytes.len()).ok_or(Errno::ERANGE)?;
        room.copy_from_slice(&bytes);
        Ok(bytes.len())
    });
    filled.unwrap_or(Err(Errno::EINVAL))
}
