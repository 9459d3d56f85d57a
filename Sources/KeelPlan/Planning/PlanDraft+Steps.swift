import KeelBase
import KeelDiagnostics
import KeelModel
import KeelState

extension PlanDraft {
    /// Adds what obtains each new grant, and what records it.
    mutating func addAuthorizationSteps() {
        addRenewals()
        for authorization in input.desired.authorizations where authorizing.contains(authorization.address) {
            guard let profile = profiles[authorization.profile] else { continue }
            guard checkSupport(profile) else { continue }
            let prepared = prepare(profile)
            let work = AuthorizeWork(profile, authorization)
            let authorize = Step(authorization.address, .authorize(work), after: prepared)
            steps.append(authorize)
            authorizeSteps[authorization.profile, default: []].append(authorize.id)
            let record = Step(
                authorization.address,
                .record(
                    RecordWork(
                        record: PlannedRecord(
                            declared: [:], effective: authorization.effective, dependencies: [authorization.profile],
                            authorization: authorization.address, proven: false))),
                after: [authorize.id])
            steps.append(record)
            recordSteps[authorization.address] = record.id
        }
    }

    /// A test with an existing authorization needs its grant; when this vault does not hold it, it is obtained again.
    private mutating func addRenewals() {
        var renewed: Set<ResourceAddress> = []
        for account in input.desired.accounts where testing.contains(account.address) {
            guard let address = account.authorization, !authorizing.contains(address), !isHeld(address) else {
                continue
            }
            renewed.insert(address)
        }
        authorizing.formUnion(renewed)
        // Where no vault is kept, each run has grants of its own; in one, all accounts of a slot go over together.
        guard case .present = input.vault else { return }
        for account in input.desired.accounts where account.authorization.map(renewed.contains) ?? false {
            plan(account)
        }
    }

    /// Adds what records each changed profile: after its client was accepted, where a token is asked for.
    mutating func addProfileSteps() {
        for profile in input.desired.profiles where changes[profile.address] != nil {
            let record = Step(
                profile.address,
                .record(
                    RecordWork(
                        record: PlannedRecord(
                            declared: profile.spec.declared, effective: profile.spec.effective, dependencies: [],
                            authorization: nil, proven: false))),
                after: authorizeSteps[profile.address] ?? [])
            steps.append(record)
            recordSteps[profile.address] = record.id
        }
    }

    /// Adds the login of each tested account, and what records each changed one.
    mutating func addAccountSteps() {
        for account in input.desired.accounts where changes[account.address] != nil || testing.contains(account.address)
        {
            var before: [StepID] = []
            if testing.contains(account.address) {
                guard let test = testStep(account) else { continue }
                steps.append(test)
                before.append(test.id)
            }
            for dependency in [account.profile, account.authorization] {
                if let record = dependency.flatMap({ recordSteps[$0] }) { before.append(record) }
            }
            // An inactive account keeps its grant, and gets none.
            let authorization = account.authorization.flatMap { address in
                account.active || committed(address) != nil ? address : nil
            }
            let record = Step(
                account.address,
                .record(
                    RecordWork(
                        record: PlannedRecord(
                            declared: account.spec.declared, effective: account.spec.effective,
                            dependencies: [account.profile, authorization].compactMap { $0 },
                            authorization: authorization,
                            proven: testing.contains(account.address)))),
                after: before)
            steps.append(record)
            recordSteps[account.address] = record.id
        }
    }

    /// Plans away what is committed and no longer wanted: accounts first, then their slots, then profiles.
    mutating func planRemovals() {
        guard let document = input.committed else { return }
        let wanted = Set(
            input.desired.profiles.map(\.address) + input.desired.accounts.map(\.address)
                + input.desired.accounts.compactMap(usableSlot))
        var users: [ResourceAddress: [ResourceAddress]] = [:]
        for (address, resource) in document.resources {
            for dependency in resource.committed?.dependencies ?? [] { users[dependency, default: []].append(address) }
        }
        for address in document.resources.keys.filter({ !wanted.contains($0) }).sorted(by: >) {
            let record = document.committed(address)
            guard mayDestroy(address, record) else { continue }
            let fields = record.map { record in
                record.effective.keys.sorted(by: FieldOrder(address.kind).precedes).map {
                    FieldChange($0, record.effective[$0]?.value, nil)
                }
            }
            changes[address] = Change(
                address: address, action: .delete, fields: fields ?? [], reasons: [Self.removalReason(address)],
                place: nil)
            let before = (users[address] ?? []).sorted().compactMap { recordSteps[$0] }
            let step = Step(address, .record(RecordWork(record: nil)), after: before)
            steps.append(step)
            recordSteps[address] = step.id
        }
    }

