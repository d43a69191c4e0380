//! What JavaScript sees: two classes that convert their arguments and delegate.

mod environment;
mod inbox;
mod registers;
mod socket;
mod watched;
