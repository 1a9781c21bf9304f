//! Real servers on this machine, for tests. `tests/servers/install` installs them.
//!
//! Each server listens on a free port of 127.0.0.1, keeps its files in a folder of its own, and stops when it is dropped,
//! also by a panic. All that can be done to one takes `&self`, so that a test may roll a password while its workers run.
//!
//! An open connection outlives a password, in all of them: a test must make new connections, or [`Server::cut`] the old.

mod authority;
mod maria;
mod memcached;
mod mongo;
mod postgres;
mod process;
mod redis;

pub use authority::{Authority, Certificate};
pub use maria::MariaDb;
pub use memcached::Memcached;
pub use mongo::{Mongo, MongoSet};
pub use postgres::Postgres;
pub use process::{free_port, program};
pub use redis::Redis;

/// The operations of every server.
pub trait Server {
    /// The scheme of its URLs.
    const SCHEME: &'static str;
    /// The text after the port in its URLs.
    const PATH: &'static str;

    fn port(&self) -> u16;

    /// Lets a user in by that password, and by no other. The user is made if there is none of that name.
    fn put_user(&self, name: &str, password: &str);

    /// Lets a user in by either password; `false` where the server cannot, and two users must do.
    fn allow_both(&self, name: &str, old: &str, new: &str) -> bool;

    /// Closes a user's connections. Some servers can only close everybody's.
    fn cut(&self, name: &str);

    /// Takes the server down; what it holds on disk stays.
    fn stop(&self);

    /// Brings a stopped server up again, on its port.
    fn start_again(&self);

    /// Moves the server to another port, with all that it holds on disk.
    fn move_to_another_port(&self);

    /// The password changes; another word for [`put_user`](Self::put_user).
    fn roll(&self, name: &str, password: &str) {
        self.put_user(name, password);
    }

    /// The password changes, and the user's connections are closed, with as little time between as can be.
    fn roll_and_cut(&self, name: &str, password: &str) {
        self.put_user(name, password);
        self.cut(name);
    }

    /// The resource URL, with everything in user and password encoded that is no letter or digit.
    fn url(&self, name: &str, password: &str) -> String {
        let (name, password) = (encoded(name), encoded(password));
        let (scheme, port, path) = (Self::SCHEME, self.port(), Self::PATH);
        format!("{scheme}://{name}:{password}@127.0.0.1:{port}{path}")
    }
}

pub fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric();
    text.bytes()
        .map(|byte| match is_plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

/// A password with all that a URL has a meaning for.
pub const HARD_PASSWORD: &str = "o:l@d/p?a#s%s [w]&r=d+%41'\"\\$é";
/// Another one.
pub const NEXT_PASSWORD: &str = "n:e@w/p?a#s%s [w]&r=d+%42'\"\\$ü";

/// A process that ends with its test.
pub struct Killed(pub std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}
