//! A socket: the native class that owns its descriptor.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd};
use std::rc::Rc;

use napi::bindgen_prelude::*;
use napi_derive::napi;
use nix::errno::Errno;

use super::environment::{Environment, Shared};
use super::inbox::{Arrival, Inbox};
use super::registers::{credential_words, credentials_from};
use super::watched::Watched;
use crate::error::IntoCode;
use crate::readiness::Interest;
use crate::sys::bytes::{with_bytes, with_many, with_words};
use crate::sys::message::{self, Beside, Framing};
use crate::sys::{address, fd, option, peer, socket};

type Outcome<T> = std::result::Result<T, Errno>;

/// How JavaScript says that only writing is shut down.
const WRITE: i32 = 1;

/// A descriptor and its watch. Once it is closed, every call answers EBADF.
#[napi]
pub struct Socket {
    shared: Rc<Shared>,
    watched: Rc<Watched>,
    inbox: Inbox,
    token: u32,
}

#[napi]
impl Socket {
    /// Takes the held descriptor `number`; `token` is what `dispatch` is called with, `framing`
    /// what `Environment.framing` told of it.
    #[napi(constructor, catch_unwind)]
    pub fn new(environment: &Environment, number: i32, token: u32, framing: i32) -> Result<Self> {
        let shared = Rc::clone(&environment.shared);
        let lent = shared.ledger.borrow_mut().lend(number);
        let descriptor = lent.map_err(|errno| Error::from_reason(errno.desc()))?;
        let framing = match framing {
            1 => Framing::Packet,
            2 => Framing::Datagram,
            _ => Framing::Stream,
        };
        // Where this fails the socket is none, and its first call says so. Accepting has no flag
        // that keeps it from waiting, and a socket that was adopted may be a blocking one.
        let _ = fd::set_non_blocking(descriptor.as_fd());
        let watched = Rc::new(Watched::new(descriptor));
        shared.note(&watched);
        Ok(Self { shared, watched, inbox: Inbox::new(framing), token })
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
        let done = self.with(|descriptor| socket::shutdown(descriptor, how));
        if done.is_ok() && how != WRITE {
            self.inbox.shut();
        }
        done.into_code()
    }

