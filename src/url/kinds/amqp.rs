//! AMQP 0-9-1: `amqp://user:password@host:5672/vhost`, `amqps://…`.

use crate::kind::Kind;
use crate::url::resource::typed_url;
use crate::url::resource_url::ResourceUrl;

/// An AMQP resource URL, by RabbitMQ's [AMQP URI specification](https://www.rabbitmq.com/docs/uri-spec): the path is
/// the virtual host, and an empty one is not an absent one.
///
/// Deliberately differs from the specification, which allows an empty host, for which clients connect to `localhost`: here
/// an empty host is an error.
///
/// ```
/// use config_vars::AmqpUrl;
///
/// let vhost = |url: &str| url.parse::<AmqpUrl>().map(|url| url.vhost().map(str::to_owned));
/// assert_eq!(vhost("amqp://mq.example")?, None); // the client's default, `/`
/// assert_eq!(vhost("amqp://mq.example/")?.as_deref(), Some("")); // the virtual host whose name is empty
/// assert_eq!(vhost("amqp://mq.example/%2f")?.as_deref(), Some("/"));
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct AmqpUrl(ResourceUrl);

typed_url!(AmqpUrl, Kind::Amqp);

impl AmqpUrl {
    /// Returns the decoded virtual host; `None` if the URL has no path.
    ///
    /// ```
    /// # use config_vars::AmqpUrl;
    /// let mq: AmqpUrl = "amqps://app:pw@mq.example/app".parse()?;
    /// assert_eq!(mq.vhost(), Some("app"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn vhost(&self) -> Option<&str> {
        self.0.database()
    }
}
