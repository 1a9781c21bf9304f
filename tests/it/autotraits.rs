//! The types that can be sent between threads, shared and kept in an `Arc`.

use config_vars::*;

fn is_ordinary<T: Send + Sync + Unpin + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
fn is_clone<T: Clone>() {}
fn is_error<T: std::error::Error + Clone + Send + Sync + 'static>() {}
fn is_owned<T: serde::de::DeserializeOwned>() {}

#[test]
fn types_are_what_they_promise() {
    is_ordinary::<Attachment<'static>>();
    is_ordinary::<(AmqpUrl, KafkaUrl, PostgresUrl, RedisUrl, CustomKind, Tls)>();
    is_ordinary::<ConfigValue>();
    is_ordinary::<ConfigVars>();
    is_ordinary::<Error>();
    is_ordinary::<Host>();
    is_ordinary::<HttpUrl>();
    is_ordinary::<Kind>();
    is_ordinary::<MemcacheUrl>();
    is_ordinary::<MongoUrl>();
    is_ordinary::<MysqlUrl>();
    is_ordinary::<Port>();
    is_ordinary::<ResourceUrl>();
    is_ordinary::<Server<'static>>();
    #[cfg(feature = "figment")]
    is_ordinary::<VarsProvider>();
    #[cfg(feature = "redis")]
    is_ordinary::<drivers::redis::Credentials>();
    is_ordinary::<Warning>();
    is_ordinary::<(Every, Trigger, Watch)>();
    #[cfg(feature = "notify")]
    is_ordinary::<OnChange>();
    #[cfg(all(unix, feature = "signal"))]
    is_ordinary::<OnHangup>();
    is_clone::<ConfigVars>();
    is_clone::<(ResourceUrl, MysqlUrl, MongoUrl, MemcacheUrl, HttpUrl)>();
    is_ordinary::<(EnvFile, EnvDir, ServiceBindings, FileVars<ProcessEnv>)>();
    #[cfg(feature = "cloudfoundry")]
    is_ordinary::<VcapServices>();
    is_error::<Error>();
    is_owned::<(
        ResourceUrl,
        MysqlUrl,
        MongoUrl,
        MemcacheUrl,
        HttpUrl,
        SecretString,
    )>();
}
