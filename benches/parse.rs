//! Parsing a resource URL, beside `url::Url`, beside the drivers' own parsers, and beside the floor. What is timed is the
//! parsing; a line of the table tells what dropping, which wipes, comes to.
//!
//! `tests/run bench parse` runs it.

use config_vars_benches::urls::drivers::*;
use config_vars_benches::urls::*;
use config_vars_benches::{Case, Work, table};

const URL_CRATE: &str = "`url::Url`";
/// The rivals of each kind, and what is to be kept to: half of `url::Url`, 1.5 times the floor, ahead of each driver.
const OF_URL: f64 = 0.5;
const OF_FLOOR: f64 = 1.5;
const OF_DRIVER: f64 = 1.0;

fn main() {
    table("Parsing");
    for forms in ALL {
        for (form, text) in forms.all() {
            let text = text.as_str();
            let name = format!("{}, {form}", forms.kind);
            let case = Case::new(name, ours(forms.kind, text))
                .beside(URL_CRATE, OF_URL, Work::new(|| url_crate(text)))
                .beside("the floor", OF_FLOOR, Work::new(|| floor(text)));
            beside_drivers(forms.kind, text, case).run();
        }
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

fn beside_drivers<'t>(kind: &str, text: &'t str, case: Case<'t>) -> Case<'t> {
    match kind {
        "mysql" => case
            .beside("sqlx", OF_DRIVER, Work::new(|| sqlx_mysql(text)))
            .beside("mysql_async", OF_DRIVER, Work::new(|| mysql_async(text))),
        "postgres" => case
            .beside("sqlx", OF_DRIVER, Work::new(|| sqlx_postgres(text)))
            .beside("tokio-postgres", OF_DRIVER, Work::new(|| tokio_postgres(text))),
        "mongo" => case.beside("mongodb", OF_DRIVER, Work::new(|| mongodb(text))),
        "redis" => case.beside("redis", OF_DRIVER, Work::new(|| redis(text))),
        _ => case.beside(
            "amq-protocol-uri",
            OF_DRIVER,
            Work::new(|| amq_protocol_uri(text)),
        ),
    }
}
