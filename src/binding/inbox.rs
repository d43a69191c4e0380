//! What a socket receives: message by message, and what has to be remembered between two.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::IoSliceMut;
use std::os::fd::OwnedFd;

use nix::errno::Errno;

use super::registers::{self, Accepts};
use super::watched::Watched;
use crate::ledger::Ledger;
use crate::sys::control::ControlBuffer;
use crate::sys::message::{self, Framing, Received};
use crate::sys::messages::{self, Room};
use crate::sys::socket;

/// The receiving side of one socket.
pub struct Inbox {
    framing: Framing,
    keeps_pidfds: Cell<bool>,
    /// The peer reset the connection: said when what it sent before has been received.
    reset: Cell<bool>,
    /// The messages that were received with others and are not of their kind, and what came after
    /// them: for the next receives.
    kept: RefCell<VecDeque<Kept>>,
    /// Whether packets are marked: not before the first receive, as whoever else gets the socket
    /// would see it.
    marked: Cell<bool>,
    /// Whether it was this object that marked them.
    marks: Cell<bool>,
    /// Reading was shut down. Only a datagram socket does not say so itself.
    shut: Cell<bool>,
    /// Where the last datagram came from.
    from: RefCell<Vec<u8>>,
}

/// A received message that waits for its receiver.
struct Kept {
    received: Received,
    is_end: bool,
    byte: u8,
}

/// For fewer messages, asking for free slots costs more than it saves.
const WORTH_IT: usize = 8;

/// The descriptor of a message that brings just that.
fn take_only(received: &mut Received) -> Option<OwnedFd> {
    let is_whole = !received.control_truncated && !received.payload_truncated;
    if is_whole { received.descriptors.take_only() } else { None }
}

/// One message, and whether it is the end of the connection.
pub type Arrival = Result<(Received, bool), Errno>;