    /// Sends `payload` from `offset` on, with the first `count` registers as descriptors.
    /// Answers the bytes that left.
    #[napi(
        catch_unwind,
        ts_args_type = "payload: Uint8Array, offset: number, registers: Int32Array, count: number"
    )]
    pub fn send(&self, payload: Unknown, offset: i64, registers: Unknown, count: u32) -> i32 {
        let sent = with_words(&registers, |words| {
            with_bytes(&payload, |bytes| {
                let offset = usize::try_from(offset).map_err(|_| Errno::EINVAL)?;
                let rest = bytes.get(offset..).ok_or(Errno::EINVAL)?;
                let descriptors = words.get(..count as usize).ok_or(Errno::EINVAL)?;
                let beside = Beside { descriptors, ..Beside::default() };
                self.with(|socket| message::send(socket, &[IoSlice::new(rest)], &beside))
            })
        });
        sent.flatten().unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    /// The same of many buffers, to an address if one is given, with credentials (process, user,
    /// group) if they are given.
    #[napi(
        catch_unwind,
        ts_args_type = "payload: Uint8Array[], registers: Int32Array, count: number, address: Uint8Array | undefined, credentials: Int32Array | undefined"
    )]
    pub fn send_vec(
        &self,
        payload: Unknown,
        registers: Unknown,
        count: u32,
        address: Unknown,
        credentials: Unknown,
    ) -> i32 {
        let to = with_bytes(&address, |bytes| address::parse(bytes)).transpose();
        let claimed = with_words(&credentials, |words| credentials_from(words)).flatten();
        let sent = with_words(&registers, |words| {
            with_many(&payload, |buffers| {
                let descriptors = words.get(..count as usize).ok_or(Errno::EINVAL)?;
                let beside = Beside { descriptors, credentials: claimed, to: to? };
                let buffers: Vec<_> = buffers.iter().map(|bytes| IoSlice::new(bytes)).collect();
                self.with(|socket| message::send(socket, &buffers, &beside))
            })
        });
        sent.flatten().unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    /// Sends the first `count` registers as descriptors, one a message with one filler byte each.
    /// Answers how many left; a failure is answered where none did.
    #[napi(catch_unwind, ts_args_type = "registers: Int32Array, count: number")]
    pub fn send_each(&self, registers: Unknown, count: u32) -> i32 {
        let sent = with_words(&registers, |words| {
            let numbers = words.get(..count as usize).ok_or(Errno::EINVAL)?;
            self.with(|socket| message::send_each(socket, numbers))
        });
        sent.unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    /// Receives up to `most` messages of one descriptor each into the registers, held. Answers how
    /// many; 0 where the next is another kind of message or the end: `receive` tells of it.
    #[napi(catch_unwind, ts_args_type = "most: number, registers: Int32Array")]
    pub fn receive_each(&self, most: u32, registers: Unknown) -> i32 {
        let mut ledger = self.shared.ledger.borrow_mut();
        let mut control = self.shared.control.borrow_mut();
        let received = with_words(&registers, |words| {
            let most = words.len().min(most as usize);
            let mut came = 0;
            while came < most {
                match self.inbox.receive_one(&self.watched, &mut control) {
                    Ok(Some(descriptor)) => words[came] = ledger.hold(descriptor),
                    Err(errno) if came == 0 => return Err(errno),
                    // What failed after some had come fails again, or is kept, for the next call.
                    Ok(None) | Err(_) => break,
                }
                came += 1;
            }
            Ok(came)
        });
        received.unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    /// Receives one message into `buffer`. Answers its bytes; the registers tell the rest.
    #[napi(catch_unwind, ts_args_type = "buffer: Uint8Array, max: number, registers: Int32Array")]
    pub fn receive(&self, buffer: Unknown, max: u32, registers: Unknown) -> i32 {
        let received =
            with_bytes(&buffer, |bytes| self.receive_into(&mut [IoSliceMut::new(bytes)]));
        self.told(received, max, &registers)
    }

    /// The same into many buffers, filled one after the other.
    #[napi(
        catch_unwind,
        ts_args_type = "buffers: Uint8Array[], max: number, registers: Int32Array"
    )]
    pub fn receive_vec(&self, buffers: Unknown, max: u32, registers: Unknown) -> i32 {
        let received = with_many(&buffers, |buffers| self.receive_into(buffers));
        self.told(received, max, &registers)
    }

    /// Where the last datagram came from, into `buffer`; answers its length.
    #[napi(catch_unwind, ts_args_type = "buffer: Uint8Array")]
    pub fn last_from(&self, buffer: Unknown) -> i32 {
        fill(&buffer, Ok(self.inbox.last_from())).into_code()
    }

    /// Whether a pidfd that comes with a message is handed over; otherwise it is closed.
    #[napi(catch_unwind)]
    pub fn keep_pidfds(&self, keep: bool) {
        self.inbox.keep_pidfds(keep);
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
        let asked = self.with(peer::credentials).and_then(|who| {
            with_words(&registers, |words| words[..3].copy_from_slice(&credential_words(who)))
                .ok_or(Errno::EINVAL)
        });
        asked.into_code()
    }

    /// A pidfd of the peer, held; or a negative errno.
    #[napi(catch_unwind)]
    pub fn peer_pidfd(&self) -> i32 {
        let asked = self.with(peer::pidfd);
        asked.map(|pidfd| self.shared.ledger.borrow_mut().hold(pidfd)).into_code()
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

    /// Says what is awaited from now on (1 to receive, 2 to send, 3 both, 0 neither).
    #[napi(catch_unwind)]
    pub fn want(&self, interest: i32) -> i32 {
        let interest = Interest::from_bits(interest);
        self.watched.want(interest, &self.shared, self.token).into_code()
    }

    /// Whether the program stays alive while something is awaited.
    #[napi(catch_unwind)]
    pub fn keep_alive(&self, keep: bool) {
        self.watched.keep_alive(keep);
    }

    /// Closes the descriptor. Twice is fine.
    #[napi(catch_unwind)]
    pub fn close(&self) -> i32 {
        let Some(descriptor) = self.watched.take() else {
            return 0;
        };
        self.shared.ledger.borrow_mut().forget(descriptor.as_raw_fd());
        fd::close(descriptor).into_code()
    }

    /// Gives the descriptor away as a bare number.
    #[napi(catch_unwind)]
    pub fn release(&self) -> i32 {
        self.inbox.leave(&self.watched);
        let Some(descriptor) = self.watched.take() else {
            return Err::<i32, _>(Errno::EBADF).into_code();
        };
        let number = descriptor.into_raw_fd();
        self.shared.ledger.borrow_mut().forget(number);
        number
    }

    fn with<T>(&self, work: impl FnOnce(BorrowedFd) -> Outcome<T>) -> Outcome<T> {
        self.watched.with(work)
    }

    fn with_address(&self, address: &Unknown, work: fn(BorrowedFd, &[u8]) -> Outcome<()>) -> i32 {
        let done = with_bytes(address, |bytes| self.with(|descriptor| work(descriptor, bytes)));
        done.unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    fn told(&self, received: Option<Arrival>, max: u32, registers: &Unknown) -> i32 {
        let told = received.unwrap_or(Err(Errno::EINVAL)).and_then(|arrival| {
            let mut ledger = self.shared.ledger.borrow_mut();
            let tell =
                |words: &mut [i32]| self.inbox.tell(arrival, max as usize, &mut ledger, words);
            with_words(registers, tell).ok_or(Errno::EINVAL)
        });
        told.into_code()
    }

    fn receive_into(&self, buffers: &mut [IoSliceMut]) -> Arrival {
        let mut control = self.shared.control.borrow_mut();
        self.inbox.receive(&self.watched, &mut control, buffers)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.close();
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
