import KeelBase
import KeelDiagnostics
import KeelModel
import KeelState

/// Derives the plan from what is wanted, what is committed and what was observed. Pure and synchronous.
package struct Planner {
    /// The plan; only to be used if `diagnostics` holds no error.
    package let plan: Plan
    /// Why parts of what is wanted cannot be planned.
    package let diagnostics: [Diagnostic]

    package init(_ input: PlanInput) {
        var draft = PlanDraft(input)
        draft.checkReplacements()
        for profile in input.desired.profiles { draft.plan(profile) }
        for authorization in input.desired.authorizations { draft.plan(authorization) }
        for account in input.desired.accounts {
            draft.checkPromises(account)
            draft.plan(account)
        }
        draft.addAuthorizationSteps()
        draft.addProfileSteps()
        draft.addAccountSteps()
        draft.planRemovals()
        draft.addNotes()
        diagnostics = draft.diagnostics
        plan = draft.finish()
    }
}

/// The plan while it grows: first each address is compared, then steps follow from the comparisons.
struct PlanDraft {
    let input: PlanInput
    var changes: [ResourceAddress: Change] = [:]
    var steps: [Step] = []
    var notes: [PlanNote] = []
    var diagnostics: [Diagnostic] = []
    /// What `diagnostics` says already, so that a thousand accounts with one cause are one diagnostic.
    var explained: Set<Diagnostic> = []
    /// The last step of each address that others wait for.
    var recordSteps: [ResourceAddress: StepID] = [:]
    /// Profiles whose change asks for new tokens, with the reason.
    var profileCauses: [ResourceAddress: TokenCause] = [:]
    /// Authorizations to be obtained.
    var authorizing: Set<ResourceAddress> = []
    /// Active accounts to be tested.
    var testing: Set<ResourceAddress> = []

    /// Why tokens are asked for again.
    enum TokenCause {
        /// Another application, tenant or issuer.
        case identity
        case other
    }

    /// The steps that obtain tokens, by profile.
    var authorizeSteps: [ResourceAddress: [StepID]] = [:]
    /// What must be known before tokens of a profile can be asked for.
    var preparations: [ResourceAddress: [StepID]] = [:]
    let profiles: [ResourceAddress: EffectiveProfile]

    init(_ input: PlanInput) {
        self.input = input
        profiles = Dictionary(uniqueKeysWithValues: input.desired.profiles.map { ($0.address, $0) })
    }

    func committed(_ address: ResourceAddress) -> CommittedRecord? { input.committed?.committed(address) }

    func finish() -> Plan {
        let ordered = changes.values.sorted { $0.address < $1.address }
        return Plan(changes: ordered, steps: StepOrder.sorted(steps), notes: notes)
    }

    // MARK: Comparing

    /// Only authorizations that the manifests need can be asked for again.
    mutating func checkReplacements() {
        let known = Set(input.desired.authorizations.map(\.address))
        for address in input.replacing.subtracting(known).sorted() {
            let near = Suggestion.nearest(to: address.description, among: known.map(\.description))
            diagnostics.append(
                .error(
                    "plan.unknown-replacement", "there is no authorization \(address) to replace",
                    help: near.map { "did you mean \"\($0)\"?" } ?? "mailkeel state list shows the authorizations"))
        }
    }

    mutating func plan(_ profile: EffectiveProfile) {
        guard let record = committed(profile.address) else {
            changes[profile.address] = Change(
                address: profile.address, action: .create,
                fields: FieldDiff.creation(.oauthProfile, profile.spec.effective), reasons: [],
                place: profile.spec.place)
            profileCauses[profile.address] = .other
            return
        }
        let diff = FieldDiff(.oauthProfile, before: record.effective, after: profile.spec.effective)
        guard !diff.changes.isEmpty || record.declared != profile.spec.declared else { return }
        changes[profile.address] = Change(
            address: profile.address, action: .update, fields: diff.changes,
            reasons: diff.changes.isEmpty ? [Self.rewordedReason] : NewHost.reasons(diff.changes),
            place: profile.spec.place)
        if diff.effects.contains(.identity) {
            profileCauses[profile.address] = .identity
        } else if !diff.effects.isDisjoint(with: [.consent, .credential, .connection]) {
            profileCauses[profile.address] = .other
        }
    }

