//! What JavaScript sees: two classes that own, and functions for what is called all the time. They
//! convert their arguments and delegate.

#![cfg_attr(test, allow(dead_code, reason = "nothing but JavaScript calls it"))]

mod endpoint;
mod environment;
mod held;
mod inbox;
mod registers;
mod slots;
mod socket;
mod transport;
mod watched;
