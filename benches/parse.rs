//! Parsing a resource URL, beside `url::Url`, beside the drivers' own parsers, and beside the floor. What is timed is the
//! parsing; a line of the table tells what dropping, which wipes, comes to.
//!
//! `tests/run bench parse` runs it.

use config_vars::ResourceUrl;
use config_vars_benches::urls::drivers::*;
use config_vars_benches::urls::*;
use config_vars_benches::{Case, Work, table};
use std::hint::black_box;
use std::ops::Deref;

const URL_CRATE: &str = "`url::Url`";
/// About half of `url::Url`, with room for the two speeds of the machine.
const OF_URL: f64 = 0.55;
/// Neither `url::Url` nor the floor looks at an option; MongoDB's are checked by its specification.
const MONGO_OPTIONS_OF_URL: f64 = 0.65;
/// Without options, for the same reason.
const OF_FLOOR: f64 = 1.5;
/// Ahead of each driver; and of MongoDB's, which checks its options as well, by far.
const OF_DRIVER: f64 = 1.0;
const MONGO_OPTIONS_OF_DRIVER: f64 = 0.25;
/// The escaped form beside the short one, so that decoding stays cheap, whatever ours is compared with.
const ESCAPED_OF_SHORT: f64 = 1.4;

fn main() {
    table("Parsing");
    for forms in ALL {
        for (form, text) in forms.all() {
            let text = text.as_str();
            let name = format!("{}, {form}", forms.kind);
            let (of_url, of_driver) = match (forms.kind, form) {
                ("mongo", "10 options") => (MONGO_OPTIONS_OF_URL, MONGO_OPTIONS_OF_DRIVER),
                _ => (OF_URL, OF_DRIVER),
            };
            let case = Case::new(name.as_str(), ours(forms.kind, text))
                .beside(URL_CRATE, of_url, Work::new(|| url_crate(text)))
                .beside(
                    "the floor",
                    (form == "short").then_some(OF_FLOOR),
                    Work::new(|| floor(text)),
                );
            beside_drivers(forms.kind, text, case, of_driver).run();
            Case::new(format!("{name}, and used"), ours_used(forms.kind, text))
                .beside(URL_CRATE, of_url, Work::new(|| url_crate_used(text)))
                .run();
        }
        let [(_, short), _, (_, escaped)] = forms.all();
        Case::new(format!("{}, escaped", forms.kind), ours(forms.kind, &escaped))
            .beside("short, ours", ESCAPED_OF_SHORT, ours(forms.kind, &short))
            .run();
    }
    let [(_, one_host), ..] = MONGO.all();
    Case::new("mongo, 3 hosts", Work::new(|| our_mongo(MONGO_CLUSTER)))
        .beside("`url::Url`, 1 host", 1.2, Work::new(|| url_crate(&one_host)))
        .beside("mongodb", OF_DRIVER, Work::new(|| mongodb(MONGO_CLUSTER)))
        .run();
    Case::new("postgres, 3 hosts", Work::new(|| our_postgres(POSTGRES_CLUSTER)))
        .beside(
            "tokio-postgres",
            OF_DRIVER,
            Work::new(|| tokio_postgres(POSTGRES_CLUSTER)),
        )
        .run();
    let [(_, short), ..] = MYSQL.all();
    // The margin that the targets leave between the two.
    Case::new("mysql, short, the floor as ours", Work::new(|| floor(&short)))
        .beside(URL_CRATE, None, Work::new(|| url_crate(&short)))
        .run();
    Case::new("mysql, short, and dropped", Work::new(|| drop(our_mysql(&short))))
        .beside(URL_CRATE, None, Work::new(|| drop(url_crate(&short))))
        .beside("the floor", None, Work::new(|| drop(floor(&short))))
        .run();
}

fn ours<'t>(kind: &str, text: &'t str) -> Work<'t> {
    match kind {
        "mysql" => Work::new(|| our_mysql(text)),
        "postgres" => Work::new(|| our_postgres(text)),
        "mongo" => Work::new(|| our_mongo(text)),
        "redis" => Work::new(|| our_redis(text)),
        _ => Work::new(|| our_amqp(text)),
    }
}

/// A parse after which user, password, host, port and database are looked into, which no work that is put off escapes.
fn ours_used<'t>(kind: &str, text: &'t str) -> Work<'t> {
    fn looked_into<U: Deref<Target = ResourceUrl>>(url: U) -> U {
        black_box((
            url.username(),
            url.password(),
            url.host(),
            url.port(),
            url.database(),
        ));
        url
    }
    match kind {
        "mysql" => Work::new(|| looked_into(our_mysql(text))),
        "postgres" => Work::new(|| looked_into(our_postgres(text))),
        "mongo" => Work::new(|| looked_into(our_mongo(text))),
        "redis" => Work::new(|| looked_into(our_redis(text))),
        _ => Work::new(|| looked_into(our_amqp(text))),
    }
}

fn beside_drivers<'t>(kind: &str, text: &'t str, case: Case<'t>, at_most: f64) -> Case<'t> {
    match kind {
        "mysql" => case
            .beside("sqlx", at_most, Work::new(|| sqlx_mysql(text)))
            .beside("mysql_async", at_most, Work::new(|| mysql_async(text))),
        "postgres" => case
            .beside("sqlx", at_most, Work::new(|| sqlx_postgres(text)))
            .beside("tokio-postgres", at_most, Work::new(|| tokio_postgres(text))),
        "mongo" => case.beside("mongodb", at_most, Work::new(|| mongodb(text))),
        "redis" => case.beside("redis", at_most, Work::new(|| redis(text))),
        _ => case.beside("amq-protocol-uri", at_most, Work::new(|| amq_protocol_uri(text))),
    }
}
