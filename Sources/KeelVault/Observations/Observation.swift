import KeelBase

/// A fact that somebody saw at a time. It says of which grant and settings, and counts only for those.
package struct Observation: Sendable, Hashable {
    /// Of which resource.
    package let address: ResourceAddress
    /// What it is a fact of: `connected`, `token`, `capabilities`.
    package let kind: String
    /// Who saw it: a command, a daemon, a keeper.
    package let observer: String
    package let observed: Timestamp
    /// With which grant; nil where none is used.
    package let grant: GrantID?
    /// Of which committed settings.
    package let settingsDigest: String
    /// A JSON text that holds no secret.
    package let value: String

    package init(
        of address: ResourceAddress, kind: String, observer: String, observed: Timestamp, grant: GrantID?,
        settingsDigest: String, value: String
    ) {
        self.address = address
        self.kind = kind
        self.observer = observer
        self.observed = observed
        self.grant = grant
        self.settingsDigest = settingsDigest
        self.value = value
    }
}

/// Which grant and settings of a resource are in service; observations of others do not count.
package struct Definition: Sendable, Hashable {
    package let address: ResourceAddress
    package let grant: GrantID?
    package let settingsDigest: String

    package init(of address: ResourceAddress, grant: GrantID?, settingsDigest: String) {
        self.address = address
        self.grant = grant
        self.settingsDigest = settingsDigest
    }
}
