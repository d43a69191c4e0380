//! The only home of `unsafe` and of what differs from system to system.

#![allow(unsafe_code)]

pub mod address;
pub mod bytes;
pub mod callback;
pub mod control;
pub mod descriptors;
pub mod fd;
pub mod function;
pub mod kind;
pub mod message;
pub mod messages;
pub mod option;
pub mod peer;
pub mod socket;
pub mod uv;
pub mod wakeup;
