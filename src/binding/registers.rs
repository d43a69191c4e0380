//! The registers: the `Int32Array` through which numbers pass without an object for each.
//!
//! A received message is told in seven words (flags, how many descriptors arrived, how many are
//! kept, a pidfd, a process, a user, a group), then the numbers that are kept.

use crate::ledger::Ledger;
use crate::sys::fd;
use crate::sys::message::Received;
use crate::sys::peer::Credentials;

const PAYLOAD_TRUNCATED: i32 = 1;
const CONTROL_TRUNCATED: i32 = 2;
const OUT_OF_SLOTS: i32 = 4;
const END: i32 = 8;
const CREDENTIALS: i32 = 16;
const PIDFD: i32 = 32;

/// Where the numbers begin.
const HEADER: usize = 7;

/// What the caller of a receive accepts.
#[derive(Clone, Copy)]
pub struct Accepts {
    /// The most descriptors.
    pub descriptors: usize,
    /// Whether it asked for pidfds.
    pub pidfd: bool,
}

/// Tells of `received`. Its descriptors are held if the message is whole and brought no more than
/// was accepted, closed otherwise: a part is never handed over.
pub fn store(
    received: Received,
    accepts: Accepts,
    is_end: bool,
    ledger: &mut Ledger,
    words: &mut [i32],
) {
    let arrived = received.descriptors.len();
    let whole = !received.control_truncated
        && !received.payload_truncated
        && arrived <= accepts.descriptors
        && words.len() >= HEADER + arrived;
    let pidfd = received.pidfd.filter(|_| whole && accepts.pidfd);
    let flags = [
        (received.payload_truncated, PAYLOAD_TRUNCATED),
        (received.control_truncated, CONTROL_TRUNCATED),
        (received.out_of_slots, OUT_OF_SLOTS),
        (is_end, END),
        (received.credentials.is_some(), CREDENTIALS),
        (pidfd.is_some(), PIDFD),
    ];
    let flags = flags.iter().filter(|(set, _)| *set).fold(0, |sum, (_, flag)| sum | flag);
    let sender = received.credentials.unwrap_or_default();
    let kept = if whole { arrived } else { 0 };
    if words.len() >= HEADER {
        let pidfd = pidfd.map_or(-1, |pidfd| ledger.hold(pidfd));
        words[..4].copy_from_slice(&[flags, arrived as i32, kept as i32, pidfd]);
        words[4..HEADER].copy_from_slice(&credential_words(sender));
    }
    if !whole {
        fd::close_all(received.descriptors);
        return;
    }
    let mut words = words[HEADER..].iter_mut();
    received.descriptors.into_iter().for_each(|descriptor| {
        let number = ledger.hold(descriptor);
        if let Some(word) = words.next() {
            *word = number;
        }
    });
}

/// A process, a user and a group, as JavaScript reads them.
pub fn credential_words(who: Credentials) -> [i32; 3] {
    [who.pid, who.uid as i32, who.gid as i32]
}

/// The same, from JavaScript.
pub fn credentials_from(words: &[i32]) -> Option<Credentials> {
    match words {
        [pid, uid, gid] => Some(Credentials { pid: *pid, uid: *uid as u32, gid: *gid as u32 }),
        _ => None,
    }
}
