import KeelBase
import KeelProviders

extension ProviderPreset {
    /// All that is known, for machines.
    package var json: JSON {
        .present(
            ("type", "provider"), ("name", .string(name)), ("version", .integer(version)), ("title", .string(title)),
            ("tenant", tenancyJSON), ("grants", .array(grants.map { .string($0.rawValue) })),
            ("offlineScope", offlineScope.map(JSON.string)),
            (
                "authorizationParameters",
                .sorted(authorizationParameters.map { (key: $0.key, value: JSON.string($0.value)) })
            ),
            ("pkce", offersOAuth ? .string(pkce.rawValue) : nil),
            ("refreshTokenLifetime", refreshTokenLifetime.map(JSON.string)),
            ("revocationReach", revocationReach.map { .string($0.rawValue) }), ("registration", registrationJSON),
            ("clouds", .array(clouds.map(\.json))), ("remarks", .array(remarks.map(JSON.string))),
            ("unverified", .array(unverified.map(\.json))),
            (
                "sources",
                .array(sources.map { .present(("title", .string($0.title)), ("page", $0.page.map(JSON.string))) })
            ),
            ("manifest", .string(startingManifest)))
    }

    private var tenancyJSON: JSON? {
        switch tenancy {
        case .none: nil
        case .required: .object([.init("required", true)])
        case .optional(let tenant): .object([.init("required", false), .init("default", .string(tenant))])
        }
    }

    private var registrationJSON: JSON? {
        let state: String
        switch registration {
        case .none: return nil
        case .open: state = "open"
        case .onRequest: state = "onRequest"
        case .closed: state = "closed"
        }
        return .object([.init("state", .string(state)), .init("words", .string(registration.words))])
    }
}

extension ProviderPreset.Cloud {
    fileprivate var json: JSON {
        .present(
            ("name", .string(name)), ("issuer", issuer.map(JSON.string)),
            (
                "endpoints",
                .present(
                    ("authorization", authorizationEndpoint.map(JSON.string)),
                    ("token", tokenEndpoint.map(JSON.string)),
                    ("deviceAuthorization", deviceAuthorizationEndpoint.map(JSON.string)),
                    ("revocation", revocationEndpoint.map(JSON.string)),
                    ("introspection", introspectionEndpoint.map(JSON.string)))
            ),
            ("applicationScopes", .array(applicationScopes.map(JSON.string))),
            ("servers", .array(MailProtocol.allCases.compactMap { type in servers[type]?.json(type) })))
    }
}

extension ProviderPreset.Server {
    fileprivate func json(_ type: MailProtocol) -> JSON {
        .present(
            ("type", .string(type.rawValue)), ("server", .string(host)), ("port", .integer(port)),
            ("connectionSecurity", .string(security.rawValue)),
            ("tokenMechanisms", .array(tokenMechanisms.map { .string($0.rawValue) })),
            ("scopes", .array(scopes.map(JSON.string))), ("passwords", .string(passwords.word)),
            ("passwordsEnd", passwords.end.map(JSON.string)), ("maxConnections", maxConnections.map(JSON.integer)),
            ("unansweredPorts", .array(unansweredPorts.map(JSON.integer))))
    }
}

extension ProviderPreset.PasswordOffer {
    /// One word for machines and tables.
    var word: String {
        switch self {
        case .account: "account"
        case .application: "application"
        case .retiring: "retiring"
        case .refused: "refused"
        }
    }

    /// When they end, if they do.
    var end: String? { if case .retiring(let when) = self { when } else { nil } }
}

extension ProviderPreset.Unverified {
    fileprivate var json: JSON {
        .present(
            ("facts", .array(facts.map { .string($0.rawValue) })),
            ("clouds", clouds.isEmpty ? nil : .array(clouds.map(JSON.string))),
            ("types", protocols.isEmpty ? nil : .array(protocols.map { .string($0.rawValue) })),
            ("reason", .string(reason)))
    }
}
