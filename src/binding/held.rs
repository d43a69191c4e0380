//! What is called for each descriptor that is held: plain functions that name their environment
//! by its slot. `lib/transport.ts` has their types.

use std::ffi::CStr;
use std::io::IoSlice;
use std::rc::Rc;

use nix::errno::Errno;

use super::environment::Shared;
use super::slots;
use crate::error::IntoCode;
use crate::sys::bytes::{with_bytes, with_words};
use crate::sys::function::{Arguments, Body};
use crate::sys::message::{self, Beside};
use crate::sys::{fd, socket};

/// By their names in JavaScript.
pub const FUNCTIONS: &[(&CStr, Body)] = &[
    (c"close", close),
    (c"closeAll", close_all),
    (c"give", give),
    (c"duplicate", duplicate),
    (c"duplicateAll", duplicate_all),
    (c"owner", owner),
    (c"isStreamServer", is_stream_server),
    (c"write", write),
];

/// (slot, number)
fn close(call: &Arguments) -> i32 {
    let number = call.number(1);
    let held = environment(call).and_then(|shared| shared.ledger.borrow_mut().remove(number));
    held.and_then(fd::close).into_code()
}

/// (slot, registers, count)
fn close_all(call: &Arguments) -> i32 {
    let closed = environment(call).map(|shared| {
        with_words(&call.value(1), |words| {
            let mut ledger = shared.ledger.borrow_mut();
            let listed = words.iter().take(call.count(2));
            fd::close_all(listed.filter_map(|number| ledger.remove(*number).ok()));
        });
    });
    closed.into_code()
}

/// (slot, number)
fn give(call: &Arguments) -> i32 {
    let number = call.number(1);
    environment(call).and_then(|shared| shared.ledger.borrow_mut().give(number)).into_code()
}

/// (slot, number)
fn duplicate(call: &Arguments) -> i32 {
    let made = environment(call).and_then(|shared| {
        let duplicate = fd::borrow(call.number(1)).and_then(fd::duplicate)?;
        Ok(shared.ledger.borrow_mut().hold(duplicate))
    });
    made.into_code()
}

/// (slot, registers, count)
fn duplicate_all(call: &Arguments) -> i32 {
    let made = with_words(&call.value(1), |words| {
        let numbers = words.get_mut(..call.count(2)).ok_or(Errno::EINVAL)?;
        let shared = environment(call)?;
        let mut duplicates = Vec::with_capacity(numbers.len());
        for index in 0..numbers.len() {
            match fd::duplicate_number(numbers[index]) {
                Ok(duplicate) => duplicates.push(duplicate),
                Err(errno) => {
                    numbers[0] = numbers[index];
                    fd::close_all(duplicates);
                    return Err(errno);
                }
            }
        }
        let mut ledger = shared.ledger.borrow_mut();
        for (number, duplicate) in numbers.iter_mut().zip(duplicates) {
            *number = ledger.hold(duplicate);
        }
        Ok(())
    });
    made.unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// (slot, number)
fn owner(call: &Arguments) -> i32 {
    let number = call.number(1);
    let owner = environment(call).map(|shared| {
        if shared.ledger.borrow().owns(number) {
            1
        } else if shared.engine.watches(number) {
            2
        } else {
            0
        }
    });
    owner.into_code()
}

/// (slot, number)
fn is_stream_server(call: &Arguments) -> i32 {
    let number = call.number(1);
    let answer = environment(call).and_then(|shared| match shared.ledger.borrow().borrow(number) {
        Ok(held) => socket::is_stream_server(held),
        Err(_) => fd::borrow(number).and_then(socket::is_stream_server),
    });
    answer.map(i32::from).into_code()
}

/// (slot, number, payload)
fn write(call: &Arguments) -> i32 {
    let written = with_bytes(&call.value(2), |bytes| {
        let shared = environment(call)?;
        let ledger = shared.ledger.borrow();
        let mut control = shared.control.borrow_mut();
        let socket = ledger.borrow(call.number(1))?;
        message::send(socket, &[IoSlice::new(bytes)], &Beside::default(), &mut control)
    });
    written.unwrap_or(Err(Errno::EINVAL)).into_code()
}

fn environment(call: &Arguments) -> Result<Rc<Shared>, Errno> {
    slots::find(call.slot(0)).ok_or(Errno::EBADF)
}
