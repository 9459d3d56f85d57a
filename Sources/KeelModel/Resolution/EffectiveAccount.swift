import KeelBase

/// An account, ready to be planned.
package struct EffectiveAccount: Sendable {
    package let spec: EffectiveSpec
    package let type: MailProtocol
    package let endpoint: HostPort
    package let security: ConnectionSecurity
    package let authentication: AuthenticationMethod
    package let mechanism: SASLMechanism?
    /// How many connections to the mailbox may be open at once; nil: no limit is known.
    package let maxConnections: Int?
    package let userName: String
    /// The profile's address; nil unless `authentication` is oauth2.
    package let profile: ResourceAddress?
    /// The profile's grant type; nil unless `authentication` is oauth2.
    package let grant: GrantType?
    /// The slot; nil unless `authentication` is oauth2.
    package let authorization: ResourceAddress?
    /// What is known of the provider; nil for one without a preset.
    package let preset: PresetChoice?
    package let active: Bool
    package let debug: Bool
    package let trust: Trust
    package let proof: ProofPolicy
    /// Where the account's record lives.
    package let keeper: String
    package let lifecycle: Lifecycle

    package var address: ResourceAddress { spec.address }

    /// The sender's address, where the manifest names one beside the user name.
    package var from: String? { spec.value(AccountField.from.rawValue)?.text }

    /// Where its password comes from.
    package var password: SecretSource? { spec.value(AccountField.password.rawValue)?.secret }

    /// Reads the typed properties from the values that hold; nil without one that no account can be without.
    init?(
        spec: EffectiveSpec, profile: ResourceAddress?, grant: GrantType?, authorization: ResourceAddress?,
        preset: PresetChoice?
    ) {
        func value(_ field: AccountField) -> FieldValue? { spec.value(field.rawValue) }
        guard let type = value(.type)?.text.flatMap(MailProtocol.init),
            let server = value(.server)?.text, let port = value(.port)?.integer,
            let security = value(.connectionSecurity)?.text.flatMap(ConnectionSecurity.init),
            let authentication = value(.authentication)?.text.flatMap(AuthenticationMethod.init),
            let userName = value(.userName)?.text
        else { return nil }
        self.spec = spec
        self.type = type
        endpoint = HostPort(host: server, port: port)
        self.security = security
        self.authentication = authentication
        mechanism = value(.mechanism)?.text.flatMap(SASLMechanism.init)
        maxConnections = value(.maxConnections)?.integer
        self.userName = userName
        self.profile = profile
        self.grant = grant
        self.authorization = authorization
        self.preset = preset
        active = value(.active)?.boolean ?? true
        debug = value(.debug)?.boolean ?? false
        trust = Trust(caFile: value(.tlsCAFile)?.text, pin: value(.tlsPin)?.text)
        proof = value(.proof)?.text.flatMap(ProofPolicy.init) ?? .required
        keeper = value(.recordIn)?.text ?? "local"
        lifecycle = Lifecycle(
            preventDestroy: value(.preventDestroy)?.boolean ?? false,
            ignoreChanges: Set(value(.ignoreChanges)?.set ?? []),
            onDestroy: value(.onDestroy)?.text.flatMap(RemovalPolicy.init) ?? .forget)
    }
}

extension EffectiveAccount {
    /// The account as it would be with these fields as they were committed; a field that is absent there is absent here.
    ///
    /// Only fields that `lifecycle.ignoreChanges` may name are kept, so the account stays the same one. A committed record
    /// without what no account can be without keeps nothing.
    package func keeping(
        _ fields: Set<String>, of committed: (declared: [String: FieldValue], effective: [String: EffectiveValue])
    ) -> EffectiveAccount {
        let kept = fields.filter { AccountField.ignorableNames.contains($0) }
        guard !kept.isEmpty else { return self }
        let merged = spec.replacing(kept, declared: committed.declared, effective: committed.effective)
        return EffectiveAccount(
            spec: merged, profile: profile, grant: grant, authorization: authorization, preset: preset) ?? self
    }

    /// What a changed field means for this account, whose slot was `wasAuthorization` when it was committed.
    ///
    /// Another mailbox is another identity only if somebody else consents, is acted for or logs in because of it;
    /// otherwise it is another way to the server, which a login proves.
    package func effect(of field: String, wasAuthorization: ResourceAddress?) -> Effect {
        switch FieldTable.emailAccount.index[field].flatMap(AccountField.init) {
        case .userName?:
            switch authentication {
            case .password: return .identity
            case .none: return .connection
            case .oauth2:
                let standsForItself =
                    spec.value(AccountField.authorizedAs.rawValue) == nil && grant != .clientCredentials
                return standsForItself && subjectChanged(since: wasAuthorization) ? .identity : .connection
            }
        case .authorizedAs?:
            return authentication == .oauth2 && subjectChanged(since: wasAuthorization) ? .identity : .connection
        case let field?: return field.definition.effect
        case nil: return .record
        }
    }

    /// Whether the slot has another subject than it had; another profile alone is a matter of `oauthProfile`.
    private func subjectChanged(since committed: ResourceAddress?) -> Bool {
        committed.map(Self.subject) != authorization.map(Self.subject)
    }

    /// Names of profiles hold no colon.
    private static func subject(_ slot: ResourceAddress) -> Substring {
        slot.name.drop { $0 != ":" }
    }
}

extension EffectiveProfile {
    /// What a changed field means.
    package func effect(of field: String) -> Effect { FieldTable.oauthProfile.definition(field)?.effect ?? .record }
}
