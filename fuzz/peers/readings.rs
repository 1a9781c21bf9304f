//! Reads a URL with a peer and with this crate.

use super::{Case, Peer, Reading};
use config_vars::{ExposeSecret, MongoUrl, MysqlUrl, PostgresUrl, RedisUrl, ResourceUrl, SecretString};
use percent_encoding::percent_decode_str;

impl<'t> Case<'t> {
    pub fn new(peer: Peer, text: &'t str) -> Self {
        let theirs = match peer {
            Peer::Url => web(text),
            #[cfg(feature = "drivers")]
            driver => super::drivers::read(driver, text),
            #[cfg(not(feature = "drivers"))]
            driver => panic!("{driver:?} is not built in"),
        };
        let ours = ours(peer, text).map_err(|error| error.to_string());
        Self {
            peer,
            text,
            ours,
            theirs,
        }
    }
}

/// Reads a text as the kind that the peer is for.
pub fn ours(peer: Peer, text: &str) -> Result<Reading, config_vars::Error> {
    let url: ResourceUrl = match peer {
        Peer::Url => text.parse()?,
        Peer::MysqlAsync | Peer::SqlxMysql => text.parse::<MysqlUrl>()?.into(),
        Peer::SqlxPostgres | Peer::TokioPostgres => text.parse::<PostgresUrl>()?.into(),
        Peer::Redis => text.parse::<RedisUrl>()?.into(),
        Peer::Mongodb => text.parse::<MongoUrl>()?.into(),
    };
    let exposed = |secret: &SecretString| secret.expose_secret().to_owned();
    let hosts = url.hosts().iter();
    // The url crate knows default ports of web schemes only.
    let is_known = |port: &config_vars::Port| peer != Peer::Url || is_web(url.scheme()) || !port.is_default();
    let name = |name: &str| match url::Host::parse(name) {
        // The url crate converts the host names of web schemes to their ASCII form.
        Ok(url::Host::Domain(name)) if peer == Peer::Url && is_web(url.scheme()) => name,
        _ => name.to_owned(),
    };
    let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    Ok(Reading {
        username: url.username().map(exposed),
        password: url.password().map(|password| exposed(password).into_bytes()),
        hosts: hosts
            .map(|host| {
                (
                    name(host.as_str()),
                    host.port().filter(is_known).map(|port| port.number()),
                )
            })
            .collect(),
        database: match peer {
            Peer::Url => url.expose_path().map(decoded),
            _ => url.database().map(str::to_owned),
        },
        query: match peer {
            Peer::Url => url.expose_query().map(decoded),
            _ => None,
        },
        tls: Some(url.tls()),
    })
}

pub fn is_web(scheme: &str) -> bool {
    ["http", "https", "ws", "wss", "ftp"]
        .iter()
        .any(|web| web.eq_ignore_ascii_case(scheme))
}

fn web(text: &str) -> Result<Reading, String> {
    let url = url::Url::parse(text).map_err(|error| error.to_string())?;
    if !url.has_authority() {
        return Err("it has no authority".to_owned());
    }
    // The URL Standard has separate rules for `file:`, for example for drive letters.
    if url.scheme() == "file" {
        return Err("it is a file".to_owned());
    }
    let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    let given = |part: &str| Some(decoded(part)).filter(|part| !part.is_empty());
    Ok(Reading {
        username: given(url.username()),
        password: url.password().map(|password| decoded(password).into_bytes()),
        hosts: url
            .host_str()
            .map(|host| (unbracketed(&decoded(host)), url.port_or_known_default()))
            .into_iter()
            .collect(),
        database: given(url.path()),
        query: url.query().map(decoded),
        tls: None,
    })
}

fn unbracketed(host: &str) -> String {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
        .to_owned()
}