impl Inbox {
    /// Of a socket that frames its messages so.
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            keeps_pidfds: Cell::default(),
            reset: Cell::default(),
            kept: RefCell::default(),
            marked: Cell::default(),
            marks: Cell::default(),
            shut: Cell::default(),
            from: RefCell::default(),
        }
    }

    /// Whether a pidfd that comes with a message is handed over.
    pub fn keep_pidfds(&self, keep: bool) {
        self.keeps_pidfds.set(keep);
    }

    /// Reading was shut down.
    pub fn shut(&self) {
        self.shut.set(self.framing == Framing::Datagram);
    }

    /// Takes back what was changed of the socket, before somebody else gets it.
    pub fn leave(&self, watched: &Watched) {
        if self.marks.get() {
            let _ = watched.with(socket::unmark_packets);
        }
    }

    /// Where the last datagram came from.
    pub fn last_from(&self) -> Vec<u8> {
        self.from.borrow().clone()
    }

    /// The descriptor of a message that brings just one; `None` keeps any other for `receive`.
    pub fn receive_one(
        &self,
        watched: &Watched,
        control: &mut ControlBuffer,
    ) -> Result<Option<OwnedFd>, Errno> {
        if self.kept() > 0 {
            return Ok(None);
        }
        let mut byte = [0];
        let (mut received, is_end) =
            self.receive_next(watched, control, &mut [IoSliceMut::new(&mut byte)])?;
        let only = take_only(&mut received);
        if only.is_none() {
            self.kept.borrow_mut().push_back(Kept { received, is_end, byte: byte[0] });
        }
        Ok(only)
    }

    /// The same of up to `most` at once, where that can be: `each` gets them. Answers how many.
    pub fn receive_many(
        &self,
        watched: &Watched,
        room: &mut Room,
        most: usize,
        mut each: impl FnMut(usize, OwnedFd),
    ) -> Option<Result<usize, Errno>> {
        if self.framing != Framing::Stream || most < WORTH_IT || self.kept() > 0 {
            return None;
        }
        let mut came = 0;
        let mut kept = self.kept.borrow_mut();
        let mut take = |mut received: Received, byte| {
            // Behind one that is kept all are, as they came in that order.
            if kept.is_empty()
                && let Some(descriptor) = take_only(&mut received)
            {
                each(came, descriptor);
                came += 1;
            } else {
                let is_end = received.bytes == 0;
                kept.push_back(Kept { received, is_end, byte });
            }
        };
        let mut receive =
            || watched.with(|socket| Ok(messages::receive_many(socket, most, room, &mut take)));
        let mut outcome = receive();
        if matches!(outcome, Ok(Some(Err(Errno::ECONNRESET)))) {
            // Unlike `recvmsg`, it tells that before the messages that came earlier.
            self.reset.set(true);
            outcome = receive();
        }
        match outcome {
            Ok(received) => received.map(|outcome| outcome.map(|()| came)),
            Err(errno) => Some(Err(errno)),
        }
    }

    /// How many messages were received that nobody has got yet.
    pub fn kept(&self) -> usize {
        self.kept.borrow().len()
    }

    /// Closes what nobody has got yet: not every collection of garbage comes soon, or at all.
    pub fn empty(&self) {
        self.kept.take();
    }

    /// The message that was kept, or the next one.
    pub fn receive(
        &self,
        watched: &Watched,
        control: &mut ControlBuffer,
        buffers: &mut [IoSliceMut],
    ) -> Arrival {
        match self.take_kept(buffers) {
            Some((_, true)) if self.reset.take() => Err(Errno::ECONNRESET),
            Some(kept) => Ok(kept),
            None => self.receive_next(watched, control, buffers),
        }
    }

    /// A message that was received before.
    fn take_kept(&self, buffers: &mut [IoSliceMut]) -> Option<(Received, bool)> {
        let Kept { received, is_end, byte } = self.kept.borrow_mut().pop_front()?;
        let first = buffers.iter_mut().find_map(|buffer| buffer.first_mut());
        if let Some(first) = first.filter(|_| received.bytes > 0) {
            *first = byte;
        }
        Some((received, is_end))
    }

    fn receive_next(
        &self,
        watched: &Watched,
        control: &mut ControlBuffer,
        buffers: &mut [IoSliceMut],
    ) -> Arrival {
        if self.framing == Framing::Packet && !self.marked.replace(true) {
            // Where it fails the socket is none, and the receive says so.
            self.marks.set(watched.with(socket::mark_packets).unwrap_or(false));
        }
        let mut receive =
            || watched.with(|socket| message::receive(socket, self.framing, buffers, control));
        let mut outcome = receive();
        if self.framing != Framing::Stream && matches!(outcome, Err(Errno::ECONNRESET)) {
            // It overtakes the packets that came before it.
            self.reset.set(true);
            outcome = receive();
        }
        let is_end = match &outcome {
            Ok(received) if received.bytes > 0 => false,
            Ok(received) => match self.framing {
                Framing::Stream => buffers.iter().any(|buffer| !buffer.is_empty()),
                Framing::Packet => !received.has_control,
                Framing::Datagram => false,
            },
            Err(errno) => *errno == Errno::EAGAIN && self.reset.get(),
        };
        if self.shut.get() && matches!(outcome, Err(Errno::EAGAIN)) {
            return Ok((Received::default(), true));
        }
        if is_end && self.reset.take() {
            return Err(Errno::ECONNRESET);
        }
        outcome.map(|received| (received, is_end))
    }

    /// Tells of a message in the registers, and answers its bytes.
    pub fn tell(
        &self,
        (mut received, is_end): (Received, bool),
        max: usize,
        ledger: &mut Ledger,
        words: &mut [i32],
    ) -> usize {
        let bytes = received.bytes;
        if let Some(from) = received.from.take() {
            self.from.replace(from);
        }
        let accepts = Accepts { descriptors: max, pidfd: self.keeps_pidfds.get() };
        registers::store(received, accepts, is_end, ledger, words);
        bytes
    }
}