    mutating func plan(_ authorization: EffectiveAuthorization) {
        let after = authorization.effective
        guard let record = committed(authorization.address) else {
            changes[authorization.address] = Change(
                address: authorization.address, action: .create, fields: FieldDiff.creation(.authorization, after),
                reasons: [], place: place(ofProfile: authorization.profile))
            authorizing.insert(authorization.address)
            return
        }
        let diff = FieldDiff(.authorization, before: record.effective, after: after)
        let cause = profileCauses[authorization.profile]
        var reasons: [String] = []
        switch cause {
        case .identity: reasons.append("the profile is another application or provider now")
        case .other: reasons.append("the profile's credentials, trust or scopes change")
        case nil: break
        }
        if let reason = unfinished(record) { reasons.append(reason) }
        let asked = input.replacing.contains(authorization.address)
        if asked { reasons.append("a replacement was asked for") }
        guard !diff.changes.isEmpty || !reasons.isEmpty else { return }
        changes[authorization.address] = Change(
            address: authorization.address, action: cause == .identity || asked ? .replace : .update,
            fields: diff.changes,
            reasons: reasons, place: place(ofProfile: authorization.profile))
        authorizing.insert(authorization.address)
    }

    mutating func plan(_ account: EffectiveAccount) {
        guard let record = committed(account.address) else {
            let failure = input.committed?.resources[account.address]?.failure
            changes[account.address] = Change(
                address: account.address, action: .create,
                fields: FieldDiff.creation(.emailAccount, account.spec.effective),
                reasons: failure.map { [Self.lastAttempt($0)] } ?? [],
                place: account.spec.place)
            if account.active { testing.insert(account.address) }
            return
        }
        let diff = FieldDiff(.emailAccount, before: record.effective, after: account.spec.effective)
        var reasons = NewHost.reasons(diff.changes)
        let needsLogin: Set<Effect> = [.identity, .consent, .credential, .connection, .sender, .service]
        var needsTest = !diff.effects.isDisjoint(with: needsLogin)
        if let reason = unproven(account, record) {
            reasons.append(reason)
            needsTest = true
        }
        let declaredMoved = record.declared != account.spec.declared
        guard !diff.changes.isEmpty || needsTest && account.active || declaredMoved else { return }
        if diff.changes.isEmpty, reasons.isEmpty { reasons.append(Self.rewordedReason) }
        changes[account.address] = Change(
            address: account.address, action: .update, fields: diff.changes, reasons: reasons, place: account.spec.place
        )
        if account.active, needsTest { testing.insert(account.address) }
    }

    /// When only the way in which the manifest says it moved: `port: 993` written out, say.
    private static let rewordedReason = "the manifest says it in another way; nothing else changes"

    /// Why a committed account must log in although nothing about it changed; nil if it need not.
    private func unproven(_ account: EffectiveAccount, _ record: CommittedRecord) -> String? {
        guard account.active else { return nil }
        guard record.proof != nil else { return "it was never proven" }
        guard let authorization = account.authorization else { return nil }
        if authorizing.contains(authorization) {
            return "it is proven again with the new grant of \(authorization)"
        }
        // A run that failed or ended before the account's turn left it on the grant before.
        let failure = input.committed?.resources[account.address]?.failure
        let isBehind = isHeld(authorization) ? record.grant != committed(authorization)?.grant : failure != nil
        guard isBehind else { return nil }
        return failure.map(Self.lastAttempt)
            ?? "it was not proven with the grant of \(authorization) that is in service"
    }

    private static func lastAttempt(_ failure: FailureRecord) -> String {
        "the last attempt failed at \(failure.at): \(ForeignText(failure.message))"
    }

    /// Why a committed authorization is not in order; nil if it is, or if nobody can tell.
    private func unfinished(_ record: CommittedRecord) -> String? {
        guard let grant = record.grant else { return "it was never obtained" }
        // Another or unreadable vault is not observed, and never a reason to create.
        guard case .present(let id, let grants) = input.vault, id == input.committed?.vault else { return nil }
        switch grants[grant]?.status {
        case .retired: return "its grant was retired"
        case .candidate, .current: return nil
        case nil: return "the vault does not hold its grant"
        }
    }

    func place(ofProfile address: ResourceAddress) -> SourceRange? { profiles[address]?.spec.place }
}

extension EffectiveAuthorization {
    /// The slot's values, in the form in which every resource's values are kept.
    var effective: [String: EffectiveValue] {
        [
            "profile": EffectiveValue(.text(profile.name), .manifest),
            "subject": EffectiveValue(.text(subject), .manifest),
            "scopes": EffectiveValue(.set(of: scopes), .manifest),
        ]
    }
}

/// A known secret or grant that would meet a new host, issuer or authority is a reason of its own: a stranger's branch
/// must not be able to hide where credentials will go.
enum NewHost {
    private static let fields: Set<String> = ["server", "port", "issuer", "endpoints.token", "tls.caFile"]

    static func reasons(_ changes: [FieldChange]) -> [String] {
        changes.filter { fields.contains($0.field) }.map { change in
            change.field == "tls.caFile"
                ? "credentials will be sent to whoever a NEW certificate authority vouches for"
                : "credentials will be sent to a NEW host: \(change.field) changes"
        }
    }
}
