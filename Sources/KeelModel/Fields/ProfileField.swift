import KeelBase
import KeelProviders

/// The fields of an `OAuthProfile`.
package enum ProfileField: Int, ResourceField {
    case provider, cloud, tenant, issuer
    case authorizationEndpoint, tokenEndpoint, deviceAuthorizationEndpoint, revocationEndpoint, introspectionEndpoint
    case userinfoEndpoint, pushedAuthorizationEndpoint
    case grant, clientID, clientSecret, clientSecretExpires, clientAuthentication, clientAssertion, clientCertificate
    case clientCertificateExpires, serviceAccount, scopes, redirectURI, authorizationParameters, refreshTokenLifetime,
        revocationReach, tlsCAFile

    package static let kind = ResourceKind.oauthProfile

    package static var table: FieldTable { .oauthProfile }

    private static let authorizationCode = FieldCondition.when("grant", is: GrantType.authorizationCode.rawValue)
    private static let jwtBearer = FieldCondition.when("grant", is: GrantType.jwtBearer.rawValue)
    private static let privateKey = FieldCondition.when(
        "client.authentication", is: ClientAuthenticationMethod.privateKeyJWT.rawValue)

    package var row: FieldDefinition {
        switch self {
        case .provider:
            FieldDefinition(
                "provider", .text, .identity,
                "A preset: endpoints, scope rules and servers.",
                omitted: "issuer or endpoints.token say where tokens come from",
                among: ProviderPreset.all.map(\.name), example: "microsoft365")
        case .cloud:
            FieldDefinition(
                "cloud", .text, .identity, "The provider's region or national cloud.",
                omitted: "the provider's first one",
                only: .given("provider"), example: "gcc-high")
        case .tenant:
            FieldDefinition(
                "tenant", .text, .identity, "The tenant, where the provider has tenants.",
                omitted: "the preset's; an error where it has none and the provider has tenants",
                only: .given("provider"),
                example: "contoso.onmicrosoft.com")
        case .issuer:
            FieldDefinition(
                "issuer", .url, .identity,
                "The issuer whose metadata (RFC 8414, OpenID Connect Discovery) gives the endpoints.",
                example: "https://login.example.com/realms/mail")
        case .authorizationEndpoint:
            FieldDefinition(
                "endpoints.authorization", .url, .identity, "The authorization endpoint.",
                omitted: "the preset's or the issuer's",
                needed: FieldRequirement(
                    when: Self.authorizationCode, or: ["provider", "issuer"],
                    remedy: "write endpoints.authorization: URL, or issuer: URL whose metadata name it"),
                example: "https://login.example.com/authorize")
        case .tokenEndpoint:
            FieldDefinition(
                "endpoints.token", .url, .identity, "The token endpoint.", omitted: "the preset's or the issuer's",
                needed: FieldRequirement(
                    or: ["provider", "issuer"], complaint: "nothing says where tokens come from",
                    remedy: "give spec.provider, spec.issuer or spec.endpoints.token", isCheckedLater: true),
                example: "https://login.example.com/token")
        case .deviceAuthorizationEndpoint:
            FieldDefinition(
                "endpoints.deviceAuthorization", .url, .identity,
                "The device authorization endpoint (RFC 8628).", omitted: "the preset's or the issuer's",
                needed: FieldRequirement(
                    when: .when("grant", is: GrantType.deviceCode.rawValue), or: ["provider", "issuer"],
                    remedy: "write endpoints.deviceAuthorization: URL, or issuer: URL whose metadata name it"),
                example: "https://login.example.com/device")
        case .revocationEndpoint:
            FieldDefinition(
                "endpoints.revocation", .url, .record, "The revocation endpoint (RFC 7009).",
                omitted: "the preset's or the issuer's", example: "https://login.example.com/revoke")
        case .introspectionEndpoint:
            FieldDefinition(
                "endpoints.introspection", .url, .record, "The introspection endpoint (RFC 7662).",
                omitted: "the preset's or the issuer's", example: "https://login.example.com/introspect")
        case .userinfoEndpoint:
            FieldDefinition(
                "endpoints.userinfo", .url, .record,
                "The endpoint that says who has consented (OpenID Connect Core 5.3).",
                omitted: "the issuer's", example: "https://login.example.com/userinfo")
        case .pushedAuthorizationEndpoint:
            FieldDefinition(
                "endpoints.pushedAuthorization", .url, .record,
                "The endpoint that takes authorization requests ahead (RFC 9126).", omitted: "the issuer's",
                example: "https://login.example.com/par")
        case .grant:
            FieldDefinition(
                "grant", .choice(GrantType.allCases.map(\.rawValue)), .identity, "How tokens are obtained.",
                required: true, example: "client_credentials")
        case .clientID:
            FieldDefinition(
                "client.id", .text, .identity, "The client id of the registered application.", required: true,
                example: "6d1f0c1e-0000-4000-8000-4a3f6c2b9d10")
        case .clientSecret:
            FieldDefinition(
                "client.secret", .secret, .credential, "Where the client secret comes from.",
                needed: FieldRequirement(
                    when: .when("grant", is: GrantType.clientCredentials.rawValue),
                    or: ["client.assertion", "client.certificate"],
                    complaint: "client_credentials needs a client secret, assertion or certificate",
                    remedy: "write client.secret: { fromEnv: NAME }"),
                example: .object([.init("fromEnv", "M365_CLIENT_SECRET"), .init("version", "2026-11")]))
        case .clientSecretExpires:
            FieldDefinition(
                "client.secretExpires", .date, .record, "The day on which the client secret expires; plans warn ahead.",
                only: .given("client.secret"),
                example: "2027-03-01")
        case .clientAuthentication:
            FieldDefinition(
                "client.authentication", .choice(ClientAuthenticationMethod.allCases.map(\.rawValue)), .credential,
                "How the client shows who it is.",
                omitted:
                    "private_key_jwt with a certificate or an assertion; else what the issuer's metadata say, else "
                    + "client_secret_basic with a secret",
                derived: [
                    FieldDerivation(given: "client.certificate", ClientAuthenticationMethod.privateKeyJWT.rawValue),
                    FieldDerivation(given: "client.assertion", ClientAuthenticationMethod.privateKeyJWT.rawValue),
                ], example: "client_secret_post")
        case .clientAssertion:
            FieldDefinition(
                "client.assertion", .secret, .credential, "Where a signed client assertion (RFC 7523) comes from.",
                only: Self.privateKey, example: .object([.init("fromFile", "assertion.jwt")]))
        case .clientCertificate:
            FieldDefinition(
                "client.certificate", .path, .credential, "The certificate whose key signs client assertions.",
                only: Self.privateKey,
                needed: FieldRequirement(
                    when: Self.privateKey, or: ["client.assertion"],
                    complaint: "client.authentication: private_key_jwt needs a certificate or an assertion",
                    remedy: "write client.certificate: PATH, of a PEM file that holds the key beside the certificate",
                    isCheckedLater: true),
                example: "client.pem")
        case .clientCertificateExpires:
            FieldDefinition(
                "client.certificateExpires", .date, .record,
                "The day on which the client certificate expires; plans warn ahead.",
                only: .given("client.certificate"), example: "2027-03-01")
        case .serviceAccount:
            FieldDefinition(
                "serviceAccount", .secret, .credential,
                "Where the key of a service account comes from.", only: Self.jwtBearer,
                needed: FieldRequirement(when: Self.jwtBearer, remedy: "write serviceAccount: { fromFile: PATH }"),
                example: .object([.init("fromFile", "secrets/service-account.json")]))
        case .scopes:
            FieldDefinition(
                "scopes", .textSet, .consent, "What the grant allows, as separate entries; order is no difference.",
                omitted: "with a preset, what the accounts' protocols need together; else none",
                example: ["https://outlook.office365.com/.default"])
        case .redirectURI:
            FieldDefinition(
                "redirectURI", .text, .record, "The registered redirect URI.",
                omitted: "http://127.0.0.1, with a free port when it is sent", only: Self.authorizationCode,
                example: "http://127.0.0.1:8765/callback")
        case .authorizationParameters:
            FieldDefinition(
                "authorizationParameters", .textMap, .consent, "More parameters for authorization and token requests.",
                omitted: "the preset's, where a person consents",
                example: .object([.init("audience", "https://mail.example.com")]))
        case .refreshTokenLifetime:
            FieldDefinition(
                "refreshTokenLifetime", .duration, .record, "How long an unused refresh token lives.",
                omitted: "the preset's; else not known",
                only: .when(
                    "grant", isOneOf: GrantType.allCases.filter { !$0.isCache }.map(\.rawValue)), example: "90d")
        case .revocationReach:
            FieldDefinition(
                "revocationReach", .choice(RevocationReach.allCases.map(\.rawValue)), .record,
                "What else dies when one token is revoked.",
                omitted: "the preset's; else unknown, which counts as the widest",
                example: "chain")
        case .tlsCAFile:
            FieldDefinition(
                "tls.caFile", .path, .connection,
                "A PEM file whose certificates are the only trust anchors for this provider.",
                omitted: "the system's", example: "ca.pem")
        }
    }
}
