//! The purpose of a URL's query option, by its name: clients of many kinds accept a login or a database there.

use super::role::Role;
use crate::text::is_separator;

/// Endings of the names of options that carry a credential, in lower case and without separators.
const PASSWORD_ENDINGS: &[&str] = &[
    "accesskey",
    "accesskeyid",
    "apikey",
    "assertion",
    "authkey",
    "clientsecret",
    "credential",
    "credentials",
    "jaasconfig",
    "jwt",
    "licensekey",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "sharedkey",
    "signature",
    "token",
];

/// Names that are too short to be recognized at the end of others.
const PASSWORDS: &[&str] = &["auth", "code", "creds", "key", "nkey", "pass", "sas", "sig"];

const USERNAME_ENDINGS: &[&str] = &["clientid", "login", "user", "username"];

/// Names of logins. A MongoDB user exists in one database, which `authSource` names.
const USERNAMES: &[&str] = &["authsource", "principal", "sharedaccesskeyname", "uid", "userid"];

const DATABASES: &[&str] = &[
    "bucket",
    "database",
    "databasename",
    "db",
    "dbname",
    "initialcatalog",
    "keyspace",
    "vhost",
    "virtualhost",
];

const HOSTS: &[&str] = &[
    "host",
    "hostaddr",
    "hostname",
    "hosts",
    "port",
    "server",
    "servers",
    "socket",
    "socketpath",
    "unixsocket",
];

/// Returns the purpose of an option; [`Role::Other`] if its name does not say that it carries a login, a database or a host.
pub(crate) fn option_role(name: &str) -> Role {
    if is_one_of(name, USERNAMES) {
        Role::Username
    } else if is_one_of(name, PASSWORDS) || ends_in(name, PASSWORD_ENDINGS) {
        Role::Password
    } else if ends_in(name, USERNAME_ENDINGS) {
        Role::Username
    } else if is_one_of(name, DATABASES) {
        Role::Database
    } else if is_one_of(name, HOSTS) {
        Role::Host
    } else {
        Role::Other
    }
}

fn is_one_of(name: &str, words: &[&str]) -> bool {
    for word in words {
        if rest_before(name, word) == Some(0) {
            return true;
        }
    }
    false
}

fn ends_in(name: &str, endings: &[&str]) -> bool {
    for ending in endings {
        if rest_before(name, ending).is_some() {
            return true;
        }
    }
    false
}

/// Returns how many letters and digits precede the ending, in any case and with any separators; `None` if the name does not
/// end in it. The name may be secret, so it is not copied.
fn rest_before(name: &str, ending: &str) -> Option<usize> {
    let mut ending = ending.bytes().rev();
    let mut rest = 0;
    for byte in name.bytes().rev() {
        if is_separator(byte) {
            continue;
        }
        match ending.next() {
            Some(letter) if letter == byte.to_ascii_lowercase() => {}
            Some(_) => return None,
            None => rest += 1,
        }
    }
    ending.next().is_none().then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn option_roles_are_known_in_every_spelling() {
        for (role, names) in [
            (
                Role::Password,
                "password Password authToken auth_token auth-token AUTHTOKEN token access_token jwt sasl.password \
                 sasl_jaas_config X-Amz-Signature api_key apikey AccessKeyId sslpassword key",
            ),
            (
                Role::Username,
                "user username uid authSource client_id sasl.username SharedAccessKeyName",
            ),
            (
                Role::Database,
                "db database DatabaseName dbname keyspace virtual_host",
            ),
            (Role::Host, "host port unix_socket socketPath"),
            (
                Role::Other,
                "x application_name connect_timeout monkey tokenizer keepalive allowPublicKeyRetrieval pool_size sslmode \
                 charset dbx passive hostess",
            ),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(option_role(name), role, "{name}");
            }
        }
    }
}
