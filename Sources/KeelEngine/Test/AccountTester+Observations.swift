import KeelBase
import KeelDiagnostics
import KeelMail
import KeelOAuth
import KeelPlan
import KeelState
import KeelVault

/// What a test sees beside the login, and what it keeps.
extension AccountTester {
    /// Asks the provider about the access token in service (RFC 7662), where it can be asked: once for each token, however many
    /// accounts share its grant. A fact worth having is not worth running somebody's program for.
    func introspect(
        _ record: CommittedRecord, _ address: ResourceAddress, _ shared: Shared
    ) async -> IntrospectedToken? {
        let vault = shared.vault
        guard let grant = record.grant.flatMap(GrantID.init(parsing:)), let stored = try? await vault.recipe(of: grant),
            stored.recipe.endpoints.introspection != nil, let token = try? await vault.accessToken(of: grant)
        else { return nil }
        return await shared.introspections.answer(on: token.secret, of: grant) {
            let recipe = stored.recipe
            let profile = ResourceAddress(.oauthProfile, recipe.profile)
            let sources = recipe.credentials.filter { $0.key != .password }
            guard !sources.values.contains(where: \.isCommand) else { return nil }
            let credentials =
                if let secret = stored.clientSecret { ClientCredentials([.clientSecret: secret]) } else {
                    try? await secrets.credentials(sources, in: vault, of: profile, explanation)
                }
            guard let credentials else { return nil }
            let terms = GrantTerms(recipe, credentials, trust: paths.located(Trust(caFile: recipe.caFile)))
            return await checks.introspect(token.secret, terms, recipe.endpoints, address)
        }
    }

    /// Keeps what was seen. A late result for another grant or other settings is dropped by the vault; what cannot be kept is
    /// still reported.
    func observe(
        _ facts: ObservedFacts, _ outcome: Swift.Result<LoginProof, StepFailure>, _ token: IntrospectedToken?,
        _ refusal: JSON?, _ address: ResourceAddress, _ record: CommittedRecord, _ vault: Vault
    ) async {
        guard let account = Definition(of: address, record) else { return }
        let values: [(kind: String, value: JSON?)] = [
            (EarlierObservations.connected, Self.json(outcome)), ("token", token.map(Self.json)),
            (RefusedPasswords.kind, refusal),
        ]
        let now = ports.time.now
        let observations = values.compactMap { kind, value in
            value.map { Observation(of: account, kind: kind, observer: "test", observed: now, value: $0) }
        }
        _ = try? await vault.observe(all: observations + facts.observations(of: account, by: "test", at: now))
    }

    private static func json(_ outcome: Swift.Result<LoginProof, StepFailure>) -> JSON {
        switch outcome {
        case .success(let proof):
            .object([.init("connected", true), .init("mechanism", .string(proof.mechanism.rawValue))])
        case .failure(let failure):
            .present(
                ("connected", false), ("code", .string(failure.diagnostic.code)),
                ("stage", failure.stage.map { .string($0.rawValue) }))
        }
    }

    private static func json(_ token: IntrospectedToken) -> JSON {
        .present(
            ("active", .boolean(token.isActive)),
            ("scopes", token.scopes.map { .array($0.map { .string(ForeignText($0).text) }) }),
            ("expires", token.expiresAt.map { .string($0.description) }))
    }
}

/// What was observed of accounts before, as the vault has it.
package struct EarlierObservations: Sendable {
    /// The kind that says whether a login worked.
    static let connected = "connected"

    private let values: [ResourceAddress: [String: Observation]]

    package init(_ observations: [Observation]) {
        values = Dictionary(grouping: observations, by: \.address).mapValues { list in
            Dictionary(list.map { ($0.kind, $0) }) { first, _ in first }
        }
    }

    /// What the account's server showed of itself.
    func facts(of address: ResourceAddress) -> ObservedFacts {
        ObservedFacts(
            offer: value(ObservedFacts.offerKind, of: address).flatMap(ObservedFacts.Offer.init),
            tls: value(ObservedFacts.tlsKind, of: address).flatMap(TLSFacts.init))
    }

    /// When the account was proven last: by what its record says, or by a login that was observed since. Nil where the last
    /// login did not work.
    package func lastProof(of address: ResourceAddress, _ record: CommittedRecord) -> Timestamp? {
        // A proof of other settings than the committed ones is none.
        let proven = record.proof.flatMap { $0.settings == record.settingsDigest ? $0.at : nil }
        guard let observation = values[address]?[Self.connected],
            proven.map({ $0 < observation.observed }) ?? true
        else { return proven }
        return value(Self.connected, of: address)?["connected"]?.boolean == true ? observation.observed : nil
    }

    private func value(_ kind: String, of address: ResourceAddress) -> JSON? {
        values[address]?[kind].flatMap { try? JSON(parsing: Array($0.value.utf8)) }
    }
}
