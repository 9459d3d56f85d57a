import KeelBase

extension ProviderPreset {
    /// Whether `tenant` is a part of the endpoints.
    package enum Tenancy: Sendable, Equatable {
        case none
        case required
        /// This one when the manifest names none.
        case optional(default: String)
    }

    /// RFC 7636 by S256.
    package enum PKCESupport: String, Sendable {
        case required, supported, unsupported, unknown
    }

    /// How one gets a client for mail.
    package enum Registration: Sendable, Equatable {
        /// There is nothing to register.
        case none
        /// By oneself, there.
        case open(String)
        /// By writing to somebody.
        case onRequest(String)
        /// Nobody gets a new one.
        case closed(String)

        package var words: String {
            switch self {
            case .none: "nothing to register"
            case .open(let text), .onRequest(let text), .closed(let text): text
            }
        }
    }

    /// A kind of fact that a preset states.
    package enum Fact: String, Sendable, CaseIterable {
        case issuer, endpoints, revocation, scopes, pkce, servers, mechanisms, maxConnections, refreshTokenLifetime
        case registration
    }

    /// Facts that nobody has checked against the provider, and why they are there nevertheless.
    package struct Unverified: Sendable {
        package let facts: [Fact]
        /// The clouds that it concerns; empty: all.
        package let clouds: [String]
        /// The protocols that it concerns; empty: all.
        package let protocols: [MailProtocol]
        package let reason: String

        init(_ facts: Fact..., clouds: [String] = [], protocols: [MailProtocol] = [], because reason: String) {
            self.facts = facts
            self.clouds = clouds
            self.protocols = protocols
            self.reason = reason
        }

        /// Whether it concerns what an account of this protocol gets in this cloud.
        package func concerns(_ fact: Fact, in cloud: String, _ type: MailProtocol? = nil) -> Bool {
            facts.contains(fact) && (clouds.isEmpty || clouds.contains(cloud))
                && (protocols.isEmpty || type.map(protocols.contains) ?? false)
        }
    }

    /// Where facts come from.
    package struct Source: Sendable {
        package let title: String
        /// Nil for what has no page.
        package let page: String?

        init(_ title: String, _ page: String? = nil) {
            self.title = title
            self.page = page
        }
    }

    /// Why a value is not verified; nil if it is.
    package func doubt(_ fact: Fact, in cloud: String, _ type: MailProtocol? = nil) -> String? {
        unverified.first { $0.concerns(fact, in: cloud, type) }?.reason
    }
}
