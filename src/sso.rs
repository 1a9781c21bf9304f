//! The add-on dashboard: the login link, and the check of its token.
