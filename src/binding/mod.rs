//! What JavaScript sees: two classes that convert their arguments and delegate.

mod environment;
mod registers;
mod socket;
mod watched;
