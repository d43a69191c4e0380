//! The only home of `unsafe` and of what differs from system to system.

#![allow(unsafe_code)]

pub mod bytes;
pub mod callback;
pub mod control;
pub mod fd;
pub mod message;
pub mod socket;
pub mod uv;
