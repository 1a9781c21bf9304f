//! The faults of the sign-on of an add-on dashboard (feature `sso`).

use super::error_kind::ErrorKind;
use super::faults_macro::faults;

faults! {
    /// The faults of the sign-on of an add-on dashboard.
    pub(crate) enum SignOn;

    Empty {
        EmptySalt => ("the salt is empty; set it to the `sso_salt` of the add-on's manifest");
    }

    NotText {
        NotAForm => ("the sign-on form must be a map from names to texts or whole numbers");
    }

    MissingField {
        MissingField(&'static str) => ("the sign-on form has no `{0}`; pass on every field of Heroku's POST");
    }

    InvalidField {
        RepeatedField(&'static str) => ("the sign-on form gives `{0}` more than once; pass on Heroku's own field alone");
        Timestamp => ("the sign-on form has a `timestamp` that is not a plain number; pass on Heroku's, in seconds since 1970");
        Field(&'static str) => ("the sign-on form has a `{0}` that is not like Heroku's; pass on every field of its POST unchanged");
    }

    BadToken {
        BadToken(&'static str) => ("the sign-on form has a `{0}` that does not match; sign in again, and check that the salt is the manifest's");
    }

    StaleToken {
        Stale => ("the sign-on form is too old; sign in again, or check this machine's clock");
    }

    FutureToken {
        Future => ("the sign-on form is from the future; check this machine's clock");
    }
}
