//! Parsing a resource URL, beside `url::Url` and beside the floor: fluent-uri's parse without a copy, plus owned parts, plus
//! one secret. Allocations are counted.
//!
//! `tests/run bench` runs it. Compare rows of one run: `typed` is to take half of `url_crate`, or less.

use config_vars::{MongoUrl, MysqlUrl, SecretString};
use divan::{AllocProfiler, Bencher, black_box};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const SHORT: &str = "mysql://app:s3cr3t-Pw@db.example.com:3306/shop";
const LONG: &str = "mysql://app:s3cr3t-Pw@db-1.eu-west-1.compute.example.com:3306/shop?ssl-mode=VERIFY_CA&ssl-ca=%2Fetc%2Fca.pem&\
    charset=utf8mb4&timezone=UTC&connect_timeout=10&read_timeout=30&write_timeout=30&pool_min=2&pool_max=20&stmt_cache=100";
const ESCAPED: &str = "mysql://app%40shop:p%40ss%2Fw%3Fo%23rd%25%20%5B%5D@db.example.com:3306/shop";
const THREE_HOSTS: &str = "mongodb://app:s3cr3t-Pw@db1.example.com:27017,db2.example.com:27017,db3.example.com:27017/shop?replicaSet=rs0";

const URLS: [(&str, &str); 3] = [("short", SHORT), ("long", LONG), ("escaped", ESCAPED)];

fn text(name: &str) -> &'static str {
    URLS.iter().find(|(other, _)| *other == name).expect("a row of the table").1
}

#[divan::bench(args = ["short", "long", "escaped"])]
fn typed(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name);
    bencher.bench(|| black_box(text).parse::<MysqlUrl>());
}

#[divan::bench]
fn typed_three_hosts(bencher: Bencher<'_, '_>) {
    bencher.bench(|| black_box(THREE_HOSTS).parse::<MongoUrl>());
}

#[divan::bench(args = ["short", "long", "escaped"])]
fn url_crate(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name);
    bencher.bench(|| url::Url::parse(black_box(text)));
}

#[divan::bench(args = ["short", "long", "escaped"])]
fn floor(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name);
    bencher.bench(|| {
        let uri = fluent_uri::Uri::parse(black_box(text)).expect("it is well-formed");
        let authority = uri.authority().expect("it has one");
        let (username, password) = authority
            .userinfo()
            .and_then(|info| info.as_str().split_once(':'))
            .expect("it has credentials");
        (
            uri.scheme().as_str().to_owned(),
            username.to_owned(),
            SecretString::from(password),
            authority.host().to_owned(),
            authority.port_to_u16().ok().flatten(),
            uri.path().as_str().to_owned(),
            uri.query().map(|query| query.as_str().to_owned()),
        )
    });
}
