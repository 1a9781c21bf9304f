//! Apache Kafka: `kafka+ssl://host:9096,kafka+ssl://host:9096`, with PEM text in config vars beside it.

use crate::kind::Kind;
use crate::list::mapped;
use crate::url::host::Host;
use crate::url::resource::typed_url;
use crate::url::resource_url::ResourceUrl;

/// An Apache Kafka resource: its brokers.
///
/// Each broker of the list may be preceded by the scheme, as
/// [Heroku](https://devcenter.heroku.com/articles/kafka-on-heroku#connecting-to-a-kafka-cluster) writes it. The
/// certificates are separate config vars of the attachment.
///
/// ```
/// use config_vars::{ConfigVars, KafkaUrl};
///
/// let vars = ConfigVars::from_iter([
///     ("KAFKA_CLIENT_CERT", "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----"),
///     ("KAFKA_URL", "kafka+ssl://b1.example:9096,kafka+ssl://b2.example:9096"),
/// ]);
/// let kafka: KafkaUrl = vars.only()?;
/// assert_eq!(kafka.brokers(), "b1.example:9096,b2.example:9096");
/// assert!(kafka.is_tls());
/// let attachment = vars.attachments().next().unwrap();
/// assert!(attachment.get("CLIENT_CERT").is_some());
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct KafkaUrl(ResourceUrl);

typed_url!(KafkaUrl, Kind::Kafka);

impl KafkaUrl {
    /// Returns the brokers as Kafka's clients expect them (`bootstrap.servers`): hosts and ports, separated by commas. They
    /// are public.
    ///
    /// ```
    /// # use config_vars::KafkaUrl;
    /// let kafka: KafkaUrl = "kafka://b1.example,[::1]:9094".parse()?;
    /// assert_eq!(kafka.brokers(), "b1.example:9092,[::1]:9094");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn brokers(&self) -> String {
        let broker = |host: &Host| {
            let name = host.bracketed();
            match host.port() {
                Some(port) => format!("{name}:{}", port.number()),
                None => name.into_owned(),
            }
        };
        mapped(self.hosts(), broker).join(",")
    }
}
