//! What is called for each message: plain functions that name their socket by its slot.
//! `lib/transport.ts` has their types.

use std::ffi::CStr;
use std::io::{IoSlice, IoSliceMut};
use std::rc::Rc;

use nix::errno::Errno;

use super::endpoint::Endpoint;
use super::inbox::Arrival;
use super::registers::credentials_from;
use super::slots;
use crate::error::IntoCode;
use crate::readiness::Interest;
use crate::sys::address;
use crate::sys::bytes::{with_bytes, with_many, with_words};
use crate::sys::function::{Arguments, Body};
use crate::sys::message::Beside;
use crate::sys::socket;

/// How `receive_one` says that another kind of message waits: no number, and no errno.
const ANOTHER_KIND: i32 = i32::MIN;

/// By their names in JavaScript.
pub const FUNCTIONS: &[(&CStr, Body)] = &[
    (c"send", send),
    (c"sendVec", send_vec),
    (c"sendOne", send_one),
    (c"sendEach", send_each),
    (c"receive", receive),
    (c"receiveVec", receive_vec),
    (c"receiveOne", receive_one),
    (c"receiveEach", receive_each),
    (c"acceptEach", accept_each),
    (c"want", want),
];

/// (slot, payload, offset, registers, count)
fn send(call: &Arguments) -> i32 {
    let sent = with_words(&call.value(3), |words| {
        with_bytes(&call.value(1), |bytes| {
            let rest = bytes.get(call.count(2)..).ok_or(Errno::EINVAL)?;
            let descriptors = words.get(..call.count(4)).ok_or(Errno::EINVAL)?;
            let beside = Beside { descriptors, ..Beside::default() };
            endpoint(call)?.send(&[IoSlice::new(rest)], &beside)
        })
    });
    sent.flatten().unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// (slot, payloads, registers, count, address, credentials)
fn send_vec(call: &Arguments) -> i32 {
    let to = with_bytes(&call.value(4), |bytes| address::parse(bytes)).transpose();
    let claimed = with_words(&call.value(5), |words| credentials_from(words)).flatten();
    let sent = with_many(&call.value(1), |buffers| {
        with_words(&call.value(2), |words| {
            let descriptors = words.get(..call.count(3)).ok_or(Errno::EINVAL)?;
            let beside = Beside { descriptors, credentials: claimed, to: to? };
            let buffers: Vec<_> = buffers.iter().map(|bytes| IoSlice::new(bytes)).collect();
            endpoint(call)?.send(&buffers, &beside)
        })
    });
    sent.flatten().unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// (slot, number)
fn send_one(call: &Arguments) -> i32 {
    let number = call.number(1);
    endpoint(call).and_then(|endpoint| endpoint.send_each(&[number])).into_code()
}

/// (slot, registers, count)
fn send_each(call: &Arguments) -> i32 {
    let sent = with_words(&call.value(1), |words| {
        let numbers = words.get(..call.count(2)).ok_or(Errno::EINVAL)?;
        endpoint(call)?.send_each(numbers)
    });
    sent.unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// (slot, buffer, max, registers)
fn receive(call: &Arguments) -> i32 {
    received(call, |endpoint| {
        with_bytes(&call.value(1), |bytes| endpoint.receive(&mut [IoSliceMut::new(bytes)]))
    })
}

/// (slot, buffers, max, registers)
fn receive_vec(call: &Arguments) -> i32 {
    received(call, |endpoint| with_many(&call.value(1), |buffers| endpoint.receive(buffers)))
}

/// (slot)
fn receive_one(call: &Arguments) -> i32 {
    let received = endpoint(call).and_then(|endpoint| {
        let descriptor = endpoint.receive_one()?;
        Ok(descriptor.map(|descriptor| endpoint.shared.ledger.borrow_mut().hold(descriptor)))
    });
    received.map(|number| number.unwrap_or(ANOTHER_KIND)).into_code()
}

/// (slot, most, registers)
fn receive_each(call: &Arguments) -> i32 {
    let received = with_words(&call.value(2), |words| {
        let endpoint = endpoint(call)?;
        let mut ledger = endpoint.shared.ledger.borrow_mut();
        let most = words.len().min(call.count(1));
        endpoint.receive_each(most, |index, descriptor| words[index] = ledger.hold(descriptor))
    });
    received.unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// (slot, most, registers)
fn accept_each(call: &Arguments) -> i32 {
    let accepted = with_words(&call.value(2), |words| {
        let endpoint = endpoint(call)?;
        let mut ledger = endpoint.shared.ledger.borrow_mut();
        let most = words.len().min(call.count(1));
        let mut came = 0;
        while came < most {
            match endpoint.watched.with(socket::accept) {
                Ok(descriptor) => words[came] = ledger.hold(descriptor),
                Err(errno) if came == 0 => return Err(errno),
                // What failed after some had come is told by the next call.
                Err(_) => break,
            }
            came += 1;
        }
        Ok(came)
    });
    accepted.unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// (slot, interest)
fn want(call: &Arguments) -> i32 {
    let interest = Interest::from_bits(call.number(1));
    endpoint(call).and_then(|endpoint| endpoint.want(interest, call.slot(0))).into_code()
}

fn endpoint(call: &Arguments) -> Result<Rc<Endpoint>, Errno> {
    slots::find(call.slot(0)).ok_or(Errno::EBADF)
}

fn received(call: &Arguments, receive: impl FnOnce(&Endpoint) -> Option<Arrival>) -> i32 {
    let told = endpoint(call).and_then(|endpoint| {
        let arrival = receive(&endpoint).unwrap_or(Err(Errno::EINVAL))?;
        let mut ledger = endpoint.shared.ledger.borrow_mut();
        let tell =
            |words: &mut [i32]| endpoint.inbox.tell(arrival, call.count(2), &mut ledger, words);
        with_words(&call.value(3), tell).ok_or(Errno::EINVAL)
    });
    told.into_code()
}
