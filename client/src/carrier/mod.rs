//! How bytes travel. One carrier so far: HTTPS to the server.

pub mod http;
