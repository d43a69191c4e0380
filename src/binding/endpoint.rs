//! One end of a connection: its descriptor with the watch, what it receives, and where it belongs.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, IntoRawFd, OwnedFd, RawFd};
use std::rc::Rc;

use nix::errno::Errno;

use super::environment::{Ending, Shared};
use super::inbox::{Arrival, Inbox};
use super::watched::Watched;
use crate::readiness::Interest;
use crate::sys::fd;
use crate::sys::message::{self, Beside, Framing};
use crate::sys::messages;

/// What a `Socket` of JavaScript owns.
pub struct Endpoint {
    /// What it shares with the others of its environment.
    pub shared: Rc<Shared>,
    /// The descriptor and its watch.
    pub watched: Rc<Watched>,
    /// The receiving side.
    pub inbox: Inbox,
}

impl Endpoint {
    /// Takes the held descriptor `number`.
    pub fn new(shared: &Rc<Shared>, number: RawFd, framing: i32) -> Result<Self, Errno> {
        let descriptor = shared.ledger.borrow_mut().lend(number)?;
        let framing = match framing {
            1 => Framing::Packet,
            2 => Framing::Datagram,
            _ => Framing::Stream,
        };
        // Where this fails the socket is none, and its first call says so. Accepting has no flag
        // that keeps it from waiting, and a socket that was adopted may be a blocking one.
        let _ = fd::set_non_blocking(descriptor.as_fd());
        let watched = Rc::new(Watched::new(descriptor));
        Ok(Self { shared: Rc::clone(shared), watched, inbox: Inbox::new(framing) })
    }

    /// Sends one message.
    pub fn send(&self, payload: &[IoSlice], beside: &Beside) -> Result<usize, Errno> {
        let mut control = self.shared.control.borrow_mut();
        self.watched.with(|socket| message::send(socket, payload, beside, &mut control))
    }

    /// Sends one message for each number.
    pub fn send_each(&self, numbers: &[RawFd]) -> Result<usize, Errno> {
        let mut control = self.shared.control.borrow_mut();
        self.watched.with(|socket| messages::send_each(socket, numbers, &mut control))
    }

    /// Receives one message.
    pub fn receive(&self, buffers: &mut [IoSliceMut]) -> Arrival {
        let mut control = self.shared.control.borrow_mut();
        self.inbox.receive(&self.watched, &mut control, buffers)
    }

    /// Receives the descriptor of a message that brings just one; `None` keeps any other.
    pub fn receive_one(&self) -> Result<Option<OwnedFd>, Errno> {
        let mut control = self.shared.control.borrow_mut();
        self.inbox.receive_one(&self.watched, &mut control)
    }

    /// Receives up to `most` messages of one descriptor each, by few system calls: `each` gets the
    /// descriptors. Answers how many; the first of another kind is kept, and ends it.
    pub fn receive_each(
        &self,
        most: usize,
        mut each: impl FnMut(usize, OwnedFd),
    ) -> Result<usize, Errno> {
        let mut room = self.shared.room.borrow_mut();
        if let Some(came) = self.inbox.receive_many(&self.watched, &mut room, most, &mut each) {
            return came;
        }
        let mut came = 0;
        while came < most {
            match self.receive_one() {
                Ok(Some(descriptor)) => each(came, descriptor),
                Err(errno) if came == 0 => return Err(errno),
                // What failed after some had come fails again, or is kept, for the next call.
                Ok(None) | Err(_) => break,
            }
            came += 1;
        }
        Ok(came)
    }

    /// Says what is awaited from now on; JavaScript is told by the slot.
    pub fn want(&self, interest: Interest, slot: u32) -> Result<(), Errno> {
        self.watched.want(interest, &self.shared, slot)
    }

    /// Closes the descriptor, and those of the messages that were kept. Twice is fine.
    pub fn close(&self) -> Result<(), Errno> {
        self.inbox.empty();
        let Some(descriptor) = self.watched.take() else {
            return Ok(());
        };
        self.shared.ledger.borrow_mut().forget(descriptor.as_raw_fd());
        fd::close(descriptor)
    }

    /// Gives the descriptor away as a bare number. What was kept cannot go with it, and is closed.
    pub fn release(&self) -> Result<RawFd, Errno> {
        self.inbox.empty();
        self.inbox.leave(&self.watched);
        let number = self.watched.take().ok_or(Errno::EBADF)?.into_raw_fd();
        self.shared.ledger.borrow_mut().forget(number);
        Ok(number)
    }
}

impl Ending for Endpoint {
    fn end(&self) {
        self.inbox.empty();
        drop(self.watched.take());
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.close();
    }
}
