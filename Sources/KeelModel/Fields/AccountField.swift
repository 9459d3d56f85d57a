import KeelBase

/// The fields of an `EmailAccount`.
package enum AccountField: Int, ResourceField {
    case type, provider, cloud, server, port, connectionSecurity, authentication, mechanism, maxConnections, userName,
        authorizedAs, from, userLabel
    case oauthProfile, password, active, debug, proof, recordIn, managedBy
    case tlsCAFile, tlsPin
    case preventDestroy, ignoreChanges, onDestroy

    package static let kind = ResourceKind.emailAccount

    package static var table: FieldTable { .emailAccount }

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
                example: "icloud")
        case .cloud:
            FieldDefinition(
                "cloud", .text, .record,
                "The provider's region or national cloud; the profile's, else the provider's first one, when omitted.",
                example: "eu")
        case .server:
            FieldDefinition(
                "server", .host, .connection,
                "The mail server's host name, as its certificate names it; from the provider's preset when omitted.",
                example: "outlook.office365.com")
        case .port:
            FieldDefinition(
                "port", .port, .connection,
                "The TCP port; from the preset, else the registered port of type and connectionSecurity.", example: 993)
        case .connectionSecurity:
            FieldDefinition(
                "connectionSecurity", .choice(ConnectionSecurity.allCases.map(\.rawValue)), .connection,
                "tls from the first byte, starttls after a command in clear, or none.", default: .text("tls"))
        case .authentication:
            FieldDefinition(
                "authentication", .choice(AuthenticationMethod.allCases.map(\.rawValue)), .identity,
                "How the account proves who it is; oauth2 when oauthProfile is given, password when password is given.")
        case .mechanism:
            FieldDefinition(
                "mechanism", .choice(SASLMechanism.allCases.map(\.rawValue)), .connection,
                "The SASL mechanism; chosen by provider and authentication when omitted.")
        case .maxConnections:
            FieldDefinition(
                "maxConnections", .count(1...100), .record,
                "How many connections to the mailbox may be open at once; from the preset, else not limited.",
                example: 2)
        case .userName:
            FieldDefinition(
                "userName", .text, .identity, "The mailbox, as the server names it; not always an address.",
                required: true, example: "support@contoso.com")
        case .authorizedAs:
            FieldDefinition(
                "authorizedAs", .text, .identity,
                "Who consents, when that is not the mailbox itself (shared mailboxes).",
                example: "desk.lead@contoso.com")
        case .from:
            FieldDefinition(
                "from", .text, .sender, "The sender address, when it is not userName.", only: [.smtp],
                example: "no-reply@contoso.com")
        case .userLabel:
            FieldDefinition(
                "userLabel", .text, .record, "The display name of outgoing mail.", only: [.smtp],
                example: "Contoso Service Desk")
        case .oauthProfile:
            FieldDefinition(
                "oauthProfile", .text, .identity, "The name of the OAuthProfile that authorizes this account.",
                example: "m365")
        case .password:
            FieldDefinition(
                "password", .secret, .credential, "Where the password comes from; only with authentication: password.")
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
                "A PEM file whose certificates are the only trust anchors for this server.", example: "ca.pem")
        case .tlsPin:
            FieldDefinition(
                "tls.pin", .text, .connection, "The SHA-256 of the server's public key, in base 64.")
        case .preventDestroy:
            FieldDefinition(
                "lifecycle.preventDestroy", .boolean, .record, "Refuse any plan that would destroy this account.",
                default: .boolean(false))
        case .ignoreChanges:
            FieldDefinition(
                "lifecycle.ignoreChanges", .textSet, .record, "Fields whose changes are not acted on.")
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
