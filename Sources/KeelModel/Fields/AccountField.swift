import KeelBase
import KeelProviders

/// The fields of an `EmailAccount`.
package enum AccountField: Int, ResourceField {
    case type, provider, cloud, server, port, connectionSecurity, authentication, mechanism, maxConnections, userName,
        authorizedAs, from, userLabel
    case oauthProfile, password, active, debug, proof, recordIn, managedBy
    case tlsCAFile, tlsPin
    case preventDestroy, ignoreChanges, onDestroy

    package static let kind = ResourceKind.emailAccount

    package static var table: FieldTable { .emailAccount }

    private static let forSMTP = FieldCondition.when("type", is: MailProtocol.smtp.rawValue)
    private static let withOAuth2 = FieldCondition.when("authentication", is: AuthenticationMethod.oauth2.rawValue)
    private static let withPassword = FieldCondition.when("authentication", is: AuthenticationMethod.password.rawValue)
    /// With oauth2, only the profile can tell whether its grant takes a password.
    private static let mayTakePassword = FieldCondition.when(
        "authentication", isOneOf: [AuthenticationMethod.password.rawValue, AuthenticationMethod.oauth2.rawValue])
    private static let withTLS = FieldCondition.when(
        "connectionSecurity", isOneOf: [ConnectionSecurity.tls.rawValue, ConnectionSecurity.starttls.rawValue])

    package var row: FieldDefinition {
        switch self {
        case .type:
            FieldDefinition(
                "type", .choice(MailProtocol.allCases.map(\.rawValue)), .connection,
                "The protocol: smtp sends, imap and pop3 receive.", required: true, example: "imap")
        case .provider:
            FieldDefinition(
                "provider", .text, .record,
                "A preset for servers and limits, where there is no oauthProfile; with one it can only be the profile's.",
                among: ProviderPreset.all.map(\.name), example: "microsoft365")
        case .cloud:
            FieldDefinition(
                "cloud", .text, .record,
                "The provider's region or national cloud.",
                omitted: "the profile's; else the provider's first one", only: .given("provider"),
                example: "eu")
        case .server:
            FieldDefinition(
                "server", .host, .connection,
                "The mail server's host name, as its certificate names it, or its address.",
                omitted: "the preset's, which must know one",
                needed: FieldRequirement(
                    or: ["oauthProfile", "provider"],
                    complaint: "spec.server is missing, and no provider preset knows it",
                    remedy: "write server: HOST", isCheckedLater: true),
                example: "outlook.office365.com")
        case .port:
            FieldDefinition(
                "port", .port, .connection,
                "The TCP port.",
                omitted: "the preset's; else the registered port of type and connectionSecurity: imap 993 with tls and "
                    + "143 without, pop3 995 and 110, smtp 465 and 587",
                example: 993)
        case .connectionSecurity:
            FieldDefinition(
                "connectionSecurity", .choice(ConnectionSecurity.allCases.map(\.rawValue)), .connection,
                "tls from the first byte, starttls after a command in clear, or none, which a policy must allow.",
                default: .text("tls"), omitted: "the preset's")
        case .authentication:
            FieldDefinition(
                "authentication", .choice(AuthenticationMethod.allCases.map(\.rawValue)), .identity,
                "How the account proves who it is.",
                word: WordCondition(
                    AuthenticationMethod.none.rawValue, only: Self.forSMTP, "only smtp goes without authentication",
                    remedy: "write oauthProfile: NAME, or a password source; or type: smtp"),
                needed: FieldRequirement(
                    or: ["oauthProfile", "password"], complaint: "nothing says how the account authenticates",
                    remedy: "write oauthProfile: NAME, or authentication: password with a password source"),
                derived: [
                    FieldDerivation(given: "oauthProfile", AuthenticationMethod.oauth2.rawValue),
                    FieldDerivation(given: "password", AuthenticationMethod.password.rawValue),
                ], example: "oauth2")
        case .mechanism:
            FieldDefinition(
                "mechanism", .choice(SASLMechanism.allCases.map(\.rawValue)), .connection,
                "The SASL mechanism, and no other: a server that does not offer it is not logged in to.",
                omitted: "with oauth2 the preset's; else the strongest that the server offers",
                only: .when(
                    "authentication",
                    isOneOf: [AuthenticationMethod.oauth2.rawValue, AuthenticationMethod.password.rawValue]),
                example: "XOAUTH2")
        case .maxConnections:
            FieldDefinition(
                "maxConnections", .count(1...100), .record,
                "How many connections to the mailbox may be open at once.",
                omitted: "the preset's; else no limit",
                example: 2)
        case .userName:
            FieldDefinition(
                "userName", .text, .identity, "The mailbox, as the server names it; not always an address.",
                required: true, example: "support@contoso.com")
        case .authorizedAs:
            FieldDefinition(
                "authorizedAs", .text, .identity,
                "Who consents, when that is not the mailbox itself (shared mailboxes).", omitted: "userName",
                only: Self.withOAuth2,
                example: "desk.lead@contoso.com")
        case .from:
            FieldDefinition(
                "from", .text, .sender,
                "The sender address, when it is not userName; the test proves that the server takes it.",
                omitted: "userName",
                only: Self.forSMTP,
                example: "no-reply@contoso.com")
        case .userLabel:
            FieldDefinition(
                "userLabel", .text, .record, "The display name of outgoing mail.", only: Self.forSMTP,
                example: "Contoso Service Desk")
        case .oauthProfile:
            FieldDefinition(
                "oauthProfile", .text, .identity, "The name of the OAuthProfile that authorizes this account.",
                only: Self.withOAuth2,
                needed: FieldRequirement(when: Self.withOAuth2, remedy: "write oauthProfile: NAME"),
                example: "m365")
        case .password:
            FieldDefinition(
                "password", .secret, .credential,
                "Where the password comes from; with oauth2, only for a profile whose grant is password, which needs it.",
                only: Self.mayTakePassword,
                needed: FieldRequirement(when: Self.withPassword, remedy: "write password: { fromEnv: NAME }"),
                example: .object([.init("fromEnv", "SUPPORT_PASSWORD")]))
        case .active:
            FieldDefinition(
                "active", .boolean, .service, "Whether the account is in service; an inactive one is recorded only.",
                default: .boolean(true))
        case .debug:
            FieldDefinition(
                "debug", .boolean, .record, "Keep a redacted wire transcript of each test.", default: .boolean(false))
        case .proof:
            FieldDefinition(
                "proof", .choice(ProofPolicy.allCases.map(\.rawValue)), .record,
                "required: committed only after a login; deferred: committed unproven.", default: .text("required"))
        case .recordIn:
            FieldDefinition(
                "recordIn", .text, .record, "The keeper that holds the account's record.", default: .text("local"))
        case .managedBy:
            FieldDefinition(
                "managedBy", .choice(["mailkeel", "servicenow"]), .record,
                "Who owns the record's fields; servicenow: observe, and write active only.", default: .text("mailkeel"))
        case .tlsCAFile:
            FieldDefinition(
                "tls.caFile", .path, .connection,
                "A PEM file whose certificates are the only trust anchors for this server.",
                omitted: "the system's", only: Self.withTLS, example: "ca.pem")
        case .tlsPin:
            FieldDefinition(
                "tls.pin", .keyHash, .connection,
                "The SHA-256 of the public key that the server's certificate must have, beside a good chain.",
                omitted: "any", only: Self.withTLS,
                example: "jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8=")
        case .preventDestroy:
            FieldDefinition(
                "lifecycle.preventDestroy", .boolean, .record, "Refuse any plan that would destroy this account.",
                default: .boolean(false))
        case .ignoreChanges:
            FieldDefinition(
                "lifecycle.ignoreChanges", .textSet, .record, "Fields whose changes are not acted on.",
                example: ["server", "metadata.labels"])
        case .onDestroy:
            FieldDefinition(
                "lifecycle.onDestroy", .choice(RemovalPolicy.allCases.map(\.rawValue)), .record,
                "What happens to the keeper's record when the account is destroyed.", default: .text("forget"))
        }
    }
}

extension AccountField {
    /// Whether `lifecycle.ignoreChanges` may name a field.
    package enum Ignorability: Sendable {
        case allowed
        /// It says which account this is.
        case identity
        /// It says how plans treat the account, and is never acted on by itself.
        case policy
    }

    package var ignorability: Ignorability {
        switch self {
        case .type, .authentication, .userName, .authorizedAs, .oauthProfile: .identity
        case .proof, .recordIn, .preventDestroy, .ignoreChanges, .onDestroy: .policy
        case .provider, .cloud, .server, .port, .connectionSecurity, .mechanism, .maxConnections, .from, .userLabel,
            .password, .active, .debug, .managedBy,
            .tlsCAFile, .tlsPin:
            .allowed
        }
    }

    /// The names that `lifecycle.ignoreChanges` may hold.
    package static let ignorableNames: Set<String> = Set(
        allCases.filter { $0.ignorability == .allowed }.map(\.definition.name) + [EffectiveSpec.labelsField])
}
