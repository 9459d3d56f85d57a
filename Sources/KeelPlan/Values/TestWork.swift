import KeelBase
import KeelModel
import KeelState

/// What a login needs.
package struct TestWork: Sendable, Equatable {
    /// With what an account logs in.
    package enum Login: Sendable, Equatable {
        /// With an access token of the grant that fills this slot.
        case grant(authorization: ResourceAddress)
        /// With the account's `password`, which is read from there right before it is needed.
        case password(SecretSource)
        /// Without any: the server takes it from wherever it comes.
        case none
    }

    package let type: MailProtocol
    package let endpoint: HostPort
    package let security: ConnectionSecurity
    package let login: Login
    /// By what the credential is shown, as the manifest or the preset says; nil: what the server offers decides.
    package let mechanism: SASLMechanism?
    package let userName: String
    /// The address that the server must accept as the sender; nil unless the account sends, and says as whom.
    package let sender: String?
    /// How many connections to the mailbox may be open at once; nil: no limit is known.
    package let maxConnections: Int?
    /// The preset that the account's settings come from; nil where the manifest says them all.
    package let preset: String?
    /// With the pin.
    package var trust: Trust
    /// Whether a wire transcript is kept.
    package let debug: Bool
    /// The digest of the settings that the login proves.
    package let settings: String

    package init(
        type: MailProtocol, endpoint: HostPort, security: ConnectionSecurity = .tls, login: Login,
        mechanism: SASLMechanism? = nil, userName: String, sender: String? = nil, maxConnections: Int? = nil,
        preset: String? = nil, trust: Trust = .system, debug: Bool = false, settings: String = ""
    ) {
        self.type = type
        self.endpoint = endpoint
        self.security = security
        self.login = login
        self.mechanism = mechanism
        self.userName = userName
        self.sender = sender
        self.maxConnections = maxConnections
        self.preset = preset
        self.trust = trust
        self.debug = debug
        self.settings = settings
    }

    /// The slot whose grant opens the account.
    package var authorization: ResourceAddress? {
        if case .grant(let authorization) = login { authorization } else { nil }
    }

    /// Where the password comes from.
    package var password: SecretSource? { if case .password(let source) = login { source } else { nil } }
}

extension TestWork {
    /// The login that proves an account; nil without the slot or the password that it needs, which was reported.
    init?(_ account: EffectiveAccount) {
        guard let login = Login(account.authentication, account.authorization, account.password) else { return nil }
        self.init(
            type: account.type, endpoint: account.endpoint, security: account.security, login: login,
            mechanism: account.mechanism, userName: account.userName,
            sender: Self.sender(account.type, from: account.from, account.userName),
            maxConnections: account.maxConnections, preset: Self.preset(account.spec.origin), trust: account.trust,
            debug: account.debug, settings: account.spec.settingsDigest)
    }

    /// The login of a committed account; nil if it is not in service.
    package init?(_ record: CommittedRecord) {
        func value(_ field: AccountField) -> FieldValue? { record.effective[field.definition.name]?.value }
        guard value(.active) != .boolean(false), let type = value(.type)?.text.flatMap(MailProtocol.init),
            let host = value(.server)?.text, let port = value(.port)?.integer,
            let security = value(.connectionSecurity)?.text.flatMap(ConnectionSecurity.init),
            let authentication = value(.authentication)?.text.flatMap(AuthenticationMethod.init),
            let userName = value(.userName)?.text,
            let login = Login(
                authentication, record.dependencies.first { $0.kind == .authorization }, value(.password)?.secret)
        else { return nil }
        self.init(
            type: type, endpoint: HostPort(host: host, port: port), security: security, login: login,
            mechanism: value(.mechanism)?.text.flatMap(SASLMechanism.init), userName: userName,
            sender: Self.sender(type, from: value(.from)?.text, userName),
            maxConnections: value(.maxConnections)?.integer, preset: Self.preset { record.effective[$0]?.origin },
            trust: Trust(caFile: value(.tlsCAFile)?.text, pin: value(.tlsPin)?.text),
            debug: value(.debug)?.boolean ?? false, settings: record.settingsDigest)
    }

    /// A user name is a sender only where it is an address.
    private static func sender(_ type: MailProtocol, from: String?, _ userName: String) -> String? {
        guard type == .smtp else { return nil }
        return from ?? (userName.utf8.contains(UInt8(ascii: "@")) ? userName : nil)
    }

    private static func preset(_ origin: (String) -> EffectiveValue.Origin?) -> String? {
        let fields: [AccountField] = [.server, .port, .connectionSecurity, .mechanism, .maxConnections]
        for field in fields {
            if case .preset(let name, _)? = origin(field.definition.name) { return name }
        }
        return nil
    }
}

extension TestWork.Login {
    /// Nil without what the method needs.
    fileprivate init?(
        _ method: AuthenticationMethod, _ authorization: ResourceAddress?, _ password: SecretSource?
    ) {
        switch (method, authorization, password) {
        case (.oauth2, let authorization?, _): self = .grant(authorization: authorization)
        case (.password, _, let password?): self = .password(password)
        case (.none, _, _): self = .none
        case (.oauth2, nil, _), (.password, _, nil): return nil
        }
    }
}
