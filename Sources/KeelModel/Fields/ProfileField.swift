import KeelBase

/// The fields of an `OAuthProfile`.
package enum ProfileField: Int, ResourceField {
    case provider, cloud, tenant, issuer
    case authorizationEndpoint, tokenEndpoint, deviceAuthorizationEndpoint, revocationEndpoint, introspectionEndpoint
    case grant, clientID, clientSecret, clientSecretExpires, clientAuthentication, clientAssertion, clientCertificate
    case serviceAccount, scopes, redirectURI, authorizationParameters, refreshTokenLifetime, revocationReach, tlsCAFile

    package static let kind = ResourceKind.oauthProfile

    package static var table: FieldTable { .oauthProfile }

    package var row: FieldDefinition {
        switch self {
        case .provider:
            FieldDefinition(
                "provider", .text, .identity,
                "A preset: endpoints, scope rules and servers. Omit it and give issuer or endpoints.",
                example: "microsoft365")
        case .cloud:
            FieldDefinition(
                "cloud", .text, .identity, "The provider's national cloud; its first one when omitted.",
                example: "gcc-high")
        case .tenant:
            FieldDefinition(
                "tenant", .text, .identity, "The tenant, where the provider has tenants.",
                example: "contoso.onmicrosoft.com")
        case .issuer:
            FieldDefinition(
                "issuer", .url, .identity,
                "The issuer whose metadata (RFC 8414, OpenID Connect Discovery) gives the endpoints.",
                example: "https://login.example.com/realms/mail")
        case .authorizationEndpoint:
            FieldDefinition(
                "endpoints.authorization", .url, .identity, "The authorization endpoint, over preset and metadata.")
        case .tokenEndpoint:
            FieldDefinition("endpoints.token", .url, .identity, "The token endpoint, over preset and metadata.")
        case .deviceAuthorizationEndpoint:
            FieldDefinition(
                "endpoints.deviceAuthorization", .url, .identity,
                "The device authorization endpoint, over preset and metadata.")
        case .revocationEndpoint:
            FieldDefinition("endpoints.revocation", .url, .record, "The revocation endpoint (RFC 7009).")
        case .introspectionEndpoint:
            FieldDefinition("endpoints.introspection", .url, .record, "The introspection endpoint (RFC 7662).")
        case .grant:
            FieldDefinition(
                "grant", .choice(GrantType.allCases.map(\.rawValue)), .identity, "How tokens are obtained.",
                required: true, example: "client_credentials")
        case .clientID:
            FieldDefinition(
                "client.id", .text, .identity, "The client id of the registered application.", required: true,
                example: "6d1f0c1e-0000-4000-8000-4a3f6c2b9d10")
        case .clientSecret:
            FieldDefinition("client.secret", .secret, .credential, "Where the client secret comes from.")
        case .clientSecretExpires:
            FieldDefinition(
                "client.secretExpires", .date, .record, "The day on which the client secret expires; plans warn ahead.",
                example: "2027-03-01")
        case .clientAuthentication:
            FieldDefinition(
                "client.authentication", .choice(ClientAuthenticationMethod.allCases.map(\.rawValue)), .credential,
                "How the client shows who it is; from the metadata when omitted, else client_secret_basic.")
        case .clientAssertion:
            FieldDefinition(
                "client.assertion", .secret, .credential, "Where a signed client assertion (RFC 7523) comes from.")
        case .clientCertificate:
            FieldDefinition(
                "client.certificate", .path, .credential, "The certificate whose key signs client assertions.")
        case .serviceAccount:
            FieldDefinition(
                "serviceAccount", .secret, .credential,
                "Where the key of a service account comes from; only for jwt_bearer.")
        case .scopes:
            FieldDefinition(
                "scopes", .textSet, .consent, "What the grant allows, as separate entries; order is no difference.",
                example: ["https://outlook.office365.com/.default"])
        case .redirectURI:
            FieldDefinition(
                "redirectURI", .text, .record, "The registered redirect URI; a free loopback port when omitted.")
        case .authorizationParameters:
            FieldDefinition(
                "authorizationParameters", .textMap, .consent, "More parameters for authorization and token requests.")
        case .refreshTokenLifetime:
            FieldDefinition(
                "refreshTokenLifetime", .duration, .record, "How long an unused refresh token lives.", example: "90d")
        case .revocationReach:
            FieldDefinition(
                "revocationReach", .choice(RevocationReach.allCases.map(\.rawValue)), .record,
                "What else dies when one token is revoked; from the preset, else unknown, which counts as the widest.",
                example: "chain")
        case .tlsCAFile:
            FieldDefinition(
                "tls.caFile", .path, .connection,
                "A PEM file whose certificates are the only trust anchors for this provider.", example: "ca.pem")
        }
    }
}
