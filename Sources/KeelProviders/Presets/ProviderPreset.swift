import KeelBase

/// What is known of a provider: endpoints, servers and mechanisms, as versioned data. Never anybody's client id.
package struct ProviderPreset: Sendable {
    /// The name in `provider:`.
    package let name: String
    /// Grows whenever a fact changes, so that a plan can say why a value moved.
    package let version: Int
    /// The name for people.
    package let title: String
    /// Whether `tenant` is a part of the endpoints.
    package let needsTenant: Bool
    /// The national clouds; the first is the default.
    package let clouds: [Cloud]

    /// One national cloud.
    package struct Cloud: Sendable {
        /// The name in `cloud:`.
        package let name: String
        /// With `{tenant}` where the tenant goes.
        package let tokenEndpoint: String
        package let authorizationEndpoint: String
        package let deviceAuthorizationEndpoint: String?
        /// The scopes of an application that acts for itself; empty where there is no such thing.
        package let applicationScopes: [String]
        package let servers: [MailProtocol: Server]
        package let mechanism: SASLMechanism
    }

    /// A mail server.
    package struct Server: Sendable {
        package let host: String
        package let port: Int
        package let security: ConnectionSecurity
    }

    /// The cloud of that name; the default cloud for nil.
    package func cloud(_ name: String?) -> Cloud? {
        guard let name else { return clouds.first }
        return clouds.first { $0.name == name }
    }

    /// All presets, by name.
    package static let all: [ProviderPreset] = [google, microsoft365]

    /// The preset of that name.
    package static func named(_ name: String) -> ProviderPreset? { all.first { $0.name == name } }
}
