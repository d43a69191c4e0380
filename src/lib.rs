//! The native half of fd-conduit.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`binding`] | what JavaScript sees: classes and functions that convert and delegate |
//! | [`readiness`] | who says when a descriptor can be tried again |
//! | [`ledger`] | which descriptor numbers an environment owns |
//! | [`sys`] | the system calls, libuv and Node-API: the only home of `unsafe` |
//!
//! Dependencies point down this table, never up. Every system call is made on the JavaScript
//! thread and never blocks. A failure crosses the border as a negative errno; TypeScript makes
//! the `Error`.

#![deny(unsafe_code)]

mod binding;
mod error;
mod ledger;
mod readiness;
mod sys;