    /// The slot that an account uses, or would use: switching an account off keeps its grant alive.
    ///
    /// While nobody is switched on the grant is not obtained again. So when its profile changes it would be another
    /// application's, or renewed with another secret, and it goes; unless it is the same application's and cost a
    /// person's time.
    private func usableSlot(_ account: EffectiveAccount) -> ResourceAddress? {
        guard let slot = account.authorization, !authorizing.contains(slot) else { return account.authorization }
        guard let address = account.profile, let cause = profileCauses[address] else { return slot }
        let isStale = cause == .identity || profiles[address]?.grant.isCache == true
        return isStale && committed(address) != nil ? nil : slot
    }

    /// Whether nothing protects the address; explains if something does.
    private mutating func mayDestroy(_ address: ResourceAddress, _ record: CommittedRecord?) -> Bool {
        let field = AccountField.preventDestroy.definition.name
        guard address.kind == .emailAccount, record?.effective[field]?.value == .boolean(true) else { return true }
        diagnostics.append(
            Diagnostic(
                .error, "plan.prevent-destroy", "\(address) would be destroyed, and its \(field) forbids it",
                help: "declare it again; to destroy it, first apply it with \(field): false", address: address,
                responsible: .manifestAuthor))
        return false
    }

    private static func removalReason(_ address: ResourceAddress) -> String {
        switch address.kind {
        case .authorization: "because no account needs it; its grant is retired here, and not revoked at the provider"
        case .oauthProfile, .emailAccount: "because \(address) is not in the manifests"
        }
    }

    // MARK: Parts

    /// Whether this vault holds a usable grant for the committed authorization.
    func isHeld(_ address: ResourceAddress) -> Bool {
        guard let grant = committed(address)?.grant, case .present(let id, let grants) = input.vault,
            id == input.committed?.vault, let facts = grants[grant]
        else { return false }
        return facts.status != .retired
    }

    /// Adds, once for each profile, what must be known before tokens can be asked for.
    private mutating func prepare(_ profile: EffectiveProfile) -> [StepID] {
        if let ids = preparations[profile.address] { return ids }
        var prepared: [Step] = []
        if let secret = profile.clientSecret {
            prepared.append(Step(profile.address, .resolve(ResolveWork(secrets: ["client.secret": secret])), after: []))
        }
        if case .discovered(let issuer, let asWritten) = profile.endpoints {
            let work = DiscoverWork(issuer: issuer, asWritten: asWritten, trust: profile.trust)
            prepared.append(Step(profile.address, .discover(work), after: []))
        }
        steps += prepared
        let ids = prepared.map(\.id)
        preparations[profile.address] = ids
        return ids
    }

    private mutating func testStep(_ account: EffectiveAccount) -> Step? {
        guard checkSupport(account), let authorization = account.authorization, let mechanism = account.mechanism else {
            return nil
        }
        let authorize = StepID(authorization, .authorize)
        let work = TestWork(
            type: account.type, endpoint: account.endpoint, security: account.security, mechanism: mechanism,
            userName: account.userName, authorization: authorization, trust: account.trust, debug: account.debug,
            settings: CommittedRecord.digest(declared: [:], effective: account.spec.effective))
        return Step(account.address, .test(work), after: authorizing.contains(authorization) ? [authorize] : [])
    }
}

extension AuthorizeWork {
    init(_ profile: EffectiveProfile, _ authorization: EffectiveAuthorization) {
        var endpoint: EndpointURL?
        var issuer: String?
        switch profile.endpoints {
        case .given(let url): endpoint = url
        case .discovered(_, let asWritten): issuer = asWritten
        }
        self.init(
            profile: profile.address, subject: authorization.subject, grant: profile.grant, tokenEndpoint: endpoint,
            issuer: issuer, clientID: profile.clientID, clientAuthentication: profile.clientAuthentication,
            secret: profile.clientSecret, scopes: authorization.scopes, parameters: profile.authorizationParameters,
            trust: profile.trust,
            clientDigest: [profile.grant.rawValue, endpoint?.description ?? issuer ?? "", profile.clientID]
                .joined(separator: " "))
    }
}
