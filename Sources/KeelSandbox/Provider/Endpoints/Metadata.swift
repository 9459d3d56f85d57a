import KeelBase

extension Provider {
    /// An issuer that is nobody's.
    static let wrongIssuer = "https://issuer.example"

    /// RFC 8414 section 2, and what OpenID Connect Discovery section 3 adds.
    func metadata() -> HTTPResponse {
        func place(_ endpoint: ProviderEndpoint) -> JSONText { .string(issuer + endpoint.path) }
        let methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
        let algorithms = JSONText.strings(["RS256", "PS256", "ES256"])
        let grants = TokenGrant.allCases.filter { grant in
            switch grant {
            // There is always an application for grants with a person.
            case .refreshToken: true
            case .jwtBearer: !options.serviceAccounts.isEmpty
            default: grant.kind.map(clients.grants.contains) ?? false
            }
        }
        let members: [(name: String, value: JSONText)] = [
            ("issuer", .string(met(.metadataWrongIssuer, at: .metadata) == nil ? issuer : Self.wrongIssuer)),
            ("authorization_endpoint", place(.authorization)),
            (
                "token_endpoint",
                met(.metadataForeignEndpoint, at: .metadata) == nil
                    ? place(.token)
                    : .string(otherOrigin + options.issuerPath + ProviderEndpoint.token.path)
            ),
            ("device_authorization_endpoint", place(.deviceAuthorization)),
            ("pushed_authorization_request_endpoint", place(.pushedAuthorization)),
            ("revocation_endpoint", place(.revocation)),
            ("introspection_endpoint", place(.introspection)),
            ("userinfo_endpoint", place(.userInfo)),
            ("jwks_uri", place(.keys)),
            ("response_types_supported", .strings(["code"])),
            ("response_modes_supported", .strings(["query"])),
            ("grant_types_supported", .strings(grants.map(\.rawValue))),
            ("code_challenge_methods_supported", .strings(["S256"])),
            ("scopes_supported", .strings(clients.scopes)),
            ("subject_types_supported", .strings(["public"])),
            ("id_token_signing_alg_values_supported", .strings(["ES256"])),
            ("claims_supported", .strings(["sub", "iss", "email", "email_verified", "preferred_username"])),
            ("token_endpoint_auth_methods_supported", .strings(["none"] + methods)),
            ("revocation_endpoint_auth_methods_supported", .strings(["none"] + methods)),
            ("introspection_endpoint_auth_methods_supported", .strings(methods)),
            ("token_endpoint_auth_signing_alg_values_supported", algorithms),
            ("revocation_endpoint_auth_signing_alg_values_supported", algorithms),
            ("introspection_endpoint_auth_signing_alg_values_supported", algorithms),
            // RFC 9207 section 3.
            ("authorization_response_iss_parameter_supported", .bool(true)),
        ]
        guard met(.metadataMinimal, at: .metadata) != nil else { return .json(status: 200, .object(members)) }
        let least: Set = ["issuer", "authorization_endpoint", "token_endpoint", "response_types_supported"]
        return .json(status: 200, .object(members.filter { least.contains($0.name) }))
    }
}
